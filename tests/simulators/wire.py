"""How answers are put on the wire: whole, in pieces or broken off."""

from collections.abc import Awaitable, Callable, Mapping
import socket
import struct

from aiohttp import web

from .answers import Answer, Reset

_CHUNK = 64 * 1024


def whole(answer: Answer, headers: Mapping[str, str], *, close: bool) -> web.Response:
    """Return an answer that is sent in one piece.

    Args:
        answer: to send.
        headers: of the response.
        close: close the connection after it.

    """
    response = web.Response(
        status=answer.status,
        reason=answer.reason,
        body=answer.payload,
        headers=headers,
    )
    if close:
        response.force_close()
    return response


async def in_pieces(
    incoming: web.BaseRequest,
    answer: Answer,
    headers: Mapping[str, str],
    *,
    close: bool,
    pause: Callable[[float], Awaitable[bool]],
) -> web.StreamResponse:
    """Send an answer byte by byte, padded, or only the first half of it.

    Args:
        incoming: the request to answer.
        answer: to send.
        headers: of the response.
        close: close the connection after it.
        pause: waits for some seconds; returns False if the simulator stops.

    """
    response = web.StreamResponse(
        status=answer.status, reason=answer.reason, headers=headers
    )
    if close:
        response.force_close()
    payload = answer.payload
    response.content_length = answer.padding + len(payload)
    if answer.padding:
        # Chunks, so that the client does not know the length in advance.
        response.content_length = None
        response.enable_chunked_encoding()
    await response.prepare(incoming)
    if answer.reset is Reset.DURING:
        await response.write(payload[: len(payload) // 2])
        if incoming.transport is not None:
            incoming.transport.close()
        return response
    for start in range(0, answer.padding, _CHUNK):
        await response.write(b" " * min(_CHUNK, answer.padding - start))
    if answer.drip is None:
        await response.write(payload)
    else:
        for byte in payload:
            await response.write(bytes((byte,)))
            if not await pause(answer.drip):
                return break_off(incoming)
    await response.write_eof()
    return response


def break_off(incoming: web.BaseRequest) -> web.Response:
    """Reset the connection."""
    if (transport := incoming.transport) is not None:
        peer: socket.socket | None = transport.get_extra_info("socket")
        if peer is not None:
            # Dropping unsent data makes the kernel send RST instead of FIN.
            linger = struct.pack("ii", 1, 0)
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        transport.abort()
    return web.Response()
