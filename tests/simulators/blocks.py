"""What a phone shows of a message, in terms that all services share."""

from collections.abc import Mapping
from typing import Any

type Block = Mapping[str, Any]


def text_block(text: str) -> Block:
    """Return plain text."""
    return {"type": "text", "text": text}


def markdown_block(text: str) -> Block:
    """Return Markdown, in which HTML may stand."""
    return {"type": "markdown", "text": text}


def html_block(text: str) -> Block:
    """Return HTML."""
    return {"type": "html", "text": text}


def picture_block(url: str) -> Block:
    """Return a picture; a relative URL is that of a stored file."""
    return {"type": "picture", "url": url}


def file_block(name: str, size: int, url: str) -> Block:
    """Return a file to open."""
    return {"type": "file", "name": name, "size": size, "url": url}


def link_block(url: str) -> Block:
    """Return a link."""
    return {"type": "link", "url": url}


def card_block(**parts: Any) -> Block:
    """Return a card.

    Args:
        parts: any of `source`, `title`, `text`, `html`, `emphasis` (title and text),
            `quote` (title and text), `picture`, `rows` (name, value and URL), `items`
            (title and text), `links` (title and URL), `buttons` (text, style and URL),
            `choices` (title, whether several, options), `submit`, `url`, `label`.

    """
    return {"type": "card", **{key: part for key, part in parts.items() if part}}


def stored_url(service: str, key: str) -> str:
    """Return the URL of a stored file, relative to the page of the phones."""
    return f"files/{service}/{key}"
