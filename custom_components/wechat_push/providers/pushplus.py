"""PushPlus as Home Assistant shows it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from itertools import zip_longest
import re
from typing import Any, Final, override

import aiohttp
import voluptuous as vol

from homeassistant.const import CONF_NAME, CONF_TOKEN
from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.selector import (
    BooleanSelector,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from ..clients.errors import Problem
from ..clients.message import Format, Message
from ..clients.pushplus.callback import read_callback
from ..clients.pushplus.client import (
    CHANNELS,
    DEFAULT_URL,
    TEMPLATES,
    PushPlusClient,
    PushPlusTarget,
)
from ..clients.pushplus.codes import PushPlusProblem
from ..clients.pushplus.limits import ACCOUNT_DEFAULT
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
from ..test_message import async_greeting
from .base import CheckedAccount, CheckedRecipient, Provider, Repair
from .forms import (
    SECRET,
    TEXT,
    InputError,
    connection_schema,
    endpoint,
    format_selector,
    open_list,
    split_targets,
)

CONF_FRIENDS: Final = "friends"
CONF_KIND: Final = "kind"
CONF_OPTION: Final = "option"
CONF_PRE: Final = "pre"
CONF_PUSH_ID: Final = "push_id"
CONF_SECRET_KEY: Final = "secret_key"
CONF_SEND_TEST: Final = "send_test"
CONF_TEMPLATE: Final = "template"
CONF_TOPIC: Final = "topic"

# Friend tokens are thirty-two hexadecimal digits in all examples; group codes are not.
_FRIEND = re.compile(r"[0-9a-fA-F]{32}")

_CONSOLE_URL: Final = "https://www.pushplus.plus/uc.html"

# These go nowhere without the code of a configuration.
_CHANNELS_WITH_OPTION = frozenset({"webhook", "cp"})


class Kind(StrEnum):
    """Who a recipient of PushPlus is."""

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
        vol.Optional(CONF_TOPIC): TEXT,
        vol.Optional(CONF_FRIENDS): open_list([], multiple=True),
        vol.Required(CONF_CHANNEL, default=CHANNELS[0]): open_list(
            [ACCOUNT_DEFAULT, *CHANNELS], translation_key="pushplus_channel"
        ),
        vol.Optional(CONF_OPTION): TEXT,
        vol.Required(CONF_FORMAT, default=Format.TEXT.value): format_selector(Format),
        vol.Optional(CONF_TEMPLATE): open_list([*TEMPLATES]),
    }
)
_OPTIONS_SCHEMA = vol.Schema(
    {
        vol.Required(CONF_MEMBER, default=False): BooleanSelector(),
        # Has an effect only with a secret key.
        vol.Required(CONF_ASK_RESULTS, default=True): BooleanSelector(),
        # Needs an address that can be reached from the internet.
        vol.Required(CONF_LISTEN_RESULTS, default=False): BooleanSelector(),
    }
)
_MESSAGE_SCHEMA = vol.Schema(
    {
        # Several channels at once stand in a list.
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


class PushPlus(Provider[PushPlusTarget, PushPlusClient]):
    """PushPlus: a token that writes to its owner, to groups and to friends."""

    key = "pushplus"
    name = "PushPlus"
    console_url = _CONSOLE_URL
    account_schema = _ACCOUNT_SCHEMA
    recipient_schema = _RECIPIENT_SCHEMA
    options_schema = _OPTIONS_SCHEMA
    message_schema = _MESSAGE_SCHEMA
    identity = (CONF_TOKEN,)
    check_proves = False
    account_secrets = frozenset({CONF_TOKEN, CONF_SECRET_KEY})
    optional_secrets = frozenset({CONF_SECRET_KEY})
    # A friend token lets anyone write to that friend.
    recipient_secrets = frozenset({CONF_FRIENDS})
    problems = frozenset(PushPlusProblem)
    problem_fields: Mapping[str, str] = {PushPlusProblem.TOKEN: CONF_TOKEN}
    repairs: Mapping[str, Repair] = {
        PushPlusProblem.OPEN_API: Repair(url=_CONSOLE_URL, of_attachments=True),
        # Each channel has a price of its own, and most have none.
        PushPlusProblem.POINTS: Repair(
            url="https://www.pushplus.plus/pay.html", of_recipient=True
        ),
        PushPlusProblem.REAL_NAME: Repair(
            url="https://www.pushplus.plus/center/real-auth?source=push"
        ),
        PushPlusProblem.RESTRICTED: Repair(
            url="https://www.pushplus.plus/use.html", lifts_block=True
        ),
    }

    @override
    def create_client(
        self, session: aiohttp.ClientSession, data: Mapping[str, Any]
    ) -> PushPlusClient:
        """Return a client for a token."""
        return PushPlusClient(
            session,
            endpoint(data),
            token=data[CONF_TOKEN],
            secret_key=data.get(CONF_SECRET_KEY),
            member=data.get(CONF_MEMBER, False),
        )

    @override
    def canonical_account(
        self, user_input: Mapping[str, Any], known: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return the account; PushPlus promises nothing of the shape of a token."""
        data = super().canonical_account(user_input, known)
        if any(character.isspace() for character in data[CONF_TOKEN]):
            raise InputError(CONF_TOKEN, "pushplus_token_shape")
        del data[CONF_SEND_TEST]
        return data

    @override
    async def check(self, client: PushPlusClient) -> CheckedAccount:
        """Check nothing: PushPlus has no free request that proves a token."""
        return CheckedAccount()

    @override
    async def probe(self, client: PushPlusClient) -> None:
        """Ask nothing that PushPlus could count."""
        await client.reach()

    @override
    def read_callback(self, payload: object) -> tuple[str, Outcome] | None:
        """Return what became of a message; nothing of the other news."""
        return read_callback(payload)

    @override
    async def check_new(
        self, hass: HomeAssistant, client: PushPlusClient, user_input: Mapping[str, Any]
    ) -> CheckedAccount:
        """Send a message to the owner of the token, unless that was declined."""
        if user_input[CONF_SEND_TEST]:
            title, text = await async_greeting(hass)
            message = Message(title=title, text=text)
            for part in client.prepare(message, PushPlusTarget(channel=CHANNELS[0])):
                await client.send(part)
        return CheckedAccount()

    @override
    def canonical_recipient(
        self, user_input: Mapping[str, Any], known: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return what belongs to the kind of recipient and nothing else."""
        kind = Kind(user_input[CONF_KIND])
        channel = user_input[CONF_CHANNEL].strip()
        option = user_input.get(CONF_OPTION, "").strip()
        topic = user_input.get(CONF_TOPIC, "").strip()
        friends = sorted(split_targets(user_input.get(CONF_FRIENDS, [])))
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
            CONF_TOPIC: topic if kind is Kind.TOPIC else None,
            CONF_FRIENDS: friends if kind is Kind.FRIENDS else [],
            CONF_CHANNEL: None if channel == ACCOUNT_DEFAULT else channel,
            CONF_OPTION: option or None,
            CONF_TEMPLATE: user_input.get(CONF_TEMPLATE, "").strip() or None,
            CONF_FORMAT: user_input[CONF_FORMAT],
        }

    @override
    def with_targets(
        self, data: Mapping[str, Any], targets: Sequence[str]
    ) -> dict[str, Any]:
        """Return the recipient with friends, or with the one group that is named."""
        names = split_targets(targets)
        if all(_FRIEND.fullmatch(name) for name in names):
            return {**data, CONF_TOPIC: None, CONF_FRIENDS: names}
        if len(names) != 1:
            raise InputError(CONF_TARGETS, "pushplus_one_group")
        return {**data, CONF_TOPIC: names[0], CONF_FRIENDS: []}

    @override
    def message_target(
        self, data: Mapping[str, Any], options: Mapping[str, Any]
    ) -> PushPlusTarget:
        """Return who gets a message, and by which channels."""
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
            # A channel without an option keeps its place.
            changes[CONF_OPTION] = ",".join(chosen)
        if template := options.get(CONF_TEMPLATE):
            changes[CONF_TEMPLATE] = template
        elif options.get(CONF_FORMAT):
            # The message's own format goes before the recipient's template.
            changes[CONF_TEMPLATE] = None
        return replace(target, **changes)

    @override
    def recipient_input(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return the recipient as a person would type it."""
        shown = super().recipient_input(data)
        shown[CONF_CHANNEL] = data[CONF_CHANNEL] or ACCOUNT_DEFAULT
        return {key: value for key, value in shown.items() if value is not None}

    @override
    async def check_recipient(
        self, client: PushPlusClient, data: Mapping[str, Any]
    ) -> CheckedRecipient:
        """Name the recipient; a token alone cannot ask about groups and friends."""
        if count := len(data[CONF_FRIENDS]):
            return CheckedRecipient(name=f"{self.name} × {count}")
        return CheckedRecipient(name=data[CONF_TOPIC] or self.name)

    @override
    def target(self, data: Mapping[str, Any]) -> PushPlusTarget:
        """Return the recipient with its channel."""
        return PushPlusTarget(
            topic=data[CONF_TOPIC],
            friends=tuple(data[CONF_FRIENDS]),
            channel=data[CONF_CHANNEL],
            option=data[CONF_OPTION],
            template=data[CONF_TEMPLATE],
        )


def _listed(given: Sequence[str | None] | None) -> list[str]:
    """Return what stands in a list, or in one text with commas as PushPlus has it."""
    return [part.strip() for each in given or () for part in (each or "").split(",")]


def _check_channels(channels: Sequence[str], options: Sequence[str]) -> None:
    """Make sure that each option has its channel, and each channel what it needs.

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
                CONF_OPTION, Problem.OPTION_MISSING, option=f"{CONF_OPTION} ({channel})"
            )
