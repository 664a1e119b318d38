"""Tests for messages to WxPusher."""

from typing import Any

import pytest

from homeassistant.core import HomeAssistant
from tests.messages import PICTURE, WXPUSHER_SEND, bodies, body, refusal, say, tell
from tests.samples import UID_LI, UID_ZHANG, WXPUSHER, set_up
from tests.simulators import WxPusher

PLAIN = {
    "appToken": WXPUSHER.secrets[0],
    "content": "Done",
    "contentType": 1,
    "uids": [UID_ZHANG],
}


@pytest.mark.parametrize(
    ("fields", "changes"),
    [
        ({}, {}),
        ({"title": ""}, {}),
        ({"summary": "  Wash\n done "}, {"summary": "Wash done"}),
        (
            {"summary": "Short", "title": "Laundry"},
            {"summary": "Short", "content": "Laundry\nDone"},
        ),
        ({"summary": "总" * 101}, {"summary": "总" * 99 + "…"}),
        ({"verify_pay_type": "0"}, {"verifyPayType": 0}),
        ({"verify_pay_type": 2}, {"verifyPayType": 2}),
        ({"url": "homeassistant://navigate/x"}, {"url": "homeassistant://navigate/x"}),
        (
            {"url": "https://example.com", "url_label": "Look"},
            {"url": "https://example.com"},
        ),
        (
            {"extra_targets": [UID_LI, "8001", UID_ZHANG, "8001 8002"]},
            {"uids": [UID_ZHANG, UID_LI], "topicIds": [8001, 8002]},
        ),
        (
            {"targets": ["8001"], "extra_targets": f"{UID_LI}，8002"},
            {"uids": [UID_LI], "topicIds": [8001, 8002]},
        ),
        (
            {"image": PICTURE},
            {
                "content": f'Done<br/><img src="{PICTURE}" alt="door.jpg"/>',
                "contentType": 2,
            },
        ),
        (
            {"image": PICTURE, "format": "markdown"},
            {"content": f"Done\n\n![door.jpg]({PICTURE})", "contentType": 3},
        ),
        (
            {"file": PICTURE},
            {"content": f"Done\ndoor.jpg: {PICTURE}"},
        ),
    ],
)
async def test_fields(
    hass: HomeAssistant,
    wxpusher: WxPusher,
    fields: dict[str, Any],
    changes: dict[str, Any],
) -> None:
    """Test the request for each field."""
    await set_up(hass, WXPUSHER, wxpusher)
    await tell(hass, "Done", **fields)
    assert body(wxpusher, WXPUSHER_SEND) == {**PLAIN, **changes}


async def test_body(hass: HomeAssistant, wxpusher: WxPusher) -> None:
    """Test a request byte by byte."""
    await set_up(hass, WXPUSHER, wxpusher)
    await tell(hass, '门开了 "front"', title="门", verify_pay_type=1)
    (request,) = wxpusher.requests_to(WXPUSHER_SEND)
    assert request.method == "POST"
    assert request.content_type == "application/json"
    assert request.body.decode() == (
        f'{{"appToken":"{WXPUSHER.secrets[0]}",'
        '"content":"门\\n门开了 \\"front\\"","contentType":1,"summary":"门",'
        f'"verifyPayType":1,"uids":["{UID_ZHANG}"]}}'
    )


async def test_picture_alone(hass: HomeAssistant, wxpusher: WxPusher) -> None:
    """Test a picture without a text."""
    await set_up(hass, WXPUSHER, wxpusher)
    await tell(hass, image=PICTURE)
    assert body(wxpusher, WXPUSHER_SEND)["content"] == (
        f'<img src="{PICTURE}" alt="door.jpg"/>'
    )


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        (
            {"url": "https://example.com/" + "x" * 981},
            "The field Link is too long. The limit for this message type is 1000 characters",
        ),
        ({"extra_targets": "?"}, "? is neither a UID (UID_…) nor a topic number"),
    ],
)
async def test_refused(
    hass: HomeAssistant, wxpusher: WxPusher, fields: dict[str, Any], text: str
) -> None:
    """Test refusals without a request."""
    await set_up(hass, WXPUSHER, wxpusher)
    assert (await refusal(hass, "Done", **fields)).startswith(text)
    assert not wxpusher.requests_to(WXPUSHER_SEND)


async def test_more_topics_than_fit(hass: HomeAssistant, wxpusher: WxPusher) -> None:
    """Test that topics above the limit of a request go into several."""
    await set_up(hass, WXPUSHER, wxpusher)
    topics = [8001, 8002, 8003, 8004, 8005, 8006]
    answer = await say(hass, "Done", extra_targets=[str(topic) for topic in topics])
    sent = bodies(wxpusher, WXPUSHER_SEND)
    assert [(each.get("uids"), each["topicIds"]) for each in sent] == [
        ([UID_ZHANG], topics[:5]),
        (None, topics[5:]),
    ]
    (receipt,) = answer.values()
    assert [each["target"] for each in receipt["accepted"]] == [
        *(UID_ZHANG, "8001", "8002"),
    ]
    assert [each["target"] for each in receipt["refused"]] == [
        *("8003", "8004", "8005", "8006"),
    ]
