"""Recipients have defaults for what notify.send_message cannot say."""

from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events

from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from tests.messages import (
    PICTURE,
    PUSHJET_SEND,
    PUSHPLUS_SEND,
    WECOM_SEND,
    WXPUSHER_SEND,
    bodies,
    body,
    say,
    tell,
)
from tests.moments import during
from tests.samples import (
    FAILS,
    PUSHJET,
    PUSHPLUS,
    WECOM,
    WXPUSHER,
    Sample,
    add_recipient,
    entity_ids,
    send,
    set_up,
    suggested,
)
from tests.simulators import BAD_ANSWERS, Pushjet, PushPlus, Simulator, WeCom, WxPusher
from tests.test_recipient_changes import fill_in, open_form

LINK = "https://example.com/door"
# Whatever differs from what a recipient has anyhow.
CHOSEN: dict[str, Any] = {
    "overflow": "truncate",
    "url": LINK,
    "emojis": True,
    "optional": True,
    "retries": 3,
    "retry_wait": 0.5,
}
OWN: dict[str, dict[str, Any]] = {
    "wxpusher": {"summary": "Home", "verify_pay_type": "1"},
    "wecom": {"kind": "textcard", "safe": True},
    "pushplus": {"pre": "code"},
    "pushjet": {"level": 4},
    "wecom_robot": {"kind": "news"},
    "wxpusher_simple_push": {"summary": "Home"},
    "serverchan": {"summary": "Home"},
}


async def test_form(hass: HomeAssistant, sample: Sample, simulator: Simulator) -> None:
    """Test that defaults are chosen in a closed section, kept and shown again."""
    chosen = {**CHOSEN, **OWN[sample.service]}
    entry = await set_up(
        hass, sample, simulator, recipient={**sample.recipient, **chosen}
    )
    (recipient,) = entry.subentries.values()
    assert recipient.data.items() >= chosen.items()
    form = await open_form(hass, entry, recipient.subentry_id)
    assert suggested(form).items() >= chosen.items()
    assert form["data_schema"].schema["defaults"].options == {"collapsed": True}
    # They do not tell who gets the message.
    again = await add_recipient(hass, entry, sample.recipient)
    assert again["reason"] == "already_configured"
    # What is cleared is gone.
    result = await fill_in(hass, form, sample.recipient)
    assert result["reason"] == "reconfigure_successful"
    (changed,) = entry.subentries.values()
    assert changed.data.keys().isdisjoint(chosen)
    assert changed.unique_id == recipient.unique_id


async def test_nothing_chosen(
    hass: HomeAssistant, sample: Sample, simulator: Simulator
) -> None:
    """Test that a person need not open the section, and that empty is absent."""
    empty: dict[str, Any] = {
        key: "" for key in ("url", "summary", "pre") if key in OWN[sample.service]
    }
    entry = await set_up(
        hass, sample, simulator, recipient={**sample.recipient, **empty, "url": " "}
    )
    (recipient,) = entry.subentries.values()
    assert recipient.data.keys().isdisjoint({*CHOSEN, *OWN[sample.service]})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("retries", 11),
        ("retries", -1),
        ("retry_wait", 20.5),
        ("overflow", "cut"),
    ],
)
async def test_out_of_range(
    hass: HomeAssistant, wxpusher: WxPusher, field: str, value: object
) -> None:
    """Test that a form takes nothing that its selectors do not offer."""
    with pytest.raises(Exception, match="Schema validation failed"):
        await set_up(
            hass, WXPUSHER, wxpusher, recipient={**WXPUSHER.recipient, field: value}
        )


async def test_wxpusher(hass: HomeAssistant, wxpusher: WxPusher) -> None:
    """Test the defaults of WxPusher, and that a message's own fields come first."""
    recipient = {**WXPUSHER.recipient, **OWN["wxpusher"], "url": LINK, "emojis": True}
    await set_up(hass, WXPUSHER, wxpusher, recipient=recipient)
    await send(hass, "Well done :+1: :nobody_knows:", "Door :bell:")
    sent = body(wxpusher, WXPUSHER_SEND)
    assert (sent["summary"], sent["verifyPayType"], sent["url"]) == ("Home", 1, LINK)
    assert "👍 :nobody_knows:" in sent["content"]
    wxpusher.requests.clear()
    await tell(hass, "Hi", summary="Now", verify_pay_type=2, url="https://own.example")
    sent = body(wxpusher, WXPUSHER_SEND)
    assert (sent["summary"], sent["verifyPayType"]) == ("Now", 2)
    assert sent["url"] == "https://own.example"


async def test_pushplus(hass: HomeAssistant, pushplus: PushPlus) -> None:
    """Test the defaults of PushPlus."""
    pushplus.account.member = True
    recipient = {**PUSHPLUS.recipient, "pre": " code ", "format": "markdown"}
    await set_up(hass, PUSHPLUS, pushplus, recipient=recipient)
    await send(hass, "**Hi**")
    await tell(hass, "Hi", pre="other", format="html")
    first, second = bodies(pushplus, PUSHPLUS_SEND)
    assert (first["pre"], first["template"]) == ("code", "markdown")
    assert (second["pre"], second["template"]) == ("other", "html")


async def test_pushplus_data(hass: HomeAssistant, pushplus: PushPlus) -> None:
    """Test that a template that cannot show a link goes without it."""
    pushplus.account.member = True
    recipient = {**PUSHPLUS.recipient, "template": "json", "url": LINK, "pre": "code"}
    await set_up(hass, PUSHPLUS, pushplus, recipient=recipient)
    await send(hass, '{"door": "open"}')
    sent = body(pushplus, PUSHPLUS_SEND)
    assert (sent["content"], sent["pre"]) == ('{"door": "open"}', "code")
    # What the message itself wants is an error.
    with pytest.raises(ServiceValidationError):
        await tell(hass, "{}", url=LINK)


async def test_pushjet(hass: HomeAssistant, pushjet: Pushjet) -> None:
    """Test the defaults of Pushjet."""
    recipient = {**PUSHJET.recipient, "level": 4, "url": LINK}
    await set_up(hass, PUSHJET, pushjet, recipient=recipient)
    await send(hass, "Hi")
    await tell(hass, "Hi", level=1)
    forms = [request.form for request in pushjet.requests_to(PUSHJET_SEND)]
    assert [(each["level"], each["link"]) for each in forms] == [
        ("4", LINK),
        ("1", LINK),
    ]


@pytest.mark.parametrize(
    ("defaults", "message", "expected"),
    [
        pytest.param({"kind": "textcard"}, {}, "text", id="no-link"),
        pytest.param({"kind": "textcard", "url": LINK}, {}, "textcard", id="link"),
        pytest.param({"kind": "textcard"}, {"url": LINK}, "textcard", id="own-link"),
        pytest.param(
            {"kind": "textcard", "url": LINK},
            {"message": "Somebody. " * 100},
            "text",
            id="too-long-for-a-card",
        ),
        pytest.param(
            {"kind": "textcard", "url": LINK},
            {"kind": "markdown"},
            "markdown",
            id="own",
        ),
        pytest.param({"kind": "news"}, {"image": PICTURE}, "news", id="picture"),
        pytest.param({"kind": "mpnews"}, {}, "text", id="no-picture"),
        pytest.param(
            {"kind": "textcard"},
            {"url": LINK, "source": "Home"},
            "template_card",
            id="own-card",
        ),
        pytest.param(
            {"kind": "markdown", "safe": True}, {}, "text", id="two-that-exclude"
        ),
        pytest.param({"format": "markdown"}, {}, "markdown", id="format"),
    ],
)
async def test_kind(
    hass: HomeAssistant,
    wecom: WeCom,
    defaults: dict[str, Any],
    message: dict[str, Any],
    expected: str,
) -> None:
    """Test that a message that cannot have a type is sent as another one."""
    recipient = {**WECOM.recipient, **defaults}
    await set_up(hass, WECOM, wecom, recipient=recipient)
    (answer,) = (await say(hass, **{"message": "Somebody rings.", **message})).values()
    assert (answer["status"], answer["left_out"]) == ("sent", [])
    kinds = [each["msgtype"] for each in bodies(wecom, WECOM_SEND)]
    assert kinds == [expected]


async def test_safe(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that messages are confidential where their type can be, unless one is not."""
    await set_up(hass, WECOM, wecom, recipient={**WECOM.recipient, "safe": True})
    await send(hass, "Hi")
    await tell(hass, "Hi!", safe=False)
    await tell(hass, "# Hi", kind="markdown")
    safe = [each.get("safe", 0) for each in bodies(wecom, WECOM_SEND)]
    assert safe == [1, 0, 0]


@pytest.mark.parametrize(
    ("overflow", "count"), [("split", 2), ("truncate", 1), ("refuse", 0)]
)
async def test_overflow(
    hass: HomeAssistant, wecom: WeCom, overflow: str, count: int
) -> None:
    """Test what becomes of a text that is too long, unless it says so itself."""
    recipient = {**WECOM.recipient, "overflow": overflow}
    await set_up(hass, WECOM, wecom, recipient=recipient)
    text = "Somebody rings. " * 200
    if count:
        await send(hass, text)
    else:
        with pytest.raises(ServiceValidationError) as raised:
            await send(hass, text)
        assert raised.value.translation_key == "message_too_large"
    assert len(bodies(wecom, WECOM_SEND)) == count
    wecom.requests.clear()
    await tell(hass, text, overflow="split")
    assert len(bodies(wecom, WECOM_SEND)) == 2


@pytest.mark.parametrize(
    ("link", "external", "sent"),
    [
        (
            "/lovelace/0",
            "https://home.example.com",
            "https://home.example.com/lovelace/0",
        ),
        ("/lovelace/0", None, None),
        ("noAction", None, None),
    ],
)
async def test_link_within_home_assistant(
    hass: HomeAssistant,
    wxpusher: WxPusher,
    link: str,
    external: str | None,
    sent: str | None,
) -> None:
    """Test that a page of Home Assistant opens from outside, or is left out silently."""
    await hass.config.async_update(external_url=external)
    recipient = {**WXPUSHER.recipient, "url": link}
    await set_up(hass, WXPUSHER, wxpusher, recipient=recipient)
    (answer,) = (await say(hass, "Hi")).values()
    assert answer["left_out"] == []
    assert body(wxpusher, WXPUSHER_SEND).get("url") == sent


async def test_camera_that_cannot_be_had(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that a default that cannot be kept with a picture is none of the message's."""
    recipient = {**WECOM.recipient, "kind": "mpnews", "safe": True, "url": LINK}
    await set_up(hass, WECOM, wecom, recipient=recipient)
    (answer,) = (await say(hass, "Hi", image="camera.nowhere")).values()
    assert answer["left_out"] == ["camera.nowhere"]
    assert [each["msgtype"] for each in bodies(wecom, WECOM_SEND)] == ["text"]


@pytest.mark.parametrize("door", ["entity", "action", "notify"])
async def test_optional(
    hass: HomeAssistant, sample: Sample, simulator: Simulator, door: str
) -> None:
    """Test that a failure is reported, and does not fail the automation."""
    recipient = {**sample.recipient, **FAILS, "optional": True}
    entry = await set_up(hass, sample, simulator, recipient=recipient)
    simulator.always(BAD_ANSWERS["unavailable_503"], sample.path)
    changes = async_capture_events(hass, EVENT_STATE_CHANGED)
    (entity_id,) = entity_ids(hass)
    match door:
        case "entity":
            await send(hass, "Hi")
        case "action":
            (answer,) = (await say(hass, "Hi")).values()
            assert (answer["status"], answer["reason"]) == ("failed", "server_error")
            assert answer["accepted"] == answer["refused"] == []
        case _:
            await hass.services.async_call(
                "notify", entity_id.partition(".")[2], {"message": "Hi"}, blocking=True
            )
    await hass.async_block_till_done()
    (event,) = {
        change.data["entity_id"]
        for change in changes
        if change.data["entity_id"].startswith("event.")
    }
    state = hass.states.get(event)
    assert state is not None
    assert state.attributes["event_type"] == "refused"
    assert simulator.notifications == []
    # A mistake of the caller is told.
    with pytest.raises(ServiceValidationError):
        await tell(hass, "Hi", format="rtf")
    # So is what the test button finds.
    (button,) = (
        each
        for each in hass.states.async_entity_ids("button")
        if "test_message" in each
    )
    with pytest.raises(HomeAssistantError):
        await hass.services.async_call(
            "button", "press", {"entity_id": button}, blocking=True
        )
    assert entry.runtime_data.delivery.queued == 0


async def test_optional_among_others(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that the failure of an optional recipient is none of the others'."""
    optional = {"targets": ["@zhangsan"], "optional": True}
    entry = await set_up(hass, WECOM, wecom, recipient=optional)
    await add_recipient(hass, entry, {"targets": ["@lisi"]})
    del wecom.agents[1000002].users["zhangsan"]
    await tell(hass, "Hi")
    await send(hass, "Hi!")
    assert [shown.recipient for shown in wecom.notifications] == ["lisi"] * 2


async def test_retries(
    hass: HomeAssistant, wxpusher: WxPusher, freezer: FrozenDateTimeFactory
) -> None:
    """Test that a message that fails at once is tried again before the error."""
    chosen = {"retries": 2, "retry_wait": 10.5}
    recipient = {**WXPUSHER.recipient, **FAILS, **chosen}
    await set_up(hass, WXPUSHER, wxpusher, recipient=recipient)
    wxpusher.script(*[BAD_ANSWERS["unavailable_503"]] * 2, path=WXPUSHER_SEND)
    await during(hass, freezer, send(hass, "Hi"))
    assert [shown.text for shown in wxpusher.notifications] == ["Hi"]
    first, second, third = wxpusher.requests_to(WXPUSHER_SEND)
    assert second.received - first.received >= 10.5
    assert third.received - second.received >= 10.5
    # It may have arrived.
    wxpusher.requests.clear()
    wxpusher.always(BAD_ANSWERS["bad_gateway_502"], WXPUSHER_SEND)
    with pytest.raises(HomeAssistantError):
        await during(hass, freezer, send(hass, "Hi"))
    assert len(wxpusher.requests_to(WXPUSHER_SEND)) == 1
