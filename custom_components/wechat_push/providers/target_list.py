"""What providers share whose recipients are lists of targets, typed or chosen."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, override

import voluptuous as vol

from homeassistant.helpers.selector import SelectOptionDict

from ..clients.client import Client
from ..const import CONF_TARGETS
from .base import Provider
from .forms import targets_schema


class TargetListProvider[TargetT, ClientT: Client[Any]](Provider[TargetT, ClientT]):
    """A provider whose recipients are lists of targets."""

    # What a recipient asks for beside its name and its targets.
    defaults_schema: vol.Schema

    @abstractmethod
    def apart(self, targets: Sequence[str]) -> dict[str, Any]:
        """Return targets as they are kept, each kind apart.

        Raises:
            InputError: there are none, or one cannot be meant.

        """

    @abstractmethod
    def joined(self, data: Mapping[str, Any]) -> list[str]:
        """Return the targets of a recipient as a person would type them."""

    @override
    def recipient_form(self, choices: Sequence[SelectOptionDict]) -> vol.Schema:
        """Return the form with the targets that the service can list to choose from."""
        return targets_schema(choices).extend(self.defaults_schema.schema)

    @override
    def canonical_recipient(
        self, user_input: Mapping[str, Any], known: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return the kinds of targets apart."""
        return {**self.apart(user_input[CONF_TARGETS]), **self._defaults(user_input)}

    @override
    def recipient_input(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return the targets as one list."""
        return {CONF_TARGETS: self.joined(data), **self._defaults(data)}

    @override
    def with_targets(
        self, data: Mapping[str, Any], targets: Sequence[str]
    ) -> dict[str, Any]:
        """Return the recipient with other targets."""
        return {**data, **self.apart(targets)}

    def _defaults(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is not a target."""
        return {key.schema: data[key.schema] for key in self.defaults_schema.schema}
