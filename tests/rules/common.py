"""What all rules share: the types, and walking through a file of translations."""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

type Json = dict[str, Any]
type Problems = Iterator[str]
type Rule = Callable[..., Problems]


def texts(tree: Mapping[str, Any], *above: str) -> Iterator[tuple[str, object]]:
    """Yield every leaf with its dotted path."""
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from texts(value, *above, key)
        else:
            yield ".".join((*above, key)), value


def differences(
    where: str, first: str, keys: Collection[str], second: str, others: Collection[str]
) -> Problems:
    """Yield the keys that only one of two places has."""
    for key in sorted(set(keys) - set(others)):
        yield f"{where}: {key} is in {first} but not in {second}"
    for key in sorted(set(others) - set(keys)):
        yield f"{where}: {key} is in {second} but not in {first}"


def unknown(where: str, keys: Collection[str], known: Collection[str]) -> Problems:
    """Yield the keys that Home Assistant does not know there."""
    for key in sorted(set(keys) - set(known)):
        yield f"{where}: unknown key {key}"
