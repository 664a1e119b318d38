"""Clients for services that push messages to WeChat.

A library of its own: it needs aiohttp and orjson, and nothing of Home Assistant.
A first message:

    import asyncio
    from clients import Message, WxPusherClient, WxPusherTarget

    async def main() -> None:
        client = WxPusherClient(app_token="AT_...")
        target = WxPusherTarget.of("UID_...")
        print(await client.deliver(Message(text="Hello"), target))

    asyncio.run(main())

There is a client for each service: WxPusherClient, SimplePushClient, WeComClient,
RobotClient, PushPlusClient, PushjetClient and ServerChanClient. They share the interface
`Client` and raise subclasses of `ClientError`; a simple service needs little more than
`SimpleClient` has. For many messages, give a client your own aiohttp session, so that
connections are reused; for a relay or a reverse proxy, an `Endpoint`. Nothing is retried: `prepare`, `upload`,
`fill` and `send` are the steps to build on, and `rate_policy` has the published limits.
"""

from .client import Client
from .errors import (
    ActionNeededError,
    ClientError,
    ContentError,
    CredentialsError,
    EndpointError,
    LimitError,
    Problem,
    RecipientError,
    TemporaryError,
    UnreachableError,
    UploadExpiredError,
)
from .message import Attachment, AttachmentKind, Format, Message, Overflow, Part
from .pushjet import PushjetClient, PushjetTarget
from .pushplus.client import PushPlusClient, PushPlusTarget
from .rate_policy import EVERYBODY, Rate, RatePolicy, Scope
from .receipt import Accepted, Fate, Outcome, Receipt, Refused
from .serverchan import ServerChanClient, ServerChanTarget
from .simple_client import SimpleClient
from .transport import Endpoint
from .wecom.client import WeComClient, WeComTarget
from .wecom.robot import RobotClient, RobotTarget
from .wxpusher.client import WxPusherClient, WxPusherTarget
from .wxpusher.simple_push import SimplePushClient, SimplePushTarget

__all__ = [
    "EVERYBODY",
    "Accepted",
    "ActionNeededError",
    "Attachment",
    "AttachmentKind",
    "Client",
    "ClientError",
    "ContentError",
    "CredentialsError",
    "Endpoint",
    "EndpointError",
    "Fate",
    "Format",
    "LimitError",
    "Message",
    "Outcome",
    "Overflow",
    "Part",
    "Problem",
    "PushPlusClient",
    "PushPlusTarget",
    "PushjetClient",
    "PushjetTarget",
    "Rate",
    "RatePolicy",
    "Receipt",
    "RecipientError",
    "Refused",
    "RobotClient",
    "RobotTarget",
    "Scope",
    "ServerChanClient",
    "ServerChanTarget",
    "SimpleClient",
    "SimplePushClient",
    "SimplePushTarget",
    "TemporaryError",
    "UnreachableError",
    "UploadExpiredError",
    "WeComClient",
    "WeComTarget",
    "WxPusherClient",
    "WxPusherTarget",
]
