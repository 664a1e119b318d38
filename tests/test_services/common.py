"""What the tests of messages to WeCom share."""

from typing import Any, Final

from tests.messages import WECOM_SEND, bodies
from tests.simulators import WeCom

LINK: Final = "https://example.com/laundry"
# Two thirds of what a description takes, in bytes; twice of that is too much.
LONG: Final = "完" * 114
# The kinds that can be confidential, and those whose IDs can be translated.
SAFE: Final = "file, image, mpnews, text, video"
TRANSLATED: Final = "mpnews, news, template_card, text, textcard"


def sent(wecom: WeCom) -> list[dict[str, Any]]:
    """Return what was sent, in order, without what is in every message."""
    common = {"touser": "@all", "agentid": 1000002}
    messages = bodies(wecom, WECOM_SEND)
    assert all(message.items() >= common.items() for message in messages)
    return [
        {key: value for key, value in message.items() if key not in common}
        for message in messages
    ]
