"""The web page of the simulated phones."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from aiohttp import web

from .base import Simulator

_PAGE = (Path(__file__).parent / "phones.html").read_text(encoding="utf-8")
_SHOWN = 50  # notifications per service
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline';"
        " connect-src 'self'; img-src data:"
    ),
}


class Phones:
    """Serve the page and the data it fetches."""

    def __init__(self, simulators: Sequence[Simulator]) -> None:
        self.url = ""
        self._simulators = simulators
        self._runner: web.AppRunner | None = None

    async def start(self, *, port: int = 0, host: str = "127.0.0.1") -> None:
        """Listen on a port, by default any free one."""
        app = web.Application()
        app.router.add_get("/", self._page)
        app.router.add_get("/notifications.json", self._notifications)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError, OverflowError:
            await runner.cleanup()
            raise
        self._runner = runner
        self.url = f"http://{host}:{runner.addresses[0][1]}/"

    async def stop(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _page(self, request: web.Request) -> web.Response:
        """Serve the page."""
        return web.Response(text=_PAGE, content_type="text/html", headers=_HEADERS)

    async def _notifications(self, request: web.Request) -> web.Response:
        """Serve the notifications, newest first."""
        services = [_service(simulator) for simulator in self._simulators]
        return web.json_response({"services": services}, headers=_HEADERS)


def _service(simulator: Simulator) -> dict[str, Any]:
    """Return the data of the phone of one service."""
    received = simulator.notifications
    count = len(received)
    first = max(0, count - _SHOWN)
    shown = [
        {"id": f"{simulator.name} {number} {one.received}", **asdict(one)}
        for number, one in enumerate(received[first:], start=first)
    ]
    newest = received[-1].received if received else 0
    return {
        "name": simulator.name,
        "title": simulator.title,
        "url": simulator.url,
        "count": count,
        "version": f"{count} {newest}",
        "notifications": shown[::-1],
    }
