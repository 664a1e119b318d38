"""The texts that a person reads: those of WeChat Push, and Home Assistant's own."""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.util import find_spec
import json
from pathlib import Path
import re
from typing import Any, Final

import hass_frontend

from ..demo import DOMAIN

_OURS: Final = (
    Path(__file__).resolve().parents[2] / "custom_components" / DOMAIN / "translations"
)
_FRONTEND: Final = hass_frontend.where() / "static" / "translations"
_PLACEHOLDER: Final = re.compile(r"\{[^{}]*\}")


class Texts:
    """All texts in one language, by the keys under which the translations have them."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._ours = _read(_OURS / f"{language}.json")
        self._frontend = _frontend(language)

    def ours(self, key: str) -> str:
        """Return a text of WeChat Push, such as `config.step.user.title`."""
        text: Any = self._ours
        for part in key.split("."):
            text = text[part]
        assert isinstance(text, str)
        return text

    def pattern(self, key: str) -> re.Pattern[str]:
        """Return what finds a text of WeChat Push, whatever its placeholders hold."""
        return re.compile(self._expression(key), re.DOTALL)

    def whole(self, key: str) -> re.Pattern[str]:
        """Return what finds a text of WeChat Push where nothing else stands."""
        return re.compile(rf"^\s*{self._expression(key)}\s*$", re.DOTALL)

    def _expression(self, key: str) -> str:
        """Return a text of WeChat Push as a regular expression."""
        parts = (re.escape(part) for part in _PLACEHOLDER.split(self.ours(key)))
        return "(.*)".join(parts)

    @property
    def name(self) -> str:
        """Return what Home Assistant calls WeChat Push where nothing is translated."""
        name: str = _read(_OURS.parent / "manifest.json")["name"]
        return name

    def frontend(self, key: str) -> str:
        """Return a text of Home Assistant's frontend, such as `ui.common.next`."""
        return self._frontend[key]

    def our_words(self) -> str:
        """Return all that WeChat Push says in this language, in one text."""
        return "\n".join(_strings(self._ours))

    def own_words(self) -> str:
        """Return all that Home Assistant itself says in this language, in one text."""
        return _own_words(self.language)


def _read(path: Path) -> Any:
    """Parse a JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))


@cache
def _frontend(language: str) -> Mapping[str, str]:
    """Return the frontend's texts: those of all pages, and those of single pages."""
    texts: dict[str, str] = {}
    for path in _FRONTEND.glob(f"**/{language}-{'[0-9a-f]' * 32}.json"):
        texts |= _read(path)
    return texts


@cache
def _own_words(language: str) -> str:
    """Return what Home Assistant says in a language, English where it lacks the word."""
    # Home Assistant is not imported: it runs in a process of its own.
    spec = find_spec("homeassistant")
    assert spec is not None
    assert spec.origin is not None
    components = Path(spec.origin).parent / "components"
    texts = list(_frontend(language).values())
    for path in components.glob("*/translations/en.json"):
        translated = path.with_name(f"{language}.json")
        texts += _strings(_read(path))
        texts += _strings(_read(translated)) if translated.exists() else ()
    return "\n".join(texts)


def _strings(value: Any) -> Iterator[str]:
    """Yield the texts at the ends of nested translations."""
    if isinstance(value, str):
        yield value
    else:
        for each in value.values():
            yield from _strings(each)
