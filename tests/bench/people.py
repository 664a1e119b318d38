"""The ten recipients of each account, and what the simulators must know of them."""

from typing import Any, Final

from ..samples import SAMPLES
from ..simulators import Simulators, WeCom
from ..simulators.wecom_accounts import AGENT_ID

RECIPIENTS: Final = 10


def is_known(service: str) -> bool:
    """Return if a service has enough recipients to measure it."""
    return SAMPLES[service].person is not None


def forms(service: str) -> list[dict[str, Any]]:
    """Return the filled-in forms of the recipients of a service."""
    sample = SAMPLES[service]
    return [
        {**sample.recipient, **person.fields} for person in sample.people(RECIPIENTS)
    ]


def receivers(service: str) -> tuple[str, ...]:
    """Return what a service calls the recipients when it shows them messages."""
    return tuple(person.receiver for person in SAMPLES[service].people(RECIPIENTS))


def settle(simulators: Simulators) -> None:
    """Make the recipients known to the services."""
    for simulator in simulators.all:
        if is_known(simulator.name):
            for person in SAMPLES[simulator.name].people(RECIPIENTS):
                person.join(simulator)
    # Cards with buttons need it.
    simulators[WeCom].agents[AGENT_ID].callback_url_configured = True
