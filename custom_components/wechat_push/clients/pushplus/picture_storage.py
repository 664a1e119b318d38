"""Storage of pictures (Qiniu), to which PushPlus gives permits."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
import ssl
from typing import Final

import aiohttp
from yarl import URL

from ..errors import ClientError, ContentError, EndpointError, Problem, TemporaryError
from ..message import Attachment
from ..public_network import is_public, pinned_connector, resolve
from ..transport import Content, Endpoint, Json, Transport
from .codes import OK

# In bytes.
MAX_PICTURE: Final = 10 * 1024 * 1024

# Characters of the URL of a picture.
MAX_URL: Final = 600


@dataclass(frozen=True, kw_only=True, slots=True)
class Permit:
    """A permit to store one picture, for ten minutes.

    Args:
        token: proves the permission.
        url: address of the storage.

    """

    token: str = field(repr=False)
    url: str


def read_permit(answer: object) -> Permit:
    """Return the permit in an answer of PushPlus.

    Args:
        answer: `data` of the answer.

    Raises:
        EndpointError: there is none.

    """
    fields = answer if isinstance(answer, dict) else {}
    token = fields.get("uploadToken") or fields.get("token")
    address = fields.get("uploadUrl") or fields.get("uploadHost")
    if not isinstance(token, str) or not isinstance(address, str):
        raise EndpointError(Problem.NOT_THIS_SERVICE, status=OK)
    return Permit(
        token=token, url=address if "://" in address else f"https://{address}"
    )


async def store(
    session: aiohttp.ClientSession | None,
    endpoint: Endpoint,
    permit: Permit,
    picture: Attachment,
) -> str:
    """Store a picture; return its URL.

    Args:
        session: of the account.
        endpoint: address of PushPlus.
        permit: of PushPlus.
        picture: picture with its content.

    Raises:
        ContentError: the storage refuses the picture.
        EndpointError: the storage is not a safe place, or its answer not its own.
        TemporaryError: the storage does not work; never uncertain.

    """
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("token", permit.token)
    form.add_field(
        "file",
        Content(picture.content, picture.content_type),
        filename=picture.name,
    )
    try:
        async with _open(session, endpoint, permit) as storage:
            answer = await storage.request("POST", "", data=form)
    except ContentError:
        raise
    except EndpointError as err:
        # No message was sent.
        err.uncertain = False
        raise
    except ClientError as err:
        # PushPlus itself works, whatever its storage does.
        raise TemporaryError(err.problem, uncertain=False, **err.details) from None
    return _read_url(answer.json, storage, endpoint)


@asynccontextmanager
async def _open(
    session: aiohttp.ClientSession | None, endpoint: Endpoint, permit: Permit
) -> AsyncGenerator[Transport]:
    """Open a transport to the storage.

    A picture goes to the public internet, with the certificate checked. Only a server
    of PushPlus's interface that is elsewhere may name itself.

    Raises:
        EndpointError: the storage is somewhere else.
        TemporaryError: the name of the storage is unknown.

    """
    try:
        url, own = URL(permit.url), URL(endpoint.url)
    except ValueError:
        raise EndpointError(Problem.NOT_THIS_SERVICE, status=OK) from None
    if url.host == own.host and url.scheme in ("https", own.scheme):
        yield _transport(session, endpoint, permit)
        return
    try:
        addresses = await resolve(url.host or "", url.port)
    except OSError:
        raise TemporaryError(Problem.HOST_NOT_FOUND) from None
    if url.scheme != "https" or not all(map(is_public, addresses)):
        raise EndpointError(Problem.REDIRECTED, location=str(url.origin()))
    context = await asyncio.to_thread(ssl.create_default_context)
    async with aiohttp.ClientSession(
        connector=pinned_connector(addresses, context)
    ) as pinned:
        yield _transport(pinned, endpoint, permit)


def _transport(
    session: aiohttp.ClientSession | None, endpoint: Endpoint, permit: Permit
) -> Transport:
    """Return a transport to the storage."""
    return Transport(
        session,
        # Another host: a proxy's login must not be sent there.
        replace(endpoint, url=permit.url, username=None, password=None),
        # Its refusals come as `error`, with any HTTP status.
        recognise=lambda answer: bool({"errno", "url", "error"} & answer.keys()),
        secrets=(permit.token,),
    )


def _read_url(answer: Json, storage: Transport, endpoint: Endpoint) -> str:
    """Return the URL of a stored picture."""
    data = answer.get("data")
    url = answer.get("url") or (data.get("url") if isinstance(data, dict) else data)
    if "error" in answer or answer.get("errno", 0) != 0 or not isinstance(url, str):
        # "expired token" and the like say nothing about the account.
        reason = answer.get("error", answer.get("errno"))
        raise ContentError(
            Problem.SERVICE_REFUSED,
            code=storage.clean(str(answer.get("errno", "-"))),
            text=storage.clean(str(reason)),
        )
    # Pages show no other pictures; a server without TLS is one of one's own.
    schemes = ("https://",) if endpoint.url.startswith("https") else ("http",)
    if not url.startswith(schemes) or len(url) > MAX_URL:
        raise EndpointError(Problem.NOT_THIS_SERVICE, status=OK)
    return url
