"""What an address stands for, in the words of the forms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportedAccount:
    """An account with its recipients, as a person would enter them.

    Args:
        account: fields of the form of the account, those of its sections included.
        recipients: fields of the form of each recipient.
        used: the arguments of the address that are in there. The others are settings
            that any address can have, or have no counterpart.

    """

    account: Mapping[str, Any] = field(repr=False)
    recipients: Sequence[Mapping[str, Any]] = field(repr=False)
    used: frozenset[str] = frozenset()
