"""A sample account: what the tests of all providers need to know of a service."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.simulators import Answer, RecordedRequest, Simulator

WAY = {
    "verify_ssl": True,
    "follow_redirects": False,
    "connect_timeout": 5,
    "read_timeout": 5,
}

# What makes something happen at a simulator, whose service the test knows.
type Cause = Callable[[Any], object]


LINK = "https://example.com/laundry?day=1&room=2"
# A text that no markup is meant in.
PLAIN = "洗衣机 done 🧺\n<b>& it's 21 °C</b>"


@dataclass(frozen=True, kw_only=True, slots=True)
class Renewal:
    """What happens to the credentials of an account, and how a person follows.

    A service without credentials gets a proxy in front of it that wants a login.
    """

    # What makes the service refuse the old ones, and what it then takes. These are the
    # fields of the form.
    happens: Cause
    credentials: dict[str, Any]
    # What the service does not take, and what the form says to it.
    wrong: dict[str, Any]
    errors: dict[str, str]
    # What the service answers to a message with the old ones.
    refusal: Answer
    # What a message that waits for new ones is told.
    problem: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """Somebody whom an account can send to."""

    # What differs from the sample in the form of the recipient.
    fields: dict[str, Any]
    # As the simulator names them.
    receiver: str
    # Makes them known to the service.
    join: Cause


@dataclass(frozen=True, kw_only=True, slots=True)
class Titled:
    """What a service gets of a message with title and link, in each format."""

    text: Mapping[str, str]
    # With a link but no title.
    link_alone: Mapping[str, str]
    markdown: Mapping[str, str]
    html: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """An account of one service and its first recipient."""

    service: str
    # Titles in Home Assistant, in both languages, and the entity.
    title: str
    recipient_title: str
    chinese_titles: tuple[str, str]
    entity_id: str
    console_url: str | None
    # Fields of the forms, without the URL of the simulator.
    account: dict[str, Any]
    # Those that only the form of a new account has.
    new: dict[str, Any] = field(default_factory=dict)
    # The entity of the recipient that an account comes with, if it does.
    first_entity_id: str | None = None
    recipient: dict[str, Any]
    # Another recipient, empty if an account has only one, and one that the service
    # refuses, where it can be asked.
    second: dict[str, Any]
    wrong_recipient: dict[str, Any]
    # The targets of the recipient as the simulator names them.
    receivers: list[str]
    # People by number, as many as wanted, of a service that knows them.
    person: Callable[[int], Person] | None = None
    # What is stored of both, beside the connection.
    stored_account: dict[str, Any]
    stored_recipient: dict[str, Any]
    # What of it cannot be missing.
    needed: frozenset[str] = frozenset()
    # The field of the account with its secret, if any.
    secret_field: str | None
    # Secrets that must not appear anywhere.
    secrets: tuple[str, ...]
    # The path for messages.
    path: str
    # The path for the check of the account, and the fields that enable it.
    check_path: str
    checked: dict[str, Any] = field(default_factory=dict)
    # Fields of the connection section of the account form.
    connection: dict[str, Any] = field(default_factory=lambda: dict(WAY))
    # Whether the URL is a field of its own, as there is no official one.
    own_server: bool = False
    # Options of the account that only this service has, with their defaults.
    options: Mapping[str, bool] = field(default_factory=dict)
    # The events of what the service tells later.
    outcomes: Sequence[str] = ()
    renewal: Renewal
    # Messages that go out at once, and copies of a message that may have been lost.
    burst: int
    copies: int = 2
    # Bad answers that are a success to the service, as they name no targets.
    taken: frozenset[str] = frozenset()
    # The limit of a text, in its bytes or characters and in bytes, and the messages that
    # a text of a few times that length makes.
    limit: int
    limit_bytes: int
    parts: int = 3
    # What a message is made of in a request, and the field of the text.
    body: Callable[[RecordedRequest], Mapping[str, Any]]
    text_field: str
    # What becomes of a plain text, of what separates its lines, and of a text with markup,
    # by its format.
    plain: str = PLAIN
    line_break: str = "\n"
    formats: Mapping[str, str]
    titled: Titled

    def title_at(self, simulator: Simulator) -> str:
        """Return the title of the account; that of an own server has its port."""
        return f"{self.title}:{simulator.port}" if self.own_server else self.title

    def people(self, count: int) -> list[Person]:
        """Return people whom the account can send to."""
        assert self.person is not None
        return [self.person(number) for number in range(1, count + 1)]

    def error_at(self, field: str) -> str:
        """Return where the account form shows an error of a field of the connection."""
        return field if self.own_server and field == "url" else "connection"

    def new_input(self, simulator: Simulator, **changes: Any) -> dict[str, Any]:
        """Return the input of the form of a new account, with changes in any section."""
        new = {key: changes.pop(key, value) for key, value in self.new.items()}
        return {**new, **self.account_input(simulator, **changes)}

    def account_input(self, simulator: Simulator, **changes: Any) -> dict[str, Any]:
        """Return the input of the form that changes the account, likewise."""
        fields = {**self.account, "connection": dict(self.connection)}
        (fields if self.own_server else fields["connection"])["url"] = simulator.url
        for key, value in changes.items():
            where = fields if key in fields else fields["connection"]
            where[key] = value
        return fields

    def text_of(self, request: RecordedRequest) -> str:
        """Return the text of a message as sent to the service."""
        text: str = self.body(request)[self.text_field]
        return text


def of_json(request: RecordedRequest) -> Mapping[str, Any]:
    """Return a body of JSON."""
    body: Mapping[str, Any] = request.json
    return body


def of_message_type(request: RecordedRequest) -> Mapping[str, Any]:
    """Return the part of a body that is named after the type of the message."""
    body: Mapping[str, Any] = request.json[request.json["msgtype"]]
    return body


def of_form(request: RecordedRequest) -> Mapping[str, Any]:
    """Return a body that is a form."""
    return request.form


# A text with markup of all kinds.
MARKUP = "# A\n\n[b](https://c.d) <i>e</i>"
AS_IT_IS = dict.fromkeys(("text", "markdown", "html"), MARKUP)
