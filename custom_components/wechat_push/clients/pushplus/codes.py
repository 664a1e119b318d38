"""Codes and texts of PushPlus, mapped to errors."""

from collections.abc import Callable
from enum import StrEnum
import re
from typing import Final

from ..china_time import seconds_left
from ..errors import (
    ActionNeededError,
    ClientError,
    ContentError,
    CredentialsError,
    LimitError,
    Problem,
    RecipientError,
    TemporaryError,
)
from ..receipt import Fate, Outcome
from ..transport import REDACTED, Json

OK: Final = 200

# States of a message.
NOT_SENT: Final = 0
_FAILED: Final = 3
_FATES: Final = {1: Fate.WAITING, 2: Fate.DELIVERED, _FAILED: Fate.FAILED}


# Tokens, those of friends as well, and short codes, in all examples.
_TOKEN: Final = re.compile(r"(?<![0-9A-Za-z])[0-9a-fA-F]{32}(?![0-9A-Za-z])")


class PushPlusProblem(StrEnum):
    """Problems of PushPlus only."""

    DUPLICATE = "pushplus_duplicate"
    NOBODY = "pushplus_nobody"
    OPEN_API_IP = "pushplus_open_api_ip"
    OPEN_API_OFF = "pushplus_open_api_off"
    POINTS = "pushplus_points"
    REAL_NAME = "pushplus_real_name"
    RESTRICTED = "pushplus_restricted"
    SECRET_KEY = "pushplus_secret_key"
    TOKEN = "pushplus_token"
    WRONG_DATA = "pushplus_wrong_data"


_CODES: dict[int, tuple[type[ClientError], str]] = {
    500: (TemporaryError, Problem.SERVER_ERROR),
    600: (ContentError, PushPlusProblem.WRONG_DATA),
    888: (ActionNeededError, PushPlusProblem.POINTS),
    900: (LimitError, PushPlusProblem.RESTRICTED),
    903: (CredentialsError, PushPlusProblem.TOKEN),
    905: (ActionNeededError, PushPlusProblem.REAL_NAME),
}
# Code 999 is a catch-all; only the text differs.
_TEXTS: tuple[tuple[str, type[ClientError], str], ...] = (
    ("相同内容", LimitError, PushPlusProblem.DUPLICATE),
    ("频率过快", LimitError, Problem.TOO_MANY_REQUESTS),
    ("无效的用户token", CredentialsError, PushPlusProblem.TOKEN),
    ("无用户接收消息", RecipientError, PushPlusProblem.NOBODY),
)

# An access key is refused, or there is none: 401, or 302 by some reports.
UNAUTHORISED: Final = frozenset({302, 401})
_FORBIDDEN_IP: Final = 403
# Shows the address that services in China see, whatever route others take.
_OWN_ADDRESS_URL: Final = "https://myip.ipip.net"

# In seconds. PushPlus does not say how long it refuses these.
_RETRY_AFTER: dict[str, float] = {
    Problem.TOO_MANY_REQUESTS: 60,
    PushPlusProblem.DUPLICATE: 3600,
}
_LASTS = re.compile(r"([0-9]{1,2}) ?(天|小时)")
_HOURS = {"天": 24, "小时": 1}


def error(code: int, text: str, server_time: float | None) -> ClientError:
    """Return the error for an answer.

    Args:
        code: `code` of the answer.
        text: `msg` and `data` of the answer, cleaned of secrets.
        server_time: in seconds since 1970; None is that of this machine.

    """
    kind, problem = _CODES.get(code, (ContentError, Problem.SERVICE_REFUSED))
    if code not in _CODES:
        for words, its_kind, its_problem in _TEXTS:
            if words in text:
                kind, problem = its_kind, its_problem
    if kind is TemporaryError:
        return TemporaryError(problem, uncertain=True, status=code, text=text)
    if kind is LimitError:
        return LimitError(
            problem,
            retry_after=_RETRY_AFTER.get(problem) or _restriction(text, server_time),
            of_content=problem == PushPlusProblem.DUPLICATE,
            code=code,
            text=text,
        )
    return kind(problem, code=code, text=text)


def reason(answer: Json, clean: Callable[[object], str]) -> str:
    """Return why PushPlus refuses a request.

    The reason may be in `data`, with a general `msg`.

    Args:
        answer: the answer.
        clean: removes secrets from a text.

    """
    texts = (clean(answer.get("msg")), clean(answer.get("data")))
    return without_tokens(" ".join(filter(None, texts)))


def without_tokens(text: str) -> str:
    """Return a text without what looks like a token or a short code."""
    return _TOKEN.sub(REDACTED, text)


def open_api_error(
    code: int, text: str, server_time: float | None, *, of_key: bool
) -> ClientError:
    """Return the error for an answer of the open interface.

    Args:
        code: `code` of the answer.
        text: as from `reason`.
        server_time: as for `error`.
        of_key: PushPlus refuses to give an access key.

    """
    if code in UNAUTHORISED:
        return ActionNeededError(PushPlusProblem.OPEN_API_OFF, code=code, text=text)
    if code == _FORBIDDEN_IP:
        return ActionNeededError(
            PushPlusProblem.OPEN_API_IP, code=code, text=text, page=_OWN_ADDRESS_URL
        )
    failure = error(code, text, server_time)
    if of_key and isinstance(failure, ContentError):
        return ActionNeededError(PushPlusProblem.SECRET_KEY, code=code, text=text)
    return failure


def _restriction(text: str, server_time: float | None) -> float:
    """Return the seconds of a restriction: as in the text, or until tomorrow."""
    if hours := [int(number) * _HOURS[unit] for number, unit in _LASTS.findall(text)]:
        return max(hours) * 3600
    return seconds_left(server_time)


def read_outcome(status: object, text: str) -> Outcome:
    """Return the outcome of a message.

    Args:
        status: `status` or `sendStatus` of the answer.
        text: the reason, cleaned of secrets.

    """
    number = whole_number(status)
    if number == NOT_SENT and text:
        # Without a reason it may just be waiting in the queue.
        number = _FAILED
    fate = Fate.WAITING if number is None else _FATES.get(number, Fate.WAITING)
    return Outcome(fate=fate, reason=text if fate is Fate.FAILED else "")


def whole_number(value: object) -> int | None:
    """Return an integer, also one in a string, or None."""
    try:
        return int(value) if isinstance(value, int | float | str) else None
    except ValueError, OverflowError:
        return None


def is_answer(answer: Json) -> bool:
    """Return if a JSON object is an answer of PushPlus."""
    return type(answer.get("code")) is int
