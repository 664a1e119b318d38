"""The provider for group robots of WeCom."""

from collections.abc import Mapping, Sequence
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

from ..clients.message import Format
from ..clients.wecom.client import DEFAULT_URL
from ..clients.wecom.codes import RobotProblem
from ..clients.wecom.robot import RobotClient, RobotTarget, parse_key
from ..clients.wecom.robot_messages import EVERYONE, MarkdownVersion, RobotKind
from ..const import CONF_FORMAT, CONF_ORDINARY_WECHAT
from ..words import Words
from .base import Choices, Remedy
from .forms import (
    custom_value_selector,
    endpoint,
    format_selector,
    split_targets,
    target_option,
)
from .key import AT_KEY, CONF_KEY, KeyProvider
from .wecom_fields import CONF_KIND, MESSAGE_SCHEMA, kind_selector, without_kind

CONF_MARKDOWN_VERSION: Final = "markdown_version"
CONF_MENTION: Final = "mention"

_HELP_URL: Final = "https://developer.work.weixin.qq.com/document/path/99110"


# The others are nothing but a file, or follow from the version of Markdown.
_DEFAULT_KINDS: Final = (
    RobotKind.TEXT,
    RobotKind.MARKDOWN,
    RobotKind.NEWS,
    RobotKind.TEMPLATE_CARD,
)


def _mention_selector(options: Sequence[SelectOptionDict]) -> SelectSelector:
    """Return the selector for whom to mention."""
    return custom_value_selector(options, multiple=True)


class WeComRobot(KeyProvider[RobotTarget, RobotClient]):
    """A robot of a group in WeCom: a key that sends to the group."""

    key = "wecom_robot"
    name = "WeCom group robot"
    console_url = _HELP_URL
    default_url = DEFAULT_URL
    shape_problem = "wecom_robot_key_shape"
    imported_schemas = frozenset({"wecombot"})
    defaults_schema = vol.Schema(
        {
            vol.Required(CONF_FORMAT, default=Format.TEXT.value): format_selector(
                (Format.TEXT, Format.MARKDOWN)
            ),
            vol.Required(
                CONF_MARKDOWN_VERSION, default=MarkdownVersion.AUTO.value
            ): SelectSelector(
                SelectSelectorConfig(
                    options=[version.value for version in MarkdownVersion],
                    mode=SelectSelectorMode.DROPDOWN,
                    translation_key=CONF_MARKDOWN_VERSION,
                )
            ),
            vol.Required(CONF_ORDINARY_WECHAT, default=False): BooleanSelector(),
            vol.Optional(CONF_KIND): kind_selector(_DEFAULT_KINDS),
        }
    )
    # The same group with others to mention.
    recipient_identity = (CONF_MENTION,)
    identifiers = frozenset({CONF_MENTION})
    message_schema = MESSAGE_SCHEMA.extend(
        {vol.Optional(CONF_MENTION): vol.All(cv.ensure_list, [cv.string])}
    )
    request_paths = ("/cgi-bin", "/cgi-bin/webhook", "/cgi-bin/webhook/send")
    problems = {
        RobotProblem.KEY: AT_KEY,
        RobotProblem.DISABLED: Remedy(url=_HELP_URL),
        RobotProblem.NOT_IN_GROUP: Remedy(url=_HELP_URL),
        RobotProblem.TOO_FREQUENT: Remedy(),
    }

    def __init__(self) -> None:
        super().__init__()
        self.stored_recipient = self.defaults_schema.extend(
            {vol.Optional(CONF_MENTION, default=list): [str]}
        )

    @override
    def parse_key(self, text: str) -> str | None:
        return parse_key(text)

    @override
    def create_client(
        self, session: aiohttp.ClientSession, data: Mapping[str, Any]
    ) -> RobotClient:
        return RobotClient(session, endpoint(data), key=data[CONF_KEY])

    @override
    def recipient_kind(self, data: Mapping[str, Any]) -> str:
        return "group"

    @override
    def recipient_name(self, data: Mapping[str, Any], name: str, words: Words) -> str:
        """Return that it is a group, and who is mentioned there."""
        group = super().recipient_name(data, name, words)
        if not (mentioned := self.recipient_data(data)[CONF_MENTION]):
            return group
        everyone = words.common("everyone")
        shown = (everyone if each == EVERYONE else each for each in mentioned)
        return words.common("by_channel", name=group, channel=", ".join(shown))

    @override
    async def list_choices(self, client: RobotClient, words: Words) -> Choices:
        """Return that everyone can be mentioned; members cannot be listed."""
        everyone = target_option(EVERYONE, words.common("everyone"))
        return Choices(options={CONF_MENTION: [everyone]})

    @override
    def recipient_form_schema(self, choices: Choices) -> vol.Schema:
        """Return the form with whom to mention."""
        mention = vol.Optional(CONF_MENTION, default=list)
        return self.recipient_schema.extend(
            {mention: _mention_selector(choices.of(CONF_MENTION))}
        )

    @override
    def parse_recipient(
        self, user_input: Mapping[str, Any], known: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Parse whom to mention."""
        return {CONF_MENTION: split_targets(user_input.get(CONF_MENTION, ()))}

    @override
    def default_options(self, data: Mapping[str, Any]) -> dict[str, Any]:
        stored = self.recipient_data(data)
        names = (CONF_MENTION, CONF_MARKDOWN_VERSION, CONF_ORDINARY_WECHAT)
        return {name: stored[name] for name in names if stored[name]}

    @override
    def fitting_defaults(
        self, defaults: Mapping[str, Any], given: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return the default options; what belongs to a card makes a message one."""
        return without_kind(super().fitting_defaults(defaults, given), given)

    @override
    def target(self, data: Mapping[str, Any]) -> RobotTarget:
        return RobotTarget()
