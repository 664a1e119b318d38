"""WeCom's template cards: what is refused, and how much they hold."""

from typing import Any

import aiohttp
import pytest

from custom_components.wechat_push.clients.errors import ContentError, Problem
from custom_components.wechat_push.clients.message import Message
from custom_components.wechat_push.clients.wecom.client import WeComClient
from custom_components.wechat_push.clients.wecom.codes import WeComProblem
from tests.simulators import WeCom
from tests.simulators.wecom_accounts import AGENT_ID

from ..common import endpoint, send, wecom_client
from .common import BUTTON, CHOICE, URL, ZHANG

# Somebody hears what is clicked.
pytestmark = pytest.mark.usefixtures("callback")


@pytest.mark.parametrize(
    ("message", "problem", "details"),
    [
        pytest.param(
            Message(text="a", options={"card_type": "text_notice"}),
            Problem.OPTION_MISSING,
            {"option": "url"},
            id="no_link",
        ),
        pytest.param(
            Message(text=" ", url=URL, options={"card_type": "text_notice"}),
            Problem.MESSAGE_EMPTY,
            {},
            id="nothing_to_say",
        ),
        pytest.param(
            Message(text="a", url=URL, options={"card_type": "news_notice"}),
            Problem.OPTION_MISSING,
            {"option": "image"},
            id="no_picture",
        ),
        pytest.param(
            Message(text="", options={"buttons": [BUTTON]}),
            Problem.OPTION_MISSING,
            {"option": "title"},
            id="no_title",
        ),
        pytest.param(
            Message(text="a", options={"card_type": "button_interaction"}),
            Problem.OPTION_MISSING,
            {"option": "buttons"},
            id="no_buttons",
        ),
        pytest.param(
            Message(text="a", options={"card_type": "vote_interaction"}),
            Problem.OPTION_MISSING,
            {"option": "choices"},
            id="no_vote",
        ),
        pytest.param(
            Message(text="a", options={"card_type": "multiple_interaction"}),
            Problem.OPTION_MISSING,
            {"option": "choices"},
            id="no_choices",
        ),
        pytest.param(
            Message(
                text="a",
                url=URL,
                options={"card_type": "text_notice", "buttons": [BUTTON]},
            ),
            Problem.OPTION_NOT_SUPPORTED,
            {
                "option": "buttons (card_type=text_notice)",
                "instead": "card_type=button_interaction",
            },
            id="buttons_of_a_notice",
        ),
        pytest.param(
            Message(text="a", options={"buttons": [BUTTON], "choices": [CHOICE] * 2}),
            Problem.TOO_MANY,
            {"option": "choices (card_type=button_interaction)", "limit": "1"},
            id="choices_beside_buttons",
        ),
        pytest.param(
            Message(text="a", options={"choices": [CHOICE] * 4}),
            Problem.TOO_MANY,
            {"option": "choices", "limit": "3"},
            id="many_choices",
        ),
        pytest.param(
            Message(text="a", options={"buttons": [BUTTON] * 7}),
            Problem.TOO_MANY,
            {"option": "buttons", "limit": "6"},
            id="many_buttons",
        ),
        pytest.param(
            Message(
                text="a", url=URL, options={"items": [{"name": "n", "value": "v"}] * 7}
            ),
            Problem.TOO_MANY,
            {"option": "items", "limit": "6"},
            id="many_items",
        ),
        pytest.param(
            Message(
                text="a", url=URL, options={"links": [{"title": "t", "url": URL}] * 4}
            ),
            Problem.TOO_MANY,
            {"option": "links", "limit": "3"},
            id="many_links",
        ),
        pytest.param(
            Message(text="a", options={"choices": [{"options": range(21)}]}),
            Problem.TOO_MANY,
            {"option": "choices.options", "limit": "20"},
            id="many_boxes",
        ),
        pytest.param(
            Message(text="a", options={"choices": [{"options": range(11)}] * 2}),
            Problem.TOO_MANY,
            {"option": "choices.options", "limit": "10"},
            id="many_answers",
        ),
        pytest.param(
            Message(text="a", options={"buttons": [{**BUTTON, "key": "中" * 342}]}),
            Problem.FIELD_TOO_LARGE,
            {"field": "buttons.key", "limit": "1024"},
            id="long_key",
        ),
        pytest.param(
            Message(text="a", options={"choices": [{"options": ["中" * 43]}]}),
            Problem.FIELD_TOO_LARGE,
            {"field": "choices.options", "limit": "128"},
            id="long_answer",
        ),
    ],
)
async def test_refused(
    client: WeComClient, message: Message, problem: Problem, details: dict[str, str]
) -> None:
    """What WeCom would refuse is refused before anything is sent."""
    with pytest.raises(ContentError) as caught:
        client.prepare(message, ZHANG)
    assert (caught.value.problem, caught.value.details) == (problem, details)


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"buttons": [BUTTON] * 6}, id="buttons"),
        pytest.param({"buttons": [{**BUTTON, "key": "中" * 341}]}, id="long_key"),
        pytest.param({"choices": [CHOICE] * 3}, id="choices"),
        pytest.param({"choices": [{"options": range(20)}]}, id="boxes"),
        pytest.param({"choices": [{"options": range(10)}] * 2}, id="answers"),
        pytest.param({"items": [{"name": "n", "value": "v"}] * 6}, id="items"),
        pytest.param({"links": [{"title": "t", "url": URL}] * 3}, id="links"),
    ],
)
async def test_largest_cards(
    wecom: WeCom, client: WeComClient, options: dict[str, Any]
) -> None:
    """A card holds as much as WeCom takes."""
    await send(client, Message(text="a", url=URL, options=options), ZHANG)
    assert len(wecom.notifications) == 1


async def test_card_without_a_callback(wecom: WeCom, client: WeComClient) -> None:
    """Where nobody would hear a click, WeCom takes no card to click on."""
    wecom.agents[AGENT_ID].callback_url_configured = False
    with pytest.raises(ContentError) as caught:
        await send(client, Message(text="a", options={"buttons": [BUTTON]}), ZHANG)
    assert caught.value.problem == WeComProblem.CALLBACK_MISSING
    assert caught.value.details["code"] == "43012"


@pytest.mark.parametrize(
    "options",
    [
        {"buttons": [BUTTON]},
        {"buttons": [{"text": "Open", "url": URL}]},
        {"choices": [{"options": ["a", "b"]}]},
        {"choices": [{"options": ["a"]}, {"options": ["b"]}]},
        {"card": {"action_menu": {"action_list": [{"text": "a", "key": "b"}]}}},
    ],
    ids=["button", "button_with_url", "vote", "choices", "menu"],
)
async def test_known_to_have_no_callback(
    wecom: WeCom, session: aiohttp.ClientSession, options: dict[str, Any]
) -> None:
    """A card to click on is refused without a request; one to read is not."""
    client = wecom_client(session, endpoint(wecom), has_callback=False)
    with pytest.raises(ContentError) as caught:
        await send(client, Message(text="a", url=URL, options=options), ZHANG)
    assert caught.value.problem == WeComProblem.CALLBACK_OFF
    assert not wecom.requests
    notice = {"card_type": "text_notice"}
    await send(client, Message(text="a", url=URL, options=notice), ZHANG)
    assert len(wecom.notifications) == 1
