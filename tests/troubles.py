"""What happens at the services: secrets are renewed, callers distrusted, people leave."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
import re
from typing import Any

from homeassistant.core import HomeAssistant
from tests.issues import issues
from tests.samples import PUSHJET, PUSHPLUS, UID_LI, WECOM, WXPUSHER, Sample
from tests.simulators import BAD_ANSWERS, Answer, Simulator
from tests.simulators.base import json_answer
from tests.simulators.wecom_accounts import AGENT_ID
from tests.simulators.wxpusher_accounts import APP_TOKEN

# What makes something happen at a simulator, whose service the test knows.
type Cause = Callable[[Any], object]


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


def _renew_wxpusher(wxpusher: Any) -> None:
    """Reset the token of the application."""
    wxpusher.apps["AT_RenewedAppToken"] = wxpusher.apps.pop(WXPUSHER.secrets[0])


def _renew_wecom(wecom: Any) -> None:
    """Reset the secret of the application."""
    wecom.secret = "RenewedSecret-RenewedSecret-RenewedSecret-R"


def _renew_pushplus(pushplus: Any) -> None:
    """Reset the token of the person."""
    account = pushplus.accounts.pop(PUSHPLUS.secrets[0])
    account.token = "0000e0e0e0e0e0e0e0e0e0e0e0e0e0e0"
    pushplus.accounts[account.token] = account


def _renew_pushjet(pushjet: Any) -> None:
    """Put a proxy that wants a login in front of the server."""
    pushjet.basic_auth = ("zhangsan", "RenewedPassword")


@dataclass(frozen=True, kw_only=True, slots=True)
class Renewal:
    """What happens to the credentials of an account, and how a person follows."""

    sample: Sample
    # What makes the service refuse the old ones, and what it then takes.
    happens: Cause
    credentials: dict[str, Any]
    # What the service does not take, and what the form says to it.
    wrong: dict[str, Any]
    errors: dict[str, str]
    # What the service answers to a message with the old ones.
    refusal: Answer


RENEWALS = {
    renewal.sample.service: renewal
    for renewal in (
        Renewal(
            sample=WXPUSHER,
            happens=_renew_wxpusher,
            credentials={"app_token": "AT_RenewedAppToken"},
            wrong={"app_token": "AT_WrongAppToken"},
            errors={"app_token": "wxpusher_app_token"},
            refusal=json_answer({"code": 1001, "msg": "appToken不正确"}),
        ),
        Renewal(
            sample=WECOM,
            happens=_renew_wecom,
            credentials={"secret": "RenewedSecret-RenewedSecret-RenewedSecret-R"},
            wrong={"secret": "WrongSecret"},
            errors={"secret": "wecom_secret"},
            refusal=json_answer({"errcode": 40001, "errmsg": "invalid credential"}),
        ),
        Renewal(
            sample=PUSHPLUS,
            happens=_renew_pushplus,
            credentials={
                "token": "0000e0e0e0e0e0e0e0e0e0e0e0e0e0e0",
                "send_test": True,
            },
            wrong={"token": "0000dead0000dead0000dead0000dead", "send_test": True},
            errors={"token": "pushplus_token"},
            refusal=json_answer({"code": 903, "msg": "无效的用户token", "data": None}),
        ),
        Renewal(
            sample=PUSHJET,
            happens=_renew_pushjet,
            credentials={"username": "zhangsan", "password": "RenewedPassword"},
            wrong={"username": "zhangsan", "password": "WrongPassword"},
            errors={"username": "proxy_login"},
            refusal=BAD_ANSWERS["proxy_login_401"],
        ),
    )
}
