"""The provider for WxPusher's simple push."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, override

import aiohttp
import voluptuous as vol

from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.selector import BooleanSelector

from ..clients.wxpusher.answers import DEFAULT_URL, WxPusherProblem
from ..clients.wxpusher.simple_push import (
    TOKEN_PATTERN,
    SimplePushClient,
    SimplePushTarget,
)
from ..const import CONF_SUMMARY, CONF_TARGETS
from ..words import Words
from .base import CheckedAccount, CheckedRecipient, Proof, Remedy
from .forms import CONF_SEND_TEST, SECRET, TEXT, InputError, connection_schema, endpoint
from .recipient_secret import CONF_SECRET, RecipientSecretProvider

# Scanning it with WeChat answers with a token.
_QR_CODE_URL: Final = (
    f"{DEFAULT_URL}/api/qrcode/RwjGLMOPTYp35zSYQr0HxbCPrV9eU0wKVBXU1D5VVtya0cQXEJWPjqBd"
    "W3gKLifS.jpg"
)
_SHOWN: Final = 4

_ACCOUNT_SCHEMA = connection_schema(DEFAULT_URL)
_TEST_SCHEMA = vol.Schema(
    {vol.Required(CONF_SEND_TEST, default=True): BooleanSelector()}
)


class WxPusherSimplePush(RecipientSecretProvider[SimplePushTarget, SimplePushClient]):
    """WxPusher's simple push, tokens that send to their owners."""

    key = "wxpusher_simple_push"
    name = "WxPusher simple push"
    console_url = _QR_CODE_URL
    account_schema = _ACCOUNT_SCHEMA
    new_account_schema = (
        vol.Schema({vol.Required(CONF_SECRET): SECRET})
        .extend(_TEST_SCHEMA.schema)
        .extend(_ACCOUNT_SCHEMA.schema)
    )
    recipient_schema = RecipientSecretProvider.recipient_schema.extend(
        _TEST_SCHEMA.schema
    )
    stored_recipient = vol.Schema({vol.Required(CONF_SECRET): str})
    message_schema = vol.Schema({vol.Optional(CONF_SUMMARY): cv.string})
    defaults_schema = vol.Schema({vol.Optional(CONF_SUMMARY): TEXT})
    request_paths = ("/api/send/message/simple-push", "/api/send/message")
    proof = Proof.MESSAGE
    shape_problem = "wxpusher_simple_push_shape"
    problems = {
        WxPusherProblem.SIMPLE_PUSH_TOKEN: Remedy(
            field=CONF_SECRET, url=_QR_CODE_URL, of_recipient=True
        )
    }

    @override
    def parse_secret(self, text: str) -> str | None:
        return text if TOKEN_PATTERN.fullmatch(text) else None

    @override
    def create_client(
        self, session: aiohttp.ClientSession, data: Mapping[str, Any]
    ) -> SimplePushClient:
        return SimplePushClient(session, endpoint(data))

    @override
    async def check(
        self, client: SimplePushClient, user_input: Mapping[str, Any]
    ) -> CheckedAccount:
        """Check that this is WxPusher, and the token of the first recipient, if any."""
        await client.probe()
        if CONF_SECRET not in user_input:
            return CheckedAccount()
        recipient = CheckedRecipient(data=self.parse_recipient(user_input, {}))
        return CheckedAccount(recipient=recipient)

    @override
    def account_hint(self, data: Mapping[str, Any]) -> str:
        """Return nothing: one account has all tokens."""
        return ""

    @override
    def recipient_kind(self, data: Mapping[str, Any]) -> str:
        return "owner"

    @override
    def recipient_name(self, data: Mapping[str, Any], name: str, words: Words) -> str:
        return f"…{self.recipient_data(data)[CONF_SECRET][-_SHOWN:]}"

    @override
    def with_targets(
        self, data: Mapping[str, Any], targets: Sequence[str]
    ) -> dict[str, Any]:
        """Return the data of another token."""
        if len(targets) != 1 or self.parse_secret(targets[0]) is None:
            raise InputError(CONF_TARGETS, self.shape_problem)
        return {**data, CONF_SECRET: targets[0]}

    @override
    def target(self, data: Mapping[str, Any]) -> SimplePushTarget:
        return SimplePushTarget(token=self.recipient_data(data)[CONF_SECRET])
