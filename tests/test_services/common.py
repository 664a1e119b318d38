"""Helpers for the tests of messages to WeCom."""

from typing import Any, Final

from tests.messages import WECOM_SEND, bodies
from tests.simulators import WeCom

LINK: Final = "https://example.com/laundry"
# Two thirds of the bytes that fit a description.
LONG: Final = "完" * 114
# The types that can be confidential, and those whose IDs can be translated.
SAFE: Final = "File, Picture (image), Article stored at WeCom (mpnews), Text, Video"
TRANSLATED: Final = "Article stored at WeCom (mpnews), Article with a link (news), Template card (template_card), Text, Text card (textcard)"


def sent(wecom: WeCom) -> list[dict[str, Any]]:
    """Return the bodies of the messages, in order, without the common fields."""
    common = {"touser": "@all", "agentid": 1000002}
    messages = bodies(wecom, WECOM_SEND)
    assert all(message.items() >= common.items() for message in messages)
    return [
        {key: value for key, value in message.items() if key not in common}
        for message in messages
    ]
