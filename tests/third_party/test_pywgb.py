"""pywgb, github.com/ChowRex/pywgb, a client of WeCom's group robots."""

from pathlib import Path

from tests.pictures import picture
from tests.simulators import WeComRobot
from tests.simulators.wecom_accounts import ROBOT_KEY

from .common import needs, run

PROGRAM = """
from pywgb import SmartBot

key, picture, voice, file = arguments
bot = SmartBot(key)
page = {"card_action": {"type": 1, "url": "https://a.b"}}
shown = {"card_image": {"url": "https://a.b/c.png", "aspect_ratio": 1.3}}
article = {"title": "Door", "url": "https://a.b", "picurl": "https://a.b/c.png"}
for send in (
    lambda: bot.send("Open.", mentioned_list=["zhangsan", "@all"]),
    lambda: bot.send(bot.markdown_feature.green("Open.")),
    lambda: bot.send("# Door\\n* open"),
    lambda: bot.send(file_path=picture),
    lambda: bot.send(file_path=voice),
    lambda: bot.send(file_path=file),
    lambda: bot.send(articles=[{**article, "description": "Open."}]),
    lambda: bot.send(main_title={"title": "Door"}, **page),
    lambda: bot.send(main_title={"title": "Door"}, **shown, **page),
    lambda: SmartBot(key[::-1].replace("-", "")).send("Open."),
):
    try:
        found.append(send())
    except OSError:
        # What it makes of a code that is not 0.
        found.append(None)
"""


@needs("pywgb")
async def test_messages(wecom_robot: WeComRobot, tmp_path: Path) -> None:
    """A group robot takes all types of messages, and no key but its own."""
    files = {"a.png": picture("PNG"), "a.amr": b"#!AMR" + bytes(9), "a.txt": b"Open.\n"}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    paths = (str(tmp_path / name) for name in files)
    simulators = {"qyapi.weixin.qq.com": wecom_robot}
    taken = {"errcode": 0, "errmsg": "ok"}
    assert await run(PROGRAM, simulators, ROBOT_KEY, *paths) == [*[taken] * 9, None]
    assert [(shown.kind, shown.title) for shown in wecom_robot.notifications] == [
        ("text", ""),
        ("markdown", ""),
        ("markdown_v2", ""),
        ("image", ""),
        ("voice", ""),
        ("file", ""),
        ("news", "Door"),
        ("template_card", "Door"),
        ("template_card", "Door"),
    ]
