"""Rules for the keys of texts: each that is used has a text, and each text is used."""

import ast
from collections.abc import Collection, Iterator, Mapping
import re
from typing import Any

from .common import Json, Problems, unknown

# Home Assistant itself gives them. The oldest one supported has no texts of its own for
# the reasons.
HOME_ASSISTANTS = frozenset(
    {"event_type", "reauth_successful", "reconfigure_successful"}
)
# The words of the formats of translations: they name no text.
STRUCTURE = frozenset(
    {
        "abort",
        "create_entry",
        "data",
        "data_description",
        "default",
        "description",
        "entry_type",
        "error",
        "fields",
        "fix_flow",
        "initiate_flow",
        "menu_option_descriptions",
        "menu_options",
        "message",
        "name",
        "options",
        "progress",
        "sections",
        "state",
        "state_attributes",
        "step",
        "submit",
        "title",
    }
)
# In these, what stands below a first or a second key is named by Home Assistant as well.
PLATFORMS = {"entity": 1}
# Its keys are put together in the code.
UNCHECKED = frozenset({"common"})

_STEP = "async_step_"
# Each provider has such a step.
_STEPS = re.compile("^(reauth|reconfigure)_")
_CONSTANTS = ("ATTR_", "CONF_")


def named(source: str) -> set[str]:
    """Return all words of a module that may be the key of a text."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Constant(value=str(word)):
                found.add(word)
            case ast.AsyncFunctionDef(name=name) | ast.FunctionDef(name=name):
                found.add(name.removeprefix(_STEP))
            # Those of Home Assistant have the value that their name says.
            case ast.Name(id=name) if name.startswith(_CONSTANTS):
                found.add(name.partition("_")[2].lower())
    return found


def problems(source: str) -> set[str]:
    """Return the values of the enums of problems in a module."""
    return {
        node.value.value
        for enum in ast.walk(ast.parse(source))
        if isinstance(enum, ast.ClassDef) and enum.name.endswith("Problem")
        for node in enum.body
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    }


def translation_keys(source: str) -> set[str]:
    """Return what a module gives as the key of a translation."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.keyword(arg="translation_key", value=value):
                found |= _words(value)
            case ast.Assign(
                targets=[ast.Name(id="_attr_translation_key")], value=value
            ):
                found |= _words(value)
    return found


def _words(node: ast.expr) -> set[str]:
    """Return the texts that an expression can be."""
    match node:
        case ast.Constant(value=str(word)):
            return {word}
        case ast.IfExp(body=body, orelse=other):
            return _words(body) | _words(other)
    return set()


def _keys(tree: Mapping[str, Any], *above: str) -> Iterator[tuple[str, ...]]:
    """Yield the way to each key."""
    for key, value in tree.items():
        yield (*above, key)
        if isinstance(value, Mapping):
            yield from _keys(value, *above, key)


def unused(tree: Json, words: Collection[str]) -> Problems:
    """No text is left over from what is gone."""
    known = {*words, *STRUCTURE, *HOME_ASSISTANTS}
    for category, content in tree.items():
        if not isinstance(content, Mapping) or category in UNCHECKED:
            continue
        for way in _keys(content):
            name = _STEPS.sub("", way[-1])
            if not known.isdisjoint({name, way[-1]}):
                continue
            if len(way) > PLATFORMS.get(category, 0):
                yield f"{category}.{'.'.join(way)}: nothing uses it"


def without_text(tree: Json, words: Collection[str]) -> Problems:
    """Every key of a translation that the code names exists."""
    there = {way[-1] for way in _keys(tree)}
    yield from unknown("translation keys", words, there)


def without_error(tree: Json, words: Collection[str]) -> Problems:
    """Every problem has a text for whoever sent the message, or an issue."""
    there = {*tree.get("exceptions", {}), *tree.get("issues", {})}
    yield from unknown("problems", words, there)
