"""The provider PushPlus."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
import hashlib
from itertools import zip_longest
import re
from typing import Any, Final, override

import aiohttp
import voluptuous as vol

from homeassistant.const import CONF_NAME, CONF_TOKEN
from homeassistant.data_entry_flow import section
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.selector import (
    BooleanSelector,
    SelectOptionDict,
    Selector,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from ..clients.errors import ActionNeededError, CredentialsError, Problem
from ..clients.message import Format
from ..clients.pushplus.callback import CallbackEvent, read_callback, read_event
from ..clients.pushplus.client import (
    CHANNELS,
    DEFAULT_URL,
    TEMPLATES,
    PushPlusClient,
    PushPlusTarget,
)
from ..clients.pushplus.codes import PushPlusProblem
from ..clients.pushplus.limits import ACCOUNT_DEFAULT
from ..clients.pushplus.open_api import PushPlusOpenApi
from ..clients.receipt import Outcome
from ..const import (
    CONF_ASK_RESULTS,
    CONF_CALLBACK_URL,
    CONF_CHANNEL,
    CONF_FORMAT,
    CONF_LISTEN_RESULTS,
    CONF_MEMBER,
    CONF_TARGETS,
)
from ..imports.account import ImportedAccount
from ..imports.address import Address
from ..words import Words
from .base import (
    AccountEvent,
    CheckedAccount,
    CheckedRecipient,
    Choices,
    Proof,
    Provider,
    Remedy,
)
from .forms import (
    COLLAPSED,
    CONF_SEND_TEST,
    SECRET,
    TEXT,
    InputError,
    clean_text,
    connection_schema,
    custom_value_selector,
    defaults_of,
    endpoint,
    format_selector,
    split_targets,
    stored_choice,
)
from .scan import Scan, Scanned

CONF_FRIENDS: Final = "friends"
CONF_KIND: Final = "kind"
CONF_OPTION: Final = "option"
CONF_PRE: Final = "pre"
CONF_PUSH_ID: Final = "push_id"
CONF_QR_CODE: Final = "qr_code"
CONF_SECRET_KEY: Final = "secret_key"
CONF_TEMPLATE: Final = "template"
CONF_TOPIC: Final = "topic"

SECTION_MORE: Final = "more"

# Friend tokens have 32 hexadecimal digits in all examples, unlike group codes.
_FRIEND = re.compile(r"[0-9a-fA-F]{32}")

_CONSOLE_URL: Final = "https://www.pushplus.plus/uc.html"

_OF_OPEN_API: Final = frozenset(
    {PushPlusProblem.OPEN_API_IP, PushPlusProblem.OPEN_API_OFF}
)

# Arguments of addresses, in the order in which they win.
_CHANNEL_ARGUMENTS: Final = ("channel", "mode")
_OPTION_ARGUMENTS: Final = ("option", "webhook", "name")
_TEMPLATE_ARGUMENT: Final = "template"
_TOPIC_ARGUMENT: Final = "topic"

# Channels that need the code of a configuration.
_WEBHOOK: Final = "webhook"
_WECOM: Final = "cp"
_CHANNELS_WITH_OPTION = frozenset({_WEBHOOK, _WECOM})


class Kind(StrEnum):
    """Kinds of recipients."""

    SELF = "self"
    TOPIC = "topic"
    FRIENDS = "friends"


_ACCOUNT_SCHEMA = vol.Schema(
    {
        vol.Required(CONF_TOKEN): SECRET,
        vol.Required(CONF_SEND_TEST, default=True): BooleanSelector(),
        vol.Optional(CONF_SECRET_KEY): SECRET,
    }
).extend(connection_schema(DEFAULT_URL).schema)
# Nothing of it is needed to send to oneself.
_MORE_SCHEMA = vol.Schema(
    {
        vol.Optional(CONF_TOPIC): TEXT,
        vol.Optional(CONF_FRIENDS): custom_value_selector([], multiple=True),
        vol.Required(CONF_CHANNEL, default=CHANNELS[0]): SelectSelector(
            SelectSelectorConfig(
                options=[ACCOUNT_DEFAULT, *CHANNELS],
                mode=SelectSelectorMode.DROPDOWN,
                translation_key="pushplus_channel",
            )
        ),
        vol.Optional(CONF_OPTION): TEXT,
        vol.Optional(CONF_TEMPLATE): custom_value_selector([*TEMPLATES]),
    }
)
_DEFAULTS_SCHEMA = vol.Schema(
    {
        vol.Required(CONF_FORMAT, default=Format.TEXT.value): format_selector(Format),
        vol.Optional(CONF_PRE): TEXT,
    }
)
# Of a new recipient, which needs a secret key.
_QR_CODE_SCHEMA = vol.Schema(
    {vol.Required(CONF_QR_CODE, default=False): BooleanSelector()}
)
_RECIPIENT_SCHEMA = vol.Schema(
    {
        vol.Optional(CONF_NAME): TEXT,
        vol.Required(CONF_KIND, default=Kind.SELF.value): SelectSelector(
            SelectSelectorConfig(
                options=[kind.value for kind in Kind],
                mode=SelectSelectorMode.LIST,
                translation_key="pushplus_kind",
            )
        ),
        # With a default, forms would show none of those of its fields.
        vol.Required(SECTION_MORE): section(_MORE_SCHEMA, COLLAPSED),
    }
)
_OPTIONS_SCHEMA = vol.Schema(
    {
        vol.Required(CONF_MEMBER, default=False): BooleanSelector(),
        # Needs a secret key.
        vol.Required(CONF_ASK_RESULTS, default=True): BooleanSelector(),
        # Needs a URL that can be reached from the internet.
        vol.Required(CONF_LISTEN_RESULTS, default=False): BooleanSelector(),
    }
)
_MESSAGE_SCHEMA = vol.Schema(
    {
        # A list sends to several channels at once.
        vol.Optional(CONF_CHANNEL): vol.All(cv.ensure_list, [cv.string]),
        vol.Optional(CONF_OPTION): vol.All(cv.ensure_list, [vol.Any(cv.string, None)]),
        vol.Optional(CONF_TEMPLATE): cv.string,
        vol.Optional(CONF_TOPIC): cv.string,
        vol.Optional(CONF_FRIENDS): vol.All(cv.ensure_list, [cv.string]),
        vol.Optional(CONF_PRE): cv.string,
        vol.Optional(CONF_PUSH_ID): cv.string,
        vol.Optional(CONF_CALLBACK_URL): cv.string,
    }
)
_STORED_RECIPIENT = vol.Schema(
    {
        vol.Optional(CONF_KIND, default=Kind.SELF.value): str,
        vol.Optional(CONF_TOPIC, default=None): vol.Any(str, None),
        vol.Optional(CONF_FRIENDS, default=list): [str],
        vol.Optional(CONF_CHANNEL, default=CHANNELS[0]): vol.Any(str, None),
        vol.Optional(CONF_OPTION, default=None): vol.Any(str, None),
        vol.Optional(CONF_TEMPLATE, default=None): vol.Any(str, None),
        vol.Optional(CONF_FORMAT, default=Format.TEXT.value): str,
    }
)


class _FriendScan(Scan):
    """A QR code that makes friends of the account.

    Args:
        open_api: of the account.

    """

    def __init__(self, open_api: PushPlusOpenApi) -> None:
        self._open_api = open_api
        self._known: set[str] | None = None

    @override
    async def show(self) -> str:
        """Return a new QR code."""
        if self._known is None:
            self._known = {*await self._open_api.friends()}
        return await self._open_api.qr_code()

    @override
    async def ask(self) -> list[Scanned]:
        """Return the new friends."""
        assert self._known is not None
        friends = await self._open_api.friends()
        found = [
            Scanned(name=name if name != token else "", target=token)
            for token, name in friends.items()
            if token not in self._known
        ]
        self._known |= friends.keys()
        return found

    @override
    def complete(
        self, user_input: Mapping[str, Any], people: Sequence[Scanned]
    ) -> dict[str, Any]:
        """Return the input with the friends as targets."""
        return {**user_input, CONF_FRIENDS: [person.target for person in people]}


class _GroupScan(Scan):
    """A QR code to join a group with.

    Args:
        open_api: of the account.
        topic: the code of the group.

    """

    separate = False

    def __init__(self, open_api: PushPlusOpenApi, topic: str) -> None:
        self._open_api = open_api
        self._topic = topic
        self._number = 0
        self._known: Counter[str] | None = None

    @override
    async def show(self) -> str:
        """Return a new QR code; only groups of the account have one."""
        if self._known is None:
            number = (await self._open_api.group_ids()).get(self._topic)
            if number is None:
                raise InputError(CONF_QR_CODE, "pushplus_not_own_group")
            self._number = number
            self._known = Counter(await self._open_api.subscribers(number))
        return await self._open_api.qr_code(self._number)

    @override
    async def ask(self) -> list[Scanned]:
        """Return the new members, who cannot be told apart but by their names."""
        assert self._known is not None
        members = Counter(await self._open_api.subscribers(self._number))
        found = (members - self._known).elements()
        self._known = members
        return [Scanned(name=name) for name in found]


class PushPlus(Provider[PushPlusTarget, PushPlusClient]):
    """PushPlus, a token that sends to its owner, groups and friends."""

    key = "pushplus"
    name = "PushPlus"
    console_url = _CONSOLE_URL
    account_schema = _ACCOUNT_SCHEMA
    recipient_schema = _RECIPIENT_SCHEMA
    defaults_schema = _DEFAULTS_SCHEMA
    stored_recipient = _STORED_RECIPIENT
    # A channel is an address: a group of QQ, a webhook, the mailbox of a person.
    recipient_identity = (CONF_TOPIC, CONF_FRIENDS, CONF_CHANNEL, CONF_OPTION)
    options_schema = _OPTIONS_SCHEMA
    message_schema = _MESSAGE_SCHEMA
    addresses = frozenset({CONF_TOPIC, CONF_FRIENDS})
    identity = (CONF_TOKEN,)
    request_paths = ("/send", "/batchSend")
    proof = Proof.MESSAGE
    certain_outcomes = True
    account_events = tuple(CallbackEvent)
    imported_schemas = frozenset({"pushplus", "wecom"})
    account_secrets = frozenset({CONF_TOKEN, CONF_SECRET_KEY})
    optional_secrets = frozenset({CONF_SECRET_KEY})
    # Anyone can send to a friend with the friend token.
    recipient_secrets = frozenset({CONF_FRIENDS})
    identifiers = frozenset({CONF_TOPIC})
    problems = {
        **dict.fromkeys(PushPlusProblem, Remedy()),
        **dict.fromkeys(
            (PushPlusProblem.OPEN_API_IP, PushPlusProblem.OPEN_API_OFF),
            Remedy(field=CONF_SECRET_KEY, url=_CONSOLE_URL, of_attachments=True),
        ),
        # Only some channels cost points.
        PushPlusProblem.POINTS: Remedy(
            url="https://www.pushplus.plus/pay.html", of_recipient=True
        ),
        PushPlusProblem.REAL_NAME: Remedy(
            url="https://www.pushplus.plus/center/real-auth?source=push"
        ),
        PushPlusProblem.RESTRICTED: Remedy(
            url="https://www.pushplus.plus/use.html", lifts_block=True
        ),
        PushPlusProblem.SECRET_KEY: Remedy(field=CONF_SECRET_KEY),
        PushPlusProblem.TOKEN: Remedy(field=CONF_TOKEN),
    }

    @override
    def create_client(
        self, session: aiohttp.ClientSession, data: Mapping[str, Any]
    ) -> PushPlusClient:
        """Create the client of a token."""
        return PushPlusClient(
            session,
            endpoint(data),
            token=data[CONF_TOKEN],
            secret_key=data.get(CONF_SECRET_KEY),
            member=data[CONF_MEMBER],
        )

    @override
    def options_form_schema(self, data: Mapping[str, Any]) -> vol.Schema:
        """Return the options; with a secret key, PushPlus says who is a member."""
        known = {CONF_MEMBER} if data.get(CONF_SECRET_KEY) else set()
        return vol.Schema(
            {
                key: value
                for key, value in self.options_schema.schema.items()
                if key.schema not in known
            }
        )

    @override
    def parse_account(
        self, user_input: Mapping[str, Any], known: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Parse the account; the format of tokens is not documented."""
        data = super().parse_account(user_input, known)
        if any(character.isspace() for character in data[CONF_TOKEN]):
            raise InputError(CONF_TOKEN, "pushplus_token_shape")
        return data

    @override
    async def check(
        self, client: PushPlusClient, user_input: Mapping[str, Any]
    ) -> CheckedAccount:
        """Check a new secret key or token, as far as a secret key allows to.

        The owner of the token is the first recipient.
        """
        recipient = CheckedRecipient(data=defaults_of(self.stored_recipient))
        is_new = any(user_input.get(secret) for secret in self.account_secrets)
        if client.open_api is None or not is_new:
            return CheckedAccount(recipient=recipient)
        profile = await client.open_api.profile()
        return CheckedAccount(name=profile.name, recipient=recipient)

    @override
    def recipient_data(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return the data of a recipient, of a kind that there is."""
        stored = super().recipient_data(data)
        return {**stored, CONF_KIND: stored_choice(stored[CONF_KIND], Kind.SELF).value}

    @override
    def recipient_kind(self, data: Mapping[str, Any]) -> str:
        """Return the kind that was chosen."""
        return str(self.recipient_data(data)[CONF_KIND])

    @override
    def read_callback(
        self, client: PushPlusClient, payload: object
    ) -> tuple[str, Outcome] | AccountEvent | None:
        """Parse the outcome of a message, a new friend or a new member of a group."""
        if (event := read_event(payload, client.clean)) is not None:
            kind, details = event
            return AccountEvent(kind=kind, details=details)
        return read_callback(payload, client.clean)

    @override
    async def check_repaired(
        self, client: PushPlusClient, problem: str, recipient: Mapping[str, Any] | None
    ) -> bool:
        """Ask the open interface, for which the account needs a secret key."""
        try:
            match problem:
                case PushPlusProblem.OPEN_API_IP | PushPlusProblem.OPEN_API_OFF:
                    await client.refresh_limits()
                    return True
                case PushPlusProblem.REAL_NAME:
                    return await client.check_verified()
                case PushPlusProblem.POINTS if recipient is not None:
                    channel = self.recipient_data(recipient)[CONF_CHANNEL]
                    return await client.check_points(channel)
        except (ActionNeededError, CredentialsError) as err:
            if err.problem == problem or problem in _OF_OPEN_API:
                raise
            # The interface does not answer; messages are sent without it.
            return False
        return await super().check_repaired(client, problem, recipient)

    @override
    async def list_choices(self, client: PushPlusClient, words: Words) -> Choices:
        """Return groups, friends and channel configurations, if there is a secret key."""
        if client.open_api is None:
            return Choices()
        found = await client.open_api.contacts()
        # Anyone can send to a friend with the token, so the form gets a stand-in.
        stand_ins = {token: _stand_in(token) for token in found.friends}
        configurations = {
            code: f"{name} ({words.option('pushplus_channel', channel)})"
            for channel, codes in found.channels.items()
            for code, name in codes.items()
        }
        return Choices(
            options={
                CONF_TOPIC: _options(found.groups),
                CONF_FRIENDS: _options(
                    {
                        # A friend without a name is called by the token.
                        stand_in: found.friends[token]
                        if found.friends[token] != token
                        else f"{token[:4]}…"
                        for token, stand_in in stand_ins.items()
                    }
                ),
                CONF_OPTION: _options(configurations),
            },
            hidden={stand_in: token for token, stand_in in stand_ins.items()},
            names={
                code: name
                for code, name in {**found.groups, **found.friends}.items()
                if name != code
            },
        )

    @override
    def chosen_name(self, data: Mapping[str, Any], choices: Choices) -> str:
        """Return the names of the group or the friends."""
        stored = self.recipient_data(data)
        names = [
            choices.names.get(code, "")
            for code in (*stored[CONF_FRIENDS], stored[CONF_TOPIC])
            if code is not None
        ]
        return ", ".join(names) if all(names) else ""

    @override
    def recipient_form_schema(self, choices: Choices) -> vol.Schema:
        """Return the form with the groups, friends and configurations to choose from."""
        return _with_more(
            {
                key: custom_value_selector(options, multiple=key == CONF_FRIENDS)
                for key, options in choices.options.items()
                if options
            }
        )

    @override
    def new_recipient_schema(
        self, client: PushPlusClient, choices: Choices
    ) -> vol.Schema:
        """Return the form, which can ask for the QR code of a group."""
        form = self.recipient_form_schema(choices)
        if client.open_api is None:
            return form
        fields: dict[Any, Any] = {}
        for key, value in form.schema[SECTION_MORE].schema.schema.items():
            fields[key] = value
            if key.schema == CONF_TOPIC:
                fields |= _QR_CODE_SCHEMA.schema
        more = section(vol.Schema(fields), COLLAPSED)
        return form.extend({vol.Required(SECTION_MORE): more})

    @override
    def scan(
        self, client: PushPlusClient, user_input: Mapping[str, Any]
    ) -> Scan | None:
        """Return a QR code of a group, or one for friends if none are chosen."""
        if client.open_api is None:
            return None
        # Errors of the other fields first.
        match user_input[CONF_KIND]:
            case Kind.FRIENDS if not split_targets(user_input.get(CONF_FRIENDS, [])):
                self.parse_recipient({**user_input, CONF_FRIENDS: ["?"]}, {})
                return _FriendScan(client.open_api)
            case Kind.TOPIC if user_input.get(CONF_QR_CODE):
                data = self.parse_recipient(user_input, {})
                return _GroupScan(client.open_api, data[CONF_TOPIC])
        return None

    @override
    def parse_recipient(
        self, user_input: Mapping[str, Any], known: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Parse the fields of the chosen kind of recipient."""
        kind = Kind(user_input[CONF_KIND])
        channel = user_input[CONF_CHANNEL].strip()
        option = clean_text(user_input.get(CONF_OPTION, ""))
        topic = clean_text(user_input.get(CONF_TOPIC, ""))
        friends = sorted(split_targets(user_input.get(CONF_FRIENDS, [])))
        if kind is not Kind.TOPIC and topic:
            raise InputError(CONF_KIND, "pushplus_topic_unused")
        if kind is not Kind.FRIENDS and friends:
            raise InputError(CONF_KIND, "pushplus_friends_unused")
        if kind is Kind.FRIENDS and not friends:
            friends = known.get(CONF_FRIENDS, [])
        if kind is Kind.TOPIC and not topic:
            raise InputError(CONF_TOPIC, "pushplus_topic_missing")
        if kind is Kind.FRIENDS and not friends:
            raise InputError(CONF_FRIENDS, "pushplus_friends_missing")
        if channel in _CHANNELS_WITH_OPTION and not option:
            raise InputError(CONF_OPTION, "pushplus_option_missing")
        return {
            CONF_KIND: kind.value,
            CONF_TOPIC: topic or None,
            CONF_FRIENDS: friends,
            CONF_CHANNEL: None if channel == ACCOUNT_DEFAULT else channel,
            CONF_OPTION: option or None,
            CONF_TEMPLATE: user_input.get(CONF_TEMPLATE, "").strip() or None,
        }

    @override
    def with_targets(
        self, data: Mapping[str, Any], targets: Sequence[str]
    ) -> dict[str, Any]:
        """Return the data with friends or one group as targets."""
        stored = self.recipient_data(data)
        friends = split_targets(targets)
        if all(_FRIEND.fullmatch(name) for name in friends):
            return {**stored, CONF_TOPIC: None, CONF_FRIENDS: friends}
        # The code of a group may contain a slash.
        names = split_targets(targets, by_slash=False)
        if len(names) != 1:
            raise InputError(CONF_TARGETS, "pushplus_one_group")
        return {**stored, CONF_TOPIC: names[0], CONF_FRIENDS: []}

    @override
    def message_target(
        self, data: Mapping[str, Any], options: Mapping[str, Any]
    ) -> PushPlusTarget:
        """Return the target of a message with its channels."""
        given = (CONF_TARGETS, CONF_TOPIC, CONF_FRIENDS)
        if sum(bool(options.get(key)) for key in given) > 1:
            raise InputError(CONF_TARGETS, "pushplus_one_group")
        target = super().message_target(data, options)
        changes: dict[str, Any] = {}
        if topic := options.get(CONF_TOPIC):
            changes |= {CONF_TOPIC: topic, CONF_FRIENDS: ()}
        elif friends := options.get(CONF_FRIENDS):
            changes |= {CONF_TOPIC: None, CONF_FRIENDS: tuple(split_targets(friends))}
        chosen = _listed(options.get(CONF_OPTION))
        if channels := _listed(options.get(CONF_CHANNEL)):
            _check_channels(channels, chosen)
            named = ",".join(channels)
            changes[CONF_CHANNEL] = None if named == ACCOUNT_DEFAULT else named
            changes[CONF_OPTION] = None
        if any(chosen):
            # Empty options keep the order of the channels.
            changes[CONF_OPTION] = ",".join(chosen)
        if template := options.get(CONF_TEMPLATE):
            changes[CONF_TEMPLATE] = template
        elif options.get(CONF_FORMAT):
            # The format of the message overrides the template of the recipient.
            changes[CONF_TEMPLATE] = None
        return replace(target, **changes)

    @override
    def offers(self, option: str, value: Any) -> bool:
        """Return if all channels are known: other notifiers have channels as well."""
        if option != CONF_CHANNEL:
            return True
        return {*_listed(value)} <= {ACCOUNT_DEFAULT, *CHANNELS}

    @override
    def recipient_suggestions(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return the suggested values for the form."""
        shown = super().recipient_suggestions(self.recipient_data(data))
        shown[CONF_CHANNEL] = shown[CONF_CHANNEL] or ACCOUNT_DEFAULT
        return {key: value for key, value in shown.items() if value is not None}

    @override
    def recipient_name(self, data: Mapping[str, Any], name: str, words: Words) -> str:
        """Return who gets the message, and by which channel if it is not WeChat."""
        stored = self.recipient_data(data)
        match Kind(stored[CONF_KIND]):
            case Kind.SELF:
                name = words.common("me")
            case Kind.TOPIC:
                name = name or stored[CONF_TOPIC]
            case Kind.FRIENDS:
                name = name or words.common("friends")
        channel = stored[CONF_CHANNEL] or ACCOUNT_DEFAULT
        if channel == CHANNELS[0]:
            return name
        label = words.option("pushplus_channel", channel)
        return words.common("by_channel", name=name, channel=label)

    @override
    def import_address(self, address: Address) -> ImportedAccount:
        """Return the token; each group is a recipient, the friends together are one."""
        arguments = address.arguments
        option = _first(arguments, _OPTION_ARGUMENTS) or address.user
        channel = _first(arguments, _CHANNEL_ARGUMENTS)
        if not channel and address.user:
            channel = _WEBHOOK
        if not channel and address.schema == "wecom":
            channel = _WECOM
        template = arguments.get(_TEMPLATE_ARGUMENT, "").lower()
        fields = {
            CONF_CHANNEL: ",".join(
                _WECOM if name == "wecom" else name
                for name in _listed([channel.lower() or CHANNELS[0]])
            ),
            CONF_OPTION: option,
            CONF_TEMPLATE: {each.lower(): each for each in TEMPLATES}.get(
                template, template
            ),
        }
        targets = address.with_arguments(
            {"to": ",".join(_first(arguments, (name,)) for name in ("to", "topic"))}
        ).targets()
        friends = [name[1:] for name in targets if name.startswith("@")]
        topics = [name.removeprefix("#") for name in targets if name[0] != "@"]
        recipients: list[dict[str, Any]] = [
            {CONF_KIND: Kind.TOPIC, CONF_TOPIC: topic, **fields} for topic in topics
        ]
        if friends:
            recipients.append(
                {CONF_KIND: Kind.FRIENDS, CONF_FRIENDS: friends, **fields}
            )
        return ImportedAccount(
            account={CONF_TOKEN: arguments.get("token") or address.host},
            recipients=recipients or [{CONF_KIND: Kind.SELF, **fields}],
            used=frozenset(
                {
                    "token",
                    "to",
                    _TOPIC_ARGUMENT,
                    _TEMPLATE_ARGUMENT,
                    *_CHANNEL_ARGUMENTS,
                    *_OPTION_ARGUMENTS,
                }
            ),
        )

    @override
    def target(self, data: Mapping[str, Any]) -> PushPlusTarget:
        """Return the recipient with its channel."""
        stored = self.recipient_data(data)
        return PushPlusTarget(
            topic=stored[CONF_TOPIC],
            friends=tuple(stored[CONF_FRIENDS]),
            channel=stored[CONF_CHANNEL],
            option=stored[CONF_OPTION],
            template=stored[CONF_TEMPLATE],
        )


def _stand_in(token: str) -> str:
    """Return what stands for a friend token in a form."""
    return f"friend-{hashlib.sha256(token.encode()).hexdigest()[:16]}"


def _options(names: Mapping[str, str]) -> list[SelectOptionDict]:
    """Return the options of a field from the names by their values."""
    return [SelectOptionDict(value=code, label=name) for code, name in names.items()]


def _with_more(selectors: Mapping[str, Selector[Any]]) -> vol.Schema:
    """Return the form of a recipient with other selectors in its section."""
    more = vol.Schema(
        {
            key: selectors.get(key.schema, value)
            for key, value in _MORE_SCHEMA.schema.items()
        }
    )
    return vol.Schema(
        {
            key: section(more, COLLAPSED) if key.schema == SECTION_MORE else value
            for key, value in _RECIPIENT_SCHEMA.schema.items()
        }
    )


def _first(arguments: Mapping[str, str], names: Sequence[str]) -> str:
    """Return the first argument that is given; empty if there is none."""
    return next((found for name in names if (found := arguments.get(name))), "")


def _listed(given: Sequence[str | None] | None) -> list[str]:
    """Return the items of a list, each of which may hold several with commas."""
    return [part.strip() for each in given or () for part in (each or "").split(",")]


def _check_channels(channels: Sequence[str], options: Sequence[str]) -> None:
    """Check that options match channels.

    Raises:
        InputError: there are too many options, or one is missing.

    """
    if len(options) > len(channels):
        raise InputError(
            CONF_OPTION, Problem.TOO_MANY, option=CONF_OPTION, limit=str(len(channels))
        )
    for channel, option in zip_longest(channels, options):
        if channel in _CHANNELS_WITH_OPTION and not option:
            raise InputError(
                CONF_OPTION,
                Problem.OPTION_MISSING,
                option=f"{CONF_OPTION} (channel={channel})",
            )
