"""Applications, members, media and robots of the simulated WeCom corporation."""

from dataclasses import dataclass, field
from typing import Any

CORP_ID = "ww5a1d0c0ffee12345"
SECRET = "SimulatedSecret-SimulatedSecret-SimulatedSe"
AGENT_ID = 1_000_002
OTHER_AGENT_ID = 1_000_003
OTHER_SECRET = "AnotherSecret-AnotherSecret-AnotherSecret-A"
ROBOT_KEY = "5a1d0c0f-fee1-2345-6789-0123456789ab"


class RefusedError(Exception):
    """The service refuses a request."""

    def __init__(self, code: int, message: str, **lists: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.lists = lists


@dataclass(kw_only=True, slots=True)
class Agent:
    """An application and its visible range."""

    name: str
    secret: str
    closed: bool = False
    callback_url_configured: bool = False
    users: dict[str, str] = field(default_factory=dict)
    departments: dict[int, str] = field(default_factory=dict)
    members: dict[int, tuple[str, ...]] = field(default_factory=dict)
    tags: dict[int, str] = field(default_factory=dict)
    unlicensed: set[str] = field(default_factory=set)

    def find_user(self, userid: str) -> str | None:
        """Return a userid as the directory spells it, regardless of case."""
        if userid in self.users:
            return userid
        lower = userid.lower()
        return next((user for user in self.users if user.lower() == lower), None)


@dataclass(kw_only=True, slots=True)
class Token:
    """An access token."""

    agent_id: int
    expires: float


@dataclass(kw_only=True, slots=True)
class Media:
    """A temporary file."""

    kind: str
    filename: str
    size: int
    content: bytes = field(repr=False)
    content_type: str
    expires: float
    robot: str | None = None


@dataclass(kw_only=True, slots=True)
class Robot:
    """A robot in a group."""

    name: str
    enabled: bool = True
    in_group: bool = True
    sent: list[float] = field(default_factory=list)


@dataclass(kw_only=True, slots=True)
class SentMessage:
    """A message of an application."""

    agent_id: int
    sent: float
    recalled: bool = False


@dataclass(kw_only=True, slots=True)
class ResponseCode:
    """A code to update a card once."""

    agent_id: int
    expires: float
    update: dict[str, Any] | None = None


def initial_agents() -> dict[int, Agent]:
    """Return the home application and a foreign one."""
    home = Agent(
        name="Home alarms",
        secret=SECRET,
        users={"zhangsan": "张三", "lisi": "李四"},
        departments={1: "Home", 2: "Garage"},
        members={1: ("zhangsan", "lisi"), 2: ("lisi",)},
        tags={1: "Adults", 2: "Children"},
    )
    other = Agent(name="Office", secret=OTHER_SECRET, users={"wangwu": "王五"})
    return {AGENT_ID: home, OTHER_AGENT_ID: other}
