"""The repair issues of an account: what only a person can mend, and what was lost."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util

from .clients.errors import ClientError, LimitError, Problem
from .const import DOMAIN
from .errors import error_message, translate_error
from .providers.base import Provider

ISSUE_CONNECTION_TROUBLE: Final = "connection_trouble"
ISSUE_STORAGE_UNWRITABLE: Final = "storage_unwritable"
ISSUE_UNDELIVERED: Final = "undelivered"

# What an issue knows of its origin; the flow that fixes it finds its way by these.
ATTR_COUNT: Final = "count"
ATTR_ENTRY_ID: Final = "entry_id"
ATTR_PROBLEM: Final = "problem"
ATTR_RECIPIENT_ID: Final = "recipient_id"

# These do not pass by themselves: the address or something on the way to it is wrong.
_WRONG_SET_UP: Final = frozenset(
    {
        Problem.HTTP_REFUSED,
        Problem.INVALID_CERTIFICATE,
        Problem.NOT_THIS_SERVICE,
        Problem.REDIRECTED,
        Problem.TLS_FAILED,
    }
)

_TIME: Final = "%Y-%m-%d %H:%M"


class Addressee(Protocol):
    """Whom an issue is about, if not the account as a whole."""

    @property
    def id(self) -> str:
        """Return what the recipient is kept by."""

    @property
    def name(self) -> str:
        """Return what the person calls the recipient."""


class AccountIssues:
    """Raises the repair issues of one account, and takes them back.

    Args:
        hass: Home Assistant.
        entry: the account.
        provider: knows which problems only a person can mend.

    """

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        provider: Provider[Any, Any],
    ) -> None:
        """Raise nothing yet."""
        self._hass = hass
        self._entry = entry
        self._provider = provider

    @callback
    def raise_for(self, err: ClientError, recipient: Addressee | None = None) -> None:
        """Tell of a failure, if it is one that only a person can end.

        Args:
            err: why a message, or a check of the account, failed.
            recipient: who would have got the message.

        """
        if err.problem in _WRONG_SET_UP:
            self.connection(err)
            return
        if (repair := self._provider.repairs.get(err.problem)) is None:
            return
        until = None
        if isinstance(err, LimitError) and err.retry_after:
            until = dt_util.utcnow() + timedelta(seconds=err.retry_after)
        self._create(
            err.problem,
            {
                **err.details,
                "until": _shown(until) if until else "?",
                "url": repair.url,
            },
            recipient=recipient if repair.of_recipient else None,
            url=repair.url,
        )

    @callback
    def connection(self, err: ClientError, *, lasting: bool = False) -> None:
        """Tell of a service that cannot be reached.

        Args:
            err: why.
            lasting: it has been so for long enough to tell of what may pass by itself.

        """
        if lasting or err.problem in _WRONG_SET_UP:
            self._create(ISSUE_CONNECTION_TROUBLE, {"reason": self._words(err)})

    @callback
    def solved(
        self, recipient_id: str | None = None, *, with_attachments: bool = False
    ) -> None:
        """Take back what a message that went out, or a good check, has shown to be over.

        Args:
            recipient_id: who got the message; nothing after a check.
            with_attachments: the message had some.

        """
        over = (
            problem
            for problem, repair in self._provider.repairs.items()
            if with_attachments or not repair.of_attachments
        )
        for problem in (*over, ISSUE_CONNECTION_TROUBLE):
            self._delete(self._id(problem, None))
            if recipient_id is not None:
                self._delete(self._id(problem, recipient_id))

    @callback
    def reached(self) -> None:
        """Take back that the service cannot be reached."""
        self.ended(ISSUE_CONNECTION_TROUBLE)

    @callback
    def ended(self, problem: str) -> None:
        """Take back one problem of the account."""
        self._delete(self._id(problem, None))

    @callback
    def undelivered(
        self, recipient: Addressee, err: ClientError, meant_for: datetime
    ) -> None:
        """Tell of a message that was kept for later and failed for good.

        Args:
            recipient: who would have got it.
            err: why it failed.
            meant_for: when it was to be sent.

        """
        known = ir.async_get(self._hass).async_get_issue(
            DOMAIN, self._id(ISSUE_UNDELIVERED, recipient.id)
        )
        # Of an issue that a person has ignored, a restart leaves nothing but its name.
        before = (known.data or {}).get(ATTR_COUNT) if known else None
        count = int(before or 0) + 1
        self._create(
            ISSUE_UNDELIVERED,
            {
                "count": str(count),
                "reason": self._words(err),
                "time": _shown(meant_for),
            },
            recipient=recipient,
            count=count,
        )

    @callback
    def storage(self, *, failed: bool) -> None:
        """Tell that messages cannot be kept over a restart, or that they can again."""
        if failed:
            self._create(ISSUE_STORAGE_UNWRITABLE, {}, fixable=False)
        else:
            self._delete(self._id(ISSUE_STORAGE_UNWRITABLE, None))

    @callback
    def prune(self, recipient_ids: Collection[str]) -> None:
        """Take back what concerns recipients that are no more.

        Args:
            recipient_ids: those that there are.

        """
        for issue in self._all():
            recipient_id = (issue.data or {}).get(ATTR_RECIPIENT_ID)
            if recipient_id is not None and recipient_id not in recipient_ids:
                self._delete(issue.issue_id)

    @callback
    def remove_all(self) -> None:
        """Take back everything, as the account is no more."""
        for issue in self._all():
            self._delete(issue.issue_id)

    def _create(
        self,
        problem: str,
        placeholders: Mapping[str, str],
        *,
        recipient: Addressee | None = None,
        url: str | None = None,
        fixable: bool = True,
        count: int | None = None,
    ) -> None:
        """Create an issue, or bring one up to date."""
        names = {"account": self._entry.title}
        if recipient is not None:
            names["recipient"] = recipient.name
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            self._id(problem, recipient.id if recipient else None),
            data={
                ATTR_ENTRY_ID: self._entry.entry_id,
                ATTR_PROBLEM: problem,
                ATTR_RECIPIENT_ID: recipient.id if recipient else None,
                ATTR_COUNT: count,
            },
            is_fixable=fixable,
            # What was lost is lost, also after a restart; all else shows itself again.
            is_persistent=problem == ISSUE_UNDELIVERED,
            learn_more_url=url,
            severity=ir.IssueSeverity.ERROR,
            translation_key=problem,
            translation_placeholders={**placeholders, **names},
        )

    def _delete(self, issue_id: str) -> None:
        """Delete an issue, if there is one."""
        ir.async_delete_issue(self._hass, DOMAIN, issue_id)

    def _id(self, problem: str, recipient_id: str | None) -> str:
        """Return what an issue is kept by."""
        whose = [self._entry.entry_id, *([recipient_id] if recipient_id else [])]
        return "_".join((*whose, problem))

    def _all(self) -> Iterator[ir.IssueEntry]:
        """Yield all issues of the account."""
        for (domain, issue_id), issue in [*ir.async_get(self._hass).issues.items()]:
            if domain == DOMAIN and issue_id.startswith(f"{self._entry.entry_id}_"):
                yield issue

    def _words(self, err: ClientError) -> str:
        """Return what an error says, in the language of the household."""
        return error_message(self._hass, translate_error(err))


def _shown(moment: datetime) -> str:
    """Return a moment as the clocks of the household show it."""
    return dt_util.as_local(moment).strftime(_TIME)
