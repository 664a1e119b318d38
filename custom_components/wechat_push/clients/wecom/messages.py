"""What WeCom's messages look like: a body for each message type."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from enum import StrEnum
import re
from typing import Any, Final

from ..conversion import beginning, convert
from ..errors import ContentError, Problem
from ..fitting import Limit, fit, fits, truncate, utf8_length
from ..message import Attachment, AttachmentKind, Format, Message, Overflow
from ..text import body, compose, one_line, picture_addresses
from ..transport import Json
from .cards import CARD_OPTIONS, card


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
# The files that can be marked as confidential.
_SAFE_FILES = frozenset(
    {
        "bmp", "doc", "docx", "gif", "jpeg", "jpg", "pdf", "png", "ppt", "pptx", "txt",
        "xls", "xlsx", "xml",
    }
)  # fmt: skip
_TRANSLATED_KINDS = frozenset(
    {Kind.TEXT, Kind.TEXTCARD, Kind.NEWS, Kind.MPNEWS, Kind.TEMPLATE_CARD}
)
# All of HTML that a text card shows.
_CARD_TAGS = re.compile(r"</?div\b[^<>]*>|<br\s*/?>", re.IGNORECASE)


def bodies(message: Message) -> list[Json]:
    """Return the bodies that say a message, in order, without who gets it.

    Args:
        message: what is to be said; `WeComClient.prepare` tells its options.

    Raises:
        ContentError: something is missing, too long or not possible.

    """
    kind = kind_of(message)
    _refuse_options(kind, message.options)
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
    if message.options.get("safe"):
        contents = _confidential(contents)
    if message.options.get("id_translation"):
        contents = _translated(contents)
    once = _once(message.options)
    return [{**each, **once} for each in contents]


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


def _refuse_options(kind: Kind, options: Mapping[str, Any]) -> None:
    """Refuse what a message type cannot show."""
    card = Kind.TEXTCARD if options.get("ordinary_wechat") else Kind.TEMPLATE_CARD
    for able, instead, names in (
        (Kind.TEMPLATE_CARD, card, CARD_OPTIONS),
        (Kind.MPNEWS, Kind.MPNEWS, ("author",)),
    ):
        if kind is not able and (
            given := [name for name in names if options.get(name)]
        ):
            _refuse(", ".join(given), {kind}, {instead})


def _refuse(option: str, kinds: Collection[Kind], able: Collection[str]) -> None:
    """Refuse an option that message types do not have."""
    if kinds:
        raise ContentError(
            Problem.OPTION_NOT_SUPPORTED,
            option=f"{option} ({', '.join(sorted(kinds))})",
            instead=", ".join(sorted(able)),
        )


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
    if kind is Kind.MARKDOWN and message.format is not Format.MARKDOWN:
        # A text is taken for Markdown, and of HTML what can be read.
        text = convert(message.text, message.format, Format.TEXT)
        message = replace(message, text=text, format=Format.MARKDOWN)
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
    title = title_of(message, _TITLE_LIMIT)
    if message.format is Format.HTML and "<" not in _CARD_TAGS.sub("", message.text):
        description = _description(message.text, message.overflow, Format.HTML)
    else:
        description = _description(_plain(message), message.overflow)
    content = {
        "title": title,
        "description": description or title,
        "url": _address(message.url),
    }
    if label := one_line(message.url_label):
        content["btntxt"] = truncate(label, (Limit(maximum=_LABEL_LIMIT),))
    return content


def _news(message: Message) -> Json:
    """Return an article with a picture by its address."""
    picture = next(iter(picture_addresses(message)), None)
    return {
        "title": title_of(message, _TITLE_LIMIT),
        "description": _description(_plain(message), message.overflow),
        "url": _address(message.url or picture),
        **({"picurl": _address(picture, "image")} if picture else {}),
    }


def _mpnews(message: Message) -> Json:
    """Return an article with an uploaded picture, kept at WeCom."""
    page, _ = compose(
        replace(message, attachments=()), (Format.HTML,), title=None, link=False
    )
    digest = beginning(message.text, message.format)
    article = {
        "title": title_of(message, _TITLE_LIMIT),
        "content": _bounded(page, _PAGE_LIMIT, message.overflow, Format.HTML),
        "digest": truncate(digest, _bytes(_DESCRIPTION_LIMIT)),
    }
    if message.url:
        article["content_source_url"] = _address(message.url)
    if author := one_line(message.options.get("author")):
        article["author"] = truncate(author, _bytes(_AUTHOR_LIMIT))
    return article


def _media(attachment: Attachment, message: Message) -> Json:
    """Return a message that is an attachment."""
    kind = MEDIA_KINDS[attachment.kind]
    content: Json = {}
    if kind is Kind.VIDEO and message.options.get("kind") == Kind.VIDEO:
        content["title"] = title_of(message, _TITLE_LIMIT) or attachment.name
        # There is no field for a link.
        text = body(message, Format.TEXT, link=True)
        content["description"] = _description(text, message.overflow)
    return {**_body(kind, content), ATTACHMENT: attachment}


def _first_picture(attachments: list[Attachment]) -> Attachment:
    """Return the picture that an article needs."""
    for each in attachments:
        if each.kind is AttachmentKind.IMAGE:
            return each
    raise ContentError(Problem.OPTION_MISSING, option="image")


def title_of(message: Message, limit: int) -> str:
    """Return the title, or else the first line of the text."""
    text = beginning(message.text, message.format)
    title = one_line(message.title) or one_line(text.partition("\n")[0])
    return truncate(title, _bytes(limit))


def _plain(message: Message) -> str:
    """Return the text as one without any format."""
    return convert(message.text, message.format, Format.TEXT).strip()


def _description(text: str, overflow: Overflow, written: Format = Format.TEXT) -> str:
    """Return the text as a card shows it."""
    return _bounded(text.strip(), _DESCRIPTION_LIMIT, overflow, written)


def _address(url: str | None, field: str = "url") -> str:
    """Return an address that a message type cannot do without."""
    if not url:
        raise ContentError(Problem.OPTION_MISSING, option=field)
    if utf8_length(url) > _URL_LIMIT:
        raise ContentError(Problem.FIELD_TOO_LONG, field=field, limit=_URL_LIMIT)
    return url


def _bounded(text: str, limit: int, overflow: Overflow, written: Format) -> str:
    """Return a text that cannot be split; it is cut only where that is wanted.

    Raises:
        ContentError: it is too long.

    """
    limits = _bytes(limit)
    if fits(text, limits):
        return text
    if overflow is not Overflow.TRUNCATE:
        raise ContentError(Problem.FIELD_TOO_LONG, field="message", limit=limit)
    return truncate(text, limits, written)


def _bytes(maximum: int) -> tuple[Limit, ...]:
    """Return a limit in bytes of UTF-8."""
    return (Limit(maximum=maximum, size=utf8_length),)


def _confidential(contents: list[Json]) -> list[Json]:
    """Return the bodies with the mark that they are confidential."""
    _refuse("safe", _kinds(contents) - _SAFE_KINDS, _SAFE_KINDS)
    files = (each for each in contents if each["msgtype"] == Kind.FILE)
    for name in (each[ATTACHMENT].name for each in files):
        if name.rpartition(".")[2].lower() not in _SAFE_FILES:
            raise ContentError(
                Problem.OPTION_NOT_SUPPORTED,
                option=f"safe ({name})",
                instead=", ".join(sorted(_SAFE_FILES)),
            )
    return [{**content, "safe": 1} for content in contents]


def _translated(contents: list[Json]) -> list[Json]:
    """Return the bodies with the wish to translate IDs, where there is a text."""
    kinds = _kinds(contents)
    # Pictures and files that follow a text hold no IDs.
    silent = set(MEDIA_KINDS.values()) if kinds & _TRANSLATED_KINDS else set()
    _refuse("id_translation", kinds - _TRANSLATED_KINDS - silent, _TRANSLATED_KINDS)
    return [
        {**content, "enable_id_trans": 1}
        if content["msgtype"] in _TRANSLATED_KINDS
        else content
        for content in contents
    ]


def _once(options: Mapping[str, Any]) -> Json:
    """Return the fields that make WeCom drop the same message when it comes again."""
    interval = options.get("duplicate_check_interval")
    wanted = options.get("duplicate_check", None if interval is None else True)
    if wanted is None:
        return {}
    if not wanted:
        return {"enable_duplicate_check": 0}
    fields: Json = {"enable_duplicate_check": 1}
    if interval is not None:
        fields["duplicate_check_interval"] = int(interval)
    return fields


def _kinds(contents: list[Json]) -> set[Kind]:
    """Return the message types of bodies."""
    return {Kind(content["msgtype"]) for content in contents}
