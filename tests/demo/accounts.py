"""Accounts and recipients as a person types them: those of the demo, and spare ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..simulators import (
    Pushjet,
    PushPlus,
    ServerChan,
    Simulator,
    Simulators,
    WeCom,
    WeComRobot,
    WxPusher,
    WxPusherSimplePush,
    pushjet,
    pushplus_accounts,
    serverchan,
    wecom_accounts,
    wxpusher_accounts,
)

# Of accounts that nobody has added yet.
SPARE_APP_TOKEN = "AT_SpareAppToken0000000000000000000"
SPARE_TOKEN = "5a5e5a5e5a5e5a5e5a5e5a5e5a5e5a5e"
SPARE_ROBOT_KEY = "5a5e5a5e-5a5e-5a5e-5a5e-5a5e5a5e5a5e"
SPARE_SEND_KEY = "SCT515151TSpareSpareSpareSpareSpar"
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
            simulator=simulators[WxPusher],
            account={
                "app_token": wxpusher_accounts.APP_TOKEN,
                "connection": {"url": simulators[WxPusher].url},
            },
            recipient={"name": "张三的手机", "targets": [wxpusher_accounts.UID_ZHANG]},
            secrets=[wxpusher_accounts.APP_TOKEN],
        ),
        DemoAccount(
            simulator=simulators[WeCom],
            account={
                "corp_id": wecom_accounts.CORP_ID,
                "agent_id": str(wecom_accounts.AGENT_ID),
                "secret": wecom_accounts.SECRET,
                "connection": {"url": simulators[WeCom].url},
            },
            recipient={
                "name": "全家 Everyone",
                "targets": ["@all"],
                # Its phone is shown in WeCom, where cards are.
                "defaults": {"ordinary_wechat": False},
            },
            secrets=[wecom_accounts.SECRET],
        ),
        DemoAccount(
            simulator=simulators[PushPlus],
            account={
                "token": pushplus_accounts.TOKEN,
                "connection": {"url": simulators[PushPlus].url},
            },
            # The account comes with it.
            recipient={},
            secrets=[pushplus_accounts.TOKEN],
        ),
        DemoAccount(
            simulator=simulators[Pushjet],
            account={"url": simulators[Pushjet].url},
            recipient={"secret": pushjet.SECRET},
            secrets=[pushjet.SECRET],
        ),
        DemoAccount(
            simulator=simulators[WeComRobot],
            account=_with_key(simulators[WeComRobot], wecom_accounts.ROBOT_KEY),
            recipient={"name": "家人群 Family group"},
            secrets=[wecom_accounts.ROBOT_KEY],
        ),
        DemoAccount(
            simulator=simulators[WxPusherSimplePush],
            account={
                "secret": wxpusher_accounts.SPT,
                "connection": {"url": simulators[WxPusherSimplePush].url},
            },
            recipient={"name": "张三 Zhang San"},
            secrets=[wxpusher_accounts.SPT],
        ),
        DemoAccount(
            simulator=simulators[ServerChan],
            account=_with_key(simulators[ServerChan], serverchan.TURBO_KEY),
            recipient={"name": "我 Me"},
            secrets=[serverchan.TURBO_KEY],
        ),
    ]


def _with_key(simulator: Simulator, key: str) -> dict[str, Any]:
    """Return an account that is a key."""
    return {"key": key, "connection": {"url": simulator.url}}


def spare_accounts(simulators: Simulators) -> list[DemoAccount]:
    """Add another account to each simulator; return what to type to use it."""
    wxpusher, pushplus = simulators[WxPusher], simulators[PushPlus]
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
    simulators[Pushjet].services.append(service)
    simulators[Pushjet].subscriptions.append(
        pushjet.Subscription(uuid=pushjet.PHONE, service=service)
    )
    robot = simulators[WeComRobot]
    robot.robots[SPARE_ROBOT_KEY] = wecom_accounts.Robot(name="Garden group")
    simple_push, server_chan = simulators[WxPusherSimplePush], simulators[ServerChan]
    server_chan.turbo_keys.append(SPARE_SEND_KEY)
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
            simulator=simulators[WeCom],
            account={
                "corp_id": wecom_accounts.CORP_ID,
                "agent_id": str(wecom_accounts.OTHER_AGENT_ID),
                "secret": wecom_accounts.OTHER_SECRET,
                "connection": {"url": simulators[WeCom].url},
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
            simulator=simulators[Pushjet],
            # Another address of the same server: there is one account for each.
            account={"url": simulators[Pushjet].url.replace("127.0.0.1", "localhost")},
            recipient={"secret": SPARE_SECRET},
            secrets=[SPARE_SECRET],
        ),
        DemoAccount(
            simulator=robot,
            account=_with_key(robot, SPARE_ROBOT_KEY),
            recipient={},
            secrets=[SPARE_ROBOT_KEY],
        ),
        DemoAccount(
            simulator=simple_push,
            # Another address of the same service: there is one account for each.
            account={
                "secret": wxpusher_accounts.OTHER_SPT,
                "connection": {
                    "url": simple_push.url.replace("127.0.0.1", "localhost")
                },
            },
            recipient={},
            secrets=[wxpusher_accounts.OTHER_SPT],
        ),
        DemoAccount(
            simulator=server_chan,
            account=_with_key(server_chan, SPARE_SEND_KEY),
            recipient={},
            secrets=[SPARE_SEND_KEY],
        ),
    ]
