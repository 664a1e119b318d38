"""Messages of WeCom: a body for each message type."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
import re
from typing import Any, Final

from ..conversion import convert, first_line
from ..errors import ContentError, Problem
from ..fitting import ELLIPSIS, Limit, fit, fits, truncate, utf8_length
from ..message import (
    Attachment,
    AttachmentKind,
    Format,
    Message,
    Overflow,
    Part,
    one_line,
)
from ..text import body, compose, picture_urls
from ..transport import Json
from . import markdown
from .cards import CARD_OPTIONS, CardType, card, lacks_link, words


class Kind(StrEnum):
    """Message types of WeCom."""

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


# Field of a part: the attachment to upload, with its `number` and maybe its `url`.
ATTACHMENT: Final = "attachment"

MEDIA_KINDS: Final = {
    AttachmentKind.IMAGE: Kind.IMAGE,
    AttachmentKind.VOICE: Kind.VOICE,
    AttachmentKind.VIDEO: Kind.VIDEO,
    AttachmentKind.FILE: Kind.FILE,
}

# Bytes of UTF-8. WeCom cuts or refuses what is longer.
_ARTICLE_READ = 10_000
_TEXT_LIMIT = 2048
_TITLE_LIMIT = 128
_DESCRIPTION_LIMIT = 512
_URL_LIMIT = 2048
_AUTHOR_LIMIT = 64
_PAGE_LIMIT = 666_000
# Characters.
_LABEL_LIMIT = 4

_SAFE_KINDS = frozenset({Kind.TEXT, Kind.IMAGE, Kind.VIDEO, Kind.FILE, Kind.MPNEWS})
# File types that can be marked as confidential.
_SAFE_FILES = frozenset(
    {
        "bmp", "doc", "docx", "gif", "jpeg", "jpg", "pdf", "png", "ppt", "pptx", "txt",
        "xls", "xlsx", "xml",
    }
)  # fmt: skip
_TRANSLATED_KINDS = frozenset(
    {Kind.TEXT, Kind.TEXTCARD, Kind.NEWS, Kind.MPNEWS, Kind.TEMPLATE_CARD}
)
# The only HTML that a text card shows.
_CARD_TAGS = re.compile(r"</?div\b[^<>]*>|<br\s*/?>", re.IGNORECASE)


def bodies(message: Message, *, has_callback: bool) -> list[Json]:
    """Return the bodies of a message, in order and without its recipients.

    Args:
        message: the message; see `WeComClient.prepare` for its options.
        has_callback: whether the application has a callback address.

    Raises:
        ContentError: something is missing, too long or not supported.

    """
    kind = kind_of(message)
    _refuse_options(kind, message.options)
    uploads = uploads_of(message, kind)
    contents: list[Json]
    match kind:
        case Kind.TEXT | Kind.MARKDOWN:
            contents = _texts(message, kind) if has_text(message) else []
        case Kind.TEXTCARD:
            contents = [body_of(kind, _textcard(message))]
        case Kind.NEWS:
            contents = [body_of(kind, {"articles": [news(message)]})]
        case Kind.MPNEWS:
            number = _first_picture(uploads)
            article = body_of(kind, {"articles": [_mpnews(message)]})
            contents = [with_upload(article, number, uploads.pop(number))]
        case Kind.TEMPLATE_CARD:
            contents = [body_of(kind, card(message, has_callback=has_callback))]
        case _:
            uploads = sent_as(AttachmentKind(kind), uploads)
            # Only a video has a text of its own.
            separate = has_text(message) and kind is not Kind.VIDEO
            contents = _texts(message, Kind.TEXT) if separate else []
    contents += [_media(number, each, message) for number, each in uploads.items()]
    if not contents:
        raise ContentError(Problem.MESSAGE_EMPTY)
    if message.options.get("safe"):
        contents = _confidential(contents, message.attachments)
    if message.options.get("id_translation"):
        contents = _translated(contents)
    check = _duplicate_check(message.options)
    return [{**each, **check} for each in contents]


def sendable(message: Message) -> tuple[Message, str]:
    """Return a message of a type that does without what could not be had.

    Args:
        message: the message, with the attachments and the link that could be had.

    Returns:
        the message, and the words of its card if it is none any more.

    """
    pictures = [
        each for each in message.attachments if each.kind is AttachmentKind.IMAGE
    ]
    options = dict(message.options)
    lacks = {
        Kind.MPNEWS: not pictures,
        Kind.TEXTCARD: not message.url,
        Kind.NEWS: not (message.url or picture_urls(message)),
        **dict.fromkeys(MEDIA_KINDS.values(), not message.attachments),
    }
    if lacks.get(options.get("kind", Kind.TEXT)):
        del options["kind"]
        # Only an article shows it.
        options.pop("author", None)
    if options.get("card_type") == CardType.NEWS_NOTICE and not pictures:
        options["card_type"] = CardType.TEXT_NOTICE.value
    message = replace(message, options=options)
    if kind_of(message) is not Kind.TEMPLATE_CARD or not lacks_link(message):
        return message, ""
    shown = {key: options.pop(key) for key in CARD_OPTIONS if key in options}
    options.pop("kind", None)
    return replace(message, options=options), "\n".join(words(shown))


def shows_url(attachment: AttachmentKind, kind: StrEnum) -> bool:
    """Return if a message type shows an attachment by its URL, without an upload."""
    return attachment is AttachmentKind.IMAGE and kind in (
        Kind.NEWS,
        Kind.TEMPLATE_CARD,
    )


def uploads_of(message: Message, kind: StrEnum) -> dict[int, Attachment]:
    """Return the attachments that a message type has uploaded, by their numbers."""
    return {
        number: each
        for number, each in enumerate(message.attachments)
        if each.size and not (each.url and shows_url(each.kind, kind))
    }


def sent_as(
    kind: AttachmentKind, uploads: Mapping[int, Attachment]
) -> dict[int, Attachment]:
    """Return the attachments of a message that is nothing but them, all of one kind.

    Raises:
        ContentError: there are none.

    """
    if not uploads:
        raise ContentError(Problem.OPTION_MISSING, option="image, file")
    return {number: replace(each, kind=kind) for number, each in uploads.items()}


def media_kind(part: Part) -> Kind:
    """Return how the attachment of a request is uploaded."""
    kind = Kind(part["msgtype"])
    return Kind.IMAGE if kind is Kind.MPNEWS else kind


def fill(part: Part, media_id: str) -> Part:
    """Return a request with the media ID of its attachment."""
    kind = part["msgtype"]
    content = part[kind]
    if kind == Kind.MPNEWS:
        (article,) = content["articles"]
        content = {"articles": [{**article, "thumb_media_id": media_id}]}
    else:
        content = {**content, "media_id": media_id}
    filled = {name: value for name, value in part.items() if name != ATTACHMENT}
    return {**filled, kind: content}


def media_id_of(part: Part) -> str | None:
    """Return the media ID in a filled request, if there is one."""
    content = part[part["msgtype"]]
    if part["msgtype"] == Kind.MPNEWS:
        (content,) = content["articles"]
    media_id: str | None = content.get("media_id") or content.get("thumb_media_id")
    return media_id


def without_attachment(part: Part, note: str) -> Part:
    """Return a request as a text message, with a note in place of its attachment.

    Args:
        part: a request with an attachment.
        note: the note; followed by the URL of the attachment if it has one.

    """
    kind = part["msgtype"]
    content = part[kind]
    lines: list[str] = []
    if kind == Kind.MPNEWS:
        (article,) = content["articles"]
        # No more fits, and this runs in the event loop.
        page = convert(article["content"][:_ARTICLE_READ], Format.HTML, Format.TEXT)
        if len(article["content"]) > _ARTICLE_READ:
            page += ELLIPSIS
        lines = [article["title"], page]
        lines += filter(None, [article.get("content_source_url")])
    elif kind == Kind.VIDEO:
        lines = [content.get("title", ""), content.get("description", "")]
    first, *rest = lines or [""]
    own = one_line(rest[0].strip().partition("\n")[0]) if rest else ""
    if rest and first == truncate(own, byte_limit(_TITLE_LIMIT)):
        # The message has no title of its own.
        del lines[0]
    text = "\n".join(filter(None, lines))
    end = "\n".join(filter(None, [note, part[ATTACHMENT].get("url")]))
    end = truncate(end, byte_limit(_TEXT_LIMIT // 2 if text else _TEXT_LIMIT))
    if text:
        room = _TEXT_LIMIT - utf8_length(end) - 1
        end = f"{truncate(text, byte_limit(room))}\n{end}"
    kept = {
        name: value for name, value in part.items() if name not in (kind, ATTACHMENT)
    }
    return {**kept, **body_of(Kind.TEXT, {"content": end})}


def kind_of(message: Message) -> Kind:
    """Return the message type in the options, or else the one that fits.

    Raises:
        ContentError: applications do not have the one that is wanted.

    """
    options = message.options
    if wanted := options.get("kind"):
        if wanted not in Kind:
            # The second version of Markdown.
            raise ContentError(
                Problem.OPTION_NOT_SUPPORTED,
                option=f"kind={wanted}",
                instead=f"kind={Kind.MARKDOWN}",
            )
        kind = Kind(wanted)
    elif any(options.get(option) for option in CARD_OPTIONS):
        kind = Kind.TEMPLATE_CARD
    else:
        kind = Kind.MARKDOWN if message.format is Format.MARKDOWN else Kind.TEXT
    # WeChat itself shows neither, but asks the reader to open WeCom.
    if not options.get("ordinary_wechat"):
        return kind
    if kind is Kind.TEMPLATE_CARD:
        raise ContentError(
            Problem.OPTION_NOT_SUPPORTED,
            option=f"kind={kind}",
            instead=f"kind={Kind.TEXTCARD}",
        )
    return Kind.TEXT if kind is Kind.MARKDOWN else kind


def _refuse_options(kind: Kind, options: Mapping[str, Any]) -> None:
    """Refuse options that a message type cannot show."""
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
    """Refuse an option that some message types do not have."""
    if kinds:
        raise ContentError(
            Problem.OPTION_NOT_SUPPORTED,
            option=f"{option} ({_named(kinds)})",
            instead=_named(able),
        )


def _named(kinds: Collection[str]) -> str:
    """Return message types as values of their option."""
    return ", ".join(f"kind={kind}" for kind in sorted(kinds))


def has_text(message: Message) -> bool:
    """Return if there is anything beside attachments that are uploaded."""
    return bool(
        message.text.strip()
        or message.title
        or message.url
        or any(not each.size for each in message.attachments)
        or not message.attachments
    )


def with_upload(body: Json, number: int, attachment: Attachment) -> Json:
    """Return the body of a part with the reference to its attachment."""
    url = {"url": attachment.url} if attachment.url else {}
    return {**body, ATTACHMENT: {"number": number, **url}}


def body_of(kind: StrEnum, content: Json) -> Json:
    """Return the body of a message type."""
    return {"msgtype": kind.value, kind.value: content}


# WeCom shows it as a link in plain text, which may quote anybody.
_LINK_TAG: Final = re.compile(r"<(?=\s*a\s)", re.IGNORECASE)


def _texts(message: Message, kind: Kind) -> list[Json]:
    """Return a text or Markdown message in as many parts as necessary."""
    if kind is Kind.MARKDOWN:
        pieces = markdown_texts(message, _TEXT_LIMIT, markdown.shown)
    else:
        pieces = plain_texts(message, _TEXT_LIMIT)
    return [body_of(kind, {"content": piece}) for piece in pieces]


def plain_texts(message: Message, limit: int) -> list[str]:
    """Return a message as plain text, in as many pieces as necessary.

    Args:
        message: the message; attachments that are uploaded are left out.
        limit: bytes of UTF-8 of a piece.

    Raises:
        ContentError: it is too long, and not to be split.

    """
    text, _ = compose(_bare(message), (Format.TEXT,))
    text = _LINK_TAG.sub("<\u200b", text)
    return fit(text, byte_limit(limit), message.overflow, Format.TEXT)


def markdown_texts(
    message: Message, limit: int, write: Callable[[str, Format], str]
) -> list[str]:
    """Return a message as Markdown, in as many pieces as necessary.

    Args:
        message: the message; attachments that are uploaded are left out.
        limit: bytes of UTF-8 of a piece.
        write: returns a text of a format as the service's Markdown.

    Raises:
        ContentError: it is too long, and not to be split.

    """
    text = message.text
    if message.format is not Format.TEXT:
        # Plain text that is sent as Markdown was written for WeCom.
        text = write(text, message.format)
    # Not all of its kinds show pictures.
    linked = tuple(
        replace(each, kind=AttachmentKind.FILE) for each in message.attachments
    )
    message = replace(message, text=text, format=Format.MARKDOWN, attachments=linked)
    text, _ = compose(
        _bare(message), (Format.MARKDOWN,), title=lambda title: f"**{title}**\n"
    )
    return fit(text, byte_limit(limit), message.overflow, Format.MARKDOWN)


def _bare(message: Message) -> Message:
    """Return a message without uploads; a title that is alone is the text."""
    # Uploaded attachments need no link.
    linked = tuple(each for each in message.attachments if not each.size)
    message = replace(message, attachments=linked)
    if not message.text.strip() and message.title:
        return replace(message, text=one_line(message.title), title=None)
    return message


def _textcard(message: Message) -> Json:
    """Return a card with a title, a description and a link."""
    title = title_of(message, _TITLE_LIMIT)
    if message.format is Format.HTML and "<" not in _CARD_TAGS.sub("", message.text):
        shown = description(message.text, message.overflow, Format.HTML)
    else:
        shown = description(plain(message), message.overflow)
    content = {
        "title": title,
        "description": shown or title,
        "url": required_url(message.url),
    }
    if label := one_line(message.url_label):
        content["btntxt"] = truncate(label, (Limit(maximum=_LABEL_LIMIT),))
    return content


def news(message: Message) -> Json:
    """Return an article with a picture by its URL."""
    picture = next(iter(picture_urls(message)), None)
    return {
        "title": title_of(message, _TITLE_LIMIT),
        "description": description(plain(message), message.overflow),
        "url": required_url(message.url or picture),
        **({"picurl": required_url(picture, "image")} if picture else {}),
    }


def _mpnews(message: Message) -> Json:
    """Return an article with an uploaded picture, kept at WeCom."""
    page, _ = compose(
        replace(message, attachments=()), (Format.HTML,), title=None, link=False
    )
    digest = plain(message)
    article = {
        "title": title_of(message, _TITLE_LIMIT),
        "content": _bounded(page, _PAGE_LIMIT, message.overflow, Format.HTML),
        "digest": truncate(digest, byte_limit(_DESCRIPTION_LIMIT)),
    }
    if message.url:
        article["content_source_url"] = required_url(message.url)
    if author := one_line(message.options.get("author")):
        article["author"] = truncate(author, byte_limit(_AUTHOR_LIMIT))
    return article


def _media(number: int, attachment: Attachment, message: Message) -> Json:
    """Return the body of an attachment."""
    kind = MEDIA_KINDS[attachment.kind]
    content: Json = {}
    if kind is Kind.VIDEO and message.options.get("kind") == Kind.VIDEO:
        content["title"] = title_of(message, _TITLE_LIMIT) or attachment.name
        # There is no field for a link.
        linked = tuple(each for each in message.attachments if not each.size)
        text = body(replace(message, attachments=linked), Format.TEXT, link=True)
        content["description"] = description(text, message.overflow)
    return with_upload(body_of(kind, content), number, attachment)


def _first_picture(attachments: Mapping[int, Attachment]) -> int:
    """Return the number of the picture that an article requires."""
    for number, each in attachments.items():
        if each.kind is AttachmentKind.IMAGE:
            return number
    raise ContentError(Problem.OPTION_MISSING, option="image")


def title_of(message: Message, limit: int) -> str:
    """Return the title, or else the first line of the text."""
    names = (each.name for each in message.attachments)
    title = (
        one_line(message.title)
        or first_line(message.text, message.format)
        or one_line(message.url_label)
        or next(filter(None, names), "")
        or one_line(message.url)
    )
    return truncate(title, byte_limit(limit))


def plain(message: Message) -> str:
    """Return the text without any format."""
    return convert(message.text, message.format, Format.TEXT).strip()


def description(
    text: str, overflow: Overflow, text_format: Format = Format.TEXT
) -> str:
    """Return the description of a card."""
    return _bounded(text.strip(), _DESCRIPTION_LIMIT, overflow, text_format)


def required_url(url: str | None, field: str = "url") -> str:
    """Return a URL that a message type requires."""
    if not url:
        raise ContentError(Problem.OPTION_MISSING, option=field)
    if utf8_length(url) > _URL_LIMIT:
        raise ContentError(Problem.FIELD_TOO_LARGE, field=field, limit=_URL_LIMIT)
    return url


def _bounded(text: str, limit: int, overflow: Overflow, text_format: Format) -> str:
    """Return a text that cannot be split, truncated if the message allows that.

    Raises:
        ContentError: it is too long.

    """
    limits = byte_limit(limit)
    if fits(text, limits):
        return text
    if overflow is not Overflow.TRUNCATE:
        raise ContentError(Problem.FIELD_TOO_LARGE, field="message", limit=limit)
    return truncate(text, limits, text_format)


def byte_limit(maximum: int) -> tuple[Limit, ...]:
    """Return a limit in bytes of UTF-8."""
    return (Limit(maximum=maximum, size=utf8_length),)


def _confidential(
    contents: list[Json], attachments: Sequence[Attachment]
) -> list[Json]:
    """Add `safe` to all bodies."""
    _refuse("safe", _kinds(contents) - _SAFE_KINDS, _SAFE_KINDS)
    files = (each for each in contents if each["msgtype"] == Kind.FILE)
    for name in (attachments[each[ATTACHMENT]["number"]].name for each in files):
        if name.rpartition(".")[2].lower() not in _SAFE_FILES:
            raise ContentError(
                Problem.OPTION_NOT_SUPPORTED,
                option=f"safe ({name})",
                instead=", ".join(sorted(_SAFE_FILES)),
            )
    return [{**content, "safe": 1} for content in contents]


def _translated(contents: list[Json]) -> list[Json]:
    """Add `enable_id_trans` to bodies with text."""
    kinds = _kinds(contents)
    # Pictures and files that follow a text have no IDs.
    silent = set(MEDIA_KINDS.values()) if kinds & _TRANSLATED_KINDS else set()
    _refuse("id_translation", kinds - _TRANSLATED_KINDS - silent, _TRANSLATED_KINDS)
    return [
        {**content, "enable_id_trans": 1}
        if content["msgtype"] in _TRANSLATED_KINDS
        else content
        for content in contents
    ]


def _duplicate_check(options: Mapping[str, Any]) -> Json:
    """Return the fields of the duplicate check, if the options decide about it."""
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
    """Return the message types of all bodies."""
    return {Kind(content["msgtype"]) for content in contents}
