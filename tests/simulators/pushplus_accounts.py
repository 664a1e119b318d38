"""Accounts of the simulated PushPlus, with friends, groups and channel codes."""

from collections import deque
from dataclasses import dataclass, field

TOKEN = "5135135135135135135135135135abcd"
MESSAGE_TOKEN = "0e55a9e0e55a9e0e55a9e0e55a9e0e55"
FRIEND_TOKEN = "f00df00df00df00df00df00df00df00d"
TOPIC = "family"
WEBHOOK = "bark"
CP = "homecp"
MAIL = "homemail"
QQ = "familyqq"
SECRET_KEY = "SimulatedSecretKey0123456789abcdef"

PAID_CHANNELS = {"sms": 10, "voice": 30}  # points per recipient
FREE_CHANNELS = {
    *("wechat", "webhook", "cp", "mail", "extension", "app", "clawbot", "qq", "cmcc"),
}
QUOTAS = {
    "wechat": 200, "cp": 1000, "webhook": 1000, "mail": 200, "qq": 200,
    "app": 200, "extension": 1000, "clawbot": 1000,
}  # fmt: skip
MEMBER_QUOTAS = {
    "wechat": 2000, "cp": 10_000, "webhook": 10_000, "mail": 1000, "qq": 1000,
    "app": 2000, "extension": 10_000, "clawbot": 10_000,
}  # fmt: skip
TEMPLATES_WITH_OBJECT = {"form", "doc", "excel", "webdiff"}


class RefusedError(Exception):
    """The service refuses a request; the detail is the reason, if separate."""

    def __init__(self, code: int, message: str, detail: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.detail = detail


def invalid(reason: str) -> RefusedError:
    """Return a general refusal with the reason as detail."""
    return RefusedError(999, "服务端验证错误", reason)


@dataclass(frozen=True, kw_only=True, slots=True)
class Topic:
    """A group."""

    topic_id: int
    name: str
    members: int = 3
    subscribers: tuple[str, ...] = ("Zhang San", "Wang Wu", "Zhao Liu")


@dataclass(kw_only=True, slots=True)
class Account:
    """An account."""

    token: str
    nick_name: str = ""
    verified: bool = True
    member: bool = False
    restricted: bool = False
    restricted_days: int | None = 2  # named in the refusal; None: for good
    restricted_until: float = 0  # end of the restriction; 0: none
    points: int = 100
    message_tokens: set[str] = field(default_factory=set)
    friends: dict[str, str] = field(default_factory=dict)  # name by token
    topics: dict[str, Topic] = field(default_factory=dict)  # by code
    joined: dict[str, Topic] = field(default_factory=dict)  # groups of others
    webhooks: dict[str, str] = field(default_factory=dict)  # name by code
    cps: dict[str, str] = field(default_factory=dict)
    mails: dict[str, str] = field(default_factory=dict)
    qqs: dict[str, str] = field(default_factory=dict)
    callback_url: str = ""
    secret_key: str = ""
    open_api: bool = True
    ip_allowed: bool = True
    sent: dict[str, int] = field(default_factory=dict)  # requests today, by channel
    day: int | None = None  # of these counts
    recent: deque[float] = field(default_factory=deque)
    repeated: dict[str, deque[float]] = field(default_factory=dict)  # by content

    @property
    def quotas(self) -> dict[str, int]:
        """Return the daily quotas by channel."""
        return MEMBER_QUOTAS if self.member else QUOTAS

    @property
    def max_title(self) -> int:
        """Return the maximum length of a title in characters."""
        return 200 if self.member else 100

    @property
    def max_content(self) -> int:
        """Return the maximum length of a message in characters."""
        return 100_000 if self.member else 20_000

    @property
    def max_friends(self) -> int:
        """Return the maximum number of friends; the rest is silently dropped."""
        return 100 if self.member else 10


@dataclass(kw_only=True, slots=True)
class Message:
    """An accepted message and its result."""

    short_code: str
    account: Account
    title: str
    content: str
    template: str
    channel: str
    topic: str
    callback_url: str
    recipients: list[str]
    status: int = 1  # 0 not sent, 1 sending, 2 sent, 3 failed
    error: str = ""
    updated: float = 0


def initial_accounts() -> dict[str, Account]:
    """Return the accounts by user token."""
    home = Account(
        token=TOKEN,
        nick_name="Home",
        message_tokens={MESSAGE_TOKEN},
        friends={FRIEND_TOKEN: "Li Si"},
        topics={TOPIC: Topic(topic_id=2, name="Family")},
        webhooks={WEBHOOK: "Bark on the phone"},
        cps={CP: "WeCom at home"},
        mails={MAIL: "Mail at home"},
        qqs={QQ: "QQ of the family"},
        secret_key=SECRET_KEY,
    )
    return {TOKEN: home}
