"""WxPusher's simple push: messages to the owner of a token, without an application."""

from dataclasses import dataclass, field
import re
from typing import Any, Final, override

import aiohttp

from ..client import Client
from ..errors import ContentError, CredentialsError, Problem, RecipientError
from ..message import Message, Part, plain_json
from ..receipt import Accepted, Receipt
from ..transport import Endpoint, Transport
from .answers import (
    DEFAULT_URL,
    OK,
    WxPusherProblem,
    WxPusherRatePolicy,
    is_answer,
    number_of,
    refusal,
)
from .messages import bodies

# Its length is not described.
TOKEN_PATTERN: Final = re.compile(r"SPT_[A-Za-z0-9_-]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class SimplePushTarget:
    """The owner of a token.

    Args:
        token: simple push token, `SPT_…`.

    """

    token: str = field(repr=False)


class SimplePushClient(Client[SimplePushTarget]):
    """Client of WxPusher's simple push ("极简推送").

    It needs no credentials but the token of the recipient, and knows no lists, no recall
    and no results.

    Args:
        session: aiohttp session; None opens one for each request.
        endpoint: address of WxPusher; None is the official one.

    """

    rate_policy = WxPusherRatePolicy()

    def __init__(
        self,
        session: aiohttp.ClientSession | None = None,
        endpoint: Endpoint | None = None,
    ) -> None:
        self._transport = Transport(
            session, endpoint or Endpoint(url=DEFAULT_URL), recognise=is_answer
        )

    @override
    def prepare(self, message: Message, target: SimplePushTarget) -> tuple[Part, ...]:
        """Return the requests for a message, with the limits of `bodies`.

        Args:
            message: the message. Options: as of `bodies`.
            target: the recipient.

        Raises:
            ContentError: as `bodies`.

        """
        if not target.token:
            raise ContentError(Problem.TARGETS_MISSING)
        return tuple(
            plain_json({**body, "spt": target.token}) for body in bodies(message)
        )

    @override
    async def send(self, part: Part, *, remaining: float | None = None) -> Receipt:
        """Send one request (`POST /api/send/message/simple-push`).

        Args:
            part: a part of `prepare`.
            remaining: unused, WxPusher has no expiry.

        Raises:
            RecipientError: the token is refused.
            ContentError: WxPusher refuses the request.
            LimitError: more than about 20 requests in 10 seconds.
            ClientError: as `Transport.request`.

        """
        answer = await self._transport.post_json(
            "/api/send/message/simple-push", dict(part)
        )
        token = part["spt"]
        text = self._transport.clean(answer.json.get("msg"), token)
        if (code := answer.json["code"]) != OK:
            failure = refusal(code, text)
            if isinstance(failure, CredentialsError):
                # There are none but the token.
                failure = RecipientError(
                    WxPusherProblem.SIMPLE_PUSH_TOKEN, code=code, text=text
                )
            raise failure
        data = answer.json.get("data")
        results = data if isinstance(data, list) else []
        # What it holds is not described; as of an application, it can refuse.
        result: dict[str, Any] = next((r for r in results if isinstance(r, dict)), {})
        code = result.get("code")
        if type(code) is int and code != OK:
            reason = self._transport.reason(result.get("status"), code, token)
            raise RecipientError(
                WxPusherProblem.SIMPLE_PUSH_TOKEN, code=code, text=reason
            )
        accepted = Accepted(
            target=shown(token), record_id=number_of(result.get("sendRecordId"))
        )
        return Receipt(accepted=(accepted,))

    async def probe(self) -> None:
        """Check that this is WxPusher, without a token (`GET /api/send/query/status`).

        It asks for a message that does not exist; any answer will do.

        Raises:
            ClientError: as `Transport.request`.

        """
        await self._transport.get("/api/send/query/status", {"sendRecordId": "0"})


def shown(token: str) -> str:
    """Return what stands for a token without disclosing it."""
    return f"{token[:8]}…"
