"""A Home Assistant, the services it speaks to, and a browser that shows it."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
import json
from pathlib import Path
import socket
import time
from typing import Any, Final

from playwright.async_api import Browser, BrowserContext, async_playwright, expect

from ..demo.api import Api
from ..demo.config import HOST
from ..demo.instance import Instance
from ..simulators import Simulators
from .person import Person
from .texts import Texts

# Where scripts/setup has noted which browser there is.
_BROWSER: Final = Path(__file__).parents[2] / ".cache" / "browser"
_FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# Milliseconds for anything that is to appear; the machine may do much beside.
PATIENCE: Final = 30_000
TIME_ZONE: Final = "Asia/Shanghai"


@dataclass(frozen=True, kw_only=True, slots=True)
class Screen:
    """What a person looks at."""

    language: str
    locale: str
    width: int
    height: int
    is_phone: bool = False
    # Of a pixel, in the pictures.
    scale: float = 1
    has_sidebar: bool = True


DESK: Final = Screen(language="en", locale="en-US", width=1280, height=900)
PHONE: Final = Screen(
    language="zh-Hans", locale="zh-CN", width=390, height=844, is_phone=True
)
# The smallest story alone; rules check the texts.
TRADITIONAL: Final = replace(PHONE, language="zh-Hant", locale="zh-TW")


@dataclass(frozen=True, kw_only=True, slots=True)
class House:
    """All that a story needs."""

    folder: Path
    simulators: Simulators
    instance: Instance
    api: Api
    person: Person
    # The accounts that were added, by their providers.
    entries: dict[str, Mapping[str, Any]] = field(default_factory=dict)


@asynccontextmanager
async def running_browser() -> AsyncGenerator[Browser]:
    """Start the browser without a window, and end it."""
    expect.set_options(timeout=PATIENCE)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=_BROWSER.read_text(encoding="utf-8"), args=_FLAGS
        )
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def running_house(
    browser: Browser, folder: Path, screen: Screen
) -> AsyncGenerator[House]:
    """Start the services and Home Assistant, and let a person log in."""
    folder.mkdir(parents=True, exist_ok=True)
    async with Simulators() as simulators:
        instance = Instance(folder, _free_port())
        try:
            await instance.start()
            async with Api(instance.url) as api:
                await api.create_owner()
                await api.finish_onboarding()
                await api.command("config/core/update", language=screen.language)
                context = await _log_in(browser, screen, instance.url, api)
                person = Person(
                    await context.new_page(), Texts(screen.language), instance.url
                )
                yield House(
                    folder=folder,
                    simulators=simulators,
                    instance=instance,
                    api=api,
                    person=person,
                )
                await context.close()
        finally:
            await instance.stop()


async def _log_in(
    browser: Browser, screen: Screen, url: str, api: Api
) -> BrowserContext:
    """Return a browser that is logged in, as it is after the login page."""
    context = await browser.new_context(
        viewport={"width": screen.width, "height": screen.height},
        locale=screen.locale,
        timezone_id=TIME_ZONE,
        reduced_motion="reduce",
        device_scale_factor=screen.scale,
        has_touch=screen.is_phone,
    )
    context.set_default_timeout(PATIENCE)
    tokens = {
        **api.tokens,
        "hassUrl": url,
        "clientId": api.client_id,
        "expires": (time.time() + api.tokens["expires_in"]) * 1000,
    }
    stored: dict[str, Any] = {"hassTokens": tokens, "selectedLanguage": screen.language}
    if not screen.has_sidebar:
        stored["dockedSidebar"] = "always_hidden"
    for key, value in stored.items():
        await context.add_init_script(
            f"localStorage.setItem({json.dumps(key)}, {json.dumps(json.dumps(value))});"
        )
    return context


def _free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as server:
        server.bind((HOST, 0))
        port: int = server.getsockname()[1]
        return port
