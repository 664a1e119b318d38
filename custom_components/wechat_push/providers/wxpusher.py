"""The provider WxPusher."""

from collections.abc import Mapping, Sequence
import re
from typing import Any, Final, override

import aiohttp
import voluptuous as vol

from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.selector import (
    BooleanSelector,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from ..clients.errors import ClientError
from ..clients.message import Format
from ..clients.wxpusher.answers import DEFAULT_URL, WxPusherProblem
from ..clients.wxpusher.client import QrCode, WxPusherClient, WxPusherTarget
from ..const import CONF_ASK_RESULTS, CONF_FORMAT, CONF_SUMMARY, CONF_TARGETS
from ..imports.account import ImportedAccount
from ..imports.address import Address
from ..words import Words
from .base import CheckedAccount, CheckedRecipient, Choices, Remedy, side_by_side
from .forms import (
    SECRET,
    TEXT,
    InputError,
    connection_schema,
    endpoint,
    format_selector,
    make_optional,
    split_targets,
    target_option,
)
from .scan import Scan, Scanned
from .target_list import TargetListProvider

CONF_APP_TOKEN: Final = "app_token"
CONF_EXTRA_TARGETS: Final = "extra_targets"
CONF_TOPICS: Final = "topics"
CONF_UIDS: Final = "uids"
CONF_VERIFY_PAY_TYPE: Final = "verify_pay_type"

_APP_TOKEN = re.compile(r"AT_\w+")
_TOPIC = re.compile(r"[1-9][0-9]{0,17}")
# Old UIDs have no prefix. The service decides on the length of the others.
_UID = re.compile(
    r"(?i:UID_)[A-Za-z0-9_-]+|(?!AT_|SPT_)[A-Za-z][A-Za-z0-9_-]{7,}|[A-Za-z0-9]{32}"
)

_ACCOUNT_SCHEMA = vol.Schema({vol.Required(CONF_APP_TOKEN): SECRET}).extend(
    connection_schema(DEFAULT_URL).schema
)
# Off by default: WxPusher may report that a message is waiting after it has arrived.
_OPTIONS_SCHEMA = vol.Schema(
    {vol.Required(CONF_ASK_RESULTS, default=False): BooleanSelector()}
)
_MESSAGE_SCHEMA = vol.Schema(
    {
        vol.Optional(CONF_SUMMARY): cv.string,
        vol.Optional(CONF_VERIFY_PAY_TYPE): vol.All(
            vol.Coerce(int), vol.Range(min=0, max=2)
        ),
        vol.Optional(CONF_EXTRA_TARGETS): vol.All(cv.ensure_list, [cv.string]),
    }
)
_FORMAT_SCHEMA = vol.Schema(
    {vol.Required(CONF_FORMAT, default=Format.TEXT.value): format_selector(Format)}
)
_DEFAULTS_SCHEMA = _FORMAT_SCHEMA.extend(
    {
        vol.Optional(CONF_SUMMARY): TEXT,
        vol.Optional(CONF_VERIFY_PAY_TYPE): SelectSelector(
            SelectSelectorConfig(
                options=["0", "1", "2"],
                mode=SelectSelectorMode.DROPDOWN,
                translation_key=CONF_VERIFY_PAY_TYPE,
            )
        ),
    }
)
_STORED_RECIPIENT = vol.Schema(
    {
        vol.Optional(CONF_UIDS, default=list): [str],
        vol.Optional(CONF_TOPICS, default=list): [int],
    }
).extend(_FORMAT_SCHEMA.schema)


# What callbacks repeat of a QR code; nobody listens to them.
_EXTRA: Final = "home-assistant"


class _FollowerScan(Scan):
    """A QR code that makes followers of an application.

    Args:
        client: of the application.

    """

    def __init__(self, client: WxPusherClient) -> None:
        self._client = client
        self._code: QrCode | None = None
        self._known: set[str] = set()

    @override
    async def show(self) -> str:
        """Return a new QR code."""
        self._code = await self._client.create_qr_code(_EXTRA)
        return self._code.image

    @override
    async def ask(self) -> list[Scanned]:
        """Return who has scanned the QR code last."""
        assert self._code is not None
        uid = await self._client.scanned(self._code)
        if uid is None or uid in self._known:
            return []
        found = (await self._client.followers(uid=uid)).followers
        name = next((each.nickname for each in found if each.uid == uid), "")
        self._known.add(uid)
        return [Scanned(name=name or uid, target=uid)]

    @override
    def complete(
        self, user_input: Mapping[str, Any], people: Sequence[Scanned]
    ) -> dict[str, Any]:
        """Return the input with the users as targets."""
        return {**user_input, CONF_TARGETS: [person.target for person in people]}


class WxPusher(TargetListProvider[WxPusherTarget, WxPusherClient]):
    """WxPusher, an application with users and topics."""

    key = "wxpusher"
    name = "WxPusher"
    console_url = "https://wxpusher.zjiecode.com/admin/"
    account_schema = _ACCOUNT_SCHEMA
    defaults_schema = _DEFAULTS_SCHEMA
    stored_recipient = _STORED_RECIPIENT
    recipient_identity = (CONF_TOPICS, CONF_UIDS)
    options_schema = _OPTIONS_SCHEMA
    message_schema = _MESSAGE_SCHEMA
    addresses = frozenset({CONF_EXTRA_TARGETS})
    certain_outcomes = False
    identity = (CONF_APP_TOKEN,)
    request_paths = ("/api/send/message", "/api/send/message/simple-push")
    account_secrets = frozenset({CONF_APP_TOKEN})
    identifiers = frozenset({CONF_UIDS})
    problems = {WxPusherProblem.APP_TOKEN: Remedy(field=CONF_APP_TOKEN)}
    imported_schemas = frozenset({"wxpusher"})

    @override
    def create_client(
        self, session: aiohttp.ClientSession, data: Mapping[str, Any]
    ) -> WxPusherClient:
        """Create the client of an application."""
        return WxPusherClient(session, endpoint(data), app_token=data[CONF_APP_TOKEN])

    @override
    def parse_account(
        self, user_input: Mapping[str, Any], known: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Parse the account and check the format of its token."""
        data = super().parse_account(user_input, known)
        if not _APP_TOKEN.fullmatch(data[CONF_APP_TOKEN]):
            raise InputError(CONF_APP_TOKEN, "wxpusher_app_token_shape")
        return data

    @override
    async def check(
        self, client: WxPusherClient, user_input: Mapping[str, Any]
    ) -> CheckedAccount:
        """List one follower, which proves the token and names the application."""
        return CheckedAccount(name=(await client.followers(page_size=1)).application)

    @override
    def first_recipient(self, choices: Choices) -> dict[str, Any]:
        """Suggest the only follower."""
        listed = [each["value"] for each in choices.of(CONF_TARGETS)]
        uids = [target for target in listed if not _TOPIC.fullmatch(target)]
        return {CONF_TARGETS: uids} if len(uids) == 1 else {}

    @override
    def recipient_name(self, data: Mapping[str, Any], name: str, words: Words) -> str:
        """Return the names of the followers, which WxPusher need not know."""
        return name or words.common("follower")

    @override
    def recipient_kind(self, data: Mapping[str, Any]) -> str:
        """Return if a recipient has users, topics or both."""
        stored = self.recipient_data(data)
        if stored[CONF_UIDS] and stored[CONF_TOPICS]:
            return "several"
        if stored[CONF_TOPICS]:
            return "topic"
        return "user"

    @override
    async def list_targets(
        self, client: WxPusherClient, words: Words
    ) -> list[SelectOptionDict]:
        """Return the newest followers, and the topics that somebody follows."""
        found = await client.audience()
        followers = [
            target_option(follower.uid, follower.nickname)
            for follower in found.followers
            if not follower.blocked
        ]
        topics = [
            target_option(str(number), name) for number, name in found.topics.items()
        ]
        return [*followers, *topics]

    @override
    def new_recipient_schema(
        self, client: WxPusherClient, choices: Choices
    ) -> vol.Schema:
        """Return the form, in which targets may be missing: they can scan a QR code."""
        return make_optional(self.recipient_form_schema(choices), {CONF_TARGETS})

    @override
    def scan(
        self, client: WxPusherClient, user_input: Mapping[str, Any]
    ) -> Scan | None:
        """Return a QR code of the application if there are no targets."""
        if split_targets(user_input.get(CONF_TARGETS, [])):
            return None
        return _FollowerScan(client)

    @override
    def parse_targets(self, targets: Sequence[str]) -> dict[str, Any]:
        """Return users and topics, without duplicates."""
        uids: set[str] = set()
        topics: set[int] = set()
        for target in split_targets(targets):
            if _TOPIC.fullmatch(target):
                topics.add(int(target))
            elif _UID.fullmatch(target):
                uids.add(re.sub("^uid_", "UID_", target, flags=re.IGNORECASE))
            else:
                raise InputError(CONF_TARGETS, "wxpusher_target", target=target)
        if not uids and not topics:
            raise InputError(CONF_TARGETS, "targets_missing")
        return {CONF_UIDS: sorted(uids), CONF_TOPICS: sorted(topics)}

    @override
    def format_targets(self, data: Mapping[str, Any]) -> list[str]:
        """Return the users, then the topics."""
        return [*data[CONF_UIDS], *map(str, data[CONF_TOPICS])]

    @override
    def message_target(
        self, data: Mapping[str, Any], options: Mapping[str, Any]
    ) -> WxPusherTarget:
        """Return the target of a message with its extra targets."""
        target = super().message_target(data, options)
        if not (extra := options.get(CONF_EXTRA_TARGETS)):
            return target
        extra_targets = self.parse_targets(extra)
        return WxPusherTarget(
            uids=tuple(dict.fromkeys((*target.uids, *extra_targets[CONF_UIDS]))),
            topic_ids=tuple(
                dict.fromkeys((*target.topic_ids, *extra_targets[CONF_TOPICS]))
            ),
        )

    @override
    async def check_recipient(
        self, client: WxPusherClient, data: Mapping[str, Any]
    ) -> CheckedRecipient:
        """Check that every user follows the application; topics cannot be checked."""
        data = self.recipient_data(data)
        names: list[str] = []
        missing: list[str] = []
        uids: list[str] = data[CONF_UIDS]
        results = await side_by_side(*(client.followers(uid=uid) for uid in uids))
        for uid, result in zip(uids, results, strict=True):
            if isinstance(result, ClientError):
                raise result
            found = [each for each in result.followers if each.uid == uid]
            if not found:
                missing.append(uid)
            elif found[0].blocked:
                raise InputError(CONF_TARGETS, "wxpusher_blocked", target=uid)
            else:
                names.append(found[0].nickname or uid)
        if missing:
            raise InputError(
                CONF_TARGETS, "wxpusher_not_following", target=", ".join(missing)
            )
        return CheckedRecipient(name=", ".join([*names, *map(str, data[CONF_TOPICS])]))

    @override
    def import_address(self, address: Address) -> ImportedAccount:
        """Return the application; its token is in the host, before it or an argument."""
        token = address.arguments.get("token") or address.user
        # The host is a target where it is not the token.
        targets = address.targets(address.host) if token else address.targets()
        return ImportedAccount(
            account={CONF_APP_TOKEN: token or address.host},
            recipients=[{CONF_TARGETS: targets}] if targets else [],
            used=frozenset({"token", "to"}),
        )

    @override
    def target(self, data: Mapping[str, Any]) -> WxPusherTarget:
        """Return the users and topics."""
        stored = self.recipient_data(data)
        return WxPusherTarget(
            uids=tuple(stored[CONF_UIDS]), topic_ids=tuple(stored[CONF_TOPICS])
        )
