"""WeCom: messages of a self-built application to members of a corporation."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
import copy
from dataclasses import dataclass
from itertools import batched, zip_longest
import time
from typing import Final, override

import aiohttp

from .errors import (
    ActionNeededError,
    ClientError,
    CredentialsError,
    Problem,
    TemporaryError,
)
from .fitting import Limit, fit, utf8_length
from .message import Accepted, Client, Format, Message, Part, Receipt, Refused
from .text import require_format, titled
from .transport import Answer, Endpoint, Json, Transport
from .wecom_codes import INVALID_SECRET, OK, RENEWABLE, WeComProblem, error, token_error

DEFAULT_URL: Final = "https://qyapi.weixin.qq.com"
EVERYONE: Final = "@all"

MAX_USERS: Final = 1000
MAX_DEPARTMENTS: Final = 100
MAX_TAGS: Final = 100

_DEFAULT_LIFETIME = 7200
# A token is renewed a little before its end, so that none dies on the way.
_MARGIN = 300

# WeCom counts bytes of UTF-8, and cuts or refuses what is longer.
_LIMITS = (Limit(maximum=2048, size=utf8_length),)
_FORMATS = frozenset({Format.TEXT, Format.MARKDOWN})


@dataclass(frozen=True, kw_only=True, slots=True)
class WeComTarget:
    """Who gets a message: members, departments and tags, or everyone who sees the app."""

    users: tuple[str, ...] = ()
    departments: tuple[int, ...] = ()
    tags: tuple[int, ...] = ()
    everyone: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class WeComAgent:
    """An application and who can see it."""

    name: str
    users: tuple[str, ...]
    departments: tuple[int, ...]
    tags: tuple[int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Token:
    """An access token and when it is to be renewed, in monotonic seconds."""

    value: str
    renew_at: float


class WeComClient(Client[WeComTarget]):
    """Speaks to WeCom for one self-built application.

    The protocol is described in WeCom's developer documents 91039 (access token),
    90236 (messages), 90227 (application) and 90313 (codes).

    Args:
        session: the aiohttp session to use.
        endpoint: where WeCom is reached; a path in it is kept as a prefix.
        corp_id: of the corporation, `ww…`.
        agent_id: the application's number.
        secret: of the application.

    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        endpoint: Endpoint,
        *,
        corp_id: str,
        agent_id: int,
        secret: str,
    ) -> None:
        """Keep the application's credentials."""
        self._corp_id = corp_id
        self._agent_id = agent_id
        self._secret = secret
        self._transport = Transport(
            session, endpoint, recognise=_is_answer, secrets=(secret,)
        )
        self._token: _Token | None = None
        self._fetching = asyncio.Lock()
        self._fetches = 0
        self._failure: ClientError | None = None

    @override
    def prepare(self, message: Message, target: WeComTarget) -> tuple[Part, ...]:
        """Return the requests that say the message.

        At most 2,048 bytes of UTF-8 go into one text or Markdown message, 1,000
        members, 100 departments and 100 tags into one request.

        Args:
            message: what is to be said; the title becomes its first line.
            target: who gets it.

        Raises:
            ContentError: the message is empty, in HTML, or too long and not to be split.

        """
        require_format(message, _FORMATS)
        content = titled(message, markdown_title=lambda title: f"**{title}**\n")
        return tuple(
            {
                **audience,
                "msgtype": message.format.value,
                message.format.value: {"content": piece},
            }
            for piece in fit(content, _LIMITS, message.overflow)
            for audience in _audiences(target)
        )

    @override
    async def send(self, part: Part) -> Receipt:
        """Send one request (`POST /cgi-bin/message/send`).

        Args:
            part: one of those that `prepare` returned.

        Raises:
            CredentialsError: the secret is refused; never ask again with the same one.
            ActionNeededError: the console refuses the application or the caller's IP.
            RecipientError: none of the targets can be written to.
            ContentError: WeCom refuses the message.
            LimitError: too many requests.
            TemporaryError: no answer, or WeCom is busy.

        """
        body = {**part, "agentid": self._agent_id}
        answer = await self._call(
            lambda query: self._transport.post_json(
                "/cgi-bin/message/send", body, query=query
            )
        )
        return _receipt(part, answer)

    async def agent(self) -> WeComAgent:
        """Return the application's name and who can see it (`GET /cgi-bin/agent/get`).

        Sends no message, and proves the credentials, the number of the application, the
        caller's IP and that the application is enabled.

        Raises:
            ClientError: as `send`, but for recipients and content.

        """
        answer = await self._get("agent/get", agentid=str(self._agent_id))
        if answer.get("close") == 1:
            raise ActionNeededError(WeComProblem.APP_DISABLED, code=50003)
        users = _objects(answer.get("allow_userinfos"), "user")
        name = answer.get("name")
        return WeComAgent(
            name=name if isinstance(name, str) else "",
            users=tuple(
                user["userid"] for user in users if isinstance(user.get("userid"), str)
            ),
            departments=_numbers(answer.get("allow_partys"), "partyid"),
            tags=_numbers(answer.get("allow_tags"), "tagid"),
        )

    async def member_name(self, user: str) -> str:
        """Return the name of a member, which may be empty (`GET /cgi-bin/user/get`).

        Args:
            user: the member's user ID.

        Raises:
            RecipientError: there is no such member, or the application is not visible
                to it.
            ClientError: as `send`.

        """
        name = (await self._get("user/get", userid=user)).get("name")
        return name if isinstance(name, str) else ""

    async def members(self, department: int) -> dict[str, str]:
        """Return the members of a department by user ID (`GET /cgi-bin/user/simplelist`).

        Args:
            department: its number.

        Raises:
            ClientError: as `send`.

        """
        answer = await self._get("user/simplelist", department_id=str(department))
        return _names(answer, "userlist", "userid", "name")

    async def departments(self) -> dict[str, str]:
        """Return the names of the visible departments by number (`…/department/list`).

        Raises:
            ClientError: as `send`.

        """
        return _names(await self._get("department/list"), "department", "id", "name")

    async def tags(self) -> dict[str, str]:
        """Return the names of the tags by number (`GET /cgi-bin/tag/list`).

        Raises:
            ClientError: as `send`.

        """
        return _names(await self._get("tag/list"), "taglist", "tagid", "tagname")

    async def _get(self, path: str, **query: str) -> Json:
        """Ask something of the directory."""
        return await self._call(
            lambda token: self._transport.get(f"/cgi-bin/{path}", {**token, **query})
        )

    async def _call(
        self, request: Callable[[dict[str, str]], Awaitable[Answer]]
    ) -> Json:
        """Return the answer to a request, renewing the access token once if it died."""
        token = await self._access_token()
        answer = (await request({"access_token": token})).json
        if answer["errcode"] in RENEWABLE:
            # Nothing was taken yet, so this repeats no message.
            token = await self._access_token(refused=token)
            answer = (await request({"access_token": token})).json
        if (code := answer["errcode"]) == OK:
            return answer
        err = error(code, self._transport.clean(answer.get("errmsg")))
        if code == INVALID_SECRET:
            self._failure = err
        raise err

    async def _access_token(self, refused: str | None = None) -> str:
        """Return the access token; all who need a new one at once share it.

        Args:
            refused: the token that was found dead.

        """
        if (token := self._usable_token(refused)) is not None:
            return token
        fetches = self._fetches
        async with self._fetching:
            # Somebody else may have got a token, or the refusal, in the meantime.
            if (token := self._usable_token(refused)) is not None:
                return token
            if self._failure is not None and (
                isinstance(self._failure, CredentialsError) or fetches != self._fetches
            ):
                raise copy.copy(self._failure)
            self._fetches += 1
            try:
                self._token = await self._fetch_token()
            except ClientError as err:
                self._failure = err
                raise
            self._failure = None
            return self._token.value

    def _usable_token(self, refused: str | None) -> str | None:
        """Return the token at hand if it is not known to be dead."""
        if (
            self._token is None
            or self._token.value == refused
            or self._token.renew_at <= time.monotonic()
            or isinstance(self._failure, CredentialsError)
        ):
            return None
        return self._token.value

    async def _fetch_token(self) -> _Token:
        """Ask for an access token (`GET /cgi-bin/gettoken`)."""
        answer = await self._transport.get(
            "/cgi-bin/gettoken",
            {"corpid": self._corp_id, "corpsecret": self._secret},
        )
        if (code := answer.json["errcode"]) != OK:
            raise token_error(code, self._transport.clean(answer.json.get("errmsg")))
        token = answer.json.get("access_token")
        if not isinstance(token, str) or not token:
            raise TemporaryError(Problem.NOT_THIS_SERVICE, status=answer.status)
        self._transport.hide(token)
        lifetime = answer.json.get("expires_in")
        if type(lifetime) is not int or lifetime <= 0:
            lifetime = _DEFAULT_LIFETIME
        return _Token(
            value=token,
            renew_at=time.monotonic() + max(lifetime - _MARGIN, lifetime / 2),
        )


def _audiences(target: WeComTarget) -> list[Json]:
    """Return the fields that name the targets, one set per request."""
    if target.everyone:
        return [{"touser": EVERYONE}]
    batches = zip_longest(
        batched(target.users, MAX_USERS, strict=False),
        batched(target.departments, MAX_DEPARTMENTS, strict=False),
        batched(target.tags, MAX_TAGS, strict=False),
    )
    return [
        {
            field: "|".join(map(str, targets))
            for field, targets in zip(
                ("touser", "toparty", "totag"), batch, strict=True
            )
            if targets
        }
        for batch in batches
    ]


# The prefixes that tell departments and tags from members, as people write them.
_FIELDS = (
    ("touser", "invaliduser", ""),
    ("toparty", "invalidparty", "#"),
    ("totag", "invalidtag", "+"),
)


def _receipt(part: Part, answer: Json) -> Receipt:
    """Return what came of a request; refused targets hide behind a success."""
    message_id = answer.get("msgid")
    sent: list[str] = []
    refused: dict[str, str] = {}
    for field, invalid_field, prefix in _FIELDS:
        sent += _listed(part.get(field), prefix)
        refused |= dict.fromkeys(
            _listed(answer.get(invalid_field), prefix), invalid_field
        )
    refused |= dict.fromkeys(_listed(answer.get("unlicenseduser")), "unlicenseduser")
    # WeCom returns user IDs in lower case, whatever case they were sent in.
    lowered = {target.lower() for target in refused}
    return Receipt(
        accepted=tuple(
            Accepted(
                target=target,
                message_id=message_id if isinstance(message_id, str) else None,
            )
            for target in sent
            if target.lower() not in lowered
        ),
        refused=tuple(
            Refused(target=target, reason=reason) for target, reason in refused.items()
        ),
    )


def _listed(value: object, prefix: str = "") -> list[str]:
    """Return the targets in a field, with the prefix that tells their kind."""
    text = value if isinstance(value, str) else ""
    return [prefix + target for target in text.split("|") if target]


def _objects(holder: object, key: str) -> Iterable[Json]:
    """Return the objects of a list in an answer, whatever else is in it."""
    items = holder.get(key) if isinstance(holder, dict) else None
    return [
        item
        for item in (items if isinstance(items, list) else [])
        if isinstance(item, dict)
    ]


def _numbers(holder: object, key: str) -> tuple[int, ...]:
    """Return the numbers of a list in an answer, whatever else is in it."""
    items = holder.get(key) if isinstance(holder, dict) else None
    return tuple(
        item for item in (items if isinstance(items, list) else []) if type(item) is int
    )


def _names(answer: Json, key: str, id_key: str, name_key: str) -> dict[str, str]:
    """Return names by identifier from a list in an answer."""
    return {
        str(item[id_key]): str(item.get(name_key) or item[id_key])
        for item in _objects(answer, key)
        if id_key in item
    }


def _is_answer(answer: Json) -> bool:
    """Tell if a JSON object is an answer of WeCom."""
    return type(answer.get("errcode")) is int
