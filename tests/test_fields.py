"""Empty is absent, JSON is text, and no input ends in anything but an answer."""

from base64 import b64encode
import math
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings, strategies as st
import pytest

from custom_components.wechat_push.delivery.obstacles import Obstacles
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.script import Script
from tests.entities import add_group
from tests.messages import (
    PUSHPLUS_SEND,
    WECOM_SEND,
    WXPUSHER_SEND,
    body,
    refusal,
    say,
    tell,
)
from tests.pictures import picture
from tests.samples import (
    PUSHPLUS,
    UID_ZHANG,
    WECOM,
    WXPUSHER,
    Sample,
    entity_ids,
    send,
    set_up,
)
from tests.simulators import PushPlus, Simulator, WeCom, WxPusher

LONG = "x" * 3000
NOTHING: tuple[Any, ...] = (
    "",
    " \n ",
    None,
    [],
    {},
    [""],
    {"a": None},
    "None",
    "null",
    "unknown",
    "unavailable",
    ["None", " "],
)
# Fields that are not text for people.
EMPTY = {
    "wxpusher": (
        "url", "image", "file", "format", "level", "overflow", "targets",
        "expires_after", "verify_pay_type", "extra_targets",
    ),
    "wecom": (
        "kind", "safe", "duplicate_check_interval", "card_type", "submit_key",
        "ordinary_wechat", "buttons", "choices", "items", "links", "quote", "emphasis",
    ),
    "pushplus": (
        "channel", "option", "template", "topic", "friends", "pre", "push_id",
        "callback_url",
    ),
}  # fmt: skip


@pytest.mark.parametrize("sample", [WXPUSHER, WECOM, PUSHPLUS], ids=list(EMPTY))
@pytest.mark.parametrize("door", ["action", "notify action"])
async def test_nothing(
    hass: HomeAssistant, sample: Sample, simulator: Simulator, door: str
) -> None:
    """Test that a field that holds nothing was not given."""
    await set_up(hass, sample, simulator)
    await tell(hass, "Hello.")
    (entity_id,) = entity_ids(hass)
    # PushPlus takes five messages a minute.
    for number in range(4):
        text = f"Hello {number}."
        fields = {
            field: NOTHING[(place + 3 * number) % len(NOTHING)]
            for place, field in enumerate(EMPTY[sample.service])
        }
        if door == "action":
            answer = await say(hass, text, **fields)
            assert answer[entity_id]["left_out"] == []
        else:
            await hass.services.async_call(
                "notify",
                entity_id.partition(".")[2],
                {"message": text, "data": fields, "target": NOTHING[number]},
                blocking=True,
            )
    first, *others = [
        {**request.json, "duplicate_check_interval": 0}
        for request in simulator.requests_to(sample.path)
    ]
    assert [_without_text(each) for each in others] == [_without_text(first)] * 4


def _without_text(body: dict[str, Any]) -> dict[str, Any]:
    """Return a request without the text of the message."""
    return {
        key: value
        for key, value in body.items()
        if key not in ("content", "text", "title", "timestamp")
    }


async def test_nothing_in_cards(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that what holds nothing within a card was not given either."""
    await set_up(hass, WECOM, wecom)
    await tell(
        hass,
        "Somebody rings.",
        title="Door",
        url="https://example.com/",
        source="unknown",
        items=[
            {"name": "State", "value": "unavailable", "url": "None"},
            {"name": "", "value": None, "url": " "},
            {},
            None,
        ],
        links=[{"title": "", "url": ""}, {"title": "Look", "url": "https://x.cn/"}],
        quote={"title": "", "text": None, "url": "unknown"},
        emphasis={"title": " ", "description": []},
        buttons=[],
        card_type="",
    )
    card = body(wecom, WECOM_SEND)["template_card"]
    # In text for people, the words are words.
    assert card["source"] == {"desc": "unknown"}
    assert card["horizontal_content_list"] == [
        {"keyname": "State", "value": "unavailable"}
    ]
    assert [each["title"] for each in card["jump_list"]] == ["Look"]
    assert "quote_area" not in card
    assert "emphasis_content" not in card


@pytest.mark.parametrize(
    "fields",
    [
        {"targets": LONG},
        {"targets": [LONG]},
        {"area_id": LONG},
        {"entity_id": f"notify.{LONG}"},
        {"entity_id": [f"notify.n{number}_{'x' * 200}" for number in range(50)]},
        {"buttons": [{"text": "Open", LONG: 1}]},
        {"quote": {LONG: LONG}},
        {"card_type": LONG},
        {"level": LONG},
        {LONG: 1},
        {"image": f"data:image/jpeg;base64,{LONG}"},
        {"image": f"{LONG}://x"},
    ],
    ids=lambda fields: next(iter(fields))[:20],
)
async def test_long_values(
    hass: HomeAssistant, wecom: WeCom, fields: dict[str, Any]
) -> None:
    """Test that no error repeats more than the beginning of what was given."""
    await set_up(hass, WECOM, wecom)
    said = ""
    try:
        await tell(hass, "Hello.", **fields)
    except HomeAssistantError as err:
        said = f"{err} {err.translation_placeholders}"
    assert "x" * 101 not in said
    assert len(said) < 3000


async def test_order_of_options(hass: HomeAssistant, pushplus: PushPlus) -> None:
    """Test that an empty configuration keeps the others at their channels."""
    await set_up(hass, PUSHPLUS, pushplus)
    await tell(hass, "Hello.", channel=["wechat", "mail"], option=[None, "homemail"])
    (request,) = pushplus.requests_to("/batchSend")
    assert request.json["option"] == ",homemail"


@pytest.mark.parametrize("title", [None, "", "  ", "None", " None ", [], {}])
async def test_no_title(hass: HomeAssistant, wxpusher: WxPusher, title: Any) -> None:
    """Test that a title of nothing is no title."""
    await set_up(hass, WXPUSHER, wxpusher)
    await tell(hass, "None", title=title)
    sent = body(wxpusher, WXPUSHER_SEND)
    assert sent["content"] == "None"
    assert "summary" not in sent


async def test_no_title_of_the_entity(hass: HomeAssistant, wxpusher: WxPusher) -> None:
    """Test that notify.send_message has no title of nothing either."""
    await set_up(hass, WXPUSHER, wxpusher)
    await send(hass, "Hello.", "None")
    assert body(wxpusher, WXPUSHER_SEND)["content"] == "Hello."


@pytest.mark.parametrize("door", ["entity", "action", "notify action"])
@pytest.mark.parametrize("message", ["", " \n"])
async def test_title_alone(
    hass: HomeAssistant, sample: Sample, simulator: Simulator, door: str, message: str
) -> None:
    """Test that a title without a message is sent as the message."""
    await set_up(hass, sample, simulator)
    (entity_id,) = entity_ids(hass)
    domain, action = {
        "entity": ("notify", "send_message"),
        "action": ("wechat_push", "send_message"),
        "notify action": ("notify", entity_id.partition(".")[2]),
    }[door]
    target = {} if door == "notify action" else {"entity_id": entity_id}
    fields = {**target, "message": message, "title": "Somebody rings."}
    await hass.services.async_call(domain, action, fields, blocking=True)
    (shown,) = simulator.notifications
    assert "Somebody rings." in (shown.text or shown.title or "")


@pytest.mark.parametrize("door", ["action", "notify action"])
@pytest.mark.parametrize("fields", [{}, {"message": None}, {"message": {}}])
async def test_nothing_at_all(
    hass: HomeAssistant, wxpusher: WxPusher, door: str, fields: dict[str, Any]
) -> None:
    """Test that a message that says nothing is refused."""
    await set_up(hass, WXPUSHER, wxpusher)
    if door == "action":
        assert (await refusal(hass, **fields)).startswith("The message is empty")
        return
    with pytest.raises(HomeAssistantError, match="The message is empty"):
        await hass.services.async_call(
            "notify", "zhang_san_wxpusher", fields, blocking=True
        )


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"a": 1, "温度": [21.5, None]}, '{"a": 1, "温度": [21.5, null]}'),
        ([1, "b"], '[1, "b"]'),
        (21.5, "21.5"),
        (True, "True"),
    ],
)
async def test_json(
    hass: HomeAssistant, pushplus: PushPlus, message: Any, text: str
) -> None:
    """Test that what a template makes of JSON is sent as JSON."""
    await set_up(hass, PUSHPLUS, pushplus)
    await tell(hass, message, template="json")
    assert body(pushplus, PUSHPLUS_SEND)["content"] == text


async def test_json_of_lists(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that a list that is given as JSON text, as language models do, is read."""
    await set_up(hass, WECOM, wecom)
    await tell(
        hass,
        "Somebody rings.",
        title="Door",
        url="https://example.com/",
        items='[{"name": "Door", "value": "front"}]',
        quote='{"text": "Hello"}',
        level="null",
    )
    card = body(wecom, WECOM_SEND)["template_card"]
    assert card["horizontal_content_list"] == [{"keyname": "Door", "value": "front"}]
    assert card["quote_area"]["quote_text"] == "Hello"


async def test_automation_goes_on(hass: HomeAssistant, wxpusher: WxPusher) -> None:
    """Test that a wrong value does not end what is to go on after errors."""
    await set_up(hass, WXPUSHER, wxpusher)
    steps = cv.SCRIPT_SCHEMA(
        [
            {
                "action": "wechat_push.send_message",
                "continue_on_error": True,
                "target": {"entity_id": "notify.zhang_san_wxpusher"},
                "data": {"message": "Hello.", **wrong},
            }
            for wrong in ({"level": 9}, {"nonsense": 1}, {})
        ]
    )
    script = Script(hass, steps, "test", "script")
    await script.async_run()
    assert [each.text for each in wxpusher.notifications] == ["Hello."]


WORDS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        [
            "None",
            "unknown",
            "\x00",
            "\ud83e",
            "@all",
            "#1",
            "+2",
            UID_ZHANG,
            "8001",
            "|",
            "/lovelace/0",
        ]
    ),
)
VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        WORDS,
        st.just(math.inf),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(WORDS, inner, max_size=3)
    ),
    max_leaves=5,
)
PICTURES = [
    picture(kind, mode=mode, colour=0)
    for kind, mode in (
        *(("PNG", mode) for mode in ("1", "L", "P", "RGBA", "I;16")),
        *(("JPEG", mode) for mode in ("L", "RGB", "CMYK")),
        *((kind, "RGBA") for kind in ("AVIF", "GIF", "WEBP")),
        ("TIFF", "RGB"),
    )
]
KEYS = st.sampled_from(
    sorted(
        {
            "url", "url_label", "format", "level", "overflow", "expires_after",
            "attachment", "clickAction", "type", "webhook", "image", "file", "tag",
            *(name for names in EMPTY.values() for name in names),
        }
    )
)  # fmt: skip
SHAPED = st.sampled_from(
    [
        {"buttons": [{"text": "A", "key": "a"}], "title": "T"},
        {"items": [{"name": "a", "value": "b"}], "url": "https://x.cn"},
        {"choices": [{"options": ["a", "b"]}], "submit_label": "ok"},
        {"kind": "textcard"},
        {"kind": "textcard", "url": "/lovelace/0"},
        {"items": [{"name": "a", "url": "/x"}], "url": "/lovelace/0"},
        {"card": {"card_action": {"type": 1, "url": "/x"}}, "links": [{"title": "a"}]},
        {"kind": "mpnews", "author": "x"},
        {"channel": "webhook"},
        {"template": "pay"},
    ]
)


# A message, a title, targets and data.
type Example = tuple[Any, Any, Any, Any]


@pytest.fixture(scope="module")
def examples() -> list[Example]:
    """Return what somebody may give, the same in each run."""
    found: list[Example] = []

    @settings(
        max_examples=80,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(
        st.one_of(WORDS, VALUES),
        st.one_of(st.none(), WORDS, VALUES),
        st.one_of(st.none(), st.lists(WORDS, max_size=3), VALUES),
        st.one_of(st.dictionaries(KEYS, VALUES, max_size=4), SHAPED, VALUES),
    )
    def collect(message: Any, title: Any, targets: Any, data: Any) -> None:
        """Note an example."""
        found.append((message, title, targets, data))

    collect()
    return found


def calls(
    entity_id: str, group: str, example: Example
) -> list[tuple[str, str, dict[str, Any]]]:
    """Return the calls of an example through all doors."""
    message, title, targets, data = example
    given_ = {"message": message, "title": title}
    plain = {"message": str(message), "title": str(title)}
    fields = data if isinstance(data, dict) else {"card": data}
    target = {"entity_id": entity_id}
    return [
        (
            "notify",
            entity_id.partition(".")[2],
            {**given_, "target": targets, "data": data},
        ),
        (
            "wechat_push",
            "send_message",
            {**fields, **given_, **target, "targets": targets},
        ),
        ("notify", "send_message", {**plain, **target}),
        ("notify", "send_message", {**plain, "entity_id": group}),
        ("wechat_push", "send_message", {**given_, "entity_id": [entity_id, targets]}),
        ("wechat_push", "send_message", {**fields, **given_, "entity_id": group}),
        ("wechat_push", "recall_message", {**target, "message_id": message}),
        ("wechat_push", "recall_message", {"entity_id": group, "message_id": title}),
    ]


async def test_anything(
    hass: HomeAssistant,
    examples: list[Example],
    sample: Sample,
    simulator: Simulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Test that any input through every door is sent, or ends in a translated error."""
    # No limit of a service keeps a message from being made.
    monkeypatch.setattr(Obstacles, "find", lambda *args, **kwargs: None)
    entry = await set_up(hass, sample, simulator)
    (entity_id,) = entity_ids(hass)
    group = await add_group(hass, "Family", entity_id)
    errors: list[HomeAssistantError] = []
    for example in examples:
        for domain, action, fields in calls(entity_id, group, example):
            try:
                await hass.services.async_call(domain, action, fields, blocking=True)
            except HomeAssistantError as err:
                errors.append(err)
            entry.runtime_data.delivery.clear()
    assert simulator.notifications
    assert all(err.translation_key for err in errors)


@st.composite
def hostile_pictures(draw: st.DrawFn) -> bytes:
    """Return bytes that look like a picture, or none."""
    content = bytearray(draw(st.sampled_from(PICTURES)))
    for _ in range(draw(st.integers(0, 6))):
        place = draw(st.integers(0, max(len(content) - 1, 0)))
        new = draw(st.binary(max_size=8))
        end = place + draw(st.integers(0, 8))
        content[place:end] = new
    return bytes(content[: draw(st.integers(0, 10_000))])


@pytest.fixture(scope="module")
def pictures() -> list[bytes]:
    """Return what a broken or hostile camera may give, the same in each run."""
    found: list[bytes] = []

    @settings(
        max_examples=150,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.one_of(st.binary(max_size=100), hostile_pictures()))
    def collect(content: bytes) -> None:
        """Note an example."""
        found.append(content)

    collect()
    return found


async def test_any_picture(
    hass: HomeAssistant,
    pictures: list[bytes],
    sample: Sample,
    simulator: Simulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Test that whatever a picture is made of, the text goes out."""
    monkeypatch.setattr(Obstacles, "find", lambda *args, **kwargs: None)
    hass.config.external_url = "https://home.example.com"
    entry = await set_up(hass, sample, simulator)
    (entity_id,) = entity_ids(hass)
    for number, content in enumerate(pictures):
        data = f"data:image/png;base64,{b64encode(content).decode()}"
        text = f"Somebody rings ({number})."
        field = "file" if number % 5 == 0 else "image"
        if number % 2:
            await tell(hass, text, **{field: data})
        else:
            await hass.services.async_call(
                "notify",
                entity_id.partition(".")[2],
                {"message": text, "data": {field: data}},
                blocking=True,
            )
        assert any(text in shown.text for shown in simulator.notifications)
        simulator.notifications.clear()
        entry.runtime_data.delivery.clear()
