"""Tests of what the demo judges by."""

from typing import Any

import pytest

from tests.simulators import Simulators

from .accounts import demo_accounts, spare_accounts
from .errors import DemoError
from .forms import fill
from .guide import guide
from .log import problems
from .terminal import table, width

FIELDS: list[dict[str, Any]] = [
    {"name": "token", "required": True, "selector": {"text": {}}},
    {"name": "format", "required": True, "default": "text"},
    {"name": "topic", "optional": True},
    {"name": "title", "description": {"suggested_value": "Home"}},
    {
        "name": "connection",
        "type": "expandable",
        "schema": [
            {"name": "url", "required": True, "default": "https://example.com"},
            {"name": "verify_ssl", "required": True, "default": True},
        ],
    },
]
SECRET = "AT_0123456789"


def entry(level: str, text: str) -> str:
    """Return a line of Home Assistant's log."""
    return f"2026-11-21 02:05:10.690+00:00 {level} (MainThread) [logger] {text}\n"


def test_form_is_filled_with_defaults_and_answers() -> None:
    """What is not answered keeps what the form says, also in a section."""
    answers = {"token": "x", "connection": {"url": "http://127.0.0.1:1"}}
    assert fill(FIELDS, answers) == {
        "token": "x",
        "format": "text",
        "title": "Home",
        "connection": {"url": "http://127.0.0.1:1", "verify_ssl": True},
    }


@pytest.mark.parametrize(
    ("answers", "problem"),
    [
        ({}, "wants the field token"),
        ({"token": "x", "tokne": "y"}, "no field tokne"),
        ({"token": "x", "connection": {"uri": "y"}}, "no field uri"),
    ],
)
def test_form_that_is_not_as_expected(answers: dict[str, Any], problem: str) -> None:
    """A form that has changed is told, not guessed at."""
    with pytest.raises(DemoError, match=problem):
        fill(FIELDS, answers)


@pytest.mark.parametrize(
    "log",
    [
        "",
        entry("INFO", "Setting up wechat_push"),
        entry("WARNING", "Skipping pip installation of required modules"),
        entry(
            "WARNING",
            "We found a custom integration wechat_push which has not been tested by"
            " Home Assistant",
        ),
    ],
)
def test_clean_log(log: str) -> None:
    """What every Home Assistant says is no problem."""
    assert problems(log, [SECRET]) == []


@pytest.mark.parametrize(
    "log",
    [
        entry("ERROR", "Setup failed for 'camera'"),
        entry("CRITICAL", "Out of memory"),
        entry("WARNING", "Setup of wechat_push is taking over 10 seconds."),
        entry("WARNING", "Slow")
        + '  File "custom_components/wechat_push/notify.py", line 1\n',
        "Fatal Python error: Segmentation fault\n",
        entry("INFO", f"GET /api?appToken={SECRET}"),
    ],
)
def test_log_with_a_problem(log: str) -> None:
    """Errors, our own warnings and secrets are found among what is harmless."""
    harmless = entry("INFO", "Harmless")
    assert len(problems(log + harmless, [SECRET])) == 1


def test_table_is_aligned_with_chinese() -> None:
    """A Chinese character is two columns wide, a combining accent none."""
    text = table(("Who", "Took"), (("张三的手机", "2 ms"), ("Zoe\u0301", "15 ms")))
    lines = text.splitlines()
    assert [width(line) for line in lines] == [17] * 4
    assert lines[2] == "张三的手机   2 ms"


@pytest.mark.parametrize(
    ("language", "heading", "labels"),
    [("en_GB.UTF-8", "TRY THIS", "Secret"), ("zh_CN.UTF-8", "试一试", "企业 ID")],
)
def test_guide_names_every_field(
    monkeypatch: pytest.MonkeyPatch, language: str, heading: str, labels: str
) -> None:
    """What to type is told by the labels of the forms, in the terminal's language."""
    monkeypatch.setenv("LC_ALL", language)
    simulators = Simulators()
    accounts, spare = demo_accounts(simulators), spare_accounts(simulators)
    text = guide("http://127.0.0.1:1", "http://127.0.0.1:2/", accounts, spare)
    assert heading in text
    assert labels in text
    for account in spare:
        for secret in account.secrets:
            assert secret in text
