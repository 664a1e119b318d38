"""What the tests of WeCom share."""

import asyncio
from typing import Any

from custom_components.wechat_push.clients.message import (
    Attachment,
    AttachmentKind,
    Message,
)
from custom_components.wechat_push.clients.receipt import Receipt
from custom_components.wechat_push.clients.wecom.client import WeComClient, WeComTarget
from tests.simulators import Answer, WeCom
from tests.simulators.answers import json_answer

from ..common import send

GETTOKEN = "/cgi-bin/gettoken"
SEND = "/cgi-bin/message/send"
UPLOAD = "/cgi-bin/media/upload"
URL = "https://example.com/door"
PICTURE_URL = "https://example.com/a.jpg"

ZHANG = WeComTarget(users=("zhangsan",))
EVERYONE = WeComTarget(everyone=True)

BUTTON = {"text": "Open", "key": "OPEN"}
CHOICE = {"key": "mode", "title": "Mode", "options": ["on", {"id": "0", "text": "off"}]}

MANY = 100
# Enough where it is not the number that counts.
SOME = 10
ALL_MANY = sorted(f"message {number}" for number in range(MANY))

PICTURE = Attachment(
    kind=AttachmentKind.IMAGE,
    name="门.jpg",
    content_type="image/jpeg",
    content=b"\xff\xd8\xff" + b"x" * 10,
)
LINKED = Attachment(
    kind=AttachmentKind.IMAGE, name="Door", content_type="image/jpeg", url=PICTURE_URL
)
VOICE = Attachment(
    kind=AttachmentKind.VOICE,
    name="a.amr",
    content_type="audio/amr",
    content=b"#!AMR\nxxxx",
)
VIDEO = Attachment(
    kind=AttachmentKind.VIDEO,
    name="a.mp4",
    content_type="video/mp4",
    content=b"\0\0\0\x18ftypmp42",
)
FILE = Attachment(
    kind=AttachmentKind.FILE, name="a.pdf", content_type="", content=b"%PDF-1.7"
)


def bodies(wecom: WeCom) -> list[dict[str, Any]]:
    """Return what the messages were, without who got them."""
    common = ("touser", "agentid")
    return [
        {key: value for key, value in request.json.items() if key not in common}
        for request in wecom.requests_to(SEND)
    ]


def kinds(wecom: WeCom) -> list[str]:
    """Return the message types that phones have shown, in order."""
    return [each.kind for each in wecom.notifications]


def refusal(code: int, text: str = "no") -> Answer:
    """Return an answer that holds an error."""
    return json_answer({"errcode": code, "errmsg": text})


async def say(client: WeComClient, text: str = "你好") -> Receipt:
    """Send a message to one member."""
    return await send(client, Message(text=text), ZHANG)


async def say_many(
    client: WeComClient, count: int = MANY
) -> list[Receipt | BaseException]:
    """Send many messages at once."""
    return await asyncio.gather(
        *(say(client, f"message {number}") for number in range(count)),
        return_exceptions=True,
    )


def texts(wecom: WeCom) -> list[str]:
    """Return what phones have shown."""
    return sorted(each.text for each in wecom.notifications)
