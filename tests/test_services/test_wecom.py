"""Tests for messages to WeCom, except cards."""

from typing import Any

import pytest

from homeassistant.core import HomeAssistant
from tests.messages import PICTURE, WECOM_SEND, bodies, body, refusal, tell
from tests.samples import WECOM, set_up
from tests.simulators import WeCom

from .common import LINK, LONG, SAFE, TRANSLATED, sent

TEXT = {"msgtype": "text", "text": {"content": "Done"}}
TEXTCARD = {"kind": "textcard", "title": "Wash", "url": LINK}
NEWS = {"kind": "news", "title": "Wash", "url": LINK}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, TEXT),
        ({"kind": "text"}, TEXT),
        ({"kind": "text", "format": "markdown", "message": "**Done**"}, TEXT),
        ({"format": "html", "message": "<p>Done</p><script>x</script>"}, TEXT),
        (
            {"title": " Wash ", "url": LINK, "url_label": "Look"},
            {"msgtype": "text", "text": {"content": f"Wash\nDone\nLook: {LINK}"}},
        ),
        (
            {"message": " ", "title": "Done"},
            TEXT,
        ),
        (
            {"kind": "markdown", "message": '<font color="info">Done</font> > *x*'},
            {
                "msgtype": "markdown",
                "markdown": {"content": '<font color="info">Done</font> > *x*'},
            },
        ),
        (
            {"format": "markdown", "title": "Wash", "url": f"{LINK} (1)"},
            {
                "msgtype": "markdown",
                "markdown": {
                    "content": "**Wash**\nDone\n\n"
                    "[https://example.com/laundry%20\\(1\\)]"
                    "(https://example.com/laundry%20%281%29)"
                },
            },
        ),
        (
            {"kind": "markdown", "format": "html", "message": "<b>Done</b><br>now"},
            {"msgtype": "markdown", "markdown": {"content": "**Done**\nnow"}},
        ),
        (
            TEXTCARD,
            {
                "msgtype": "textcard",
                "textcard": {"title": "Wash", "description": "Done", "url": LINK},
            },
        ),
        (
            {
                "kind": "textcard",
                "url": LINK,
                "url_label": "Open it",
                "message": "A\nB",
            },
            {
                "msgtype": "textcard",
                "textcard": {
                    "title": "A",
                    "description": "A\nB",
                    "url": LINK,
                    "btntxt": "Ope…",
                },
            },
        ),
        (
            {**TEXTCARD, "message": "", "url_label": "打开看看"},
            {
                "msgtype": "textcard",
                "textcard": {
                    "title": "Wash",
                    "description": "Wash",
                    "url": LINK,
                    "btntxt": "打开看看",
                },
            },
        ),
        (
            {
                **TEXTCARD,
                "format": "html",
                "message": '<div class="highlight">Done</div><br/>now',
            },
            {
                "msgtype": "textcard",
                "textcard": {
                    "title": "Wash",
                    "description": '<div class="highlight">Done</div><br/>now',
                    "url": LINK,
                },
            },
        ),
        (
            {**TEXTCARD, "format": "html", "message": "<h1>Done</h1><div>now</div>"},
            {
                "msgtype": "textcard",
                "textcard": {
                    "title": "Wash",
                    "description": "Done\n\nnow",
                    "url": LINK,
                },
            },
        ),
        (
            {**NEWS, "image": PICTURE, "format": "html", "message": "<b>Done</b>"},
            {
                "msgtype": "news",
                "news": {
                    "articles": [
                        {
                            "title": "Wash",
                            "description": "Done",
                            "url": LINK,
                            "picurl": PICTURE,
                        }
                    ]
                },
            },
        ),
        (
            {"kind": "news", "image": PICTURE, "message": "Done\nnow"},
            {
                "msgtype": "news",
                "news": {
                    "articles": [
                        {
                            "title": "Done",
                            "description": "Done\nnow",
                            "url": PICTURE,
                            "picurl": PICTURE,
                        }
                    ]
                },
            },
        ),
        (
            {**NEWS, "message": ""},
            {
                "msgtype": "news",
                "news": {
                    "articles": [{"title": "Wash", "description": "", "url": LINK}]
                },
            },
        ),
        ({"safe": True}, {**TEXT, "safe": 1}),
        ({"safe": False}, TEXT),
        ({"id_translation": True}, {**TEXT, "enable_id_trans": 1}),
        ({"duplicate_check": True}, {**TEXT, "enable_duplicate_check": 1}),
        (
            {"duplicate_check": True, "duplicate_check_interval": {"hours": 4}},
            {
                **TEXT,
                "enable_duplicate_check": 1,
                "duplicate_check_interval": 14_400,
            },
        ),
        (
            {"duplicate_check_interval": "00:00:01"},
            {**TEXT, "enable_duplicate_check": 1, "duplicate_check_interval": 1},
        ),
        (
            {"duplicate_check": False, "duplicate_check_interval": 60},
            {**TEXT, "enable_duplicate_check": 0},
        ),
    ],
)
async def test_fields(
    hass: HomeAssistant,
    wecom: WeCom,
    fields: dict[str, Any],
    expected: dict[str, Any],
) -> None:
    """Test the request for each message type and field."""
    await set_up(hass, WECOM, wecom)
    await tell(hass, **{"message": "Done", **fields})
    assert sent(wecom) == [expected]
    assert len(wecom.notifications) == 1


async def test_body(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test a request byte by byte."""
    await set_up(hass, WECOM, wecom)
    options = {"safe": True, "duplicate_check": True, "duplicate_check_interval": 60}
    await tell(hass, '门开了 "front"', title="门", **options)
    (request,) = wecom.requests_to(WECOM_SEND)
    assert request.method == "POST"
    assert request.content_type == "application/json"
    assert request.body.decode() == (
        '{"touser":"@all","msgtype":"text",'
        '"text":{"content":"门\\n门开了 \\"front\\""},"safe":1,'
        '"enable_duplicate_check":1,"duplicate_check_interval":60,"agentid":1000002}'
    )


@pytest.mark.parametrize("fields", [TEXTCARD, NEWS], ids=["textcard", "news"])
async def test_long_description(
    hass: HomeAssistant, wecom: WeCom, fields: dict[str, str]
) -> None:
    """Test that an indivisible text is refused, or cut if configured."""
    await set_up(hass, WECOM, wecom)
    for overflow in ("split", "refuse"):
        said = await refusal(hass, LONG * 2, overflow=overflow, **fields)
        assert said.startswith(
            "The field Message is too long. The limit for this message type is 512 bytes "
            "(a Chinese character takes 3), and it cannot be split."
        )
    assert not wecom.requests_to(WECOM_SEND)
    await tell(hass, LONG * 2, overflow="truncate", **fields)
    (shown,) = wecom.notifications
    assert shown.text == "完" * 169 + "…"


async def test_description_in_html_is_not_cut_in_a_tag(
    hass: HomeAssistant, wecom: WeCom
) -> None:
    """Test that the text of a card is not cut within a tag."""
    await set_up(hass, WECOM, wecom)
    text = "x" * 500 + '<div class="highlight">Done</div>'
    await tell(hass, text, format="html", overflow="truncate", **TEXTCARD)
    (shown,) = wecom.notifications
    assert shown.text == "x" * 500 + "…"


@pytest.mark.parametrize("kind", ["textcard", "news"])
async def test_long_title(hass: HomeAssistant, wecom: WeCom, kind: str) -> None:
    """Test that a title is cut with an ellipsis, counted in bytes."""
    await set_up(hass, WECOM, wecom)
    await tell(hass, "Done", kind=kind, title="标题" * 40, url=LINK)
    (shown,) = wecom.notifications
    assert shown.title == ("标题" * 40)[:41] + "…"


async def test_markdown_in_parts(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that long Markdown is split between its links."""
    await set_up(hass, WECOM, wecom)
    link = "[洗衣机 完成](https://example.com/laundry)"
    await tell(hass, link * 100, format="markdown")
    texts = [each["markdown"]["content"] for each in sent(wecom)]
    parts = [text.rpartition("\n\n") for text in texts]
    count = len(parts)
    assert [mark for _, _, mark in parts] == [
        f"({number}/{count})" for number in range(1, count + 1)
    ]
    assert count > 1
    assert all(text.replace(link, "") == "" for text, _, _ in parts)
    assert "".join(text for text, _, _ in parts) == link * 100
    assert max(len(text.encode()) for text in texts) <= 2048


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"kind": "textcard"}, "This message type requires the field Link"),
        ({"kind": "news"}, "This message type requires the field Link"),
        ({"kind": "mpnews"}, "This message type requires the field Picture"),
        ({"kind": "image"}, "This message type requires the field Picture, File"),
        ({"kind": "video"}, "This message type requires the field Picture, File"),
        (
            {**TEXTCARD, "url": LINK + "/" * 2048},
            "The field Link is too long. The limit for this message type is 2048 bytes",
        ),
        (
            {**NEWS, "image": PICTURE + "/" * 2048},
            "The field Picture is too long. The limit for this message type is 2048 bytes",
        ),
        (
            {"safe": True, "format": "markdown"},
            f"Not supported here: Confidential (Markdown). Use {SAFE} instead",
        ),
        (
            {"safe": True, **TEXTCARD},
            f"Not supported here: Confidential (Text card). Use {SAFE} instead",
        ),
        (
            {"safe": True, **NEWS},
            f"Not supported here: Confidential (Article with a link). Use {SAFE} instead",
        ),
        (
            {"safe": True, "card_type": "text_notice", "url": LINK},
            f"Not supported here: Confidential (Template card). Use {SAFE} instead",
        ),
        (
            {"id_translation": True, "kind": "markdown"},
            f"Not supported here: Translate IDs (Markdown). Use {TRANSLATED} instead",
        ),
        (
            {"kind": "text", "buttons": [{"text": "Open"}], "source": "HA"},
            "Not supported here: Source, Buttons (Text). Use Template card (template_card) instead",
        ),
        (
            {**TEXTCARD, "author": "HA"},
            "Not supported here: Author (Text card). Use Article stored at WeCom (mpnews) instead",
        ),
    ],
)
async def test_refused(
    hass: HomeAssistant, wecom: WeCom, fields: dict[str, Any], text: str
) -> None:
    """Test refusals without a request, which name the supported types."""
    await set_up(hass, WECOM, wecom)
    said = await refusal(hass, "Done", **fields)
    assert said.startswith(text)
    assert not wecom.requests_to(WECOM_SEND)


async def test_repeats_are_dropped(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that WeCom drops duplicates."""
    await set_up(hass, WECOM, wecom)
    await tell(hass, "Done", duplicate_check=True)
    await tell(hass, "Done", duplicate_check=True)
    assert len(bodies(wecom, WECOM_SEND)) == 2
    assert len(wecom.notifications) == 1


@pytest.mark.parametrize(
    ("fields", "content"),
    [
        ({"format": "markdown", "message": "**Done** [a](b)"}, "Done a (b)"),
        ({"kind": "markdown", "message": "**Done**"}, "**Done**"),
        ({"format": "html", "message": "<b>Done</b>"}, "Done"),
    ],
)
@pytest.mark.parametrize("by_recipient", [True, False])
async def test_ordinary_wechat(
    hass: HomeAssistant,
    wecom: WeCom,
    fields: dict[str, str],
    content: str,
    *,
    by_recipient: bool,
) -> None:
    """Test the message types for recipients that read in WeChat."""
    recipient = {**WECOM.recipient, "ordinary_wechat": by_recipient}
    await set_up(hass, WECOM, wecom, recipient=recipient)
    chosen: dict[bool, dict[str, Any]] = {True: {}, False: {"ordinary_wechat": True}}
    await tell(hass, **fields, **chosen[by_recipient])
    assert sent(wecom) == [{"msgtype": "text", "text": {"content": content}}]


async def test_not_ordinary_wechat_for_once(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that a message can override the recipient's option."""
    recipient = {**WECOM.recipient, "ordinary_wechat": True}
    await set_up(hass, WECOM, wecom, recipient=recipient)
    await tell(hass, "**Done**", format="markdown", ordinary_wechat=False)
    assert body(wecom, WECOM_SEND)["msgtype"] == "markdown"


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "template_card", "url": LINK},
        {"buttons": [{"text": "Open"}]},
        {"card": {"card_type": "text_notice"}},
    ],
)
async def test_no_cards_in_ordinary_wechat(
    hass: HomeAssistant, wecom: WeCom, fields: dict[str, Any]
) -> None:
    """Test that cards are refused for recipients that read in WeChat."""
    await set_up(hass, WECOM, wecom)
    said = await refusal(hass, "Done", ordinary_wechat=True, **fields)
    assert said == "Not supported here: Template card. Use Text card (textcard) instead"
    said = await refusal(hass, "Done", ordinary_wechat=True, kind="text", source="x")
    assert said == "Not supported here: Source (Text). Use Text card (textcard) instead"
    assert not wecom.requests_to(WECOM_SEND)
