"""The rules for code find what they are for, and nothing else."""

from pathlib import PurePath
from typing import Any

import pytest

from . import sources
from .common import Rule


@pytest.mark.parametrize(
    ("rule", "data"),
    [
        (
            sources.clients_alone,
            ("import aiohttp\nfrom . import a\nfrom .b import c", PurePath("d.py")),
        ),
        (
            sources.clients_alone,
            ("from .. import a\nfrom ..b import c", PurePath("d/e.py")),
        ),
        (
            sources.imports_upward,
            (
                "import json\nfrom .clients.a import b\nfrom . import options",
                PurePath("account.py"),
            ),
        ),
        (
            sources.imports_upward,
            (
                "from ..clients import a\nfrom .account import b",
                PurePath("delivery/c.py"),
            ),
        ),
        (
            sources.imports_upward,
            (
                "from ..client import a\nfrom .sensor import b",
                PurePath("clients/c/d.py"),
            ),
        ),
        (sources.providers_unnamed, ('key = "wecom"\nif a == "b" or c in D: pass',)),
    ],
)
def test_accepts(rule: Rule, data: tuple[Any, ...]) -> None:
    """A rule has nothing against what is right."""
    assert list(rule(*data)) == []


@pytest.mark.parametrize(
    ("rule", "data", "problems"),
    [
        (
            sources.imports_upward,
            (
                "from ..account import a\nfrom .. import sensor\nfrom ..delivery.b import c",
                PurePath("delivery/d.py"),
            ),
            ["line 1: imports ..account", "line 2: imports ..sensor"],
        ),
        (
            sources.imports_upward,
            ("from ...delivery import a", PurePath("clients/b/c.py")),
            ["line 1: imports ...delivery"],
        ),
        (
            sources.imports_upward,
            ("from .sensor import a\nfrom ..x import b", PurePath("account.py")),
            ["line 1: imports .sensor", "line 2: imports ..x"],
        ),
        (sources.imports_upward, ("", PurePath("x.py")), ["it is in no layer"]),
        (
            sources.clients_alone,
            ("from ...a import b", PurePath("c/d.py")),
            ["line 1: a client imports ...a"],
        ),
        (
            sources.clients_alone,
            (
                "import homeassistant.core\nfrom homeassistant import b\nfrom .. import c\nfrom ..d import e\nimport voluptuous",
                PurePath("a.py"),
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
    ],
)
def test_finds(rule: Rule, data: tuple[Any, ...], problems: list[str]) -> None:
    """A rule finds each thing that is wrong."""
    assert list(rule(*data)) == problems
