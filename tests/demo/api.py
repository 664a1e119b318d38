"""Home Assistant's own interfaces, REST and websocket, as its frontend uses them."""

from http import HTTPStatus
from itertools import count
from types import TracebackType
from typing import Any, Self

import aiohttp

from .errors import DemoError

USER = "demo"
PASSWORD = "demo"

_TIMEOUT = aiohttp.ClientTimeout(total=60)


class Api:
    """A session with Home Assistant, as its owner."""

    def __init__(self, url: str) -> None:
        """Set up for the address of a new Home Assistant."""
        self._url = url
        self.client_id = f"{url}/"
        # As the frontend keeps them in the browser.
        self.tokens: dict[str, Any] = {}
        self._session = aiohttp.ClientSession(timeout=_TIMEOUT)
        self._websocket: aiohttp.ClientWebSocketResponse | None = None
        self._ids = count(1)

    async def __aenter__(self) -> Self:
        """Return itself; nothing is sent yet."""
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close all connections."""
        if self._websocket is not None:
            await self._websocket.close()
        await self._session.close()

    async def get(self, path: str) -> Any:
        """Return what a path holds."""
        return await self._call("GET", path)

    async def post(self, path: str, data: dict[str, Any]) -> Any:
        """Post JSON, and return the answer."""
        return await self._call("POST", path, json=data)

    async def _call(self, method: str, path: str, **body: Any) -> Any:
        """Make a request, and return the answer's JSON."""
        url = f"{self._url}{path}"
        async with self._session.request(method, url, **body) as response:
            if response.status >= HTTPStatus.BAD_REQUEST:
                raise DemoError(
                    f"{method} {path}: HTTP {response.status}: {await response.text()}"
                )
            return await response.json()

    async def create_owner(self) -> None:
        """Create the owner, and go on as this user."""
        answer = await self.post(
            "/api/onboarding/users",
            {
                "client_id": self.client_id,
                "language": "en",
                "name": "Demo",
                "username": USER,
                "password": PASSWORD,
            },
        )
        self.tokens = await self._call(
            "POST",
            "/auth/token",
            data={
                "grant_type": "authorization_code",
                "client_id": self.client_id,
                "code": answer["auth_code"],
            },
        )
        token = self.tokens["access_token"]
        self._session.headers["Authorization"] = f"Bearer {token}"
        websocket_url = f"{self._url}/api/websocket"
        self._websocket = await self._session.ws_connect(websocket_url)
        await self._websocket.receive_json()
        await self._websocket.send_json({"type": "auth", "access_token": token})
        if (answer := await self._websocket.receive_json())["type"] != "auth_ok":
            raise DemoError(f"Home Assistant refuses its owner: {answer}")

    async def finish_onboarding(self) -> None:
        """Do the other steps that a person is led through at the first start."""
        await self.command(
            "config/core/update",
            location_name="WeChat Push",
            country="CN",
            currency="CNY",
            time_zone="Asia/Shanghai",
            unit_system="metric",
            # Services that cannot take a picture get a link to it.
            external_url=self._url,
        )
        await self.post("/api/onboarding/analytics", {})
        await self.post(
            "/api/onboarding/integration",
            {"client_id": self.client_id, "redirect_uri": f"{self.client_id}?auth=1"},
        )
        steps = await self.get("/api/onboarding")
        if left := [step["step"] for step in steps if not step["done"]]:
            raise DemoError(f"steps of the onboarding are left: {', '.join(left)}")

    async def command(self, kind: str, **fields: Any) -> Any:
        """Give a command over the websocket, and return its result."""
        assert self._websocket is not None
        number = next(self._ids)
        await self._websocket.send_json({"id": number, "type": kind, **fields})
        answer = await self._websocket.receive_json(timeout=_TIMEOUT.total)
        if not answer["success"]:
            raise DemoError(f"{kind}: {answer['error']['message']}")
        return answer["result"]
