"""WeCom's template cards: what is made of a message."""

import re
from typing import Any

import pytest

from custom_components.wechat_push.clients.message import Format, Message
from custom_components.wechat_push.clients.wecom.client import WeComClient
from tests.simulators import WeCom

from ..common import body_of, send
from .common import BUTTON, CHOICE, LINKED, PICTURE_URL, URL, ZHANG, bodies

ACTION = {"card_action": {"type": 1, "url": URL}}
SUBMIT = {"submit_button": {"text": "OK", "key": "submit"}}
OPTIONS = [{"id": "on", "text": "on"}, {"id": "0", "text": "off"}]

# Somebody hears what is clicked.
pytestmark = pytest.mark.usefixtures("callback")


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        pytest.param(
            Message(text="a", title="T", url=URL, options={"source": " HA\n"}),
            {
                "card_type": "text_notice",
                "source": {"desc": "HA"},
                **ACTION,
                "main_title": {"title": "T"},
                "sub_title_text": "a",
            },
            id="text_notice",
        ),
        pytest.param(
            Message(
                text="**a**",
                format=Format.MARKDOWN,
                url=URL,
                options={
                    "emphasis": {"title": "21.5", "description": "°C"},
                    "quote": {"title": "Q", "text": "q", "url": ""},
                    "items": [
                        {"name": "Area", "value": "Hall"},
                        {"name": "More", "value": "Here", "url": URL},
                    ],
                    "links": [{"title": "Open", "url": URL}],
                },
            ),
            {
                "card_type": "text_notice",
                **ACTION,
                "quote_area": {"type": 0, "title": "Q", "quote_text": "q"},
                "horizontal_content_list": [
                    {"keyname": "Area", "value": "Hall"},
                    {"type": 1, "keyname": "More", "value": "Here", "url": URL},
                ],
                "jump_list": [{"type": 1, "title": "Open", "url": URL}],
                "emphasis_content": {"title": "21.5", "desc": "°C"},
                "sub_title_text": "a",
            },
            id="text_notice_with_all",
        ),
        pytest.param(
            Message(
                text="a\nb\nc",
                url=URL,
                attachments=(LINKED,),
                options={"quote": {"text": "q", "url": URL}},
            ),
            {
                "card_type": "news_notice",
                **ACTION,
                "quote_area": {"type": 1, "url": URL, "quote_text": "q"},
                "main_title": {"title": "a", "desc": "b\nc"},
                "card_image": {"url": PICTURE_URL, "aspect_ratio": 1.6},
            },
            id="news_notice",
        ),
        pytest.param(
            Message(
                text="",
                title="T",
                url=URL,
                options={
                    "card_type": "news_notice",
                    "card": {"image_text_area": {"image_url": URL}},
                },
            ),
            {
                "card_type": "news_notice",
                **ACTION,
                "main_title": {"title": "T"},
                "image_text_area": {"image_url": URL},
            },
            id="news_notice_with_an_area",
        ),
        pytest.param(
            Message(
                text="a",
                title="T",
                options={
                    "buttons": [
                        {"text": "Open", "style": 2},
                        BUTTON,
                        {"text": "See", "url": URL, "key": ""},
                    ]
                },
            ),
            {
                "card_type": "button_interaction",
                "main_title": {"title": "T"},
                "sub_title_text": "a",
                "button_list": [
                    {"text": "Open", "style": 2, "type": 0, "key": "Open"},
                    {"text": "Open", "type": 0, "key": "OPEN"},
                    {"text": "See", "type": 1, "url": URL},
                ],
            },
            id="buttons",
        ),
        pytest.param(
            Message(
                text="a",
                url=URL,
                options={"buttons": [BUTTON], "choices": [{**CHOICE, "selected": "0"}]},
            ),
            {
                "card_type": "button_interaction",
                **ACTION,
                "main_title": {"title": "a"},
                "button_selection": {
                    "question_key": "mode",
                    "title": "Mode",
                    "option_list": OPTIONS,
                    "selected_id": "0",
                },
                "button_list": [{"text": "Open", "type": 0, "key": "OPEN"}],
            },
            id="buttons_and_a_choice",
        ),
        pytest.param(
            Message(
                text="a",
                title="T",
                url=URL,
                options={
                    "choices": [{"options": CHOICE["options"], "selected": ["on"]}]
                },
            ),
            {
                "card_type": "vote_interaction",
                "main_title": {"title": "T", "desc": f"a\n{URL}"},
                "checkbox": {
                    "question_key": "choice",
                    "mode": 0,
                    "option_list": [
                        {**OPTIONS[0], "is_checked": True},
                        {**OPTIONS[1], "is_checked": False},
                    ],
                },
                **SUBMIT,
            },
            id="vote",
        ),
        pytest.param(
            Message(
                text="a",
                options={
                    "choices": [{**CHOICE, "multiple": True}],
                    "submit_label": "Go",
                    "submit_key": "GO",
                },
            ),
            {
                "card_type": "vote_interaction",
                "main_title": {"title": "a"},
                "checkbox": {
                    "question_key": "mode",
                    "mode": 1,
                    "option_list": [{**each, "is_checked": False} for each in OPTIONS],
                },
                "submit_button": {"text": "Go", "key": "GO"},
            },
            id="vote_for_many",
        ),
        pytest.param(
            Message(
                text="a",
                options={
                    "choices": [
                        CHOICE,
                        {"title": "T", "options": ["1"], "selected": ["1"]},
                        {"options": ["2"]},
                    ]
                },
            ),
            {
                "card_type": "multiple_interaction",
                "main_title": {"title": "a"},
                "select_list": [
                    {"question_key": "mode", "title": "Mode", "option_list": OPTIONS},
                    {
                        "question_key": "T",
                        "title": "T",
                        "option_list": [{"id": "1", "text": "1"}],
                        "selected_id": "1",
                    },
                    {
                        "question_key": "choice",
                        "option_list": [{"id": "2", "text": "2"}],
                    },
                ],
                **SUBMIT,
            },
            id="choices",
        ),
    ],
)
async def test_cards(
    wecom: WeCom, client: WeComClient, message: Message, expected: dict[str, Any]
) -> None:
    """A message and its options become the card that shows them."""
    await send(client, message, ZHANG)
    assert body_of(wecom)["msgtype"] == "template_card"
    card = dict(body_of(wecom)["template_card"])
    task_id = card.pop("task_id", "")
    assert card == expected
    # WeCom tells clicks apart by it.
    clicked = expected["card_type"].endswith("_interaction")
    assert re.fullmatch(r"[0-9a-f]{32}" if clicked else "", task_id)
    assert len(wecom.notifications) == 1


async def test_selected_by_its_name(wecom: WeCom, client: WeComClient) -> None:
    """One answer can be chosen beforehand, written as a list or alone."""
    for selected in ("0", ["0"]):
        choice = {**CHOICE, "selected": selected}
        message = Message(text="a", options={"choices": [choice, CHOICE]})
        await send(client, message, ZHANG)
        questions = body_of(wecom)["template_card"]["select_list"]
        assert [each.get("selected_id") for each in questions] == ["0", None]


async def test_own_card(wecom: WeCom, client: WeComClient) -> None:
    """What the person gives takes the place of what would be put together."""
    menu = {"desc": "More", "action_list": [{"text": "Stop", "key": "STOP"}]}
    message = Message(
        text="a",
        title="T",
        url=URL,
        options={
            "card": {
                "card_type": "text_notice",
                "main_title": {"title": "Mine"},
                "sub_title_text": "",
                "action_menu": menu,
            }
        },
    )
    await send(client, message, ZHANG)
    card = dict(body_of(wecom)["template_card"])
    assert card.pop("task_id")
    assert card == {
        "card_type": "text_notice",
        **ACTION,
        "main_title": {"title": "Mine"},
        "action_menu": menu,
    }


async def test_each_card_has_a_task_of_its_own(
    wecom: WeCom, client: WeComClient
) -> None:
    """Clicks on two cards that look the same are told apart, unless named the same."""
    message = Message(text="a", options={"buttons": [BUTTON]})
    for _ in range(2):
        await send(client, message, ZHANG)
    options = {"buttons": [BUTTON], "card": {"task_id": "mine"}}
    await send(client, Message(text="a", options=options), ZHANG)
    first, second, own = (body["template_card"]["task_id"] for body in bodies(wecom))
    assert first != second
    assert own == "mine"
