"""Recipients of WeCom, in requests and answers."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import batched, zip_longest
from typing import Final, Self

from ..message import Part
from ..receipt import Accepted, Receipt, Refused
from ..transport import Json

EVERYONE: Final = "@all"

MAX_USERS: Final = 1000
MAX_DEPARTMENTS: Final = 100
MAX_TAGS: Final = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class WeComTarget:
    """Recipients of a message: members, departments and tags, or everyone.

    Args:
        users: user IDs of members.
        departments: numbers of departments.
        tags: numbers of tags.
        everyone: everyone who can see the application.

    """

    users: tuple[str, ...] = ()
    departments: tuple[int, ...] = ()
    tags: tuple[int, ...] = ()
    everyone: bool = False

    @classmethod
    def of(cls, *names: str) -> Self:
        """Return the target of names as in a receipt.

        Args:
            *names: user IDs, `#` and the number of a department, `+` and the number of
                a tag, or `@all`.

        """
        return cls(
            users=tuple(
                name for name in names if name[:1] not in "#+" and name != EVERYONE
            ),
            departments=tuple(int(name[1:]) for name in names if name[:1] == "#"),
            tags=tuple(int(name[1:]) for name in names if name[:1] == "+"),
            everyone=EVERYONE in names,
        )


def audiences(target: WeComTarget) -> list[Json]:
    """Return the fields of the recipients, one set per request."""
    if target.everyone:
        return [{"touser": EVERYONE}]
    batches = zip_longest(
        batched(target.users, MAX_USERS, strict=False),
        batched(target.departments, MAX_DEPARTMENTS, strict=False),
        batched(target.tags, MAX_TAGS, strict=False),
    )
    return [
        {
            field: "|".join(map(str, targets))
            for field, targets in zip(
                ("touser", "toparty", "totag"), batch, strict=True
            )
            if targets
        }
        for batch in batches
    ]


# Fields of requests and answers, and the prefix of their targets in receipts.
_FIELDS = (
    ("touser", "invaliduser", ""),
    ("toparty", "invalidparty", "#"),
    ("totag", "invalidtag", "+"),
)


def receipt(part: Part, answer: Json, clean: Callable[[str], str]) -> Receipt:
    """Return the receipt of a request. A successful answer can list refused targets.

    Args:
        part: the request.
        answer: the answer.
        clean: redacts secrets in a text.

    """
    message_id = answer.get("msgid")
    sent: list[str] = []
    refused: dict[str, str] = {}
    for field, invalid_field, prefix in _FIELDS:
        sent += split_targets(part.get(field), prefix)
        refused |= dict.fromkeys(
            split_targets(answer.get(invalid_field), prefix), invalid_field
        )
    refused |= dict.fromkeys(
        split_targets(answer.get("unlicenseduser")), "unlicenseduser"
    )
    # WeCom returns user IDs in lower case, whatever case they were sent in.
    lowered = {target.lower() for target in refused}
    spelling = {target.lower(): target for target in sent}
    return Receipt(
        accepted=tuple(
            Accepted(
                target=target,
                message_id=message_id if isinstance(message_id, str) else None,
            )
            for target in sent
            if target.lower() not in lowered
        ),
        refused=tuple(
            Refused(target=clean(spelling.get(target.lower(), target)), reason=reason)
            for target, reason in refused.items()
        ),
    )


def split_targets(value: object, prefix: str = "") -> list[str]:
    """Return the targets in a field, each with a prefix."""
    text = value if isinstance(value, str) else ""
    return [prefix + target for target in text.split("|") if target]
