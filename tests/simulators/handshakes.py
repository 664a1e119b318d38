"""Keep failed TLS handshakes out of the exception handler of the loop."""

import asyncio
from collections.abc import Callable
import ssl
from typing import Any

_REFUSED = "Error on transport creation for incoming connection"


def expect_refused_handshakes(loop: asyncio.AbstractEventLoop) -> Callable[[], None]:
    """Ignore failed handshakes; return the function that ends this."""
    before = loop.get_exception_handler()

    def handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        refused = isinstance(context.get("exception"), (ssl.SSLError, ConnectionError))
        if refused and context["message"] == _REFUSED:
            return
        if before is None:
            loop.default_exception_handler(context)
        else:
            before(loop, context)

    def end() -> None:
        if loop.get_exception_handler() is handle:
            loop.set_exception_handler(before)

    loop.set_exception_handler(handle)
    return end
