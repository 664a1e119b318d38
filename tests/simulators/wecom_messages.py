"""Checks of messages in the simulated WeCom, and the content that phones show."""

from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
import hashlib
import re
from typing import Any

from .recorded import RecordedRequest
from .wecom_accounts import Media, RefusedError
from .wecom_cards import check_card
from .wecom_media import MIB, check_image

MAX_TEXT = 2048  # bytes
MAX_TITLE = 128  # bytes
MAX_DESCRIPTION = 512  # bytes
MAX_AUTHOR = 64  # bytes
MAX_MPNEWS = 666 * 1024  # bytes
MAX_URL = 2048  # bytes
MAX_ARTICLES = 8
# The documentation says 2,048; the server was seen to refuse more than this.
MAX_ROBOT_TEXT = 5120
MAX_ROBOT_MARKDOWN = 4096
ROBOT_IMAGE_LIMIT = 2 * MIB

MEDIA_TYPES = ("image", "voice", "video", "file")

# Matches escaped control characters, but not escaped backslashes before a u.
_CONTROL = re.compile(rb"(?<!\\)(?:\\\\)*\\u00[01][0-9a-fA-F]")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*://")


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """The content of a message that a phone shows."""

    title: str = ""
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """The settings for the check of a message."""

    find_media: Callable[[str, str], Media]
    cuts_text: bool = True


def read_json(request: RecordedRequest) -> dict[str, Any]:
    """Read a JSON object without control characters."""
    if _CONTROL.search(request.body):
        raise RefusedError(
            40033, "invalid charset. please use utf-8 without \\u escapes"
        )
    try:
        body = request.json
    except ValueError as err:
        raise RefusedError(40058, "invalid Request Parameter, not json") from err
    if not isinstance(body, dict):
        raise RefusedError(40058, "invalid Request Parameter, not a json object")
    return body


def check_message(body: Mapping[str, Any], rules: Rules) -> Shown:
    """Check a message of an application; return the content to show."""
    kind = body.get("msgtype")
    if kind == "miniprogram_notice":
        raise RefusedError(48001, "api unauthorized, no mini program is linked")
    if not isinstance(kind, str) or kind not in (
        "text",
        "markdown",
        *MEDIA_TYPES,
        "textcard",
        "news",
        "mpnews",
        "template_card",
    ):
        raise RefusedError(40008, "invalid message type")
    safe = body.get("safe", 0)
    if safe and kind == "news":
        raise RefusedError(40074, "invalid safe for news")
    if safe not in ((0, 1, 2) if kind == "mpnews" else (0, 1)):
        raise RefusedError(40058, "safe invalid Request Parameter")
    content = _content(body, kind)
    match kind:
        case "text":
            return Shown(text=_app_text(content, rules))
        case "markdown":
            return Shown(text=_limited(content, "markdown", MAX_TEXT))
        case "textcard":
            return _textcard(content)
        case "news" | "mpnews":
            return _articles(content, rules, mpnews=kind == "mpnews")
        case "template_card":
            title, text = check_card(content)
            return Shown(title=title, text=text)
    media = rules.find_media(_media_id(content), kind)
    return Shown(title=_cut(content, "title", MAX_TITLE), text=media.filename)


def check_robot_message(body: Mapping[str, Any], rules: Rules) -> Shown:
    """Check a message of a robot; return the content to show."""
    kind = body.get("msgtype")
    if kind not in (
        *("text", "markdown", "markdown_v2", "image", "news"),
        *("file", "voice", "template_card"),
    ):
        raise RefusedError(40008, "invalid message type")
    content = _content(body, str(kind))
    match kind:
        case "text":
            return Shown(text=_limited(content, "text", MAX_ROBOT_TEXT))
        case "markdown" | "markdown_v2":
            return Shown(text=_limited(content, str(kind), MAX_ROBOT_MARKDOWN))
        case "image":
            return _robot_image(content)
        case "news":
            return _articles(content, rules, mpnews=False)
        case "template_card":
            title, text = check_card(content, by_robot=True)
            return Shown(title=title, text=text)
    return Shown(text=rules.find_media(_media_id(content), str(kind)).filename)


def _content(body: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    """Return the object named after the message type."""
    content = body.get(kind)
    if not isinstance(content, dict):
        raise RefusedError(40058, f"{kind} missing invalid Request Parameter")
    return content


def _text(fields: Mapping[str, Any], key: str) -> str:
    """Return an optional text."""
    value = fields.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise RefusedError(40058, f"{key} must be string, invalid Request Parameter")
    return value


def _cut(fields: Mapping[str, Any], key: str, most: int) -> str:
    """Return a text cut to a number of bytes."""
    return _text(fields, key).encode()[:most].decode("utf-8", "ignore")


def _app_text(content: Mapping[str, Any], rules: Rules) -> str:
    """Check a text message; cut or refuse a long one."""
    text = _text(content, "content")
    if not text:
        raise RefusedError(44004, "text content is empty")
    if len(text.encode()) > MAX_TEXT and not rules.cuts_text:
        raise RefusedError(45002, "content size out of limit")
    return _cut(content, "content", MAX_TEXT)


def _limited(content: Mapping[str, Any], kind: str, most: int) -> str:
    """Check a text that must not be too long."""
    text = _text(content, "content")
    if not text:
        raise RefusedError(44004, f"{kind} content is empty")
    if len(text.encode()) > most:
        raise RefusedError(40058, f"{kind}.content exceed max length {most}")
    return text


def _check_url(url: str) -> None:
    """Check a link."""
    if not _SCHEME.match(url):
        raise RefusedError(45034, "url invalid, missing scheme")
    if len(url.encode()) > MAX_URL:
        raise RefusedError(40039, f"invalid url size, exceed max length {MAX_URL}")


def _textcard(content: Mapping[str, Any]) -> Shown:
    """Check a text card."""
    title = _cut(content, "title", MAX_TITLE)
    text = _cut(content, "description", MAX_DESCRIPTION)
    url = _text(content, "url")
    if not title:
        raise RefusedError(41016, "missing title")
    if not text:
        raise RefusedError(41033, "missing description")
    if not url:
        raise RefusedError(40058, "textcard.url missing invalid Request Parameter")
    _check_url(url)
    return Shown(title=title, text=text)


def _articles(content: Mapping[str, Any], rules: Rules, *, mpnews: bool) -> Shown:
    """Check the articles of a news message."""
    articles = content.get("articles")
    if not isinstance(articles, list) or not articles:
        raise RefusedError(40058, "articles missing invalid Request Parameter")
    if len(articles) > MAX_ARTICLES:
        raise RefusedError(45008, "article count out of limit")
    if not all(isinstance(article, dict) for article in articles):
        raise RefusedError(40058, "articles invalid Request Parameter")
    check = _mpnews_article if mpnews else _news_article
    texts = [check(article, rules) for article in articles]
    return Shown(
        title=_cut(articles[0], "title", MAX_TITLE),
        text="\n".join(text for text in texts if text),
    )


def _news_article(article: Mapping[str, Any], rules: Rules) -> str:
    """Check an article that links to a web page."""
    if not _text(article, "title"):
        raise RefusedError(41016, "missing title")
    if url := _text(article, "url"):
        _check_url(url)
    elif not (_text(article, "appid") and _text(article, "pagepath")):
        raise RefusedError(40058, "articles.url missing invalid Request Parameter")
    if picture := _text(article, "picurl"):
        _check_url(picture)
    return _cut(article, "description", MAX_DESCRIPTION)


def _mpnews_article(article: Mapping[str, Any], rules: Rules) -> str:
    """Check an article whose page WeCom hosts."""
    content = _text(article, "content")
    if not _text(article, "title"):
        raise RefusedError(41016, "missing title")
    rules.find_media(_text(article, "thumb_media_id"), "image")
    if not content:
        raise RefusedError(44004, "content is empty")
    if len(content.encode()) > MAX_MPNEWS:
        raise RefusedError(45002, "content size out of limit")
    if len(_text(article, "author").encode()) > MAX_AUTHOR:
        raise RefusedError(45032, "author size out of limit")
    return _cut(article, "digest", MAX_DESCRIPTION) or content


def _media_id(content: Mapping[str, Any]) -> str:
    """Return the ID of the file to send."""
    if media_id := _text(content, "media_id"):
        return media_id
    raise RefusedError(41006, "missing media_id")


def _robot_image(content: Mapping[str, Any]) -> Shown:
    """Check an embedded picture."""
    try:
        data = b64decode(_text(content, "base64"), validate=True)
    except ValueError as err:
        raise RefusedError(40058, "image.base64 invalid Request Parameter") from err
    check_image(data, ROBOT_IMAGE_LIMIT)
    digest = hashlib.md5(data, usedforsecurity=False).hexdigest()
    if _text(content, "md5").lower() != digest:
        raise RefusedError(301019, "image md5 not match")
    return Shown(text=f"{len(data)} bytes")
