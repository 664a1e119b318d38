"""Addresses as Apprise has them: `schema://user:password@host:port/path?arguments`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
import re
from typing import Any, Final
from urllib.parse import unquote

# Commas and white space separate addresses, but also the targets of one.
_BETWEEN: Final = re.compile(r"[\s,;，；、]+(?=[a-z0-9]+://)", re.IGNORECASE)
# A line of Apprise's text files can begin with tags, and end with a comment.
_TAGS: Final = re.compile(
    r"^[\w-]+(?:[\s,]+[\w-]+)*\s*=\s*(?=[a-z0-9]+://)", re.IGNORECASE
)
_COMMENT: Final = re.compile(r"(?:^|\s)[#;].*")
_ADDRESS: Final = re.compile(
    r"(?P<schema>[a-z0-9]+)://(?P<authority>[^/?]*)(?P<path>[^?]*)(?:\?(?P<query>.*))?",
    re.IGNORECASE | re.DOTALL,
)
_HOST_AND_PORT: Final = re.compile(
    r"(?P<host>.*?)(?::(?P<port>[0-9]{1,5}))?", re.DOTALL
)
_SEPARATORS: Final = re.compile(r"[\s,;，；、]+")
_ROBOT: Final = re.compile(r"/cgi-bin/webhook/send/?")
_PUSHPLUS: Final = re.compile(
    r"/(?:send|batchsend)(?:/(?P<token>[^/]+))?/?", re.IGNORECASE
)
_AROUND: Final = " \t,;，；、\"'`“”‘’"
_MAX_PORT: Final = 65535


class AddressError(Exception):
    """A text is no address.

    Args:
        text: as much of it as can be shown.

    """

    def __init__(self, text: str) -> None:
        super().__init__("not an address")
        self.text = text


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    """An address with every piece decoded.

    Any piece may be a secret, so that none is shown.

    Args:
        schema: in lower case.
        user: before the "@".
        password: before the "@".
        host: in the case in which it was written, as it may be a token.
        port: None if there is none.
        path: its pieces.
        arguments: of the query, by their names in lower case.
        name: of the notifier that sends to it; empty if it has none.

    """

    schema: str
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    host: str = field(default="", repr=False)
    port: int | None = field(default=None, repr=False)
    path: tuple[str, ...] = field(default=(), repr=False)
    arguments: Mapping[str, str] = field(default_factory=dict, repr=False)
    name: str = ""

    @property
    def shown(self) -> str:
        """Return what shows which address is meant, without its secrets."""
        return shown(f"{self.schema}://{self.user or self.host}")

    def targets(self, *first: str, argument: str = "to") -> tuple[str, ...]:
        """Return the targets of the path and of an argument, in order.

        Args:
            first: targets that come before them.
            argument: name of an argument that holds more of them.

        """
        more = _SEPARATORS.split(self.arguments.get(argument, ""))
        return tuple(dict.fromkeys(filter(None, (*first, *self.path, *more))))

    def with_arguments(self, arguments: Mapping[str, Any]) -> Address:
        """Return the address with other or more arguments."""
        added = {
            str(key).lower(): ",".join(map(str, value))
            if isinstance(value, list)
            else str(value)
            for key, value in arguments.items()
            if value is not None
        }
        return replace(self, arguments={**self.arguments, **added})


def split_addresses(text: str) -> list[str]:
    """Return the addresses in a text, one or several in a line."""
    return [
        address
        for line in text.splitlines()
        for part in _BETWEEN.split(
            _TAGS.sub("", _COMMENT.sub("", line).strip(), count=1)
        )
        if (address := part.strip(_AROUND))
    ]


def parse_address(text: str) -> Address:
    """Parse an address.

    Raises:
        AddressError: it is none.

    """
    text = text.strip(_AROUND)
    if (match := _ADDRESS.fullmatch(text)) is None:
        raise AddressError(shown(text))
    login, _, server = match["authority"].rpartition("@")
    user, _, password = login.partition(":")
    found = _HOST_AND_PORT.fullmatch(server)
    assert found is not None
    port = None if found["port"] is None else int(found["port"])
    if port is not None and not 0 < port <= _MAX_PORT:
        raise AddressError(shown(text))
    address = Address(
        schema=match["schema"].lower(),
        user=unquote(user),
        password=unquote(password),
        host=unquote(found["host"]),
        port=port,
        path=tuple(unquote(piece) for piece in match["path"].split("/") if piece),
        arguments=dict(_arguments(match["query"] or "")),
    )
    return _from_service(address)


def shown(text: str) -> str:
    """Return what shows which address is meant, without its secrets."""
    schema, separator, rest = text.partition("://")
    if not separator:
        return f"{text[:4]}…"
    return f"{schema[-20:]}://{rest[:4]}…"


def _arguments(query: str) -> Iterable[tuple[str, str]]:
    """Return the arguments of a query; a plus sign stands for itself."""
    for argument in query.split("&"):
        name, _, value = argument.partition("=")
        if name:
            yield unquote(name).strip().lower(), unquote(value).strip()


def _from_service(address: Address) -> Address:
    """Return the address of a service in the form that Apprise has for it."""
    if address.schema not in ("http", "https"):
        return address
    path = "/" + "/".join(address.path)
    arguments = address.arguments
    match address.host.lower().removeprefix("www."):
        case "qyapi.weixin.qq.com" if _ROBOT.fullmatch(path) and "key" in arguments:
            return Address(schema="wecombot", arguments=arguments)
        case "pushplus.plus" if match := _PUSHPLUS.fullmatch(path):
            return Address(
                schema="pushplus", host=match["token"] or "", arguments=arguments
            )
    return address
