"""Error codes of WeCom, mapped to errors."""

from collections.abc import Mapping
from enum import StrEnum
import re
from typing import Final

from ..errors import (
    ActionNeededError,
    ClientError,
    ContentError,
    CredentialsError,
    LimitError,
    Problem,
    RecipientError,
    TemporaryError,
    UploadExpiredError,
)
from ..transport import Json


class WeComProblem(StrEnum):
    """Problems of WeCom only."""

    AGENT_ID = "wecom_agent_id"
    APP_DISABLED = "wecom_app_disabled"
    CALLBACK_MISSING = "wecom_callback_missing"
    CALLBACK_OFF = "wecom_callback_off"
    CARD_FIELD = "wecom_card_field"
    CORP_ID = "wecom_corp_id"
    FORBIDDEN_WORDS = "wecom_forbidden_words"
    NOT_AUTHORISED = "wecom_not_authorised"
    NOT_VISIBLE = "wecom_not_visible"
    PERMISSION_REVOKED = "wecom_permission_revoked"
    RECALL_TOO_LATE = "wecom_recall_too_late"
    SECRET = "wecom_secret"
    SECRET_WEAK = "wecom_secret_weak"
    TOKEN_REFUSED = "wecom_token_refused"
    TOO_FREQUENT = "wecom_too_frequent"
    UNKNOWN_DEPARTMENT = "wecom_unknown_department"
    UNKNOWN_TAG = "wecom_unknown_tag"
    UNKNOWN_USER = "wecom_unknown_user"
    UNTRUSTED_IP = "wecom_untrusted_ip"


class RobotProblem(StrEnum):
    """Problems of group robots only."""

    DISABLED = "wecom_robot_disabled"
    KEY = "wecom_robot_key"
    NOT_IN_GROUP = "wecom_robot_not_in_group"
    TOO_FREQUENT = "wecom_robot_too_frequent"


OK = 0
INVALID_SECRET = 40001
EXPIRED_MEDIA = 40007
# A picture is too large: the limit has been 2, 5 and 10 MB.
TOO_LARGE = frozenset({"40009", "45001"})
_TOO_FREQUENT = 45009
# The access token expired early: renew it once. 40001 can also mean that.
RENEWABLE = frozenset({INVALID_SECRET, 40014, 41001, 42001, 42007, 42009})

# Answers of gettoken. Repeating a wrong secret gets the address banned.
_TOKEN_CODES: dict[int, str] = {
    **dict.fromkeys((INVALID_SECRET, 40091, 41004), WeComProblem.SECRET),
    **dict.fromkeys((40013, 41002, 2000002), WeComProblem.CORP_ID),
}

_CODES: dict[int, tuple[type[ClientError], str]] = {
    INVALID_SECRET: (CredentialsError, WeComProblem.SECRET),
    **dict.fromkeys(
        RENEWABLE - {INVALID_SECRET}, (TemporaryError, WeComProblem.TOKEN_REFUSED)
    ),
    **dict.fromkeys((40056, 301002), (ActionNeededError, WeComProblem.AGENT_ID)),
    **dict.fromkeys(
        (48001, 48002, 48005, 48009), (ActionNeededError, WeComProblem.NOT_AUTHORISED)
    ),
    45031: (ActionNeededError, WeComProblem.SECRET_WEAK),
    48006: (ActionNeededError, WeComProblem.PERMISSION_REVOKED),
    50003: (ActionNeededError, WeComProblem.APP_DISABLED),
    60020: (ActionNeededError, WeComProblem.UNTRUSTED_IP),
    **dict.fromkeys(
        (50002, 60011, 60021, 81012, 81013, 82001),
        (RecipientError, WeComProblem.NOT_VISIBLE),
    ),
    **dict.fromkeys(
        (40003, 40031, 40032, 46004, 60111, 301021),
        (RecipientError, WeComProblem.UNKNOWN_USER),
    ),
    **dict.fromkeys(
        (40066, 60003, 60123), (RecipientError, WeComProblem.UNKNOWN_DEPARTMENT)
    ),
    **dict.fromkeys((40068, 81011), (RecipientError, WeComProblem.UNKNOWN_TAG)),
    EXPIRED_MEDIA: (UploadExpiredError, Problem.SERVICE_REFUSED),
    # Messages without buttons are not affected.
    43012: (ContentError, WeComProblem.CALLBACK_MISSING),
    **dict.fromkeys(range(42014, 42052), (ContentError, WeComProblem.CARD_FIELD)),
    42052: (ContentError, WeComProblem.RECALL_TOO_LATE),
    85002: (ContentError, WeComProblem.FORBIDDEN_WORDS),
    _TOO_FREQUENT: (LimitError, WeComProblem.TOO_FREQUENT),
    45033: (LimitError, Problem.TOO_MANY_REQUESTS),
    **dict.fromkeys((-1, 81026), (TemporaryError, Problem.SERVER_ERROR)),
}

# Those of group robots, where they differ.
_ROBOT_CODES: dict[int, tuple[type[ClientError], str]] = {
    **dict.fromkeys((93000, 93019), (CredentialsError, RobotProblem.KEY)),
    93004: (ActionNeededError, RobotProblem.DISABLED),
    93008: (ActionNeededError, RobotProblem.NOT_IN_GROUP),
    _TOO_FREQUENT: (LimitError, RobotProblem.TOO_FREQUENT),
    EXPIRED_MEDIA: (UploadExpiredError, Problem.SERVICE_REFUSED),
    -1: (TemporaryError, Problem.SERVER_ERROR),
}

# Where an administrator of the corporation can end a block.
_UNBLOCK_URL: Final = (
    "https://open.work.weixin.qq.com/wwopen/devtool/checkCorpSpamBlock"
)

# Seconds for which WeCom blocks an application after too many messages in a minute.
_BLOCK: Final = 60

_CALLER_IP = re.compile(r"from ip: ?([0-9A-Fa-f.:]+[0-9A-Fa-f])")
# A trace number and a link to a page of codes.
_NOISE = re.compile(r",? ?(hint:|more info at).*$")


def is_answer(answer: Json) -> bool:
    """Return if a JSON object is an answer of WeCom."""
    return type(answer.get("errcode")) is int


def token_error(code: int, text: str) -> ClientError:
    """Return the error for a refusal to give an access token.

    Args:
        code: `errcode` of the answer.
        text: `errmsg` of the answer, cleaned of secrets.

    """
    if problem := _TOKEN_CODES.get(code):
        return CredentialsError(problem, code=code, text=_NOISE.sub("", text))
    failure = error(code, text)
    if isinstance(failure, LimitError):
        # The address may be banned, for an unknown part of an hour.
        failure.retry_after = None
    return failure


def error(code: int, text: str) -> ClientError:
    """Return the error for a code.

    Args:
        code: `errcode` of the answer.
        text: `errmsg` of the answer, cleaned of secrets.

    """
    ip = _CALLER_IP.search(text)
    url = {"url": _UNBLOCK_URL} if code == _TOO_FREQUENT else {}
    return _error(_CODES, code, text, ip=ip[1] if ip else "?", **url)


def robot_error(code: int, text: str) -> ClientError:
    """Return the error for a code in an answer to a group robot.

    Args:
        code: `errcode` of the answer.
        text: `errmsg` of the answer, cleaned of secrets.

    """
    return _error(_ROBOT_CODES, code, text)


def _error(
    codes: Mapping[int, tuple[type[ClientError], str]],
    code: int,
    text: str,
    **details: str,
) -> ClientError:
    """Return the error that a table has for a code."""
    kind, problem = codes.get(code, (ContentError, Problem.SERVICE_REFUSED))
    failure = kind(
        problem, code=code, status=code, text=_NOISE.sub("", text), **details
    )
    if isinstance(failure, LimitError):
        failure.retry_after = _BLOCK
    return failure
