"""The web page of the simulated phones, with a switch for each service."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from aiohttp import web
from markdown_it import MarkdownIt

from .base import Notification, Simulator
from .blocks import Block
from .trouble import Trouble

_FOLDER = Path(__file__).parent / "page"
_PAGE_FILES = {
    "/": ("phones.html", "text/html"),
    "/phones.css": ("phones.css", "text/css"),
    "/phones.js": ("phones.js", "text/javascript"),
}
_SHOWN = 50  # notifications per service
# What messages bring along is shown in frames without scripts; frames inherit this.
_PICTURES = "img-src 'self' data: http: https:"
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline';"
        f" connect-src 'self'; {_PICTURES}; form-action 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_FILE_HEADERS = {**_HEADERS, "Content-Security-Policy": "default-src 'none'; sandbox"}
# All other files are downloaded.
_DISPLAYED_FILES = frozenset({"image/gif", "image/jpeg", "image/png", "image/webp"})

_markdown = MarkdownIt("commonmark", {"html": True, "breaks": True}).enable(
    ["table", "strikethrough"]
)


class Phones:
    """Serve the page, the data it fetches and its switches."""

    def __init__(self, simulators: Sequence[Simulator]) -> None:
        self.url = ""
        self._simulators = {simulator.name: simulator for simulator in simulators}
        self._runner: web.AppRunner | None = None

    async def start(self, *, port: int = 0, host: str = "127.0.0.1") -> None:
        """Listen on a port, by default any free one."""
        app = web.Application()
        for path in _PAGE_FILES:
            app.router.add_get(path, self._page)
        app.router.add_get("/notifications.json", self._notifications)
        app.router.add_get("/files/{service}/{key}", self._file)
        app.router.add_put("/services/{service}/trouble", self._switch)
        app.router.add_post("/services/{service}/scan", self._scan)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError, OverflowError:
            await runner.cleanup()
            raise
        self._runner = runner
        self.url = f"http://{host}:{runner.addresses[0][1]}/"

    async def close(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _page(self, request: web.Request) -> web.Response:
        """Serve a file of the page; it may be edited while the simulators run."""
        name, content_type = _PAGE_FILES[request.path]
        text = (_FOLDER / name).read_text(encoding="utf-8")
        return web.Response(text=text, content_type=content_type, headers=_HEADERS)

    async def _notifications(self, request: web.Request) -> web.Response:
        """Serve the notifications, newest first."""
        services = [_service(simulator) for simulator in self._simulators.values()]
        return web.json_response({"services": services}, headers=_HEADERS)

    def _simulator(self, request: web.Request) -> Simulator:
        """Return the simulator that a path names."""
        try:
            return self._simulators[request.match_info["service"]]
        except KeyError:
            raise web.HTTPNotFound from None

    async def _file(self, request: web.Request) -> web.Response:
        """Serve a file that a service keeps."""
        stored = self._simulator(request).stored_file(request.match_info["key"])
        if stored is None:
            raise web.HTTPNotFound
        headers = dict(_FILE_HEADERS)
        if stored.content_type not in _DISPLAYED_FILES:
            headers["Content-Disposition"] = "attachment"
        return web.Response(
            body=stored.content, content_type=stored.content_type, headers=headers
        )

    async def _switch(self, request: web.Request) -> web.Response:
        """Switch the trouble of a service, given as JSON; null switches it off."""
        _refuse_others(request)
        simulator = self._simulator(request)
        try:
            wanted = (await request.json())["trouble"]
            trouble = None if wanted is None else Trouble(wanted)
        except (ValueError, KeyError, TypeError) as err:
            raise web.HTTPBadRequest(
                text=f"trouble: null or one of {', '.join(Trouble)}"
            ) from err
        await simulator.switch_trouble(trouble)
        return web.json_response({"trouble": simulator.trouble}, headers=_HEADERS)

    async def _scan(self, request: web.Request) -> web.Response:
        """Scan the newest QR code of a service."""
        _refuse_others(request)
        simulator = self._simulator(request)
        if not simulator.can_be_scanned:
            raise web.HTTPConflict(text="there is no QR code")
        simulator.scan_newest()
        return web.json_response({}, headers=_HEADERS)


def _refuse_others(request: web.Request) -> None:
    """Refuse requests that pages of other servers can send without asking before."""
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType


def _service(simulator: Simulator) -> dict[str, Any]:
    """Return the data of the phone of one service."""
    received = simulator.notifications
    count = len(received)
    first = max(0, count - _SHOWN)
    shown = [
        {"id": f"{simulator.name} {number} {one.received}", **_shown(one)}
        for number, one in enumerate(received[first:], start=first)
    ]
    newest = received[-1].received if received else 0
    return {
        "name": simulator.name,
        "titles": {"en": simulator.title, "zh": simulator.chinese_title},
        "colour": simulator.colour,
        "badge": simulator.badge,
        "url": simulator.url,
        "trouble": simulator.trouble,
        "slowness": simulator.slowness,
        "can_be_scanned": simulator.can_be_scanned,
        "count": count,
        "version": f"{count} {newest}",
        "notifications": shown[::-1],
    }


def _shown(notification: Notification) -> Mapping[str, Any]:
    """Return a notification with its Markdown rendered."""
    blocks = [_rendered(block) for block in notification.blocks]
    return {**asdict(notification), "blocks": blocks}


def _rendered(block: Block) -> Block:
    """Return a block, as HTML if it is Markdown."""
    if block["type"] != "markdown":
        return block
    return {"type": "html", "text": _markdown.render(block["text"])}
