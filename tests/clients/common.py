"""What the tests of the clients share: each service, with a client that reaches it."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
import contextlib
from dataclasses import dataclass, field
import traceback
from typing import Any

import aiohttp

from custom_components.wechat_push.clients.client import Client
from custom_components.wechat_push.clients.errors import ClientError
from custom_components.wechat_push.clients.message import Message, Part
from custom_components.wechat_push.clients.pushjet import PushjetClient, PushjetTarget
from custom_components.wechat_push.clients.pushplus.client import (
    PushPlusClient,
    PushPlusTarget,
)
from custom_components.wechat_push.clients.receipt import Receipt
from custom_components.wechat_push.clients.serverchan import (
    ServerChanClient,
    ServerChanTarget,
)
from custom_components.wechat_push.clients.transport import Endpoint
from custom_components.wechat_push.clients.wecom.client import WeComClient, WeComTarget
from custom_components.wechat_push.clients.wecom.robot import RobotClient, RobotTarget
from custom_components.wechat_push.clients.wxpusher.client import (
    WxPusherClient,
    WxPusherTarget,
)
from custom_components.wechat_push.clients.wxpusher.simple_push import (
    SimplePushClient,
    SimplePushTarget,
)
from tests.simulators import Pushjet, PushPlus, ServerChan, Simulator, WeCom, WxPusher
from tests.simulators.pushjet import PUBLIC, SECRET as PUSHJET_SECRET
from tests.simulators.pushplus_accounts import FRIEND_TOKEN, TOKEN
from tests.simulators.serverchan import KEY as SERVERCHAN_KEY, OWNER, TURBO_KEY
from tests.simulators.wecom_accounts import (
    AGENT_ID,
    CORP_ID,
    ROBOT_KEY,
    SECRET as WECOM_SECRET,
)
from tests.simulators.wxpusher_accounts import APP_TOKEN, SPT, UID_LI, UID_ZHANG

# Of a reverse proxy in front of a service.
PREFIX = "/relay/push"
LOGIN = ("home", "proxy-pässword")
# For answers that never come; long enough for a connection on a busy machine.
SHORT: dict[str, Any] = {"connect_timeout": 0.5, "read_timeout": 0.2}

type Connect = Callable[[aiohttp.ClientSession | None, Endpoint], Client[Any]]
type Ask = Callable[[Any], Awaitable[Any]]
# The kind of an error, its problem, and whether the service may have acted.
type Facts = tuple[type[ClientError], str, bool]


def wxpusher_client(
    session: aiohttp.ClientSession | None, endpoint: Endpoint
) -> WxPusherClient:
    """Return a client for the simulated application."""
    return WxPusherClient(session, endpoint, app_token=APP_TOKEN)


def simple_push_client(
    session: aiohttp.ClientSession | None, endpoint: Endpoint
) -> SimplePushClient:
    """Return a client that needs no credentials."""
    return SimplePushClient(session, endpoint)


def wecom_client(
    session: aiohttp.ClientSession | None,
    endpoint: Endpoint,
    *,
    has_callback: bool = True,
) -> WeComClient:
    """Return a client for the simulated application."""
    return WeComClient(
        session,
        endpoint,
        corp_id=CORP_ID,
        agent_id=AGENT_ID,
        secret=WECOM_SECRET,
        has_callback=has_callback,
    )


def robot_client(
    session: aiohttp.ClientSession | None, endpoint: Endpoint
) -> RobotClient:
    """Return a client for the simulated group robot."""
    return RobotClient(session, endpoint, key=ROBOT_KEY)


def pushplus_client(
    session: aiohttp.ClientSession | None, endpoint: Endpoint
) -> PushPlusClient:
    """Return a client for the simulated account."""
    return PushPlusClient(session, endpoint, token=TOKEN)


def turbo_client(
    session: aiohttp.ClientSession | None, endpoint: Endpoint
) -> ServerChanClient:
    """Return a client for the simulated account of Server酱 Turbo."""
    return ServerChanClient(session, endpoint, send_key=TURBO_KEY)


def serverchan_client(
    session: aiohttp.ClientSession | None, endpoint: Endpoint
) -> ServerChanClient:
    """Return a client for the simulated account of Server酱³."""
    return ServerChanClient(session, endpoint, send_key=SERVERCHAN_KEY)


@dataclass(frozen=True, kw_only=True, slots=True)
class Service:
    """A service, and how it is spoken to."""

    simulator: type[Simulator]
    connect: Connect
    target: Any
    # How the targets are called in a receipt, and on the simulated phones.
    targets: tuple[str, ...]
    receivers: tuple[str, ...]
    # Where messages go.
    path: str
    # What may appear nowhere, the access token of WeCom aside.
    secrets: tuple[str, ...]
    # Requests that send no message, by name.
    questions: dict[str, Ask] = field(default_factory=dict)


SERVICES = {
    "wxpusher": Service(
        simulator=WxPusher,
        connect=wxpusher_client,
        target=WxPusherTarget(uids=(UID_ZHANG, UID_LI)),
        targets=(UID_ZHANG, UID_LI),
        receivers=(UID_ZHANG, UID_LI),
        path="/api/send/message",
        secrets=(APP_TOKEN,),
        questions={"followers": lambda client: client.followers()},
    ),
    "simple_push": Service(
        simulator=WxPusher,
        connect=simple_push_client,
        target=SimplePushTarget(token=SPT),
        targets=("SPT_Simu…",),
        receivers=(SPT,),
        path="/api/send/message/simple-push",
        secrets=(SPT,),
    ),
    "wecom": Service(
        simulator=WeCom,
        connect=wecom_client,
        target=WeComTarget(users=("zhangsan",), tags=(1,)),
        targets=("zhangsan", "+1"),
        receivers=("zhangsan", "totag:1"),
        path="/cgi-bin/message/send",
        secrets=(WECOM_SECRET,),
        questions={
            "agent": lambda client: client.agent(),
            "member_name": lambda client: client.member_name("zhangsan"),
            "members": lambda client: client.members(1),
            "departments": lambda client: client.departments(),
            "tags": lambda client: client.tags(),
        },
    ),
    "robot": Service(
        simulator=WeCom,
        connect=robot_client,
        target=RobotTarget(),
        targets=("group",),
        receivers=("Family group",),
        path="/cgi-bin/webhook/send",
        secrets=(ROBOT_KEY,),
    ),
    "pushplus": Service(
        simulator=PushPlus,
        connect=pushplus_client,
        target=PushPlusTarget(friends=(FRIEND_TOKEN,)),
        targets=("f00d…",),
        receivers=(FRIEND_TOKEN,),
        path="/send",
        secrets=(TOKEN, FRIEND_TOKEN),
    ),
    "pushjet": Service(
        simulator=Pushjet,
        connect=PushjetClient,
        target=PushjetTarget(secret=PUSHJET_SECRET, public=PUBLIC),
        targets=(PUBLIC,),
        receivers=(PUBLIC,),
        path="/message",
        secrets=(PUSHJET_SECRET,),
        questions={
            "service": lambda client: client.service(PUSHJET_SECRET),
            "probe": lambda client: client.probe(),
        },
    ),
    "serverchan_turbo": Service(
        simulator=ServerChan,
        connect=turbo_client,
        target=ServerChanTarget(),
        targets=("owner",),
        receivers=(OWNER,),
        path=f"/{TURBO_KEY}.send",
        secrets=(TURBO_KEY,),
    ),
    "serverchan": Service(
        simulator=ServerChan,
        connect=serverchan_client,
        target=ServerChanTarget(tags=("home",)),
        targets=("owner",),
        receivers=(OWNER,),
        path=f"/send/{SERVERCHAN_KEY}.send",
        secrets=(SERVERCHAN_KEY,),
    ),
}


@contextlib.asynccontextmanager
async def peer(greeting: bytes) -> AsyncGenerator[int]:
    """Run something that is no HTTP server: it says one thing and waits."""
    released = asyncio.Event()

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        await released.wait()
        writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        released.set()
        server.close()
        await server.wait_closed()


def endpoint(simulator: Simulator, **changes: Any) -> Endpoint:
    """Return the way to a simulator."""
    return Endpoint(**{"url": simulator.url, **changes})


async def send(client: Client[Any], message: Message, target: Any) -> Receipt:
    """Send all requests that a message takes, one after the other."""
    return await client.deliver(message, target)


def only(client: Client[Any], message: Message, target: Any) -> Part:
    """Return the only request that a message takes."""
    (part,) = client.prepare(message, target)
    return part


def shown(err: BaseException) -> str:
    """Return all that a person or a log may come to see of an error."""
    details = getattr(err, "details", {})
    uncertain = getattr(err, "uncertain", None)
    seen = [str(err), repr(err), str(details), str(uncertain)]
    return "\n".join([*seen, *traceback.format_exception(err)])


def body_of(simulator: Simulator) -> dict[str, Any]:
    """Return the JSON of the last request."""
    body: dict[str, Any] = simulator.requests[-1].json
    return body


def facts(err: ClientError) -> Facts:
    """Return what the rest of the house acts on."""
    return type(err), err.problem, getattr(err, "uncertain", False)
