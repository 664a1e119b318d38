"""The rules for code and pages find what they are for, and nothing else."""

from pathlib import Path
from typing import Any

import pytest

from . import sources
from .common import Rule


@pytest.mark.parametrize(
    ("rule", "data"),
    [
        (sources.module_length, ("\n" * 420,)),
        (sources.clients_alone, ("import aiohttp\nfrom . import a\nfrom .b import c",)),
        (sources.providers_unnamed, ('key = "wecom"\nif a == "b" or c in D: pass',)),
        (
            sources.links,
            (
                "[a](#b) [c](https://d/e) `[f](g)` ![h](.#i)\n```\n[j](k)\n```\n",
                Path(__file__).parent,
            ),
        ),
    ],
)
def test_accepts(rule: Rule, data: tuple[Any, ...]) -> None:
    """A rule has nothing against what is right."""
    assert list(rule(*data)) == []


@pytest.mark.parametrize(
    ("rule", "data", "problems"),
    [
        (sources.module_length, ("\n" * 421,), ["it has 421 lines, 420 are enough"]),
        (
            sources.clients_alone,
            (
                "import homeassistant.core\nfrom homeassistant import b\nfrom .. import c\nfrom ..d import e\nimport voluptuous",
            ),
            [
                "line 1: a client imports homeassistant.core",
                "line 2: a client imports homeassistant",
                "line 3: a client imports ..",
                "line 3: a client imports ..c",
                "line 4: a client imports ..d",
                "line 5: a client imports voluptuous",
            ],
        ),
        (
            sources.providers_unnamed,
            (
                'if a == "wecom": pass\nb = c not in ("pushjet", "x")\nmatch d:\n case "wxpusher": pass',
            ),
            [
                "line 1: compares with wecom",
                "line 2: compares with pushjet",
                "line 4: compares with wxpusher",
            ],
        ),
        (
            sources.links,
            (
                '[a](b.md "t") ![c](d/e.png#f)\n<img width="1" src="g.png">',
                Path(__file__).parent,
            ),
            ["b.md does not exist", "d/e.png does not exist", "g.png does not exist"],
        ),
    ],
)
def test_finds(rule: Rule, data: tuple[Any, ...], problems: list[str]) -> None:
    """A rule finds each thing that is wrong."""
    assert list(rule(*data)) == problems
