"""Apprise, github.com/caronc/apprise, which sends to most of the services."""

from tests.simulators import Pushjet, PushPlus, ServerChan, WeCom, WeComRobot, WxPusher
from tests.simulators.pushjet import SECRET as SERVICE
from tests.simulators.pushplus_accounts import TOKEN, TOPIC
from tests.simulators.serverchan import TURBO_KEY
from tests.simulators.wecom_accounts import AGENT_ID, CORP_ID, ROBOT_KEY, SECRET
from tests.simulators.wxpusher_accounts import APP_TOKEN, UID_ZHANG

from .common import needs, run

PROGRAM = """
import apprise

for address in arguments:
    notifiers = apprise.Apprise()
    assert notifiers.add(address)
    for each in notifiers:
        # It would wait between token and message.
        each.request_rate_per_sec = 0
    found.append(bool(notifiers.notify(title="Door", body="Someone is there.")))
"""


@needs("apprise")
async def test_services(
    pushplus: PushPlus, serverchan: ServerChan, wxpusher: WxPusher, wecom: WeCom
) -> None:
    """Each service takes what Apprise sends, and refuses what is not its own."""
    right = (
        f"pushplus://{TOKEN}",
        f"pushplus://{TOKEN}/{TOPIC}",
        f"schan://{TURBO_KEY}",
        f"wxpusher://{APP_TOKEN}/{UID_ZHANG}/5135",
        f"wechat://{CORP_ID}:{SECRET}@{AGENT_ID}/zhangsan",
    )
    wrong = (
        f"pushplus://{TOKEN[::-1]}",
        f"schan://{TURBO_KEY}0",
        f"wxpusher://{APP_TOKEN}0/{UID_ZHANG}",
        f"wechat://{CORP_ID}:{SECRET}0@{AGENT_ID}/zhangsan",
        f"wechat://{CORP_ID}:{SECRET}@{AGENT_ID}/nobody",
    )
    simulators = {
        "www.pushplus.plus": pushplus,
        "sctapi.ftqq.com": serverchan,
        "wxpusher.zjiecode.com": wxpusher,
        "qyapi.weixin.qq.com": wecom,
    }
    assert await run(PROGRAM, simulators, *right, *wrong) == [
        *(True for _ in right),
        *(False for _ in wrong),
    ]
    for service, recipients in (
        (pushplus, ["self", TOPIC]),
        (serverchan, ["owner"]),
        (wxpusher, [UID_ZHANG]),
    ):
        assert [shown.recipient for shown in service.notifications] == recipients
        assert all(
            (shown.title, shown.text) == ("Door", "Someone is there.")
            for shown in service.notifications
        )
    (shown,) = wecom.notifications
    assert (shown.recipient, shown.text) == ("zhangsan", "Door\r\nSomeone is there.")


@needs("apprise")
async def test_robot(wecom_robot: WeComRobot) -> None:
    """A group robot takes what Apprise sends with its key alone."""
    simulators = {"qyapi.weixin.qq.com": wecom_robot}
    # Of a refusal, Apprise looks at the HTTP status only.
    assert await run(PROGRAM, simulators, f"wecombot://{ROBOT_KEY}") == [True]
    (shown,) = wecom_robot.notifications
    assert shown.text == "Door\r\nSomeone is there."


@needs("apprise")
async def test_pushjet(pushjet: Pushjet) -> None:
    """A Pushjet server does not know the path, with a slash at its end, of Apprise."""
    simulators = {"localhost": pushjet}
    assert await run(PROGRAM, simulators, f"pjet://localhost/{SERVICE}") == [False]
    assert [request.path for request in pushjet.requests] == ["/message/"]
