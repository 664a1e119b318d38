"""Server酱: messages to the owner of a key, by Server酱 Turbo or Server酱³."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum
import re
from typing import Final, override

import aiohttp

from .china_time import seconds_left
from .conversion import convert
from .errors import ClientError, ContentError, CredentialsError, LimitError, Problem
from .fitting import Limit, truncate, utf8_length
from .message import Format, Message, one_line
from .rate_policy import Rate, RatePolicy
from .simple_client import SimpleClient, first_text
from .transport import Answer, Endpoint, Json

TURBO_URL: Final = "https://sctapi.ftqq.com"
# Of Server酱³; the number is in the key.
URL_OF_USER: Final = "https://{}.push.ft07.com"
# A key of Server酱³, or one of Turbo, which may be longer some day.
SEND_KEY: Final = re.compile(
    r"sctp(?P<user>\d+)t[a-z0-9]+|SCT(?!P)[a-z0-9]+", re.IGNORECASE
)
_ADDRESS: Final = re.compile(r"(?:https?://.*/)?([^/?#]+?)(?:\.send)?/?(?:[?#].*)?")

# The words alone tell a wrong key from a used up quota: both have the code 40001.
_WRONG_KEY: Final = ("错误的Key", "用户不存在")
_QUOTA_USED: Final = "次数限制"
_SHORT_LIMITS: Final = (Limit(maximum=64),)
# Characters that a summary is made of, with their markup.
_READ: Final = 2_000


class _Code(IntEnum):
    """Codes of answers."""

    OK = 0
    UNKNOWN_KEY = 10003
    # In the field `scode`.
    QUOTA = 471


class ServerChanProblem(StrEnum):
    """Problems of Server酱 only."""

    SEND_KEY = "serverchan_send_key"
    QUOTA = "serverchan_quota"


@dataclass(frozen=True, kw_only=True, slots=True)
class ServerChanTarget:
    """Where a message goes; without anything, where the account's settings say.

    Args:
        channels: numbers of up to two channels (Turbo).
        openids: IDs of others who get a copy, in terms of the channel (Turbo).
        tags: tags that the app groups messages by (Server酱³).

    """

    channels: tuple[int, ...] = ()
    openids: str | None = None
    tags: tuple[str, ...] = ()


class ServerChanRatePolicy(RatePolicy):
    """The limits of Server酱. How many messages a day it takes is up to the account."""

    rates = (Rate(calls=50, seconds=60),)


def official_url(send_key: str) -> str:
    """Return the address for a key: its form tells the version."""
    match = SEND_KEY.fullmatch(send_key)
    user = match["user"] if match else None
    return TURBO_URL if user is None else URL_OF_USER.format(user)


def send_key(text: str) -> str | None:
    """Return the key in what a person pasted, a key or its address, or None."""
    match = _ADDRESS.fullmatch(text.strip())
    return match[1] if match and SEND_KEY.fullmatch(match[1]) else None


class ServerChanClient(SimpleClient[ServerChanTarget]):
    """Client of Server酱 for the owner of one key.

    See sct.ftqq.com and doc.sc3.ft07.com. All texts are Markdown. The limits are those of
    Turbo: 32,768 bytes of UTF-8, 32 characters of title and 64 of the summary, which
    `summary` in the options replaces. A success means that the message is queued.

    Args:
        session: aiohttp session; None opens one for each request.
        endpoint: address of Server酱; None is the official one.
        send_key: the key.

    """

    rate_policy = ServerChanRatePolicy()
    formats = (Format.MARKDOWN,)
    limits = (Limit(maximum=32_768, size=utf8_length),)
    title_limits = (Limit(maximum=32),)
    needs_title = True

    def __init__(
        self,
        session: aiohttp.ClientSession | None = None,
        endpoint: Endpoint | None = None,
        *,
        send_key: str,
    ) -> None:
        url = official_url(send_key)
        self._is_turbo = url == TURBO_URL
        self._path = f"{'' if self._is_turbo else '/send'}/{send_key}.send"
        if self._is_turbo:
            # It refuses an address until nothing came from it for so long.
            self.pause = 24 * 3600
        super().__init__(session, endpoint or Endpoint(url=url), secrets=(send_key,))

    @override
    @staticmethod
    def recognise(answer: Json) -> bool:
        return type(answer.get("code")) is int

    @override
    def request(
        self, message: Message, target: ServerChanTarget, text: str, title: str
    ) -> Json:
        summary = one_line(message.options.get("summary")) or one_line(
            convert(text[:_READ], Format.MARKDOWN, Format.TEXT)
        )
        own: Json = {"tags": "|".join(target.tags)}
        if self._is_turbo:
            own = {
                "channel": "|".join(map(str, target.channels)),
                "openid": target.openids,
                # Where a home is connected is nobody's business.
                "noip": 1,
            }
        short = truncate(summary, _SHORT_LIMITS)
        return {"title": title, "desp": text, "short": short, **own}

    @override
    async def post(self, request: Json) -> Answer:
        """Send a request (`POST`). It may have been taken when there is no answer."""
        return await self._transport.post_json(self._path, request)

    @override
    def failure(self, answer: Answer) -> ClientError | None:
        if (code := answer.json["code"]) == _Code.OK:
            return None
        text = first_text(answer.json, "message", "info", "error")
        if _QUOTA_USED in text or answer.json.get("scode") == _Code.QUOTA:
            left = seconds_left(self._transport.server_time)
            return LimitError(ServerChanProblem.QUOTA, retry_after=left, text=text)
        if code == _Code.UNKNOWN_KEY or any(words in text for words in _WRONG_KEY):
            return CredentialsError(ServerChanProblem.SEND_KEY, code=code, text=text)
        return ContentError(Problem.SERVICE_REFUSED, code=code, text=text)
