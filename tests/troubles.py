"""What happens at the services: secrets are renewed, callers distrusted, people leave."""

from collections.abc import Mapping
import re
from typing import Any

from homeassistant.core import HomeAssistant
from tests.issues import issues
from tests.sample_accounts.sample import Cause
from tests.samples import UID_LI
from tests.simulators import Simulator
from tests.simulators.base import json_answer
from tests.simulators.wecom_accounts import AGENT_ID
from tests.simulators.wxpusher_accounts import APP_TOKEN


def told(hass: HomeAssistant) -> dict[str, Mapping[str, str]]:
    """Return the problems in the list of repairs, with the words in their texts."""
    return {
        str(issue.translation_key): {
            key: re.sub(r"\\(.)", r"\1", value)
            for key, value in (issue.translation_placeholders or {}).items()
        }
        for issue in issues(hass)
    }


def nothing(simulator: Simulator) -> None:
    """Leave the service as it is: what the person typed is wrong."""


def answering(path: str, **fields: Any) -> Cause:
    """Return what makes a service give one answer to whatever is asked at a path."""
    return lambda simulator: simulator.always(json_answer(fields), path)


def unfollow(wxpusher: Any) -> None:
    """Let a user no longer follow the application."""
    del wxpusher.apps[APP_TOKEN].followers[UID_LI]


def trust_nobody(wecom: Any) -> None:
    """Let the application be called from elsewhere only."""
    wecom.trusted_ips = {"198.51.100.1"}


def close_application(wecom: Any) -> None:
    """Disable the application in the console."""
    wecom.agents[AGENT_ID].closed = True


def leave(wecom: Any) -> None:
    """Let a member leave the corporation."""
    del wecom.agents[AGENT_ID].users["lisi"]


def unlicense(wecom: Any) -> None:
    """Take a member's licence away."""
    wecom.agents[AGENT_ID].unlicensed.add("lisi")


def forget_real_name(pushplus: Any) -> None:
    """Take back the real-name verification."""
    pushplus.account.verified = False


def restrict(pushplus: Any) -> None:
    """Restrict the account, as after too many requests."""
    pushplus.account.restricted = True
