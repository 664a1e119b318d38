"""Bodies of messages to WxPusher, but for who gets them."""

import html
from typing import Final

from ..errors import ContentError, Problem
from ..fitting import Limit, fit, truncate, utf8_length
from ..message import Format, Message, one_line
from ..text import compose
from ..transport import Json

MAX_URL: Final = 1000

_CONTENT_TYPES: Final = {Format.TEXT: 1, Format.HTML: 2, Format.MARKDOWN: 3}


def _page_length(text: str) -> int:
    """Return the bytes of the page that the server makes of text or Markdown.

    The limit applies to the text and to the HTML that it is converted to.
    """
    return len(html.escape(text).encode()) + len("</p><p>") * text.count("\n")


_CHARACTERS = Limit(maximum=40_000)
_LIMITS: Final = {
    Format.TEXT: (_CHARACTERS, Limit(maximum=65_535, size=_page_length)),
    Format.MARKDOWN: (_CHARACTERS, Limit(maximum=65_535, size=_page_length)),
    Format.HTML: (_CHARACTERS, Limit(maximum=65_535, size=utf8_length)),
}
_SUMMARY_LIMITS = (Limit(maximum=100),)


def bodies(message: Message) -> list[Json]:
    """Return the bodies for a message, in order.

    The limits of one are 40,000 characters and 65,535 bytes of UTF-8, 100 characters of
    summary and 1,000 of the URL. Attachments are shown or linked; plain text with a
    picture is sent as HTML.

    Args:
        message: the message. Options: `summary` replaces the title in the list of
            messages.

    Raises:
        ContentError: there is no text, the URL is too long, or the text is too long and
            not to be split.

    """
    text, shown = compose(message, _CONTENT_TYPES, link=False)
    contents = fit(text, _LIMITS[shown], message.overflow, shown)
    common: Json = {"contentType": _CONTENT_TYPES[shown]}
    if summary := one_line(message.options.get("summary") or message.title):
        common["summary"] = truncate(summary, _SUMMARY_LIMITS)
    if message.url:
        if len(message.url) > MAX_URL:
            raise ContentError(Problem.FIELD_TOO_LONG, field="url", limit=MAX_URL)
        common["url"] = message.url
    return [{"content": content, **common} for content in contents]
