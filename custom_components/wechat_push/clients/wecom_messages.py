"""What WeCom's messages look like: a body for each message type."""

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Any, Final

from .conversion import convert
from .errors import ContentError, Problem
from .fitting import Limit, fit, fits, truncate, utf8_length
from .message import Attachment, AttachmentKind, Format, Message, Overflow
from .text import compose, one_line
from .transport import Json
from .wecom_cards import CARD_OPTIONS, card, picture_addresses


class Kind(StrEnum):
    """WeCom's message types."""

    TEXT = "text"
    MARKDOWN = "markdown"
    TEXTCARD = "textcard"
    NEWS = "news"
    MPNEWS = "mpnews"
    IMAGE = "image"
    VOICE = "voice"
    VIDEO = "video"
    FILE = "file"
    TEMPLATE_CARD = "template_card"


# Holds an attachment that is to be uploaded before the message is sent.
ATTACHMENT: Final = "attachment"

MEDIA_KINDS: Final = {
    AttachmentKind.IMAGE: Kind.IMAGE,
    AttachmentKind.VOICE: Kind.VOICE,
    AttachmentKind.VIDEO: Kind.VIDEO,
    AttachmentKind.FILE: Kind.FILE,
}

# WeCom counts bytes of UTF-8, and cuts or refuses what is longer.
_TEXT_LIMIT = 2048
_TITLE_LIMIT = 128
_DESCRIPTION_LIMIT = 512
_URL_LIMIT = 2048
_AUTHOR_LIMIT = 64
_PAGE_LIMIT = 666_000
# This one is counted in characters.
_LABEL_LIMIT = 4

_SAFE_KINDS = frozenset({Kind.TEXT, Kind.IMAGE, Kind.VIDEO, Kind.FILE, Kind.MPNEWS})
_TRANSLATED_KINDS = frozenset(
    {Kind.TEXT, Kind.TEXTCARD, Kind.NEWS, Kind.MPNEWS, Kind.TEMPLATE_CARD}
)


def bodies(message: Message) -> list[Json]:
    """Return the bodies that say a message, in order, without who gets it.

    Args:
        message: what is to be said; `WeComClient.prepare` tells its options.

    Raises:
        ContentError: something is missing, too long or not possible.

    """
    kind = kind_of(message)
    uploads = [each for each in message.attachments if each.content]
    contents: list[Json]
    match kind:
        case Kind.TEXT | Kind.MARKDOWN:
            contents = _texts(message, kind) if _says_something(message) else []
        case Kind.TEXTCARD:
            contents = [_body(kind, _textcard(message))]
        case Kind.NEWS:
            contents = [_body(kind, {"articles": [_news(message)]})]
        case Kind.MPNEWS:
            picture = _first_picture(uploads)
            uploads.remove(picture)
            article = _body(kind, {"articles": [_mpnews(message)]})
            contents = [{**article, ATTACHMENT: picture}]
        case Kind.TEMPLATE_CARD:
            contents = [_body(kind, card(message))]
        case _:
            if not uploads:
                raise ContentError(Problem.OPTION_MISSING, option="image, file")
            uploads = [replace(each, kind=AttachmentKind(kind)) for each in uploads]
            # A video has room for the text, the others have none.
            says = _says_something(message) and kind is not Kind.VIDEO
            contents = _texts(message, Kind.TEXT) if says else []
    contents += [_media(each, message) for each in uploads]
    if not contents:
        raise ContentError(Problem.MESSAGE_EMPTY)
    switches = _switches({Kind(each["msgtype"]) for each in contents}, message.options)
    return [{**each, **switches} for each in contents]


def kind_of(message: Message) -> Kind:
    """Return the message type that was asked for, or else the one that fits."""
    options = message.options
    if wanted := options.get("kind"):
        kind = Kind(wanted)
    elif any(options.get(option) for option in CARD_OPTIONS):
        kind = Kind.TEMPLATE_CARD
    else:
        kind = Kind.MARKDOWN if message.format is Format.MARKDOWN else Kind.TEXT
    # Ordinary WeChat shows neither, but tells the reader to open WeCom.
    if not options.get("ordinary_wechat"):
        return kind
    if kind is Kind.TEMPLATE_CARD:
        raise ContentError(
            Problem.OPTION_NOT_SUPPORTED, option=kind, instead=Kind.TEXTCARD
        )
    return Kind.TEXT if kind is Kind.MARKDOWN else kind


def _says_something(message: Message) -> bool:
    """Tell if there is anything to say beside attachments that are uploaded."""
    return bool(
        message.text.strip()
        or message.title
        or message.url
        or any(each.url for each in message.attachments)
        or not message.attachments
    )


def _body(kind: Kind, content: Json) -> Json:
    """Return the body of a message type."""
    return {"msgtype": kind.value, kind.value: content}


def _texts(message: Message, kind: Kind) -> list[Json]:
    """Return a text or Markdown message in as many pieces as it needs."""
    if kind is Kind.MARKDOWN and message.format is Format.TEXT:
        message = replace(message, format=Format.MARKDOWN)
    shown = Format.MARKDOWN if kind is Kind.MARKDOWN else Format.TEXT
    bare = not message.text.strip() and message.title
    if bare:
        # A title alone is the message.
        message = replace(message, text=one_line(message.title), title=None)
    text, _ = compose(message, (shown,), title=lambda title: f"**{title}**\n")
    pieces = fit(text, _bytes(_TEXT_LIMIT), message.overflow, shown)
    return [_body(kind, {"content": piece}) for piece in pieces]


def _textcard(message: Message) -> Json:
    """Return a card with a title, a description and a link."""
    content = {
        "title": title_of(message, _TITLE_LIMIT),
        "description": _description(message) or title_of(message, _TITLE_LIMIT),
        "url": _url(message),
    }
    if label := one_line(message.url_label):
        content["btntxt"] = truncate(label, (Limit(maximum=_LABEL_LIMIT),))
    return content


def _news(message: Message) -> Json:
    """Return an article with a picture by its address."""
    pictures = picture_addresses(message)
    return {
        "title": title_of(message, _TITLE_LIMIT),
        "description": _description(message),
        "url": _url(message, *pictures),
        **({"picurl": pictures[0]} if pictures else {}),
    }


def _mpnews(message: Message) -> Json:
    """Return an article with an uploaded picture, kept at WeCom."""
    page, _ = compose(
        replace(message, attachments=()), (Format.HTML,), title=None, link=False
    )
    digest = convert(message.text, message.format, Format.TEXT)
    article = {
        "title": title_of(message, _TITLE_LIMIT),
        "content": bounded(page, _PAGE_LIMIT, message.overflow, "message"),
        "digest": truncate(digest, _bytes(_DESCRIPTION_LIMIT)),
    }
    if message.url:
        article["content_source_url"] = _url(message)
    if author := one_line(message.options.get("author")):
        article["author"] = truncate(author, _bytes(_AUTHOR_LIMIT))
    return article


def _media(attachment: Attachment, message: Message) -> Json:
    """Return a message that is an attachment."""
    kind = MEDIA_KINDS[attachment.kind]
    content: Json = {}
    if kind is Kind.VIDEO and message.options.get("kind") == Kind.VIDEO:
        content["title"] = title_of(message, _TITLE_LIMIT) or attachment.name
        content["description"] = _description(message)
    return {**_body(kind, content), ATTACHMENT: attachment}


def _first_picture(attachments: list[Attachment]) -> Attachment:
    """Return the picture that an article needs."""
    for each in attachments:
        if each.kind is AttachmentKind.IMAGE:
            return each
    raise ContentError(Problem.OPTION_MISSING, option="image")


def title_of(message: Message, limit: int) -> str:
    """Return the title, or else the first line of the text."""
    text = convert(message.text, message.format, Format.TEXT).strip()
    title = one_line(message.title) or one_line(text.partition("\n")[0])
    return truncate(title, _bytes(limit))


def _description(message: Message) -> str:
    """Return the text as a card shows it."""
    text = message.text
    if message.format is not Format.HTML:
        text = convert(text, message.format, Format.TEXT)
    return bounded(text.strip(), _DESCRIPTION_LIMIT, message.overflow, "message")


def _url(message: Message, *others: str) -> str:
    """Return the address that a card cannot do without."""
    if not (url := message.url or next(iter(others), "")):
        raise ContentError(Problem.OPTION_MISSING, option="url")
    if utf8_length(url) > _URL_LIMIT:
        raise ContentError(Problem.FIELD_TOO_LONG, field="url", limit=_URL_LIMIT)
    return url


def bounded(text: str, limit: int, overflow: Overflow, field: str) -> str:
    """Return a text that cannot be split; it is cut only where that is wanted.

    Raises:
        ContentError: it is too long.

    """
    limits = _bytes(limit)
    if fits(text, limits):
        return text
    if overflow is not Overflow.TRUNCATE:
        raise ContentError(Problem.FIELD_TOO_LONG, field=field, limit=limit)
    return truncate(text, limits)


def _bytes(maximum: int) -> tuple[Limit, ...]:
    """Return a limit in bytes of UTF-8."""
    return (Limit(maximum=maximum, size=utf8_length),)


def _switches(kinds: set[Kind], options: Mapping[str, Any]) -> Json:
    """Return the switches that go with a message, if its types know them."""
    switches: Json = {}
    for option, field, able in (
        ("safe", "safe", _SAFE_KINDS),
        ("id_translation", "enable_id_trans", _TRANSLATED_KINDS),
    ):
        if not options.get(option):
            continue
        if unable := kinds - able:
            raise ContentError(
                Problem.OPTION_NOT_SUPPORTED,
                option=f"{option} ({', '.join(sorted(unable))})",
                instead=", ".join(sorted(able)),
            )
        switches[field] = 1
    if options.get("duplicate_check"):
        switches["enable_duplicate_check"] = 1
        if interval := options.get("duplicate_check_interval"):
            switches["duplicate_check_interval"] = int(interval)
    return switches
