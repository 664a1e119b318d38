"""Rules for the code: the walls between the rooms."""

import ast
from collections.abc import Iterator
from pathlib import PurePath
import re

from custom_components.wechat_push.providers import PROVIDERS

from .common import Problems

# The folders and modules of the integration; each layer knows those above it here.
LAYERS = (
    ("clients",),
    ("delivery",),
    ("const", "permission", "test_message", "time_zones", "words"),
    ("imports",),
    ("providers",),
    ("errors", "options", "storage"),
    ("media", "results"),
    ("fields",),
    ("message_defaults",),
    ("issues", "recipient"),
    ("account", "message_action"),
    ("backup", "diagnostics", "entity", "flows", "notify_actions", "repairs"),
    ("button", "event", "notify", "sensor"),
    ("targets",),
    ("services",),
    ("__init__", "config_flow"),
)


def _imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield what is imported, written as in the code."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            yield node.lineno, module
            yield from (
                (node.lineno, module + name.name)
                for name in node.names
                if not node.module
            )


def clients_alone(source: str, module: PurePath) -> Problems:
    """Clients know nothing of Home Assistant, nor of the integration around them.

    Args:
        source: the code.
        module: where it is, as seen from the folder of the clients.

    """
    outside = r"\." * (len(module.parts) + 1)
    foreign = rf"(homeassistant|voluptuous|custom_components)\b|{outside}"
    for line, name in _imports(ast.parse(source)):
        if re.match(foreign, name):
            yield f"line {line}: a client imports {name}"


def imports_upward(source: str, module: PurePath) -> Problems:
    """Every module imports from its own layer and those below it alone.

    Args:
        source: the code.
        module: where it is, as seen from the folder of the integration.

    """
    layers = {name: number for number, each in enumerate(LAYERS) for name in each}
    layer = layers.get(module.with_suffix("").parts[0])
    if layer is None:
        yield "it is in no layer"
        return
    for line, name in _imports(ast.parse(source)):
        words = name.lstrip(".")
        if (level := len(name) - len(words)) != len(module.parts) or not words:
            # Of another package, or of the same folder.
            if level > len(module.parts):
                yield f"line {line}: imports {name}"
            continue
        if layers.get(words.split(".")[0], layer) > layer:
            yield f"line {line}: imports {name}"


def _constants(node: ast.AST) -> Iterator[object]:
    """Yield the constants of an operand, those in a tuple, a list or a set included."""
    yield from (part.value for part in ast.walk(node) if isinstance(part, ast.Constant))


def providers_unnamed(source: str) -> Problems:
    """Only a provider itself knows its name: nobody else compares with it."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Compare):
            operands: list[ast.AST] = [node.left, *node.comparators]
        elif isinstance(node, ast.MatchValue):
            operands = [node]
        else:
            continue
        found = {value for operand in operands for value in _constants(operand)}
        for name in sorted(PROVIDERS.keys() & found):
            yield f"line {node.lineno}: compares with {name}"
