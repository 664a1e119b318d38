"""Tests for the fields that all services have in common."""

import asyncio
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest

from homeassistant.const import STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from tests.messages import (
    PUSHJET_SEND,
    PUSHPLUS_SEND,
    WECOM_SEND,
    WXPUSHER_SEND,
    bodies,
    body,
    refusal,
    tell,
)
from tests.moments import during, pass_time
from tests.sample_accounts.sample import LINK, MARKUP, PLAIN
from tests.samples import (
    PUSHJET,
    PUSHPLUS,
    UID_LI,
    UID_ZHANG,
    WECOM,
    WXPUSHER,
    Sample,
    arrival,
    entity_ids,
    set_up,
)
from tests.simulators import Answer, Pushjet, PushPlus, Simulator, WeCom, WxPusher


def text_of(simulator: Simulator, sample: Sample) -> str:
    """Return the text of the only message as sent to the service."""
    (request,) = simulator.requests_to(sample.path)
    return sample.text_of(request)


async def test_message(
    hass: HomeAssistant, sample: Sample, simulator: Simulator
) -> None:
    """Test that a message arrives unchanged and sets the state of the entity."""
    await set_up(hass, sample, simulator)
    (entity_id,) = entity_ids(hass)
    state = hass.states.get(entity_id)
    assert state is not None
    assert state.state == STATE_UNKNOWN
    await tell(hass, PLAIN)
    assert text_of(simulator, sample) == sample.plain
    # Chinese is sent as UTF-8, not as escapes.
    (request,) = simulator.requests_to(sample.path)
    assert b"\\u" not in request.body
    state = hass.states.get(entity_id)
    assert state is not None
    assert state.state != STATE_UNKNOWN


async def test_halves_of_characters(
    hass: HomeAssistant, sample: Sample, simulator: Simulator
) -> None:
    """Test that lone surrogates of a template do not prevent sending."""
    await set_up(hass, sample, simulator)
    halves = "\ud83e\uddfa \ud83e"
    await tell(hass, halves, title=halves, url=f"https://example.com/{halves}")
    assert "🧺 \ufffd" in text_of(simulator, sample)


@pytest.mark.parametrize("format_", ["text", "markdown", "html"])
async def test_format(
    hass: HomeAssistant, sample: Sample, simulator: Simulator, format_: str
) -> None:
    """Test that a format is passed on or converted to a supported one."""
    await set_up(hass, sample, simulator)
    await tell(hass, MARKUP, format=format_)
    assert text_of(simulator, sample) == sample.formats[format_]


@pytest.mark.parametrize(
    ("format_", "content_type", "kind", "template"),
    [("text", 1, "text", "txt"), ("markdown", 3, "markdown", "markdown")],
)
async def test_format_is_told(
    hass: HomeAssistant,
    wxpusher: WxPusher,
    wecom: WeCom,
    pushplus: PushPlus,
    format_: str,
    content_type: int,
    kind: str,
    template: str,
) -> None:
    """Test that the format is sent to services that support formats."""
    await set_up(hass, WXPUSHER, wxpusher)
    await set_up(hass, WECOM, wecom)
    await set_up(hass, PUSHPLUS, pushplus)
    await tell(hass, "Done", format=format_)
    assert body(wxpusher, WXPUSHER_SEND)["contentType"] == content_type
    assert body(wecom, WECOM_SEND)["msgtype"] == kind
    assert body(pushplus, PUSHPLUS_SEND)["template"] == template


async def test_own_format_of_the_recipient(
    hass: HomeAssistant, wxpusher: WxPusher
) -> None:
    """Test that the recipient's format is the default."""
    recipient = {**WXPUSHER.recipient, "format": "html"}
    await set_up(hass, WXPUSHER, wxpusher, recipient=recipient)
    await tell(hass, "<b>Done</b>")
    await tell(hass, "<b>Done</b>", format="text")
    assert [each["contentType"] for each in bodies(wxpusher, WXPUSHER_SEND)] == [2, 1]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"title": "Laundry", "url": LINK, "url_label": "Look"}, "text"),
        ({"url": LINK}, "link_alone"),
        (
            {"title": "A *b*", "url": LINK, "url_label": "c_d", "format": "markdown"},
            "markdown",
        ),
        (
            {"title": "A & B", "url": LINK, "url_label": "<c>", "format": "html"},
            "html",
        ),
    ],
    ids=["text", "link alone", "markdown", "html"],
)
async def test_title_and_link(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    fields: dict[str, Any],
    expected: str,
) -> None:
    """Test that title and link are sent in the fields of the service."""
    await set_up(hass, sample, simulator)
    await tell(hass, "Done", **fields)
    (request,) = simulator.requests_to(sample.path)
    titled = getattr(sample.titled, expected)
    assert sample.body(request).items() >= titled.items()


async def test_nothing_to_say(
    hass: HomeAssistant, sample: Sample, simulator: Simulator
) -> None:
    """Test that an empty message is refused without a request."""
    await set_up(hass, sample, simulator)
    assert await refusal(hass, " \n ") == ("The message is empty. Enter a text")
    assert not simulator.requests_to(sample.path)


async def test_level(hass: HomeAssistant, pushjet: Pushjet) -> None:
    """Test the level of a service that supports levels."""
    await set_up(hass, PUSHJET, pushjet)
    await tell(hass, "Fire", level=5)
    assert pushjet.requests_to(PUSHJET_SEND)[0].form["level"] == "5"


@pytest.mark.parametrize("sample", [WXPUSHER, WECOM, PUSHPLUS])
async def test_no_levels(
    hass: HomeAssistant, sample: Sample, simulator: Simulator, pushjet: Pushjet
) -> None:
    """Test that other services refuse a level and name an alternative."""
    await set_up(hass, sample, simulator)
    said = await refusal(hass, "Fire", level=5)
    assert said == "Not supported here: Level. Use Title instead"
    # Refused together with a service that supports levels as well.
    await set_up(hass, PUSHJET, pushjet)
    with pytest.raises(HomeAssistantError) as raised:
        await tell(hass, "Fire", level=5)
    assert str(raised.value) == (
        "Failed for 1 of 2 recipients:\n"
        f"{sample.recipient_title}: Not supported here: Level. Use Title instead."
    )
    assert not simulator.requests_to(sample.path)
    assert len(pushjet.notifications) == 1


async def test_expired_while_waiting(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Test that a message that expires while it waits is not sent."""
    await set_up(hass, sample, simulator)
    expired = asyncio.Event()
    simulator.script(Answer(genuine=True, after=expired), path=sample.path)
    first = hass.async_create_task(tell(hass, "First"))
    await arrival(simulator, sample.path)
    second = tell(hass, "Second", expires_after={"milliseconds": 500})
    third = tell(hass, "Third", expires_after="01:00:00")
    all_three = asyncio.gather(first, second, third, return_exceptions=True)
    await pass_time(hass, freezer, 1)
    expired.set()
    _, late, _ = await during(hass, freezer, all_three)
    assert isinstance(late, HomeAssistantError)
    assert str(late) == "The message expired before it could be sent"
    assert [shown.text for shown in simulator.notifications] == ["First", "Third"]


@pytest.mark.parametrize(
    ("sample", "targets", "expected"),
    [
        (
            WXPUSHER,
            ["uid_" + UID_LI.removeprefix("UID_"), "8001，8002"],
            {"uids": [UID_LI], "topicIds": [8001, 8002]},
        ),
        (
            WECOM,
            ["@lisi", "＃1", "+2"],
            {"touser": "lisi", "toparty": "1", "totag": "2"},
        ),
        (WECOM, "zhangsan", {"touser": "zhangsan"}),
        (PUSHPLUS, "family", {"topic": "family"}),
    ],
)
async def test_targets(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    targets: list[str] | str,
    expected: dict[str, Any],
) -> None:
    """Test that a message can override the targets of the recipient."""
    await set_up(hass, sample, simulator)
    await tell(hass, "Done", targets=targets)
    sent = body(simulator, sample.path)
    whom = ("uids", "topicIds", "touser", "toparty", "totag", "topic", "to")
    assert {key: sent[key] for key in whom if key in sent} == expected
    # The next message goes to the recipient's own targets again.
    await tell(hass, "Done again")
    assert simulator.notifications[-1].recipient == sample.receivers[0]


@pytest.mark.parametrize(
    ("sample", "targets", "text"),
    [
        (WXPUSHER, ["!"], "! is neither a UID"),
        (WECOM, ["张三"], "张三 is not a target"),
        (PUSHPLUS, ["one", "two"], "Enter the code of one group"),
        (PUSHJET, ["a", "b"], "Enter one secret key."),
        (PUSHJET, ["f5a9"], "A secret key has 32 letters and digits"),
    ],
)
async def test_impossible_targets(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    targets: list[str],
    text: str,
) -> None:
    """Test that an invalid target is refused without a request."""
    await set_up(hass, sample, simulator)
    assert (await refusal(hass, "Done", targets=targets)).startswith(text)
    assert not simulator.requests_to(sample.path)


@pytest.mark.parametrize(
    ("sample", "field", "value", "named"),
    [
        (PUSHJET, "summary", "Hi", "The field Summary is not supported by Pushjet"),
        (
            WXPUSHER,
            "kind",
            "text",
            "The field Message type is not supported by WxPusher",
        ),
        (WECOM, "template", "html", "The field Template is not supported by WeCom"),
        (PUSHPLUS, "safe", True, "The field Confidential is not supported by PushPlus"),
    ],
)
async def test_field_of_another_service(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    field: str,
    value: object,
    named: str,
) -> None:
    """Test that a field that no service supports is refused."""
    await set_up(hass, sample, simulator)
    said = await refusal(hass, "Done", **{field: value})
    assert said == (
        f"{named}. Remove the field, or choose a recipient of a service that supports it"
    )
    assert not simulator.requests_to(sample.path)


async def test_fields_of_each_service(
    hass: HomeAssistant, wxpusher: WxPusher, wecom: WeCom
) -> None:
    """Test that each service uses its own fields of one call."""
    await set_up(hass, WXPUSHER, wxpusher)
    await set_up(hass, WECOM, wecom)
    await tell(hass, "Done", summary="Short", safe=True)
    assert body(wxpusher, WXPUSHER_SEND) == {
        "appToken": WXPUSHER.secrets[0],
        "content": "Done",
        "contentType": 1,
        "summary": "Short",
        "uids": [UID_ZHANG],
    }
    assert body(wecom, WECOM_SEND) == {
        "touser": "@all",
        "agentid": 1000002,
        "msgtype": "text",
        "text": {"content": "Done"},
        "safe": 1,
    }
    said = await refusal(hass, "Done", summary="Short", template="html")
    assert said.startswith("The field Template is not supported by WeCom, WxPusher.")


CARDS = (
    "Text notice (text_notice), "
    "Picture notice (news_notice), "
    "Buttons (button_interaction), "
    "Vote (vote_interaction), "
    "Multiple choice (multiple_interaction)"
)
TYPES = (
    "Text, "
    "Markdown, "
    "Text card (textcard), "
    "Article with a link (news), "
    "Article stored at WeCom (mpnews), "
    "Picture (image), "
    "Voice, "
    "Video, "
    "File, "
    "Template card (template_card), Markdown, second version (group robots) (markdown_v2)"
)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"format": "rtf"}, "Format must be one of: Plain text (text), Markdown, HTML"),
        (
            {"overflow": "cut"},
            "If too long must be one of: Split, Cut (truncate), Do not send (refuse)",
        ),
        ({"level": 0}, "Level must be between 1 and 5"),
        ({"level": 6}, "Level must be between 1 and 5"),
        ({"level": "high"}, "Level must be between 1 and 5"),
        ({"level": float("inf")}, "Level must be between 1 and 5"),
        ({"expires_after": "soon"}, "Expires after has an invalid value"),
        ({"expires_after": -5}, "Expires after has an invalid value"),
        ({"expires_after": 1e300}, "Expires after has an invalid value"),
        (
            {"image": {"media_content_type": "image/png"}},
            "Picture: media_content_id is required",
        ),
        ({"verify_pay_type": 3}, "Paid users must be between 0 and 2"),
        ({"kind": "poem"}, f"Message type must be one of: {TYPES}"),
        ({"card_type": "poem"}, f"Card type must be one of: {CARDS}"),
        (
            {"card": {"card_type": "poem"}},
            f"Complete card: card_type must be one of: {CARDS}",
        ),
        ({"card": "text_notice"}, "Complete card has an invalid value"),
        ({"safe": "perhaps"}, "Confidential has an invalid value"),
        (
            {"duplicate_check_interval": "05:00:00"},
            "Duplicate check interval must be between 1 and 14400",
        ),
        (
            {"duplicate_check_interval": 0},
            "Duplicate check interval must be between 1 and 14400",
        ),
        ({"quote": {"author": "me"}}, "Quote: author has an invalid value"),
        ({"emphasis": {"description": "°C"}}, "Highlighted value: Value is required"),
        ({"items": [{"value": "Hall"}]}, "Rows 1: Name is required"),
        ({"links": [{"title": "Nowhere"}]}, "Links 1: URL is required"),
        ({"buttons": [{"url": "https://example.com"}]}, "Buttons 1: Text is required"),
        (
            {"buttons": [{"text": "Open", "style": 5}]},
            "Buttons 1: Style (1 to 4) must be between 1 and 4",
        ),
        ({"choices": [{"title": "Which?"}]}, "Questions 1: Answers is required"),
        (
            {"choices": [{"options": [{"id": "a"}]}]},
            "Questions 1: Answers 1: text is required",
        ),
        ({"friends": {"name": "Li"}}, "Send to friends instead 1 has an invalid value"),
    ],
    ids=str,
)
async def test_wrong_values(
    hass: HomeAssistant, wxpusher: WxPusher, fields: dict[str, Any], expected: str
) -> None:
    """Test that invalid values of fields are refused, as the form names the fields."""
    await set_up(hass, WXPUSHER, wxpusher)
    assert await refusal(hass, "Done", **fields) == f"The field {expected}"
    assert not wxpusher.requests_to(WXPUSHER_SEND)


async def test_wrong_value_in_chinese(hass: HomeAssistant, wxpusher: WxPusher) -> None:
    """Test that an error names a field in the language of the household."""
    hass.config.language = "zh-Hans"
    await set_up(hass, WXPUSHER, wxpusher)
    with pytest.raises(ServiceValidationError) as raised:
        await tell(hass, "Done", level=6)
    assert raised.value.translation_placeholders == {
        "field": "级别",
        "min": "1",
        "max": "5",
    }


@pytest.mark.parametrize("action", ["send_message", "recall_message"])
async def test_unknown_field(
    hass: HomeAssistant, wxpusher: WxPusher, action: str
) -> None:
    """Test that a field that no service has is refused."""
    await set_up(hass, WXPUSHER, wxpusher)
    with pytest.raises(ServiceValidationError) as raised:
        await hass.services.async_call(
            "wechat_push",
            action,
            {"entity_id": "notify.zhang_san_wxpusher", "no_such_field": "x"},
            blocking=True,
        )
    assert str(raised.value) == "There is no field no_such_field"
    assert not wxpusher.requests_to(WXPUSHER_SEND)
