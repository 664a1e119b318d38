"""Any message becomes requests, or is refused in words that can be shown."""

import re
from typing import Any

from hypothesis import given, settings, strategies as st

from custom_components.wechat_push.clients.errors import ContentError
from custom_components.wechat_push.clients.message import (
    Attachment,
    AttachmentKind,
    Format,
    Message,
    Overflow,
)
from custom_components.wechat_push.clients.pushjet import PushjetTarget
from custom_components.wechat_push.clients.pushplus.client import PushPlusTarget
from custom_components.wechat_push.clients.serverchan import ServerChanTarget
from custom_components.wechat_push.clients.transport import Endpoint, dump
from custom_components.wechat_push.clients.wecom.client import WeComTarget
from custom_components.wechat_push.clients.wxpusher.client import WxPusherTarget

from .common import SERVICES

PIECES = [
    *(
        "word ",
        "21.6℃，",
        "08:15 ",
        "中文",
        "\n",
        "\n\n",
        "27. ",
        "- ",
        "> ",
        "# ",
        "```\n",
    ),
    *("**", "_", "`", "[a](https://x.y)", "![b](c)", "| a | b |\n|---|---|\n", "<b>"),
    *("</b>", "<ol start=5><li>", "<p hidden>", "<style>", "<table><tr><td>", "&amp;"),
    *(
        "\x1b[31m",
        "\x00",
        "\r\n",
        "\ud83d",
        "น้ำ",
        "👨‍👩‍👧‍👦",
        "\u0301",
        "x" * 700,
        "门" * 300,
    ),
]
anything = st.one_of(
    st.text(st.characters(), max_size=30),
    st.lists(st.sampled_from(PIECES), max_size=30).map("".join),
)
attachments = st.builds(
    Attachment,
    kind=st.sampled_from(AttachmentKind),
    name=anything,
    content_type=st.just("image/png"),
    content=st.sampled_from([b"", b"x"]),
    url=st.one_of(st.none(), anything),
)
messages: st.SearchStrategy[dict[str, Any]] = st.builds(
    dict,
    text=st.one_of(anything, st.dictionaries(anything, anything, max_size=2)),
    title=st.one_of(st.none(), anything),
    format=st.sampled_from(Format),
    overflow=st.sampled_from(Overflow),
    url=st.one_of(st.none(), anything),
    url_label=st.one_of(st.none(), anything),
    attachments=st.lists(attachments, max_size=2).map(tuple),
    options=st.sampled_from(
        [
            {},
            *({"kind": kind} for kind in ("markdown", "textcard", "news", "mpnews")),
            {"ordinary_wechat": True},
            {"buttons": [{"text": "OK", "key": "ok"}]},
        ]
    ),
)
targets = st.one_of(
    st.builds(WxPusherTarget, uids=st.lists(anything, max_size=3).map(tuple)),
    st.builds(WeComTarget, users=st.lists(anything, max_size=3).map(tuple)),
    st.builds(
        PushPlusTarget,
        friends=st.lists(anything, max_size=3).map(tuple),
        topic=st.one_of(st.none(), anything),
        template=st.sampled_from([None, "html", "txt", "markdown", "json"]),
    ),
    st.builds(PushjetTarget, secret=anything),
    st.builds(ServerChanTarget, tags=st.lists(anything, max_size=2).map(tuple)),
)


@settings(max_examples=600, deadline=None, database=None, derandomize=True)
@given(fields=messages, target=targets)
def test_any_message(fields: dict[str, Any], target: Any) -> None:
    """No message ends in another error, and no control character is sent."""
    service = next(
        each for each in SERVICES.values() if isinstance(target, type(each.target))
    )
    client = service.connect(None, Endpoint(url="http://127.0.0.1"))
    try:
        parts = client.prepare(Message(**fields), target)
    except ContentError:
        return
    for part in parts:
        body = dump({**part}).decode()
        assert not re.search(r"[\x00-\x1f\x7f-\x9f]|\\u00", body)
