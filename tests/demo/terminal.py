"""What a person sees in the terminal: lines, how long a step took, a table."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
import time
import unicodedata


def say(text: str = "") -> None:
    """Print a line at once, also into a pipe."""
    print(text, flush=True)  # noqa: T201


@contextmanager
def step(name: str) -> Iterator[None]:
    """Tell what is being done and how long it took."""
    started = time.monotonic()
    yield
    say(f"[{time.monotonic() - started:6.2f} s] {name}")


def width(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    return sum(
        0
        if unicodedata.combining(char)
        else 2
        if unicodedata.east_asian_width(char) in "WF"
        else 1
        for char in text
    )


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return rows as aligned text; the last column is of numbers, so to the right."""
    columns = [max(map(width, column)) for column in zip(header, *rows, strict=True)]

    def line(cells: Sequence[str]) -> str:
        """Return one row."""
        *texts, number = cells
        padded = [
            cell + " " * (column - width(cell))
            for cell, column in zip(texts, columns, strict=False)
        ]
        padded.append(" " * (columns[-1] - width(number)) + number)
        return "  ".join(padded)

    rule = "  ".join("─" * column for column in columns)
    return "\n".join((line(header), rule, *map(line, rows)))
