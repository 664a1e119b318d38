"""Messages of WeCom's group robots: a body for each message type."""

from collections.abc import Sequence
from enum import StrEnum
import re
from typing import Final

from ..errors import ContentError, Problem
from ..message import AttachmentKind, Format, Message
from ..transport import Json
from . import markdown
from .cards import CARD_OPTIONS, CardType, card
from .messages import (
    body_of,
    has_text,
    markdown_texts,
    news,
    plain_texts,
    sent_as,
    title_of,
    uploads_of,
    with_upload,
)


class RobotKind(StrEnum):
    """Message types of group robots."""

    TEXT = "text"
    MARKDOWN = "markdown"
    MARKDOWN_V2 = "markdown_v2"
    NEWS = "news"
    TEMPLATE_CARD = "template_card"
    IMAGE = "image"
    VOICE = "voice"
    FILE = "file"


class MarkdownVersion(StrEnum):
    """Versions of Markdown that a group can be sent."""

    AUTO = "auto"
    FIRST = "markdown"
    SECOND = "markdown_v2"


EVERYONE: Final = "@all"

_MEDIA_KINDS: Final = {
    AttachmentKind.IMAGE: RobotKind.IMAGE,
    AttachmentKind.VOICE: RobotKind.VOICE,
    # There is no type for videos.
    AttachmentKind.VIDEO: RobotKind.FILE,
    AttachmentKind.FILE: RobotKind.FILE,
}
# What says the same as a message type that only applications have.
_INSTEAD: Final = {
    "mpnews": RobotKind.NEWS,
    "textcard": RobotKind.NEWS,
    "video": RobotKind.FILE,
}
# Bytes of UTF-8. The service refuses what is longer.
_TEXT_LIMIT: Final = 2048
_MARKDOWN_LIMIT: Final = 4096
_TITLE_LIMIT: Final = 128

_NOTICES: Final = (CardType.TEXT_NOTICE, CardType.NEWS_NOTICE)
# Of these, the robot's cards have none.
_INTERACTIVE: Final = ("buttons", "choices", "submit_label", "submit_key")
# Only the first version of Markdown shows colours, and mentions members.
_FIRST_VERSION: Final = re.compile(r"<font\s|<@[^<>\s]+>", re.IGNORECASE)
# Tables, lists, fences, pictures and rules: only the second version shows them.
_SECOND_VERSION: Final = re.compile(
    r"^\s{0,3}(?:[-*+] |\d+[.)] |```|~~~|\|.*\||(?:-{3,}|\*{3,}|_{3,})\s*$)|!\[[^\]]*\]\(",
    re.MULTILINE,
)
_MOBILE: Final = re.compile(r"\+?[0-9]{7,15}")


def bodies(message: Message) -> list[Json]:
    """Return the bodies of a message, in order.

    Args:
        message: the message; see `RobotClient.prepare` for its options.

    Raises:
        ContentError: something is missing, too long or not supported.

    """
    options = message.options
    kind = kind_of(message)
    uploads = uploads_of(message, kind)
    contents: list[Json] = []
    mentions = tuple(
        each if each == EVERYONE else each.removeprefix("@")
        for each in options.get("mention") or ()
    )
    match kind:
        case RobotKind.NEWS:
            contents = [body_of(kind, {"articles": [news(message)]})]
        case RobotKind.TEMPLATE_CARD:
            contents = [body_of(kind, _card(message))]
        case RobotKind.TEXT | RobotKind.MARKDOWN | RobotKind.MARKDOWN_V2:
            if has_text(message):
                contents = _texts(message, kind)
        case _:
            uploads = sent_as(AttachmentKind(kind), uploads)
            if has_text(message):
                contents = _texts(message, RobotKind.TEXT)
    contents += [
        with_upload(body_of(_MEDIA_KINDS[each.kind], {}), number, each)
        for number, each in uploads.items()
    ]
    if not contents:
        raise ContentError(Problem.MESSAGE_EMPTY)
    return _mention(contents, mentions, message) if mentions else contents


def kind_of(message: Message) -> RobotKind:
    """Return the message type in the options, or else the one that fits.

    Raises:
        ContentError: robots do not have the one that is wanted.

    """
    options = message.options
    if wanted := options.get("kind"):
        if wanted not in RobotKind:
            raise ContentError(
                Problem.OPTION_NOT_SUPPORTED,
                option=f"kind={wanted}",
                instead=f"kind={_INSTEAD.get(wanted, RobotKind.TEXT)}",
            )
        return RobotKind(wanted)
    if any(options.get(option) for option in CARD_OPTIONS):
        return RobotKind.TEMPLATE_CARD
    if message.format is Format.TEXT or options.get("ordinary_wechat"):
        return RobotKind.TEXT
    version = options.get("markdown_version", MarkdownVersion.AUTO)
    if version != MarkdownVersion.AUTO:
        return RobotKind(version)
    if message.format is Format.HTML or _FIRST_VERSION.search(message.text):
        return RobotKind.MARKDOWN
    second = _SECOND_VERSION.search(message.text) is not None
    return RobotKind.MARKDOWN_V2 if second else RobotKind.MARKDOWN


def _second_version(text: str, source: Format) -> str:
    """Return a text as the second version of Markdown, which has nearly all of it."""
    return text if source is Format.MARKDOWN else markdown.shown(text, source)


def _texts(message: Message, kind: RobotKind) -> list[Json]:
    """Return a text or Markdown message in as many parts as necessary."""
    match kind:
        case RobotKind.MARKDOWN:
            pieces = markdown_texts(message, _MARKDOWN_LIMIT, markdown.shown)
        case RobotKind.MARKDOWN_V2:
            pieces = markdown_texts(message, _MARKDOWN_LIMIT, _second_version)
        case _:
            pieces = plain_texts(message, _TEXT_LIMIT)
    return [body_of(kind, {"content": piece}) for piece in pieces]


def _card(message: Message) -> Json:
    """Return a template card: a robot has those without buttons.

    Raises:
        ContentError: it is to have buttons, or something is missing.

    """
    options = message.options
    given = {**options, **(options.get("card") or {})}
    interactive = [name for name in _INTERACTIVE if given.get(name)]
    if given.get("card_type", CardType.TEXT_NOTICE) not in _NOTICES:
        interactive.append(str(given["card_type"]))
    if interactive:
        raise ContentError(
            Problem.OPTION_NOT_SUPPORTED,
            option=", ".join(interactive),
            instead=", ".join(_NOTICES),
        )
    return card(message, has_callback=False)


def _mention(
    contents: list[Json], mentions: Sequence[str], message: Message
) -> list[Json]:
    """Have a message mention members of the group, by user ID or mobile number.

    Only a text can mention everybody, and the first version of Markdown members. For
    other types, a short text says the title with the mentions.
    """
    mobiles = [each for each in mentions if _MOBILE.fullmatch(each)]
    users = [each for each in mentions if each not in mobiles]
    named: Json = {
        **({"mentioned_list": users} if users else {}),
        **({"mentioned_mobile_list": mobiles} if mobiles else {}),
    }
    # The last piece, so that the mention is read with the end of the message.
    last = max(
        (n for n, each in enumerate(contents) if each["msgtype"] == RobotKind.TEXT),
        default=None,
    )
    if last is not None:
        content = {**contents[last][RobotKind.TEXT], **named}
        return [
            *contents[:last],
            body_of(RobotKind.TEXT, content),
            *contents[last + 1 :],
        ]
    title = title_of(message, _TITLE_LIMIT) or "…"
    return [*contents, body_of(RobotKind.TEXT, {"content": title, **named})]
