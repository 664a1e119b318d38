"""Accounts and recipients as a person types them: those of the demo, and spare ones."""

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

# Of accounts that nobody has added yet.
SPARE_APP_TOKEN = "AT_SpareAppToken0000000000000000000"
SPARE_TOKEN = "5a5e5a5e5a5e5a5e5a5e5a5e5a5e5a5e"
SPARE_SECRET = "5a5e5a5e5a5e5a5e5a5e5a5e5a5e5a5e"


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
            account={"url": simulators.pushjet.url, "secret": pushjet.SECRET},
            recipient={},
            secrets=[pushjet.SECRET],
        ),
    ]


def spare_accounts(simulators: Simulators) -> list[DemoAccount]:
    """Add another account to each simulator; return what to type to use it."""
    wxpusher, pushplus = simulators.wxpusher, simulators.pushplus
    user = wxpusher_accounts.Follower(
        record_id=51, uid=wxpusher_accounts.UID_WANG, nickname="Wang Wu"
    )
    wxpusher.apps[SPARE_APP_TOKEN] = wxpusher_accounts.Audience(
        audience_id=5136, name="Garden", followers={user.uid: user}
    )
    pushplus.accounts[SPARE_TOKEN] = pushplus_accounts.Account(
        token=SPARE_TOKEN, nick_name="Wang Wu"
    )
    service = pushjet.Service(
        secret=SPARE_SECRET,
        public="5a5e-5a5e5a-5a5e5a5e5a5e-5a5e5-5a5e5a5e5",
        name="Garden",
    )
    simulators.pushjet.services.append(service)
    simulators.pushjet.subscriptions.append(
        pushjet.Subscription(uuid=pushjet.PHONE, service=service)
    )
    return [
        DemoAccount(
            simulator=wxpusher,
            account={
                "app_token": SPARE_APP_TOKEN,
                "connection": {"url": wxpusher.url},
            },
            recipient={"targets": [wxpusher_accounts.UID_WANG]},
            secrets=[SPARE_APP_TOKEN],
        ),
        DemoAccount(
            simulator=simulators.wecom,
            account={
                "corp_id": wecom_accounts.CORP_ID,
                "agent_id": str(wecom_accounts.OTHER_AGENT_ID),
                "secret": wecom_accounts.OTHER_SECRET,
                "connection": {"url": simulators.wecom.url},
            },
            recipient={"targets": ["@all"]},
            secrets=[wecom_accounts.OTHER_SECRET],
        ),
        DemoAccount(
            simulator=pushplus,
            account={"token": SPARE_TOKEN, "connection": {"url": pushplus.url}},
            recipient={},
            secrets=[SPARE_TOKEN],
        ),
        DemoAccount(
            simulator=simulators.pushjet,
            # Another address of the same server: there is one account for each.
            account={
                "url": simulators.pushjet.url.replace("127.0.0.1", "localhost"),
                "secret": SPARE_SECRET,
            },
            recipient={},
            secrets=[SPARE_SECRET],
        ),
    ]
