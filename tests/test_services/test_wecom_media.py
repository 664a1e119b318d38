"""Tests for messages to WeCom with pictures and files."""

from typing import Any

import pytest

from homeassistant.core import HomeAssistant
from tests.messages import WECOM_SEND, refusal, tell
from tests.samples import WECOM, set_up
from tests.simulators import WeCom

from .common import LINK, LONG, SAFE, TRANSLATED, sent


@pytest.mark.parametrize(
    ("fields", "media"),
    [
        ({"image": "door.jpg"}, [("image", {})]),
        ({"file": "hello.amr"}, [("voice", {})]),
        ({"file": "clip.mp4"}, [("video", {})]),
        ({"file": "报告.pdf"}, [("file", {})]),
        ({"kind": "image", "image": "door.jpg"}, [("image", {})]),
        ({"kind": "image", "file": "door.jpg"}, [("image", {})]),
        ({"kind": "voice", "file": "hello.amr"}, [("voice", {})]),
        ({"kind": "file", "file": "clip.mp4"}, [("file", {})]),
        ({"kind": "file", "image": "door.jpg"}, [("file", {})]),
        ({"image": "door.jpg", "file": "data.bin"}, [("image", {}), ("file", {})]),
    ],
)
async def test_media(
    hass: HomeAssistant,
    wecom: WeCom,
    files: dict[str, str],
    fields: dict[str, str],
    media: list[tuple[str, dict[str, str]]],
) -> None:
    """Test that pictures and files follow the text, each with its type."""
    await set_up(hass, WECOM, wecom)
    fields = {key: files.get(value, value) for key, value in fields.items()}
    await tell(hass, "Done", url=LINK, **fields)
    first, *rest = sent(wecom)
    assert first == {"msgtype": "text", "text": {"content": f"Done\n{LINK}"}}
    assert rest == [
        {"msgtype": kind, kind: {"media_id": media_id, **content}}
        for (kind, content), media_id in zip(media, wecom.media, strict=True)
    ]
    # Without a text, only the file is sent.
    wecom.requests.clear()
    await tell(hass, **fields)
    assert [each["msgtype"] for each in sent(wecom)] == [kind for kind, _ in media]


@pytest.mark.parametrize(
    ("fields", "content"),
    [
        ({"title": "Wash", "message": "Done"}, ("Wash", "Done")),
        ({"message": "Done"}, ("Done", "Done")),
        ({}, ("clip.mp4", "")),
        (
            {"title": "Wash", "url": LINK, "url_label": "Look"},
            ("Wash", f"Look: {LINK}"),
        ),
        ({"title": "标" * 50}, ("标" * 41 + "…", "")),
        (
            {"title": "Wash", "message": LONG * 2, "overflow": "truncate"},
            ("Wash", "完" * 169 + "…"),
        ),
    ],
)
async def test_video(
    hass: HomeAssistant,
    wecom: WeCom,
    files: dict[str, str],
    fields: dict[str, str],
    content: tuple[str, str],
) -> None:
    """Test that a video contains title, text and link."""
    await set_up(hass, WECOM, wecom)
    await tell(hass, kind="video", file=files["clip.mp4"], **fields)
    (media_id,) = wecom.media
    title, description = content
    assert sent(wecom) == [
        {
            "msgtype": "video",
            "video": {"title": title, "description": description, "media_id": media_id},
        }
    ]


@pytest.mark.parametrize(
    ("fields", "article"),
    [
        (
            {"message": "# Done\n\n**now**", "format": "markdown"},
            {
                "title": "Done",
                "content": "<h1>Done</h1>\n<p><strong>now</strong></p>",
                "digest": "Done\n\nnow",
            },
        ),
        (
            {
                "message": "a < b\nc",
                "title": "Wash",
                "url": LINK,
                "author": " Home\nAssistant ",
                "safe": True,
            },
            {
                "title": "Wash",
                "content": "a &lt; b<br/>c",
                "digest": "a < b\nc",
                "content_source_url": LINK,
                "author": "Home Assistant",
            },
        ),
        (
            {"message": LONG * 2, "title": "标" * 50, "author": "作" * 30},
            {
                "title": "标" * 41 + "…",
                "content": LONG * 2,
                "digest": "完" * 169 + "…",
                "author": "作" * 20 + "…",
            },
        ),
    ],
)
async def test_mpnews(
    hass: HomeAssistant,
    wecom: WeCom,
    files: dict[str, str],
    fields: dict[str, Any],
    article: dict[str, str],
) -> None:
    """Test articles hosted by WeCom, with a cover picture."""
    await set_up(hass, WECOM, wecom)
    await tell(hass, kind="mpnews", image=files["door.jpg"], **fields)
    (media_id,) = wecom.media
    (message,) = sent(wecom)
    assert message["mpnews"] == {"articles": [{**article, "thumb_media_id": media_id}]}
    assert message.get("safe") == (1 if "safe" in fields else None)


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        (
            {"safe": True, "file": "data.bin"},
            "Not supported here: Confidential (data.bin). Use bmp, doc, docx, gif, jpeg,"
            " jpg, pdf, png, ppt, pptx, txt, xls, xlsx, xml instead",
        ),
        (
            {"safe": True, "file": "hello.amr"},
            f"Not supported here: Confidential (Voice). Use {SAFE} instead",
        ),
        (
            {"id_translation": True, "file": "data.bin", "message": ""},
            f"Not supported here: Translate IDs (File). Use {TRANSLATED} instead",
        ),
    ],
)
async def test_refused_with_a_file(
    hass: HomeAssistant,
    wecom: WeCom,
    files: dict[str, str],
    fields: dict[str, Any],
    text: str,
) -> None:
    """Test that a confidential file of an unsupported type is not sent."""
    await set_up(hass, WECOM, wecom)
    given = {**fields, "file": files[fields["file"]]}
    assert await refusal(hass, **{"message": "Done", **given}) == text
    assert not wecom.requests_to(WECOM_SEND)


async def test_switches_with_a_file(
    hass: HomeAssistant, wecom: WeCom, files: dict[str, str]
) -> None:
    """Test that options are added to each message that supports them."""
    await set_up(hass, WECOM, wecom)
    await tell(
        hass,
        "$userName=zhangsan$ is home",
        file=files["报告.pdf"],
        safe=True,
        id_translation=True,
        duplicate_check=True,
    )
    text, file = sent(wecom)
    once = {"safe": 1, "enable_duplicate_check": 1}
    assert text == {
        "msgtype": "text",
        "text": {"content": "$userName=zhangsan$ is home"},
        "enable_id_trans": 1,
        **once,
    }
    assert file.items() >= once.items()
    assert "enable_id_trans" not in file
