"""What a person reads in the terminal once everything runs, in English or Chinese."""

from collections.abc import Iterator, Mapping, Sequence
import json
import os
from pathlib import Path
from typing import Any, Final

from . import DOMAIN
from .accounts import DemoAccount
from .api import PASSWORD, USER
from .home import DASHBOARD
from .terminal import width

_TRANSLATIONS = (
    Path(__file__).resolve().parents[2] / "custom_components" / DOMAIN / "translations"
)

_ENGLISH: Final = """
  Home Assistant    {url}   user {user}, password {password}
  Dashboard         {url}/{dashboard}
  Simulated phones  {phones}

ADD ANOTHER ACCOUNT (Settings > Devices & services > Add integration > WeChat Push)
The accounts of the demo exist already. Type these to add one more of each service:
{forms}

TRY THIS
  1. Press the buttons on the dashboard, and look at the phones.
  2. On the page of the phones, switch WeCom to Down. Press Doorbell: the message waits,
     as the activity on the dashboard shows. Switch to Works: it arrives within half a minute.
  3. Switch PushPlus to Wrong credentials, and press Doorbell. Home Assistant asks for a new
     token. Switch to Works, and enter the one of the demo: {token}
  4. Send a picture: Settings > Developer tools > Actions > WeChat Push, choose recipients
     and a camera. (The stream of the camera Garden is not played here, only its pictures.)
  5. Turn on Water in the cellar: the alert repeats until you acknowledge it.
  6. For Chinese, choose 简体中文 in your profile in Home Assistant.

Ctrl-C ends it all.
"""
_CHINESE: Final = """
  Home Assistant  {url}   用户名 {user}，密码 {password}
  仪表盘          {url}/{dashboard}
  模拟手机        {phones}

再添加一个账号（设置 > 设备与服务 > 添加集成 > WeChat Push）
演示账号已经添加好了。想自己添加，可以填写以下内容：
{forms}

试一试
  1. 在仪表盘上按各个按钮，看看手机上收到什么。
  2. 在模拟手机页面把企业微信切换为“中断”，再按“门铃”：消息会排队，仪表盘的活动中可以看到。
     切回“正常”，半分钟内就会补发。
  3. 把 PushPlus 切换为“凭据错误”，再按“门铃”：Home Assistant 会要求重新输入 token。
     切回“正常”，再输入演示账号的 token：{token}
  4. 发送图片：设置 > 开发者工具 > 动作 > WeChat Push，选择接收人和摄像头。
     （摄像头 Garden 在这里不能播放视频，只能发送图片。）
  5. 打开 Water in the cellar：警报会反复提醒，直到您确认。
  6. 想看中文界面，请在 Home Assistant 的个人资料中选择“简体中文”。

按 Ctrl-C 结束。
"""


def guide(
    url: str,
    page_url: str,
    accounts: Sequence[DemoAccount],
    spare: Sequence[DemoAccount],
) -> str:
    """Return the text.

    Args:
        url: of Home Assistant.
        page_url: of the phones.
        accounts: that the demo has added.
        spare: accounts for a person to add.

    """
    chinese = _speaks_chinese(os.environ)
    language = "zh-Hans" if chinese else "en"
    path = _TRANSLATIONS / f"{language}.json"
    texts = json.loads(path.read_text(encoding="utf-8"))
    tokens = [one.account["token"] for one in accounts if "token" in one.account]
    return (_CHINESE if chinese else _ENGLISH).format(
        url=url,
        user=USER,
        password=PASSWORD,
        dashboard=DASHBOARD,
        phones=page_url,
        forms="\n".join(
            line for account in spare for line in _form(account, texts, chinese=chinese)
        ),
        token=tokens[0],
    )


def _speaks_chinese(environment: Mapping[str, str]) -> bool:
    """Return if the terminal's language is Chinese."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environment.get(name):
            return value.startswith("zh")
    return False


def _form(
    account: DemoAccount, texts: Mapping[str, Any], *, chinese: bool
) -> Iterator[str]:
    """Yield what to type for an account, by the labels of the forms."""
    simulator = account.simulator
    yield f"  {simulator.chinese_title if chinese else simulator.title}"
    step = texts["config"]["step"][simulator.name]
    fields = [*_fields(step, account.account)]
    recipient = texts["config_subentries"]["recipient"]["step"][simulator.name]
    fields += _fields(recipient, account.recipient)
    widest = max(width(label) for label, _ in fields)
    for label, value in fields:
        yield f"    {label}{' ' * (widest - width(label))}  {value}"


def _fields(
    step: Mapping[str, Any], answers: Mapping[str, Any], section: str = ""
) -> Iterator[tuple[str, str]]:
    """Yield label and value of the fields of a form, with those in sections."""
    for key, value in answers.items():
        if isinstance(value, dict):
            inner = step["sections"][key]
            yield from _fields(inner, value, f"{inner['name']} > ")
        else:
            label = step["data"][key]
            shown = ", ".join(value) if isinstance(value, list) else str(value)
            yield f"{section}{label}", shown
