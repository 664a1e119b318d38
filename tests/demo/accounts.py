"""The accounts and recipients that the demo adds, as a person would type them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..simulators import (
    Simulator,
    Simulators,
    pushjet,
    pushplus_accounts,
    wecom_accounts,
    wxpusher_accounts,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class DemoAccount:
    """An account with one recipient."""

    simulator: Simulator
    account: Mapping[str, Any]
    recipient: Mapping[str, Any]
    # Must not be found in the log.
    secrets: Sequence[str] = field(repr=False)


def demo_accounts(simulators: Simulators) -> list[DemoAccount]:
    """Return an account of each service, by the people that its simulator knows."""
    return [
        DemoAccount(
            simulator=simulators.wxpusher,
            account={
                "app_token": wxpusher_accounts.APP_TOKEN,
                "connection": {"url": simulators.wxpusher.url},
            },
            recipient={"name": "张三的手机", "targets": [wxpusher_accounts.UID_ZHANG]},
            secrets=[wxpusher_accounts.APP_TOKEN],
        ),
        DemoAccount(
            simulator=simulators.wecom,
            account={
                "corp_id": wecom_accounts.CORP_ID,
                "agent_id": str(wecom_accounts.AGENT_ID),
                "secret": wecom_accounts.SECRET,
                "connection": {"url": simulators.wecom.url},
            },
            recipient={"name": "全家 Everyone", "targets": ["@all"]},
            secrets=[wecom_accounts.SECRET],
        ),
        DemoAccount(
            simulator=simulators.pushplus,
            account={
                "token": pushplus_accounts.TOKEN,
                "connection": {"url": simulators.pushplus.url},
            },
            recipient={"name": "我自己 Myself"},
            secrets=[pushplus_accounts.TOKEN],
        ),
        DemoAccount(
            simulator=simulators.pushjet,
            account={"url": simulators.pushjet.url},
            recipient={"name": "Home alarms", "secret": pushjet.SECRET},
            secrets=[pushjet.SECRET],
        ),
    ]
