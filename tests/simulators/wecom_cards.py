"""Checks of template cards in the simulated WeCom."""

from collections.abc import Mapping
import re
from typing import Any

from .wecom_accounts import RefusedError

CALLBACK_CARDS = {"button_interaction", "vote_interaction", "multiple_interaction"}
CARDS = {"text_notice", "news_notice", *CALLBACK_CARDS}

MAX_KEY = 1024  # bytes
MAX_ID = 128  # bytes

_TASK_ID = re.compile(r"[0-9A-Za-z_\-@]{1,128}")


def needs_callback(card: Mapping[str, Any]) -> bool:
    """Return if a card has something to press."""
    return card.get("card_type") in CALLBACK_CARDS or "action_menu" in card


def check_card(card: Any, *, by_robot: bool = False) -> tuple[str, str]:
    """Check a card; return the title and text it shows."""
    if not isinstance(card, dict):
        raise _bad("template_card")
    kind = _string(card, "card_type", "template_card")
    if kind not in (CARDS - CALLBACK_CARDS if by_robot else CARDS):
        raise _bad("template_card.card_type")
    if by_robot and needs_callback(card):
        raise _bad("template_card.action_menu")
    main = _object(card, "main_title")
    title = _string(main, "title", "main_title")
    text = _string(card, "sub_title_text", "template_card")
    match kind:
        case "text_notice":
            if not title and not text:
                raise _bad("template_card.main_title.title or sub_title_text")
            _check_action(card)
        case "news_notice":
            _check_news(card, title)
        case _:
            _check_interaction(card, kind, title)
    if "card_action" in card:
        _check_action(card, types=(0, 1, 2))
    _check_lists(card)
    if "action_menu" in card or needs_callback(card):
        _check_task_id(card)
    return title, text or _string(main, "desc", "main_title")


def _check_news(card: Mapping[str, Any], title: str) -> None:
    """Check the fields of a news card."""
    if not title:
        raise _bad("template_card.main_title.title")
    _check_action(card)
    if "card_image" not in card and "image_text_area" not in card:
        raise _bad("template_card.card_image or image_text_area")
    if "card_image" in card:
        image = _object(card, "card_image")
        _required(image, "url", "card_image")
        ratio = image.get("aspect_ratio", 1.3)
        if not isinstance(ratio, (int, float)) or not 1.3 <= ratio < 2.25:
            raise _bad("card_image.aspect_ratio")
    if "image_text_area" in card:
        _required(_object(card, "image_text_area"), "image_url", "image_text_area")
    for item in _items(card, "vertical_content_list", 0, 4):
        _required(item, "title", "vertical_content_list")


def _check_interaction(card: Mapping[str, Any], kind: str, title: str) -> None:
    """Check the interactive fields."""
    if not title and kind != "vote_interaction":
        raise _bad("template_card.main_title.title")
    if kind == "button_interaction":
        for button in _items(card, "button_list", 1, 6):
            if not _string(button, "text", "button_list"):
                raise RefusedError(42020, "missing button name")
            if _type(button) == 1:
                _required(button, "url", "button_list")
                continue
            if not (key := _string(button, "key", "button_list")):
                raise RefusedError(42019, "missing button key")
            if len(key.encode()) > MAX_KEY:
                raise RefusedError(42018, "invalid button key")
        if "button_selection" in card:
            _check_question(_object(card, "button_selection"), 10)
        return
    if kind == "vote_interaction":
        _check_question(_object(card, "checkbox", required=True), 20)
    else:
        for question in _items(card, "select_list", 1, 3):
            _check_question(question, 10)
    button = _object(card, "submit_button", required=True)
    _short(_required(button, "key", "submit_button"), MAX_KEY, "submit_button.key")


def _check_question(question: Mapping[str, Any], most: int) -> None:
    """Check a question with its options."""
    key = _required(question, "question_key", "template_card")
    _short(key, MAX_KEY, "question_key")
    for option in _items(question, "option_list", 1, most):
        _short(_required(option, "id", "option_list"), MAX_ID, "option_list.id")
        _required(option, "text", "option_list")


def _check_lists(card: Mapping[str, Any]) -> None:
    """Check the lists that all cards may have."""
    for item in _items(card, "horizontal_content_list", 0, 6):
        _required(item, "keyname", "horizontal_content_list")
        field = {1: "url", 2: "media_id", 3: "userid"}.get(_type(item))
        if field:
            _required(item, field, "horizontal_content_list")
    for item in _items(card, "jump_list", 0, 3):
        _required(item, "title", "jump_list")
        field = {1: "url", 2: "appid"}.get(_type(item))
        if field:
            _required(item, field, "jump_list")
    if "action_menu" in card:
        menu = _object(card, "action_menu")
        keys = []
        for action in _items(menu, "action_list", 1, 3):
            _required(action, "text", "action_list")
            keys.append(_required(action, "key", "action_list"))
            _short(keys[-1], MAX_KEY, "action_list.key")
        if len(set(keys)) < len(keys):
            raise _bad("action_list.key")


def _check_action(card: Mapping[str, Any], types: tuple[int, ...] = (1, 2)) -> None:
    """Check the target of the card."""
    action = _object(card, "card_action", required=True)
    kind = _type(action)
    if kind not in types:
        raise _bad("card_action.type")
    if kind:
        _required(action, "url" if kind == 1 else "appid", "card_action")


def _check_task_id(card: Mapping[str, Any]) -> None:
    """Check the task ID of interactive cards."""
    task_id = card.get("task_id")
    if not isinstance(task_id, str) or not _TASK_ID.fullmatch(task_id):
        raise RefusedError(42014, "invalid task_id")


def _bad(field: str) -> RefusedError:
    """Return a refusal of a field."""
    return RefusedError(40058, f"{field} missing or invalid Request Parameter")


def _type(fields: Mapping[str, Any]) -> int:
    """Return the type of an entry; an absent one is 0."""
    value = fields.get("type", 0)
    if not isinstance(value, int):
        raise _bad("type")
    return value


def _string(fields: Mapping[str, Any], key: str, where: str) -> str:
    """Return an optional text."""
    value = fields.get(key, "")
    if not isinstance(value, str):
        raise _bad(f"{where}.{key}")
    return value


def _required(fields: Mapping[str, Any], key: str, where: str) -> str:
    """Return a required text."""
    if value := _string(fields, key, where):
        return value
    raise _bad(f"{where}.{key}")


def _short(text: str, most: int, field: str) -> None:
    """Check the length of a key."""
    if len(text.encode()) > most:
        raise _bad(field)


def _object(
    fields: Mapping[str, Any], key: str, *, required: bool = False
) -> Mapping[str, Any]:
    """Return an object within an object."""
    value = fields.get(key, None if required else {})
    if not isinstance(value, dict):
        raise _bad(f"template_card.{key}")
    return value


def _items(
    fields: Mapping[str, Any], key: str, least: int, most: int
) -> list[Mapping[str, Any]]:
    """Return a list of objects; check its length."""
    values = fields.get(key, [])
    if not isinstance(values, list) or not least <= len(values) <= most:
        raise _bad(f"template_card.{key}")
    if not all(isinstance(value, dict) for value in values):
        raise _bad(f"template_card.{key}")
    return values
