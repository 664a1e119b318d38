"""Tests for messages to Pushjet."""

from typing import Any

import pytest

from homeassistant.core import HomeAssistant
from tests.messages import PICTURE, PUSHJET_SEND, say, tell
from tests.samples import PUSHJET, set_up
from tests.simulators import Pushjet
from tests.simulators.pushjet import Service

OTHER = "0123456789abcdef0123456789abcdef"
PLAIN = {"secret": PUSHJET.secrets[0], "message": "Done"}


@pytest.mark.parametrize(
    ("fields", "changes"),
    [
        ({}, {}),
        ({"title": " The\nlaundry "}, {"title": "The laundry"}),
        ({"level": 1}, {"level": "1"}),
        ({"level": 5.0}, {"level": "5"}),
        ({"url": "ha://x", "url_label": "Look"}, {"link": "ha://x"}),
        (
            {"image": PICTURE},
            {"link": PICTURE, "message": f"Done\ndoor.jpg: {PICTURE}"},
        ),
        (
            {"image": PICTURE, "url": "https://example.com"},
            {
                "link": "https://example.com",
                "message": f"Done\ndoor.jpg: {PICTURE}",
            },
        ),
        ({"file": PICTURE}, {"link": PICTURE, "message": f"Done\ndoor.jpg: {PICTURE}"}),
        ({"targets": OTHER.upper()}, {"secret": OTHER}),
    ],
)
async def test_fields(
    hass: HomeAssistant,
    pushjet: Pushjet,
    fields: dict[str, Any],
    changes: dict[str, str],
) -> None:
    """Test the request for each field."""
    pushjet.services.append(Service(secret=OTHER, public="p", name="Other"))
    await set_up(hass, PUSHJET, pushjet)
    await tell(hass, "Done", **fields)
    (request,) = pushjet.requests_to(PUSHJET_SEND)
    assert request.form == {**PLAIN, **changes}


async def test_body(hass: HomeAssistant, pushjet: Pushjet) -> None:
    """Test a request byte by byte."""
    await set_up(hass, PUSHJET, pushjet)
    await tell(hass, "门 & 窗", title="门", level=2, url="https://example.com/?a=b")
    (request,) = pushjet.requests_to(PUSHJET_SEND)
    assert request.method == "POST"
    assert request.content_type == "application/x-www-form-urlencoded"
    assert request.body == (
        b"secret=f5a9a6d4a50999ed7654d3aacb8914d5&link=https%3A%2F%2Fexample.com%2F%3Fa%3Db"
        b"&level=2&title=%E9%97%A8&message=%E9%97%A8+%26+%E7%AA%97"
    )


async def test_other_service_in_the_answer(
    hass: HomeAssistant, pushjet: Pushjet
) -> None:
    """Test that the answer does not contain the secret of another service."""
    pushjet.services.append(Service(secret=OTHER, public="p", name="Other"))
    await set_up(hass, PUSHJET, pushjet)
    answer = await say(hass, "Done", targets=[OTHER])
    assert answer["notify.home_alarms_pushjet"]["accepted"] == [
        {"target": "0123…", "message_id": None}
    ]
