"""Answers of WxPusher, and what its codes mean."""

from enum import StrEnum
from typing import Any, Final

from ..errors import (
    ClientError,
    ContentError,
    CredentialsError,
    EndpointError,
    LimitError,
    Problem,
    RecipientError,
    TemporaryError,
)
from ..rate_policy import Rate, RatePolicy
from ..transport import Json

DEFAULT_URL: Final = "https://wxpusher.zjiecode.com"

OK: Final = 1000
# Also the answer while nobody has scanned a QR code.
FAILURE: Final = 1001
_UNAUTHENTICATED: Final = 1002
_NO_SUCH_ENDPOINT: Final = 1004
# Errors of the server, of WeChat, network, data, unknown.
_SERVER_CODES: Final = frozenset({1005, 1006, 1007, 1008, 1009})
# The first character alone also occurs in the words for video and channel.
_TOO_OFTEN: Final = ("频繁", "频率", "频次")
# Seconds. WxPusher does not say how long it refuses requests above the rate.
_WINDOW: Final = 10


class WxPusherProblem(StrEnum):
    """Problems of WxPusher only."""

    APP_TOKEN = "wxpusher_app_token"
    SIMPLE_PUSH_TOKEN = "wxpusher_simple_push_token"


class WxPusherRatePolicy(RatePolicy):
    """The limits of WxPusher."""

    rates = (Rate(calls=20, seconds=_WINDOW),)


def is_answer(answer: Json) -> bool:
    """Return if a JSON object is an answer of WxPusher."""
    return type(answer.get("code")) is int


def refusal(code: int, text: str) -> ClientError:
    """Return the error for an answer as a whole.

    Args:
        code: of the answer.
        text: of the answer, cleaned.

    """
    # The text of such an error may repeat the message: ignore it.
    if code in _SERVER_CODES:
        return TemporaryError(Problem.SERVER_ERROR, uncertain=True, status=code)
    if code == _NO_SUCH_ENDPOINT:
        return EndpointError(Problem.NOT_THIS_SERVICE, status=code)
    # Nearly all other failures are 1001; only the text differs.
    words = text.lower()
    if "apptoken" in words or code == _UNAUTHENTICATED:
        return CredentialsError(WxPusherProblem.APP_TOKEN, code=code, text=text)
    if any(words in text for words in _TOO_OFTEN):
        return LimitError(Problem.TOO_MANY_REQUESTS, retry_after=_WINDOW)
    if "spt" in words:
        return RecipientError(WxPusherProblem.SIMPLE_PUSH_TOKEN, code=code, text=text)
    return ContentError(Problem.SERVICE_REFUSED, code=code, text=text)


def number_of(value: Any) -> str | None:
    """Return a number of a record as a string, if there is one."""
    return None if value is None else str(value)
