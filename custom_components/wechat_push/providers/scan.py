"""QR codes that make recipients of those who scan them."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Scanned:
    """A person who has scanned a QR code.

    Args:
        name: at the service.
        target: what messages to this person alone are sent to; empty if there is none.

    """

    name: str
    target: str = field(default="", repr=False)


class Scan(ABC):
    """A QR code of a service, and who has scanned it."""

    # Whether each person can be a recipient.
    separate: bool = True

    @abstractmethod
    async def show(self) -> str:
        """Return the address of a picture with a QR code that is valid for minutes.

        Raises:
            ClientError: the service cannot be reached, or refuses the request.
            InputError: there is no such QR code.

        """

    @abstractmethod
    async def ask(self) -> Sequence[Scanned]:
        """Return who has scanned the QR code and was not returned before.

        Raises:
            ClientError: the service cannot be reached, or refuses the request.

        """

    def complete(
        self, user_input: Mapping[str, Any], people: Sequence[Scanned]
    ) -> dict[str, Any]:
        """Return the input of the form with those who have scanned as targets."""
        return dict(user_input)
