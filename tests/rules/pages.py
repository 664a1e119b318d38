"""Rules for what people read: links, headings, lengths, and the words of the forms."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
import re
from typing import Any

from .common import Problems

# The largest picture, in bytes.
MAX_PICTURE = 150_000
# The longest READMEs.
MAX_WORDS = 900
MAX_CHARACTERS = 2700

_LINK = re.compile(
    r"""!?\[[^]]*]\(\s*<?([^)\s>]+)[^)]*\)|<(?:a|img)\s[^>]*(?:href|src)="([^"]+)\""""
)
_BLOCK = re.compile(r"(?ms)^ *```.*?^ *```\s*$")
_CODE = re.compile(rf"{_BLOCK.pattern}|`[^`\n]+`")
_HEADING = re.compile(r"(?m)^(#+) +(.*?)\s*$")
# Words of this integration: in italics, in Chinese in quotation marks as well.
_ENGLISH_WORDS = re.compile(r"(?<![*\w])\*([^*\n]+)\*(?![*\w])")
_CHINESE_WORDS = re.compile(r"“([^”\n]+)”")
# The first cells of a table of fields or options, unless they hold a quotation.
_FIELDS = re.compile(
    r"(?m)^ *\| (?:Field|Option|字段|选项) \|.*\n *\|[-|]+\n((?: *\|.*\n)*)"
)
_FIRST_CELL = re.compile(r"(?m)^ *\| ([^|`*“]+) \|")
# Pages in docs/ that the documentation rules of the quality scale name.
_PAGE = re.compile(r"(?:docs/en/\w+|README)\.md(?:#[\w-]+)?")
# What a field of an issue form needs, by its type.
_FIELD_KEYS: Mapping[str, Collection[str]] = {
    "checkboxes": ("label", "options"),
    "dropdown": ("label", "options"),
    "input": ("label",),
    "markdown": ("value",),
    "textarea": ("label",),
}


def _headings(markdown: str) -> list[tuple[int, str]]:
    """Return the level and the text of each heading."""
    found = _HEADING.findall(_BLOCK.sub("", markdown))
    return [(len(marks), text) for marks, text in found]


def _anchors(markdown: str) -> Iterator[str]:
    """Yield the anchors of the headings, as GitHub makes them."""
    seen: Counter[str] = Counter()
    for _, text in _headings(markdown):
        shown = re.sub(r"!?\[([^]]*)]\([^)]*\)", r"\1", text).lower()
        anchor = re.sub(r"[^\w\- ]", "", shown).replace(" ", "-")
        yield f"{anchor}-{seen[anchor]}" if seen[anchor] else anchor
        seen[anchor] += 1


def links(markdown: str, page: Path) -> Problems:
    """A link leads to a file of the repository and to a heading that exist.

    Args:
        markdown: the text of the page.
        page: where it is.

    """
    for link in _LINK.finditer(_CODE.sub("", markdown)):
        target = link[1] or link[2]
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        if "pictures/" in name:
            # There is a rule for them.
            continue
        file = page.parent / name if name else page
        if name and not file.exists():
            yield f"{name} does not exist"
        elif anchor and file.suffix == ".md":
            text = file.read_text(encoding="utf-8") if name else markdown
            if anchor not in _anchors(text):
                yield f"{target}: there is no such heading"


def pictures(shown: Mapping[Path, str], folder: Path) -> Problems:
    """Pages show pictures that exist and are small, and all that there are.

    Args:
        shown: the text of each page.
        folder: where the pictures are.

    """
    wanted = {
        (page.parent / target).resolve()
        for page, markdown in shown.items()
        for target in re.findall(r"!\[[^]]*]\(([^)]*pictures/[^)]*)\)", markdown)
    }
    there = {each.resolve() for each in folder.glob("*/*") if each.is_file()}
    for each in sorted(wanted - there):
        yield f"{each.relative_to(folder.resolve())} does not exist"
    for each in sorted(there - wanted):
        yield f"{each.relative_to(folder.resolve())} is on no page"
    for each in sorted(there):
        if (size := each.stat().st_size) > MAX_PICTURE:
            yield f"{each.relative_to(folder.resolve())} has {size:,} bytes"


def same_sections(english: str, chinese: str) -> Problems:
    """Both languages of a page have the same sections, examples and tables."""
    ours, theirs = _headings(english), _headings(chinese)
    for (level, text), (other_level, other_text) in zip(ours, theirs, strict=False):
        if level != other_level:
            yield f"{text} and {other_text} are of different levels"
            return
    for _, text in (*ours[len(theirs) :], *theirs[len(ours) :]):
        yield f"only one language has the section {text}"
    for what, pattern in (
        ("examples", r"(?m)^```\w"),
        ("rows of tables", r"(?m)^ *\|"),
    ):
        count, other = (len(re.findall(pattern, page)) for page in (english, chinese))
        if count != other:
            yield f"{count} {what} in English, {other} in Chinese"


def short(english: str, chinese: str) -> Problems:
    """A README can be read in a few minutes."""
    if (count := len(english.split())) >= MAX_WORDS:
        yield f"{count} words in English"
    if (count := len(chinese)) >= MAX_CHARACTERS:
        yield f"{count} characters in Chinese"


def shown_words(markdown: str, texts: Collection[str], *, chinese: bool) -> Problems:
    """What a page quotes from the forms, entities and errors stands there.

    Args:
        markdown: the text of the page. Placeholders are written as an ellipsis.
        texts: all that the integration says in the language of the page.
        chinese: quotation marks are quotations as well.

    """
    plain = _CODE.sub("", markdown)
    quoted = _ENGLISH_WORDS.findall(plain)
    if chinese:
        quoted += _CHINESE_WORDS.findall(plain)
    for words in quoted + list(_fields(plain)):
        parts = (re.escape(part.strip()) for part in words.split("…"))
        pattern = re.compile(".*".join(parts), re.DOTALL)
        if not any(pattern.search(text) for text in texts):
            yield f"the integration does not say {words}"


def _fields(markdown: str) -> Iterator[str]:
    """Yield the names of fields and options that a page explains."""
    for table in _FIELDS.findall(markdown):
        for cell in _FIRST_CELL.findall(table):
            yield from re.split(r", |、", cell)


def documented(scale: Mapping[str, Any], root: Path) -> Problems:
    """Every rule of the quality scale about documentation names a page that exists."""
    for rule, answer in scale["rules"].items():
        if not rule.startswith("docs-"):
            continue
        status, comment = (
            (answer["status"], answer["comment"])
            if isinstance(answer, Mapping)
            else (answer, "")
        )
        if status != "done":
            continue
        if not (places := _PAGE.findall(comment)):
            yield f"{rule}: no page is named"
        for place in places:
            for problem in links(f"[page]({place})", root / "README.md"):
                yield f"{rule}: {problem}"


def issue_form(form: Mapping[str, Any]) -> Problems:
    """GitHub accepts an issue form."""
    for key in ("name", "description", "body"):
        if not form.get(key):
            yield f"{key} is missing"
    seen: set[str] = set()
    for field in form.get("body", ()):
        if (kind := field.get("type")) not in _FIELD_KEYS:
            yield f"{kind} is no type of field"
            continue
        attributes = field.get("attributes", {})
        for key in _FIELD_KEYS[kind]:
            if not attributes.get(key):
                yield f"a field of the type {kind} has no {key}"
        if (name := field.get("id")) in seen:
            yield f"there are two fields {name}"
        elif name:
            seen.add(name)
    if not any("secret" in text.lower() for text in _texts(form)):
        yield "nothing warns of secrets"


def _texts(tree: Any) -> Iterator[str]:
    """Yield all texts in a form."""
    if isinstance(tree, str):
        yield tree
    elif isinstance(tree, Mapping):
        for value in tree.values():
            yield from _texts(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from _texts(value)
