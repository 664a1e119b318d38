"""Template cards of WeCom, built from a message and its options."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Any, Final

from ..errors import ContentError, Problem
from ..fitting import utf8_length
from ..message import Format, Message, one_line
from ..text import body, picture_urls
from ..transport import Json
from .codes import WeComProblem


class CardType(StrEnum):
    """Types of template cards."""

    TEXT_NOTICE = "text_notice"
    NEWS_NOTICE = "news_notice"
    BUTTON_INTERACTION = "button_interaction"
    VOTE_INTERACTION = "vote_interaction"
    MULTIPLE_INTERACTION = "multiple_interaction"


_NOTICES = (CardType.TEXT_NOTICE, CardType.NEWS_NOTICE)
_QUESTIONS = (CardType.VOTE_INTERACTION, CardType.MULTIPLE_INTERACTION)

# Options that only a card can show.
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

# Fields that WeCom requires, and the options of a message that give them.
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
# Options that only some types can show.
_SHOWN: dict[str, tuple[CardType, ...]] = {
    "quote": (*_NOTICES, CardType.BUTTON_INTERACTION),
    "emphasis": (CardType.TEXT_NOTICE,),
    "items": (*_NOTICES, CardType.BUTTON_INTERACTION),
    "links": _NOTICES,
    "buttons": (CardType.BUTTON_INTERACTION,),
    "choices": (CardType.BUTTON_INTERACTION, *_QUESTIONS),
}

# The most entries of a list, and the option of a message that it comes from.
_MAX_ENTRIES = {
    "horizontal_content_list": ("items", 6),
    "jump_list": ("links", 3),
    "button_list": ("buttons", 6),
    "select_list": ("choices", 3),
    "option_list": ("choices.options", 10),
    "vertical_content_list": ("vertical_content_list", 4),
    "action_list": ("action_list", 3),
}
# A vote allows more.
_MAX_CHECKBOXES = ("choices.options", 20)
# Fields of cards, ours and WeCom's, that a reader sees.
_WORDS: Final = (
    *("source", "title", "name", "keyname", "text", "desc", "description", "value"),
    *("quote_text", "sub_title_text", "url"),
)
# Bytes of identifiers. Texts that are shown have no limit that WeCom enforces.
_LENGTHS = {"key": 1024, "question_key": 1024, "id": 128, "task_id": 128}
# The options of a message that they come from, by the part of the card.
_IDENTIFIERS = {
    ("button_list", "key"): "buttons.key",
    ("submit_button", "key"): "submit_key",
    **dict.fromkeys(
        (
            ("button_selection", "question_key"),
            ("checkbox", "question_key"),
            ("select_list", "question_key"),
        ),
        "choices.key",
    ),
    ("option_list", "id"): "choices.options",
}

_ASPECT_RATIO = 1.6


def card(message: Message, *, has_callback: bool) -> Json:
    """Return a template card.

    Fields in the option `card` replace those that would be built. A card that needs a
    task ID and has none gets an empty one, for `WeComRatePolicy.stamp`.

    Args:
        message: the message; see `WeComClient.prepare` for its options.
        has_callback: whether the application has a callback address.

    Raises:
        ContentError: something is missing that this type of card requires, or it can be
            clicked and the application has no callback address.

    """
    options = message.options
    given: Mapping[str, Any] = options.get("card") or {}
    card_type = _type_of(message)
    _refuse_options(card_type, options)
    made = {
        "card_type": card_type.value,
        **_common(message, card_type),
        **_own(message, card_type),
    }
    whole = {key: value for key, value in {**made, **given}.items() if value}
    for field, option in _REQUIRED[card_type].items():
        if field not in whole and _ALTERNATIVES.get(field) not in whole:
            raise ContentError(Problem.OPTION_MISSING, option=option)
    if card_type is CardType.TEXT_NOTICE and not (
        whole.get("main_title") or whole.get("sub_title_text")
    ):
        raise ContentError(Problem.MESSAGE_EMPTY)
    _check_limits(whole)
    if card_type not in _NOTICES or "action_menu" in whole:
        if not has_callback:
            raise ContentError(WeComProblem.CALLBACK_OFF)
        # WeCom requires it for everything that can be clicked.
        whole.setdefault("task_id", "")
    return whole


def lacks_link(message: Message) -> bool:
    """Return if a card has no link and would have to have one."""
    given = message.options.get("card") or {}
    return _type_of(message) in _NOTICES and not (
        message.url or given.get("card_action")
    )


def words(value: Any) -> Iterator[str]:
    """Yield the words of a card, line by line.

    Args:
        value: the options of a message that only a card can show, or a part of them.

    """
    if isinstance(value, Mapping):
        own = (one_line(str(value[key])) for key in _WORDS if value.get(key))
        if line := ": ".join(own):
            yield line
        value = [each for each in value.values() if not isinstance(each, str)]
    if isinstance(value, list):
        for each in value:
            yield from words(each)


def _type_of(message: Message) -> CardType:
    """Return the type of card in the options, or else the one that fits."""
    given = message.options.get("card") or {}
    return CardType(
        given.get("card_type")
        or message.options.get("card_type")
        or _fitting_type(message)
    )


def _refuse_options(card_type: CardType, options: Mapping[str, Any]) -> None:
    """Refuse options that a type of card cannot show."""
    for option, shown in _SHOWN.items():
        if options.get(option) and card_type not in shown:
            raise ContentError(
                Problem.OPTION_NOT_SUPPORTED,
                option=f"{option} (card_type={card_type})",
                instead=", ".join(f"card_type={each}" for each in shown),
            )
    # A vote has one question, and so has a card with buttons.
    if card_type is not CardType.MULTIPLE_INTERACTION and (
        len(options.get("choices") or ()) > 1
    ):
        raise ContentError(
            Problem.TOO_MANY, option=f"choices (card_type={card_type})", limit=1
        )


def _check_limits(fields: Mapping[str, Any], part: str = "") -> None:
    """Refuse what exceeds the limits, at any depth of a card.

    Args:
        fields: of the card, or of a part of it.
        part: field of the card that this is.

    """
    for key, value in fields.items():
        if isinstance(value, str):
            limit = _LENGTHS.get(key)
            if limit is not None and utf8_length(value) > limit:
                option = _IDENTIFIERS.get((part, key), key)
                raise ContentError(Problem.FIELD_TOO_LARGE, field=option, limit=limit)
            continue
        if isinstance(value, list) and key in _MAX_ENTRIES:
            option, limit = _MAX_CHECKBOXES if part == "checkbox" else _MAX_ENTRIES[key]
            if len(value) > limit:
                raise ContentError(Problem.TOO_MANY, option=option, limit=limit)
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, Mapping):
                _check_limits(each, key)


def _fitting_type(message: Message) -> CardType:
    """Return the type of card that can show the message."""
    if message.options.get("buttons"):
        return CardType.BUTTON_INTERACTION
    if choices := message.options.get("choices"):
        return (
            CardType.VOTE_INTERACTION
            if len(choices) == 1
            else CardType.MULTIPLE_INTERACTION
        )
    if picture_urls(message):
        return CardType.NEWS_NOTICE
    return CardType.TEXT_NOTICE


def _common(message: Message, card_type: CardType) -> Json:
    """Return the fields that several types of card have."""
    options = message.options
    made: Json = {}
    if source := one_line(options.get("source")):
        made["source"] = {"desc": source}
    if message.url and card_type not in _QUESTIONS:
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
            {
                **({"type": 1} if link.get("url") else {}),
                **_picked(link, title="title", url="url"),
            }
            for link in links
        ]
    return made


def _own(message: Message, card_type: CardType) -> Json:
    """Return the fields that only one type of card has."""
    options = message.options
    pictures = picture_urls(message)
    if card_type is CardType.NEWS_NOTICE:
        message = replace(message, attachments=())
    # A vote does not open a URL, so the link goes below its text.
    text = body(message, Format.TEXT, link=card_type in _QUESTIONS).strip()
    title = one_line(message.title)
    if not title and card_type is not CardType.TEXT_NOTICE:
        # The other types require a title: use the first line.
        first, _, rest = text.partition("\n")
        title, text = one_line(first), rest.strip()
    main_title = {
        **({"title": title} if title else {}),
        **({"desc": text} if text else {}),
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
            return {
                "main_title": main_title,
                "card_image": {"url": pictures[0], "aspect_ratio": _ASPECT_RATIO}
                if pictures
                else None,
            }
        case CardType.BUTTON_INTERACTION:
            return {
                "main_title": {"title": title} if title else None,
                "sub_title_text": text,
                "button_selection": _select(choices[0]) if choices else None,
                "button_list": [_button(each) for each in options.get("buttons") or []],
            }
        case CardType.VOTE_INTERACTION:
            return {
                "main_title": main_title,
                "checkbox": _checkbox(choices[0]) if choices else None,
                "submit_button": submit_button,
            }
    return {
        "main_title": main_title,
        "select_list": [_select(each) for each in choices],
        "submit_button": submit_button,
    }


def _button(button: Mapping[str, Any]) -> Json:
    """Return a button that opens a URL, or else reports its key."""
    made = _picked(button, text="text", style="style")
    if url := button.get("url"):
        return {**made, "type": 1, "url": url}
    return {**made, "type": 0, "key": button.get("key") or button.get("text")}


def _checkbox(choice: Mapping[str, Any]) -> Json:
    """Return a question with checkboxes."""
    return {
        "question_key": choice.get("key") or "choice",
        "mode": 1 if choice.get("multiple") else 0,
        "option_list": [
            {**option, "is_checked": option["id"] in (choice.get("selected") or ())}
            for option in _options(choice)
        ],
    }


def _select(choice: Mapping[str, Any]) -> Json:
    """Return a question with a drop-down list."""
    return {
        "question_key": choice.get("key") or choice.get("title") or "choice",
        **_picked(choice, title="title"),
        "option_list": _options(choice),
        **(
            {"selected_id": selected[0]} if (selected := choice.get("selected")) else {}
        ),
    }


def _options(choice: Mapping[str, Any]) -> list[Json]:
    """Return the choices of a question; a plain text is its own ID."""
    return [
        {"id": option["id"], "text": option["text"]}
        if isinstance(option, Mapping)
        else {"id": str(option), "text": str(option)}
        for option in choice.get("options") or []
    ]


def _picked(given: Mapping[str, Any], **fields: str) -> Json:
    """Return the given fields by their names at WeCom."""
    return {
        wire: given[option]
        for option, wire in fields.items()
        if given.get(option) not in (None, "")
    }
