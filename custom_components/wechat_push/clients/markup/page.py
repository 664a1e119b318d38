"""Writer of HTML."""

import html
from typing import Final

from .tokens import BLOCKS, VOID, Kind, Token
from .tree import Tree

_RAW: Final = frozenset({"script", "style"})
# Blocks that others are in.
_OUTER: Final = frozenset({"blockquote", "ol", "table", "tr", "ul"})


def write(tree: Tree) -> str:
    """Return a tree as HTML."""
    pieces: list[str] = []
    raw = 0
    numbers: list[int] = []
    # Paragraphs that a point of a list begins with need no element of their own.
    bare: set[int] = set()
    for place, token in enumerate(tree.tokens):
        name = token.value
        if name == "p" and token.kind is Kind.START and place:
            before = tree.tokens[place - 1]
            if before.value == "li" and before.kind is Kind.START:
                bare |= {place, tree.ends[place]}
        if place in bare:
            continue
        match token.kind:
            case Kind.TEXT:
                pieces.append(name if raw else html.escape(name, quote=False))
            case Kind.START:
                raw += name in _RAW
                pieces.append(_start(token, numbers))
            case Kind.END:
                raw -= name in _RAW
                if name in ("ol", "ul") and numbers:
                    numbers.pop()
                pieces.append("</code></pre>" if name == "pre" else f"</{name}>")
                if name in BLOCKS:
                    pieces.append("\n")
    return "".join(pieces).strip()


def _start(token: Token, numbers: list[int]) -> str:
    """Return the start of an element; count the points of lists."""
    name, attributes = token.value, dict(token.attributes)
    if name in ("ol", "ul"):
        start = attributes.get("start", "1")
        numbers.append(int(start) if start.isdecimal() else 1)
        if start == "1":
            attributes.pop("start", None)
    elif name == "li" and numbers:
        value = attributes.get("value", "")
        if value.isdecimal() and int(value) != numbers[-1]:
            numbers[-1] = int(value)
        else:
            attributes.pop("value", None)
        numbers[-1] += 1
    listed = "".join(
        f' {key}="{html.escape(value)}"'
        for key, value in attributes.items()
        if not key.startswith(":")
    )
    if name == "pre":
        return f"<pre{listed}><code>"
    slash = "/" if name in VOID else ""
    line = "\n" if name in _OUTER or name in ("br", "hr") else ""
    return f"<{name}{listed}{slash}>{line}"
