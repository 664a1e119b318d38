"""The base class of providers whose recipients are lists of targets."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, override

import voluptuous as vol

from homeassistant.helpers.selector import SelectOptionDict

from ..clients.client import Client
from ..const import CONF_TARGETS
from ..words import Words
from .base import Choices, Provider
from .forms import targets_schema


class TargetListProvider[TargetT, ClientT: Client[Any]](Provider[TargetT, ClientT]):
    """A provider whose recipients are lists of targets."""

    def __init__(self) -> None:
        self.recipient_schema = self.recipient_form_schema(Choices())

    @abstractmethod
    def parse_targets(self, targets: Sequence[str]) -> dict[str, Any]:
        """Parse targets; return the data to store, by kind of target.

        Raises:
            InputError: there are none, or one is invalid.

        """

    @abstractmethod
    def format_targets(self, data: Mapping[str, Any]) -> list[str]:
        """Return the targets of a recipient as a person enters them.

        Args:
            data: as from `recipient_data`.

        """

    @override
    async def list_choices(self, client: ClientT, words: Words) -> Choices:
        """Return the targets that the service lists."""
        return Choices(options={CONF_TARGETS: await self.list_targets(client, words)})

    @abstractmethod
    async def list_targets(
        self, client: ClientT, words: Words
    ) -> list[SelectOptionDict]:
        """Return the targets that the service lists.

        Raises:
            ClientError: the service cannot be reached, or refuses the request.

        """

    @override
    def recipient_form_schema(self, choices: Choices) -> vol.Schema:
        """Return the form with the targets to choose from."""
        return targets_schema(choices.of(CONF_TARGETS))

    @override
    def parse_recipient(
        self, user_input: Mapping[str, Any], known: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Parse the targets."""
        return self.parse_targets(user_input.get(CONF_TARGETS, []))

    @override
    def recipient_suggestions(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return the targets as one list."""
        return {CONF_TARGETS: self.format_targets(self.recipient_data(data))}

    @override
    def with_targets(
        self, data: Mapping[str, Any], targets: Sequence[str]
    ) -> dict[str, Any]:
        """Return the data with other targets."""
        return {**self.recipient_data(data), **self.parse_targets(targets)}

    @override
    def planned_name(self, data: Mapping[str, Any], words: Words) -> str:
        """Return the targets as a person enters them."""
        return ", ".join(self.format_targets(self.recipient_data(data)))
