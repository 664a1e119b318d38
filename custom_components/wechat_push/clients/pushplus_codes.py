"""PushPlus's codes and texts, sorted into the kinds of failure to be acted upon."""

from enum import StrEnum
from typing import Final

from .errors import (
    ActionNeededError,
    ClientError,
    ContentError,
    CredentialsError,
    LimitError,
    Problem,
    RecipientError,
    TemporaryError,
)
from .transport import Json

OK: Final = 200


class PushPlusProblem(StrEnum):
    """What goes wrong with PushPlus alone."""

    DUPLICATE = "pushplus_duplicate"
    NOBODY = "pushplus_nobody"
    OPEN_API = "pushplus_open_api"
    POINTS = "pushplus_points"
    REAL_NAME = "pushplus_real_name"
    RESTRICTED = "pushplus_restricted"
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
# Code 999 is a catch-all; only the text tells what is meant.
_TEXTS: tuple[tuple[str, type[ClientError], str], ...] = (
    ("相同内容", LimitError, PushPlusProblem.DUPLICATE),
    ("频率过快", LimitError, Problem.TOO_MANY_REQUESTS),
    ("无效的用户token", CredentialsError, PushPlusProblem.TOKEN),
    ("无用户接收消息", RecipientError, PushPlusProblem.NOBODY),
)


def error(code: int, text: str) -> ClientError:
    """Return the error for an answer.

    Args:
        code: `code` of the answer.
        text: `msg` and `data` of the answer, cleaned of secrets.

    """
    kind, problem = _CODES.get(code, (ContentError, Problem.SERVICE_REFUSED))
    if code not in _CODES:
        for words, its_kind, its_problem in _TEXTS:
            if words in text:
                kind, problem = its_kind, its_problem
    if kind is TemporaryError:
        return TemporaryError(problem, doubtful=True, status=code, text=text)
    return kind(problem, code=code, text=text)


def is_answer(answer: Json) -> bool:
    """Tell if a JSON object is an answer of PushPlus."""
    return type(answer.get("code")) is int
