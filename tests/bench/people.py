"""The ten recipients of each account, and what the simulators must know of them."""

from collections.abc import Mapping
from typing import Any, Final

from ..samples import SAMPLES
from ..simulators import Pushjet, PushPlus, Simulators, WeCom, WxPusher
from ..simulators.pushjet import Service, Subscription
from ..simulators.pushplus_accounts import Topic
from ..simulators.wecom_accounts import AGENT_ID
from ..simulators.wxpusher_accounts import APP_TOKEN, Follower

_NUMBERS: Final = range(1, 11)
RECIPIENTS: Final = len(_NUMBERS)

_UIDS = [f"UID_Person{number:022}" for number in _NUMBERS]
_MEMBERS = [f"person{number}" for number in _NUMBERS]
_TOPICS = [f"group{number}" for number in _NUMBERS]
_SECRETS = [f"{number:032x}" for number in _NUMBERS]

# What differs from the sample of the service in the form of each recipient.
_FIELDS: Mapping[str, list[dict[str, Any]]] = {
    "wxpusher": [{"targets": [uid]} for uid in _UIDS],
    "wecom": [{"targets": [member]} for member in _MEMBERS],
    "pushplus": [{"topic": topic} for topic in _TOPICS],
    "pushjet": [{"secret": secret} for secret in _SECRETS],
}


def is_known(service: str) -> bool:
    """Return if a service has enough recipients to measure it."""
    return service in _FIELDS


def forms(service: str) -> list[dict[str, Any]]:
    """Return the filled-in forms of the recipients of a service."""
    return [{**SAMPLES[service].recipient, **fields} for fields in _FIELDS[service]]


def receivers(service: str) -> tuple[str, ...]:
    """Return what a service calls the recipients when it shows them messages."""
    shown = {
        "wxpusher": _UIDS,
        "wecom": _MEMBERS,
        "pushplus": _TOPICS,
        "pushjet": [_public(number) for number in _NUMBERS],
    }
    return tuple(shown[service])


def _public(number: int) -> str:
    """Return the public ID of a recipient of Pushjet."""
    return f"{number:04}-000000-000000000000-00000-000000000"


def settle(simulators: Simulators) -> None:
    """Make the recipients known to the services."""
    app = simulators[WxPusher].apps[APP_TOKEN]
    app.followers |= {
        uid: Follower(record_id=number, uid=uid, nickname=f"Person {number}")
        for number, uid in enumerate(_UIDS, 100)
    }
    agent = simulators[WeCom].agents[AGENT_ID]
    agent.users |= {name: name for name in _MEMBERS}
    # Cards with buttons need it.
    agent.callback_url_configured = True
    simulators[PushPlus].account.topics |= {
        code: Topic(topic_id=number, name=code)
        for number, code in enumerate(_TOPICS, 100)
    }
    for number, secret in enumerate(_SECRETS, 1):
        service = Service(
            secret=secret, public=_public(number), name=f"Person {number}"
        )
        phone = Subscription(uuid=f"{number:08}-0000-0000-0000-0", service=service)
        simulators[Pushjet].services.append(service)
        simulators[Pushjet].subscriptions.append(phone)
