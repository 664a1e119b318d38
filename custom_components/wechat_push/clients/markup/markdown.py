"""Reader of Markdown as people, programs and language models write it.

It reads CommonMark, the tables and the strikethrough of GitHub, and keeps what is
written: the number of each point of a list, and single line breaks.
"""

from collections.abc import Iterator

from .blocks import Blocks
from .lines import Line
from .source import References
from .tokens import Kind, Token, Tokens


def read(text: str, budget: int) -> Iterator[Token]:
    """Return the tokens of Markdown.

    Args:
        text: the Markdown.
        budget: characters that the addresses of references may add.

    """
    return _blocks(text, budget).tokens()


def _blocks(text: str, budget: int) -> Blocks:
    """Return the blocks of Markdown."""
    references = References(budget=budget)
    if "]:" in text:
        # A link can stand before its definition. To keep all blocks until then would take
        # many objects; to look twice does not.
        _read_lines(text, Blocks(len(text), references, define_only=True))
    blocks = Blocks(len(text), references)
    _read_lines(text, blocks)
    return blocks


def _read_lines(text: str, blocks: Blocks) -> None:
    """Read all lines."""
    at = 0
    for line in text.split("\n"):
        Line(blocks, line, at).read()
        at += len(line) + 1
    blocks.close(0, len(text))


def inlined(text: str, budget: int) -> str:
    """Return Markdown with the address of each link at the link.

    Args:
        text: the Markdown.
        budget: characters that these addresses may add.

    """
    blocks = _blocks(text, budget)
    tokens = Tokens()
    for token in blocks.tokens():
        tokens.append(token)
    if not blocks.references.used:
        return text
    changes = [
        (token.start, token.end, f"]({_escaped(target)})")
        for target, token in _ends_of_links(tokens)
        if text.startswith("]", token.start) and not text.startswith("](", token.start)
    ]
    changes += [
        (token.start, token.end, f"![{token.attributes['alt']}]({_escaped(source)})")
        for token in tokens
        if token.value == "img"
        and text.startswith("![", token.start)
        and not text.endswith(")", token.start, token.end)
        and (source := token.attributes["src"])
    ]
    changes += [(start, end, "") for start, end in blocks.definitions]
    pieces, at = [], 0
    for start, end, new in sorted(changes):
        if start >= at:
            pieces += [text[at:start], new]
            at = end
    return "".join([*pieces, text[at:]])


def _escaped(target: str) -> str:
    """Return an address that a parenthesis or a space does not end."""
    return target.replace("(", "%28").replace(")", "%29").replace(" ", "%20")


def _ends_of_links(tokens: Tokens) -> Iterator[tuple[str, Token]]:
    """Return the ends of links, with the address."""
    target = ""
    for token in tokens:
        if token.value == "a" and token.kind is Kind.START:
            target = token.attributes.get("href", "")
        elif token.value == "a" and token.kind is Kind.END:
            yield target, token
