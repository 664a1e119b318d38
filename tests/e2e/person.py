"""Who sits in front of the browser: clicks, types, and can be counted doing so."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from playwright.async_api import Locator, Page

from .texts import Texts
from .watch import Watch


class Person:
    """A person with a browser.

    Args:
        page: of the browser.
        texts: in the language of the person.
        url: of Home Assistant.

    """

    def __init__(self, page: Page, texts: Texts, url: str) -> None:
        self.page = page
        self.texts = texts
        self.watch = Watch(texts)
        self.watch.follow(page)
        self.clicks = 0
        self.typed = 0
        self._url = url
        self._counts = True

    @contextmanager
    def uncounted(self) -> Generator[None]:
        """Do something that only a test does, or that has gone wrong."""
        self._counts = False
        try:
            yield
        finally:
            self._counts = True

    async def click(self, target: Locator) -> None:
        """Click, once the target is there and stands still."""
        await target.click()
        self.clicks += self._counts

    async def type(self, target: Locator, text: str) -> None:
        """Type into a field, in place of what it holds."""
        await target.fill(text)
        self.typed += self._counts

    async def go(self, path: str) -> None:
        """Open a page of Home Assistant by its address."""
        await self.page.goto(f"{self._url}{path}", wait_until="domcontentloaded")

    async def look(self, where: str) -> None:
        """Look at the page, and note what is wrong."""
        await self.watch.look(self.page, where)

    async def show(self, path: Path) -> None:
        """Keep a picture of what the person sees."""
        await self.page.screenshot(path=path)
