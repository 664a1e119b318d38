"""See what is wrong with a page: errors in the console, what does not fit, a wrong language."""

from pathlib import Path
import re
from typing import Final, TypedDict

from playwright.async_api import ConsoleMessage, Error, Page

from .texts import Texts

_LOOK: Final = (Path(__file__).parent / "look.js").read_text(encoding="utf-8")

_CHINESE: Final = re.compile(r"[\u3400-\u9fff]+")
# Two words in a row, the second in small letters: names are not in any language.
_ENGLISH: Final = re.compile(r"[A-Za-z][A-Za-z']*(?: [A-Z][A-Za-z']*)* [a-z][a-z']+")
# Keys that have no text, and placeholders that were not filled.
_RAW: Final = re.compile(
    r"\bcomponent\.\w+\.|\bui\.\w+\.|(?<![\w.@/])[a-z]+(?:_[a-z]+)+(?![\w./])|\{\w+\}"
)
# Home Assistant's own: on a phone, the dates of the activity are wider than the window.
_KNOWN_WIDE: Final = ("ha-panel-logbook div.toolbar",)
# The pictures of brands are on the internet.
_ELSEWHERE: Final = re.compile(r"/api/brands/|brands\.home-assistant\.io")


class Seen(TypedDict):
    """What the page shows."""

    texts: list[str]
    # Descriptions of what is wider than its place.
    wide: list[str]


class Watch:
    """Watches the pages of a person.

    Args:
        texts: the language that the pages have to speak.

    """

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        # What a person typed and what a service said, in whatever language.
        self._quoted: set[str] = set()
        self.problems: list[str] = []

    def follow(self, page: Page) -> None:
        """Watch the console of a page."""
        page.on("console", self._console)
        page.on("pageerror", self._page_error)

    def quote(self, *texts: str) -> None:
        """Let these texts stand on a page in any language."""
        self._quoted.update(texts)

    def _console(self, message: ConsoleMessage) -> None:
        """Note an error in the console."""
        if message.type == "error" and not _ELSEWHERE.search(
            message.location.get("url", "")
        ):
            self.problems.append(f"console: {message.text}")

    def _page_error(self, error: Error) -> None:
        """Note an error that nothing has caught."""
        self.problems.append(f"console: {error}")

    async def look(self, page: Page, where: str) -> None:
        """Look at all that can be seen now.

        Args:
            page: to look at.
            where: the place, for the person who reads of a problem.

        """
        seen: Seen = await page.evaluate(_LOOK)
        problems = [
            f"does not fit: {each}"
            for each in seen["wide"]
            if not each.startswith(_KNOWN_WIDE)
        ]
        for text in seen["texts"]:
            problems += self._problems_of(text)
        self.problems += [f"{where}: {each}" for each in dict.fromkeys(problems)]

    def _problems_of(self, text: str) -> list[str]:
        """Return what is wrong with a text."""
        for quoted in sorted(self._quoted, key=len, reverse=True):
            text = text.replace(quoted, "")
        problems = [f"raw key or placeholder: {text}"] if _RAW.search(text) else []
        if self._texts.language == "en":
            # Names that stand in a Chinese console are Chinese.
            if any(
                found[0] not in self._texts.our_words()
                for found in _CHINESE.finditer(text)
            ):
                problems.append(f"Chinese: {text}")
        elif any(
            found[0] not in self._texts.own_words() for found in _ENGLISH.finditer(text)
        ):
            problems.append(f"English: {text}")
        return problems
