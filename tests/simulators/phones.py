"""A page that shows what the simulated phones received."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from aiohttp import web

from .base import Simulator

_PAGE = (Path(__file__).parent / "phones.html").read_text(encoding="utf-8")
_SHOWN = 50  # notifications of a service
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline';"
        " connect-src 'self'; img-src data:"
    ),
}


class Phones:
    """The page, and the data it fetches."""

    def __init__(self, simulators: Sequence[Simulator]) -> None:
        """Show what these simulators deliver."""
        self.url = ""
        self._simulators = simulators
        self._runner: web.AppRunner | None = None

    async def start(self, *, port: int = 0, host: str = "127.0.0.1") -> None:
        """Listen; with port 0 on any free port."""
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
        """Serve what was received, newest first."""
        services = [_service(simulator) for simulator in self._simulators]
        return web.json_response({"services": services}, headers=_HEADERS)


def _service(simulator: Simulator) -> dict[str, Any]:
    """Describe the phone of one service."""
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
