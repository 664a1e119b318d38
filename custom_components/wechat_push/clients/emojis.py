"""Names of emojis between colons, such as `:+1:`, become the emojis."""

from functools import cache
import re
from typing import Final

_NAME: Final = re.compile(r":([a-z0-9_+-]{1,40}):", re.IGNORECASE)


def replace_emojis(text: str) -> str:
    """Return a text with the emojis that it names; other names stay as they are."""
    if _NAME.search(text) is None:
        return text
    names = _emojis()
    replaced, position = [], 0
    while (match := _NAME.search(text, position)) is not None:
        emoji = names.get(match[1].lower())
        # The colon after an unknown name may begin a known one.
        end = match.end() - 1 if emoji is None else match.end()
        replaced.append(
            text[position:end]
            if emoji is None
            else text[position : match.start()] + emoji
        )
        position = end
    return "".join((*replaced, text[position:]))


@cache
def _emojis() -> dict[str, str]:
    """Return the emojis by their names; the table is read when it is first needed."""
    from .emoji_table import NAMES  # noqa: PLC0415

    return {
        name: emoji
        for emoji, _, names in (each.partition("=") for each in NAMES.split())
        for name in names.split(",")
    }
