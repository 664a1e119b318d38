"""A provider can be added by the list in CONTRIBUTING, and the tests of all take it up."""

from collections.abc import Mapping
import json
import os
from pathlib import Path
import re
import shutil
import subprocess
import sys
from typing import Any

import pytest

from .test_repository import ROOT

NEWCOMER = Path(__file__).parent / "newcomer"
INTEGRATION = Path("custom_components/wechat_push")
# What is in the folder of a service, and where it belongs. As text, since its imports lead
# nowhere here.
PLACES = {
    "clients": INTEGRATION / "clients",
    "providers": INTEGRATION / "providers",
    "simulators": Path("tests/simulators"),
    "sample_accounts": Path("tests/sample_accounts"),
}
# What makes the service known, by file: lines, and what they are put in front of.
LINES: Mapping[Path, Mapping[str, str]] = {
    INTEGRATION / "providers/__init__.py": {
        "from .toy import Toy\n": "from .wecom import",
        "        Toy(),\n": "    )\n}",
    },
    Path("tests/simulators/together.py"): {
        "from .toy import Toy\n": "from .wecom import",
        "    Toy,\n": ")\n\n\nclass Simulators",
    },
    Path("tests/sample_accounts/__init__.py"): {
        "    toy,\n": ")\nfrom .sample",
        "        toy,\n": "    )\n}",
    },
}
# What the tests of all providers are, as far as they show that it works and fails.
TESTS = (
    "tests/test_config_flow.py",
    "tests/test_config_flow_errors.py",
    "tests/test_delivery/test_duplicates.py",
    "tests/test_names.py",
    "tests/test_notify.py",
    "tests/test_reauth.py",
    "tests/test_reconfigure.py",
    "tests/test_registry.py",
    "tests/test_secrets.py",
    "tests/test_sensor.py",
    "tests/test_services/test_general.py",
    "tests/test_services/test_long.py",
    "tests/test_stored.py",
)


def renamed(tree: Any) -> Any:
    """Return the texts of another service that is set up alike, with other names."""
    if isinstance(tree, dict):
        return {key: renamed(value) for key, value in tree.items()}
    return re.sub("Server酱", "Toy", tree)


def with_texts(tree: Any) -> Any:
    """Return texts in which those of Server酱 are there for the new service as well."""
    if not isinstance(tree, dict):
        return tree
    found = {}
    for key, value in tree.items():
        found[key] = with_texts(value)
        if "serverchan" in key and "quota" not in key:
            other = key.replace("serverchan_send_key", "toy_key")
            found[other.replace("serverchan", "toy")] = renamed(value)
    return found


@pytest.fixture(name="checkout")
def checkout_fixture(tmp_path: Path) -> Path:
    """Return a copy of the repository in which the service was added."""
    skipped = shutil.ignore_patterns("__pycache__", "e2e", "bench", "newcomer")
    for folder in ("custom_components", "tests"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=skipped)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for kind, place in PLACES.items():
        shutil.copy(NEWCOMER / kind / "toy.py.txt", tmp_path / place / "toy.py")
    for name, lines in LINES.items():
        text = (tmp_path / name).read_text(encoding="utf-8")
        for line, before in lines.items():
            assert before in text
            text = text.replace(before, line + before, 1)
        (tmp_path / name).write_text(text, encoding="utf-8")
    for path in (tmp_path / INTEGRATION / "translations").glob("*.json"):
        texts = with_texts(json.loads(path.read_text(encoding="utf-8")))
        path.write_text(json.dumps(texts, ensure_ascii=False), encoding="utf-8")
    return tmp_path


def test_list_is_true() -> None:
    """Test that what is touched here is what the list names, beside pages and the demo."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    listed = text.partition("## To add a provider")[2].partition("## ")[0]
    new = (place / "<name>.py" for place in PLACES.values())
    for path in (*new, *LINES):
        name = str(path).removeprefix(f"{INTEGRATION}/")
        assert f"`{name}`" in listed, name
    assert "`translations/*.json`" in listed


def test_newcomer(checkout: Path) -> None:
    """Test that it is registered, set up and sends, and fails as the others do."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
            *("-k", "toy and not test_pages", *TESTS),
        ],
        cwd=checkout,
        env={**os.environ, "PYTHONPATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5000:]
    found = re.search(r"(\d+) passed", done.stdout)
    assert found is not None
    assert int(found[1]) > 90
