"""WeCom's template cards, put together from a message and its options."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final
import uuid

from .conversion import convert
from .errors import ContentError, Problem
from .message import AttachmentKind, Format, Message
from .text import one_line
from .transport import Json


class CardType(StrEnum):
    """The kinds of template cards."""

    TEXT_NOTICE = "text_notice"
    NEWS_NOTICE = "news_notice"
    BUTTON_INTERACTION = "button_interaction"
    VOTE_INTERACTION = "vote_interaction"
    MULTIPLE_INTERACTION = "multiple_interaction"


# Only a card can show these, so they ask for one.
CARD_OPTIONS: Final = (
    "card",
    "card_type",
    "source",
    "quote",
    "emphasis",
    "items",
    "links",
    "buttons",
    "choices",
)

# What WeCom refuses a card without, and the options of a message that give it.
_REQUIRED: dict[CardType, dict[str, str]] = {
    CardType.TEXT_NOTICE: {"card_action": "url"},
    CardType.NEWS_NOTICE: {
        "main_title": "title",
        "card_action": "url",
        "card_image": "image",
    },
    CardType.BUTTON_INTERACTION: {"main_title": "title", "button_list": "buttons"},
    CardType.VOTE_INTERACTION: {"main_title": "title", "checkbox": "choices"},
    CardType.MULTIPLE_INTERACTION: {"main_title": "title", "select_list": "choices"},
}
# One of these is enough.
_ALTERNATIVES = {"card_image": "image_text_area"}
_ASPECT_RATIO = 1.6


def card(message: Message) -> Json:
    """Return a template card.

    What the option `card` holds takes the place of what would be put together.

    Args:
        message: what is to be said; `WeComClient.prepare` tells its options.

    Raises:
        ContentError: something is missing that the kind of card needs.

    """
    options = message.options
    given: Mapping[str, Any] = options.get("card") or {}
    card_type = CardType(
        given.get("card_type") or options.get("card_type") or _fitting_type(message)
    )
    made = {
        "card_type": card_type.value,
        **_common(message),
        **_own(message, card_type),
    }
    # WeCom tells clicks apart by it, and wants it for all that can be clicked.
    if card_type not in (CardType.TEXT_NOTICE, CardType.NEWS_NOTICE) or (
        "action_menu" in given
    ):
        made["task_id"] = uuid.uuid4().hex
    whole = {key: value for key, value in {**made, **given}.items() if value}
    for field, option in _REQUIRED[card_type].items():
        if field not in whole and _ALTERNATIVES.get(field) not in whole:
            raise ContentError(Problem.OPTION_MISSING, option=option)
    if card_type is CardType.TEXT_NOTICE and not (
        whole.get("main_title") or whole.get("sub_title_text")
    ):
        raise ContentError(Problem.MESSAGE_EMPTY)
    return whole


def _fitting_type(message: Message) -> CardType:
    """Return the kind of card that shows what was given."""
    if message.options.get("buttons"):
        return CardType.BUTTON_INTERACTION
    if choices := message.options.get("choices"):
        return (
            CardType.VOTE_INTERACTION
            if len(choices) == 1
            else CardType.MULTIPLE_INTERACTION
        )
    if picture_addresses(message):
        return CardType.NEWS_NOTICE
    return CardType.TEXT_NOTICE


def _common(message: Message) -> Json:
    """Return what every kind of card may hold."""
    options = message.options
    made: Json = {}
    if source := one_line(options.get("source")):
        made["source"] = {"desc": source}
    if message.url:
        made["card_action"] = {"type": 1, "url": message.url}
    if quote := options.get("quote"):
        made["quote_area"] = {
            "type": 1 if quote.get("url") else 0,
            **_picked(quote, url="url", title="title", text="quote_text"),
        }
    if items := options.get("items"):
        made["horizontal_content_list"] = [
            {
                **({"type": 1} if item.get("url") else {}),
                **_picked(item, name="keyname", value="value", url="url"),
            }
            for item in items
        ]
    if links := options.get("links"):
        made["jump_list"] = [
            {"type": 1, **_picked(link, title="title", url="url")} for link in links
        ]
    return made


def _own(message: Message, card_type: CardType) -> Json:
    """Return what a kind of card holds of its own."""
    options = message.options
    title = one_line(message.title)
    text = convert(message.text, message.format, Format.TEXT).strip()
    main_title = {
        "title": title or text.partition("\n")[0],
        "desc": text if title else "",
    }
    submit_button = {
        "text": options.get("submit_label") or "OK",
        "key": options.get("submit_key") or "submit",
    }
    choices = options.get("choices") or []
    match card_type:
        case CardType.TEXT_NOTICE:
            emphasis = options.get("emphasis") or {}
            return {
                "main_title": {"title": title} if title else None,
                "emphasis_content": _picked(
                    emphasis, title="title", description="desc"
                ),
                "sub_title_text": text,
            }
        case CardType.NEWS_NOTICE:
            pictures = picture_addresses(message)
            return {
                "main_title": main_title,
                "card_image": {"url": pictures[0], "aspect_ratio": _ASPECT_RATIO}
                if pictures
                else None,
            }
        case CardType.BUTTON_INTERACTION:
            return {
                "main_title": {"title": main_title["title"]},
                "sub_title_text": text if title else "",
                "button_list": [_button(each) for each in options.get("buttons") or []],
            }
        case CardType.VOTE_INTERACTION:
            return {
                "main_title": main_title,
                "checkbox": _checkbox(choices[0]) if choices else None,
                "submit_button": submit_button,
            }
        case CardType.MULTIPLE_INTERACTION:
            return {
                "main_title": main_title,
                "select_list": [_select(each) for each in choices],
                "submit_button": submit_button,
            }


def _button(button: Mapping[str, Any]) -> Json:
    """Return a button that opens an address, or else tells its key."""
    made = _picked(button, text="text", style="style")
    if url := button.get("url"):
        return {**made, "type": 1, "url": url}
    return {**made, "type": 0, "key": button.get("key") or button.get("text")}


def _checkbox(choice: Mapping[str, Any]) -> Json:
    """Return a question with boxes to tick."""
    return {
        "question_key": choice.get("key") or "choice",
        "mode": 1 if choice.get("multiple") else 0,
        "option_list": [
            {**option, "is_checked": option["id"] in (choice.get("selected") or ())}
            for option in _options(choice)
        ],
    }


def _select(choice: Mapping[str, Any]) -> Json:
    """Return a question with a list to choose from."""
    return {
        "question_key": choice.get("key"),
        "option_list": _options(choice),
        **_picked(choice, title="title", selected="selected_id"),
    }


def _options(choice: Mapping[str, Any]) -> list[Json]:
    """Return the answers to choose from; a plain text is its own identifier."""
    return [
        {"id": option["id"], "text": option["text"]}
        if isinstance(option, Mapping)
        else {"id": str(option), "text": str(option)}
        for option in choice.get("options") or []
    ]


def picture_addresses(message: Message) -> list[str]:
    """Return the addresses of a message's pictures; a card holds no uploaded one."""
    return [
        each.url
        for each in message.attachments
        if each.url and each.kind is AttachmentKind.IMAGE
    ]


def _picked(given: Mapping[str, Any], **fields: str) -> Json:
    """Return the fields that were given, by the names that WeCom has for them."""
    return {
        wire: given[option]
        for option, wire in fields.items()
        if given.get(option) not in (None, "")
    }
