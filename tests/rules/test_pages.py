"""The rules for pages find what they are for, and nothing else."""

from pathlib import Path
from typing import Any

import pytest

from . import pages
from .common import Rule

PAGE = Path(__file__).parent.parent.parent / "docs" / "page.md"
FORM: dict[str, Any] = {
    "name": "Bug",
    "description": "What is wrong",
    "body": [
        {"type": "markdown", "attributes": {"value": "Post no secrets."}},
        {"type": "input", "id": "version", "attributes": {"label": "Version"}},
    ],
}


@pytest.mark.parametrize(
    ("rule", "data"),
    [
        (
            pages.links,
            (
                "# A (b), c?\n## “中文” `x_y`\n# A (b), c?\n"
                "[a](#a-b-c) [a](#a-b-c-1) [z](#中文-x_y) [a](architecture.md)"
                " [a](architecture.md#the-walls) [a](https://a.b#c) `[a](nothing.md)`",
                PAGE,
            ),
        ),
        (pages.same_sections, ("# A\n## B\n| a |\n", "# 甲\n## 乙\n| 甲 |\n")),
        (pages.short, ("one two", "一二")),
        (
            pages.shown_words,
            ("*Fail … once* and **bold** and `*code*`", ["Fail at\nonce"]),
        ),
        (pages.shown_words, ("“立即报错”", ["选择“立即报错”。"])),
        (
            pages.shown_words,
            (
                "| Field | Say |\n|---|---|\n| Name, Format | A |\n| `x` | B |\n"
                "\n| Other | Say |\n|---|---|\n| Anything | C |\n",
                ["Name", "Format"],
            ),
        ),
        (
            pages.documented,
            (
                {
                    "rules": {
                        "brands": "done",
                        "docs-triggers": {"status": "exempt", "comment": "None."},
                        "docs-actions": {
                            "status": "done",
                            "comment": "README.md, docs/en/setup.md#removal",
                        },
                    }
                },
                PAGE.parent.parent,
            ),
        ),
        (pages.issue_form, (FORM,)),
    ],
)
def test_accepts(rule: Rule, data: tuple[Any, ...]) -> None:
    """A rule has nothing to say of what is right."""
    assert not list(rule(*data, **words(rule, data)))


@pytest.mark.parametrize(
    ("rule", "data", "problems"),
    [
        (
            pages.links,
            (
                '# A\n```\n# B\n```\n[a](b.md "t") ![c](d/e.png#f) ![d](pictures/x.png)\n'
                '<img width="1" src="g.png"> [b](#b) [w](architecture.md#none)',
                PAGE,
            ),
            [
                "b.md does not exist",
                "d/e.png does not exist",
                "g.png does not exist",
                "#b: there is no such heading",
                "architecture.md#none: there is no such heading",
            ],
        ),
        (
            pages.same_sections,
            ("# A\n## B\n", "# 甲\n### 乙\n"),
            ["B and 乙 are of different levels"],
        ),
        (
            pages.same_sections,
            ("# A\n## B\n| a |\n", "# 甲\n```yaml\n```\n"),
            [
                "only one language has the section B",
                "0 examples in English, 1 in Chinese",
                "1 rows of tables in English, 0 in Chinese",
            ],
        ),
        (
            pages.short,
            ("a " * 900, "一" * 2700),
            ["900 words in English", "2700 characters in Chinese"],
        ),
        (
            pages.shown_words,
            ("*Fail now* “said”", ["Fail at once"]),
            ["the integration does not say Fail now"],
        ),
        (
            pages.shown_words,
            ("| Option | Say |\n|---|---|\n| Name | A |\n| Colour | B |\n", ["Name"]),
            ["the integration does not say Colour"],
        ),
        (
            pages.shown_words,
            ("*立即报错*，“马上报错”", ["立即报错"]),
            ["the integration does not say 马上报错"],
        ),
        (
            pages.documented,
            (
                {
                    "rules": {
                        "docs-actions": "done",
                        "docs-examples": {
                            "status": "done",
                            "comment": "docs/en/none.md, docs/en/setup.md#none",
                        },
                    }
                },
                PAGE.parent.parent,
            ),
            [
                "docs-actions: no page is named",
                "docs-examples: docs/en/none.md does not exist",
                "docs-examples: docs/en/setup.md#none: there is no such heading",
            ],
        ),
        (
            pages.issue_form,
            (
                {
                    "name": "Bug",
                    "body": [
                        {"type": "text"},
                        {"type": "dropdown", "id": "a", "attributes": {"label": "A"}},
                        {"type": "input", "id": "a", "attributes": {"label": "A"}},
                    ],
                },
            ),
            [
                "description is missing",
                "text is no type of field",
                "a field of the type dropdown has no options",
                "there are two fields a",
                "nothing warns of secrets",
            ],
        ),
    ],
)
def test_finds(rule: Rule, data: tuple[Any, ...], problems: list[str]) -> None:
    """A rule finds each thing that is wrong."""
    assert list(rule(*data, **words(rule, data))) == problems


def test_pictures(tmp_path: Path) -> None:
    """Pictures are missed, left over, or too large."""
    folder = tmp_path / "pictures"
    for name, size in (("en/a.png", 1), ("en/b.png", 150_001)):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x" * size)
    page = "![A](pictures/en/a.png)"
    assert list(pages.pictures({tmp_path / "page.md": page}, folder)) == [
        "en/b.png is on no page",
        "en/b.png has 150,001 bytes",
    ]
    page += " ![C](pictures/zh-Hans/c.png)"
    (folder / "en/b.png").unlink()
    assert list(pages.pictures({tmp_path / "page.md": page}, folder)) == [
        "zh-Hans/c.png does not exist"
    ]


def words(rule: Rule, data: tuple[Any, ...]) -> dict[str, bool]:
    """Return the language of a page, for the rule that asks."""
    return {"chinese": "报错" in data[0]} if rule is pages.shown_words else {}
