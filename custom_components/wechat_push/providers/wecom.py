"""The provider WeCom."""

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from datetime import timedelta
import re
from typing import Any, Final, override

import aiohttp
import voluptuous as vol

from homeassistant.const import CONF_PASSWORD, CONF_URL, CONF_USERNAME
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.selector import BooleanSelector, SelectOptionDict

from ..clients.errors import ClientError, Problem, RecipientError, TemporaryError
from ..clients.message import Format
from ..clients.wecom.client import DEFAULT_URL, EVERYONE, WeComClient, WeComTarget
from ..clients.wecom.codes import WeComProblem
from ..clients.wecom.messages import Kind
from ..const import CONF_FORMAT, CONF_ORDINARY_WECHAT, CONF_TARGETS
from ..imports.account import ImportedAccount
from ..imports.address import Address
from ..words import Words
from .base import (
    FORM_SECONDS,
    CheckedAccount,
    CheckedRecipient,
    Choices,
    Remedy,
    side_by_side,
)
from .forms import (
    SECRET,
    TEXT,
    InputError,
    connection_schema,
    endpoint,
    format_selector,
    split_targets,
    target_option,
)
from .target_list import TargetListProvider
from .wecom_fields import (
    CONF_KIND,
    INTERACTIVE_SCHEMA,
    MESSAGE_SCHEMA,
    kind_selector,
    without_kind,
)

CONF_AGENT_ID: Final = "agent_id"
CONF_CORP_ID: Final = "corp_id"
CONF_DEPARTMENTS: Final = "departments"
CONF_EVERYONE: Final = "everyone"
CONF_HAS_CALLBACK: Final = "has_callback"
CONF_SAFE: Final = "safe"
CONF_SECRET: Final = "secret"
CONF_TAGS: Final = "tags"
CONF_USERS: Final = "users"

_USER = re.compile(r"@?([A-Za-z0-9_\-.][A-Za-z0-9_\-.@]{0,63})")
_DEPARTMENT = re.compile(r"(?:#|%23)([0-9]{1,18})")
_TAG = re.compile(r"(?:\+|%2[Bb])([0-9]{1,18})")
# Without a prefix, and as templates write it.
_NUMBER = re.compile(r"([0-9]+)(?:\.0)?")
# Prefixes as entered with Chinese keyboards.
_HALF_WIDTH = str.maketrans("＠＃＋", "@#+")

# What ha-wework_notify calls the fields of the connection.
_RELAY: Final[Mapping[str, str]] = {
    "resource": CONF_URL,
    "resource_username": CONF_USERNAME,
    "resource_password": CONF_PASSWORD,
}

# The list of applications; the page of an application has no URL.
_APPLICATIONS_URL: Final = "https://work.weixin.qq.com/wework_admin/frame#apps"

# How a relay answers to a request that it does not forward.
_NOT_FORWARDED: Final = frozenset({Problem.HTTP_REFUSED, Problem.NOT_THIS_SERVICE})

# Seconds before the end of a form's patience at which it is shown with what there is.
_MARGIN: Final = 1

# Each department takes a request, and large corporations have many.
_MAX_LISTED_DEPARTMENTS = 5


def _seconds(period: timedelta) -> int:
    """Return a duration in seconds."""
    return int(period.total_seconds())


_ACCOUNT_SCHEMA = vol.Schema(
    {
        vol.Required(CONF_CORP_ID): TEXT,
        vol.Required(CONF_AGENT_ID): TEXT,
        vol.Required(CONF_SECRET): SECRET,
    }
).extend(connection_schema(DEFAULT_URL).schema)
_READING_SCHEMA = vol.Schema(
    {
        vol.Required(CONF_FORMAT, default=Format.TEXT.value): format_selector(
            (Format.TEXT, Format.MARKDOWN)
        ),
        vol.Required(CONF_ORDINARY_WECHAT, default=True): BooleanSelector(),
    }
)
# Types that are nothing but a picture or a file are for messages that have one.
_DEFAULT_KINDS: Final = (
    Kind.TEXT,
    Kind.MARKDOWN,
    Kind.TEXTCARD,
    Kind.NEWS,
    Kind.MPNEWS,
    Kind.TEMPLATE_CARD,
)
_DEFAULTS_SCHEMA = _READING_SCHEMA.extend(
    {
        vol.Optional(CONF_KIND): kind_selector(_DEFAULT_KINDS),
        vol.Required(CONF_SAFE, default=False): BooleanSelector(),
    }
)
_STORED_RECIPIENT = vol.Schema(
    {
        vol.Optional(CONF_USERS, default=list): [str],
        vol.Optional(CONF_DEPARTMENTS, default=list): [int],
        vol.Optional(CONF_TAGS, default=list): [int],
        vol.Optional(CONF_EVERYONE, default=False): bool,
    }
).extend(_READING_SCHEMA.schema)
_OPTIONS_SCHEMA = vol.Schema(
    {
        # WeCom refuses cards that can be clicked otherwise.
        vol.Required(CONF_HAS_CALLBACK, default=False): BooleanSelector()
    }
)
_MESSAGE_SCHEMA = vol.Schema(
    {
        vol.Optional(CONF_SAFE): cv.boolean,
        vol.Optional("id_translation"): cv.boolean,
        vol.Optional("duplicate_check"): cv.boolean,
        vol.Optional("duplicate_check_interval"): vol.All(
            cv.positive_time_period, _seconds, vol.Range(min=1, max=14_400)
        ),
        vol.Optional("author"): cv.string,
    }
).extend({**MESSAGE_SCHEMA.schema, **INTERACTIVE_SCHEMA.schema})


class WeCom(TargetListProvider[WeComTarget, WeComClient]):
    """WeCom, a self-built application of a corporation."""

    key = "wecom"
    name = "WeCom"
    console_url = _APPLICATIONS_URL
    account_schema = _ACCOUNT_SCHEMA
    defaults_schema = _DEFAULTS_SCHEMA
    stored_recipient = _STORED_RECIPIENT
    recipient_identity = (CONF_USERS, CONF_DEPARTMENTS, CONF_TAGS, CONF_EVERYONE)
    options_schema = _OPTIONS_SCHEMA
    message_schema = _MESSAGE_SCHEMA
    identity = (CONF_CORP_ID, CONF_AGENT_ID)
    identity_changes = False
    request_paths = (
        "/cgi-bin",
        "/cgi-bin/gettoken",
        "/cgi-bin/message",
        "/cgi-bin/message/send",
    )
    imported_schemas = frozenset({"wechat", "wework_notify"})
    account_secrets = frozenset({CONF_SECRET})
    identifiers = frozenset({CONF_CORP_ID, CONF_AGENT_ID, CONF_USERS})
    problems = {
        **dict.fromkeys(WeComProblem, Remedy()),
        WeComProblem.AGENT_ID: Remedy(field=CONF_AGENT_ID, url=_APPLICATIONS_URL),
        WeComProblem.APP_DISABLED: Remedy(url=_APPLICATIONS_URL),
        WeComProblem.CALLBACK_MISSING: Remedy(url=_APPLICATIONS_URL, of_cards=True),
        WeComProblem.CORP_ID: Remedy(field=CONF_CORP_ID),
        WeComProblem.NOT_AUTHORISED: Remedy(url=_APPLICATIONS_URL),
        WeComProblem.NOT_VISIBLE: Remedy(url=_APPLICATIONS_URL, of_recipient=True),
        WeComProblem.PERMISSION_REVOKED: Remedy(url=_APPLICATIONS_URL),
        WeComProblem.SECRET: Remedy(field=CONF_SECRET),
        WeComProblem.SECRET_WEAK: Remedy(field=CONF_SECRET, url=_APPLICATIONS_URL),
        WeComProblem.UNTRUSTED_IP: Remedy(url=_APPLICATIONS_URL, has_step=True),
    }

    @override
    def create_client(
        self, session: aiohttp.ClientSession, data: Mapping[str, Any]
    ) -> WeComClient:
        """Create the client of an application."""
        return WeComClient(
            session,
            endpoint(data),
            corp_id=data[CONF_CORP_ID],
            agent_id=int(data[CONF_AGENT_ID] or 0),
            secret=data[CONF_SECRET],
            has_callback=data[CONF_HAS_CALLBACK],
        )

    @override
    def parse_account(
        self, user_input: Mapping[str, Any], known: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Parse the account and check the format of the agent ID."""
        data = super().parse_account(user_input, known)
        if not data[CONF_CORP_ID]:
            raise InputError(CONF_CORP_ID, "secret_missing")
        if not re.fullmatch(r"[0-9]{1,12}", data[CONF_AGENT_ID]):
            raise InputError(CONF_AGENT_ID, "wecom_agent_id_shape")
        return {**data, CONF_AGENT_ID: str(int(data[CONF_AGENT_ID]))}

    @override
    async def check(
        self, client: WeComClient, user_input: Mapping[str, Any]
    ) -> CheckedAccount:
        """Check the credentials, and the agent ID if the relay forwards the request."""
        try:
            # Unlike the access token, it proves that the IP is trusted.
            return CheckedAccount(name=(await client.agent()).name)
        except TemporaryError as err:
            if err.problem not in _NOT_FORWARDED:
                raise
        await client.check_secret()
        return CheckedAccount(unchecked=True)

    @override
    def account_hint(self, data: Mapping[str, Any]) -> str:
        """Return the agent ID, which the console shows."""
        return str(data[CONF_AGENT_ID])

    @override
    def first_recipient(self, choices: Choices) -> dict[str, Any]:
        """Suggest everyone: at home, the corporation is the family."""
        return {CONF_TARGETS: [EVERYONE]}

    @override
    def recipient_name(self, data: Mapping[str, Any], name: str, words: Words) -> str:
        """Return the names of the targets."""
        return words.common("everyone") if data[CONF_EVERYONE] else name

    @override
    def recipient_kind(self, data: Mapping[str, Any]) -> str:
        """Return the kind of the targets, if there is but one."""
        stored = self.recipient_data(data)
        if stored[CONF_EVERYONE]:
            return "everyone"
        kinds = {
            CONF_USERS: "member",
            CONF_DEPARTMENTS: "department",
            CONF_TAGS: "tag",
        }
        used = [kind for key, kind in kinds.items() if stored[key]]
        return used[0] if len(used) == 1 else "several"

    @override
    async def probe(self, client: WeComClient) -> None:
        """Check if WeCom works; the cached access token would prove nothing."""
        await client.agent()

    @override
    async def list_targets(
        self, client: WeComClient, words: Words
    ) -> list[SelectOptionDict]:
        """Return the targets that can see the application, with names if available."""
        shown_at = asyncio.get_running_loop().time() + FORM_SECONDS - _MARGIN
        agent = await client.agent()
        listed = agent.departments[:_MAX_LISTED_DEPARTMENTS]
        found_departments, found_tags, *found_users = await _names_until(
            shown_at,
            client.departments(),
            client.tags(),
            *(client.members(department) for department in listed),
        )
        users = dict.fromkeys(agent.users, "")
        for found in found_users:
            users |= found
        departments = dict.fromkeys(map(str, agent.departments), "") | found_departments
        tags = dict.fromkeys(map(str, agent.tags), "") | found_tags
        return [
            target_option(EVERYONE, words.common("everyone")),
            *(target_option(f"@{key}", name) for key, name in users.items()),
            *(target_option(f"#{key}", name) for key, name in departments.items()),
            *(target_option(f"+{key}", name) for key, name in tags.items()),
        ]

    @override
    def parse_targets(self, targets: Sequence[str]) -> dict[str, Any]:
        """Return members, departments and tags; `@all` replaces them."""
        users: dict[str, str] = {}
        departments: set[int] = set()
        tags: set[int] = set()
        everyone = False
        for typed in split_targets(targets):
            target = typed.translate(_HALF_WIDTH)
            if target.lower().lstrip("@") == "all":
                everyone = True
            elif match := _DEPARTMENT.fullmatch(target):
                departments.add(int(match[1]))
            elif match := _TAG.fullmatch(target):
                tags.add(int(match[1]))
            elif match := _USER.fullmatch(target):
                # User IDs are not case-sensitive.
                users.setdefault(match[1].lower(), match[1])
            else:
                raise InputError(CONF_TARGETS, "wecom_target", target=typed)
        if not (users or departments or tags or everyone):
            raise InputError(CONF_TARGETS, "targets_missing")
        return {
            CONF_USERS: [] if everyone else [users[key] for key in sorted(users)],
            CONF_DEPARTMENTS: [] if everyone else sorted(departments),
            CONF_TAGS: [] if everyone else sorted(tags),
            CONF_EVERYONE: everyone,
        }

    @override
    def format_targets(self, data: Mapping[str, Any]) -> list[str]:
        """Return the targets with the prefixes of their kinds."""
        return [
            *([EVERYONE] if data[CONF_EVERYONE] else []),
            *(f"@{user}" for user in data[CONF_USERS]),
            *(f"#{department}" for department in data[CONF_DEPARTMENTS]),
            *(f"+{tag}" for tag in data[CONF_TAGS]),
        ]

    @override
    def with_targets(
        self, data: Mapping[str, Any], targets: Sequence[str]
    ) -> dict[str, Any]:
        """Return the data with other targets; a bare number could be any of them.

        YAML and templates make 7 of +7.
        """
        for target in split_targets(targets):
            if match := _NUMBER.fullmatch(target):
                raise InputError(CONF_TARGETS, "wecom_bare_number", target=match[1])
        return super().with_targets(data, targets)

    @override
    def default_options(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return if the recipient reads messages in WeChat."""
        stored = self.recipient_data(data)
        return {CONF_ORDINARY_WECHAT: stored[CONF_ORDINARY_WECHAT]}

    @override
    def fitting_defaults(
        self, defaults: Mapping[str, Any], given: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return the default options; what belongs to a card makes a message one."""
        return without_kind(super().fitting_defaults(defaults, given), given)

    @override
    def recipient_unique_id(self, data: Mapping[str, Any]) -> str:
        """Return the unique ID of a recipient, regardless of the case of user IDs."""
        users = [user.lower() for user in self.recipient_data(data)[CONF_USERS]]
        return super().recipient_unique_id({**data, CONF_USERS: users})

    @override
    async def check_recipient(
        self, client: WeComClient, data: Mapping[str, Any]
    ) -> CheckedRecipient:
        """Check that every member exists and can see the application."""
        data = self.recipient_data(data)
        names: list[str] = []
        users: list[str] = data[CONF_USERS]
        results = await side_by_side(*(client.member_name(user) for user in users))
        for user, result in zip(users, results, strict=True):
            match result:
                case RecipientError():
                    raise InputError(
                        CONF_TARGETS, "wecom_member_not_found", target=user
                    ) from result
                case TemporaryError(problem=problem) if problem in _NOT_FORWARDED:
                    names.append(user)
                case ClientError():
                    raise result
                case name:
                    names.append(name or user)
        names += [f"#{department}" for department in data[CONF_DEPARTMENTS]]
        names += [f"+{tag}" for tag in data[CONF_TAGS]]
        return CheckedRecipient(name=", ".join(names))

    @override
    async def check_repaired(
        self, client: WeComClient, problem: str, recipient: Mapping[str, Any] | None
    ) -> bool:
        """Check members; of departments, tags and cards, WeCom tells nothing."""
        if not await super().check_repaired(client, problem, recipient):
            return False
        if recipient is None:
            return problem != WeComProblem.CALLBACK_MISSING
        data = self.recipient_data(recipient)
        return not (data[CONF_EVERYONE] or data[CONF_DEPARTMENTS] or data[CONF_TAGS])

    @override
    def import_address(self, address: Address) -> ImportedAccount:
        """Return the application; only the notify platform has a relay."""
        targets = address.targets()
        relay = {
            field: value
            for argument, field in _RELAY.items()
            if (value := address.arguments.get(argument))
        }
        return ImportedAccount(
            account={
                CONF_CORP_ID: address.user,
                CONF_SECRET: address.password,
                CONF_AGENT_ID: address.host,
                **relay,
            },
            recipients=[{CONF_TARGETS: targets}] if targets else [],
            used=frozenset({"to", *_RELAY}),
        )

    @override
    def target(self, data: Mapping[str, Any]) -> WeComTarget:
        """Return the members, departments and tags."""
        stored = self.recipient_data(data)
        return WeComTarget(
            users=tuple(stored[CONF_USERS]),
            departments=tuple(stored[CONF_DEPARTMENTS]),
            tags=tuple(stored[CONF_TAGS]),
            everyone=stored[CONF_EVERYONE],
        )


async def _names_until(
    moment: float, *requests: Coroutine[Any, Any, dict[str, str]]
) -> list[dict[str, str]]:
    """Make requests side by side; return their results, or nothing for what failed.

    Args:
        moment: of the event loop, after which no more results are waited for.
        requests: for names by ID.

    """
    tasks = [asyncio.create_task(request) for request in requests]
    try:
        left = max(moment - asyncio.get_running_loop().time(), 0)
        await asyncio.wait(tasks, timeout=left)
    finally:
        for task in tasks:
            task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    for result in results:
        if isinstance(result, Exception) and not isinstance(result, ClientError):
            raise result
    return [result if isinstance(result, dict) else {} for result in results]
