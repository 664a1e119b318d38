"""Repair issues of an account: what only a person can end, and what was lost."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util

from .clients.errors import ClientError, LimitError, Problem, TemporaryError
from .clients.message import one_line
from .const import DOMAIN
from .delivery.reports import StorageProblem, Undelivered
from .errors import error_message, escape_others, translate_error
from .providers.base import Provider

ISSUE_CONNECTION_TROUBLE: Final = "connection_trouble"
ISSUE_NO_RECIPIENT: Final = "no_recipient"
ISSUE_UNDELIVERED: Final = "undelivered"

# Data of issues, for their repair flows.
ATTR_ENTRY_ID: Final = "entry_id"
ATTR_PROBLEM: Final = "problem"
ATTR_RECIPIENT_ID: Final = "recipient_id"

# Placeholder of issues in whose text the reason stands.
ATTR_REASON: Final = "reason"

# Outages that do not pass by themselves: the API address, or the way to it, is wrong.
_WRONG_SET_UP: Final = frozenset(
    {
        Problem.HTTP_REFUSED,
        Problem.INVALID_CERTIFICATE,
        Problem.NOT_THIS_SERVICE,
        Problem.REDIRECTED,
        Problem.TLS_FAILED,
    }
)

# Seconds of an outage that are worth telling a person about.
_LASTING: Final = 15 * 60.0

_TIME: Final = "%Y-%m-%d %H:%M"

# Placeholders that others have no part in.
_OWN: Final = frozenset({"code", "count", "ip", "time", "until", "url"})


class Recipient(Protocol):
    """A recipient that an issue is about."""

    id: str
    name: str


class AccountIssues:
    """Repair issues of one account.

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
        self._hass = hass
        self._entry = entry
        self._provider = provider
        # IDs of the issues that there are, and the problems of cooldowns among them.
        self._open: set[str] = set()
        self._cooldowns: set[str] = set()

    @callback
    def raise_for(self, err: ClientError, recipient: Recipient | None = None) -> None:
        """Create the issue for a failure, if only a person can end it.

        Args:
            err: the failure of a message, or of a check of the account.
            recipient: of the message; issues about a recipient need it.

        """
        if err.problem in _WRONG_SET_UP:
            self._create(ISSUE_CONNECTION_TROUBLE, {ATTR_REASON: self._words(err)})
            return
        remedy = self._provider.remedy(err.problem)
        if remedy.url is None or (remedy.of_recipient and recipient is None):
            return
        until = None
        if isinstance(err, LimitError) and err.retry_after:
            until = dt_util.utcnow() + timedelta(seconds=err.retry_after)
            self._cooldowns.add(err.problem)
        self._create(
            err.problem,
            {
                **err.details,
                "until": _shown(until) if until else "?",
                "url": remedy.url,
                **({} if recipient is None else {"recipient": recipient.name}),
            },
            recipient_id=recipient.id if recipient and remedy.of_recipient else None,
            url=remedy.url,
        )

    @callback
    def lasting(self, err: ClientError, seconds: float) -> None:
        """Create the issue of an outage that lasts.

        Args:
            err: the reason.
            seconds: for how long it has lasted.

        """
        is_temporary = isinstance(err, TemporaryError)
        if is_temporary and seconds >= _LASTING:
            self._create(ISSUE_CONNECTION_TROUBLE, {ATTR_REASON: self._words(err)})

    @callback
    def solved(
        self, recipient_id: str | None = None, *, with_attachments: bool = False
    ) -> None:
        """Delete issues that a message that was sent, or a check, has shown to be over.

        Args:
            recipient_id: of the message; None after a check.
            with_attachments: the message had some.

        """
        if not self._open:
            return
        over = (
            problem
            for problem, remedy in self._provider.problems.items()
            if with_attachments or not (remedy.of_attachments or remedy.of_cards)
        )
        for problem in (*over, ISSUE_CONNECTION_TROUBLE):
            self._delete(self._id(problem, None))
            if recipient_id is not None:
                self._delete(self._id(problem, recipient_id))

    @callback
    def reached(self) -> None:
        """Delete the issue that the service cannot be reached."""
        self._delete(self._id(ISSUE_CONNECTION_TROUBLE, None))

    @callback
    def cooldown_ended(self) -> None:
        """Delete issues about a cooldown that is over."""
        for problem in tuple(self._cooldowns):
            self._delete(self._id(problem, None))
        self._cooldowns.clear()

    @callback
    def undelivered(
        self, recipient_id: str, name: str, undelivered: Undelivered
    ) -> None:
        """Create the issue of messages that were kept for later and given up.

        Args:
            recipient_id: of the messages.
            name: of the recipient, which may have been removed.
            undelivered: the messages.

        """
        meant_for = dt_util.utc_from_timestamp(undelivered.meant_for)
        self._create(
            ISSUE_UNDELIVERED,
            {
                "count": str(undelivered.count),
                ATTR_REASON: self._words(undelivered.error),
                "time": _shown(meant_for),
                "recipient": name,
            },
            recipient_id=recipient_id,
        )

    @callback
    def storage(self, problem: StorageProblem | None) -> None:
        """Create or delete the issue that the outbox cannot be used as it should."""
        for each in StorageProblem:
            if each is problem:
                self._create(each.value, {}, fixable=each is StorageProblem.DAMAGED)
            elif each is not StorageProblem.DAMAGED:
                # A damaged file was put aside: that is to be seen by a person.
                self._delete(self._id(each, None))

    @callback
    def no_recipient(self) -> None:
        """Create the issue of an account that sends to nobody."""
        self._create(
            ISSUE_NO_RECIPIENT, {}, fixable=False, severity=ir.IssueSeverity.WARNING
        )

    @callback
    def has_recipient(self) -> None:
        """Delete the issue of an account that sends to nobody."""
        self._delete(self._id(ISSUE_NO_RECIPIENT, None))

    @callback
    def prune(self, recipient_ids: Collection[str]) -> None:
        """Delete issues about recipients that were removed, but for lost messages.

        Args:
            recipient_ids: of the recipients that there are.

        """
        for issue in self._all():
            data = issue.data or {}
            recipient_id = data.get(ATTR_RECIPIENT_ID)
            is_gone = recipient_id is not None and recipient_id not in recipient_ids
            if is_gone and data.get(ATTR_PROBLEM) != ISSUE_UNDELIVERED:
                self._delete(issue.issue_id)

    @callback
    def remove_all(self) -> None:
        """Delete all issues of the account."""
        for issue in self._all():
            self._delete(issue.issue_id)

    def _create(
        self,
        problem: str,
        placeholders: Mapping[str, str],
        *,
        recipient_id: str | None = None,
        url: str | None = None,
        fixable: bool = True,
        severity: ir.IssueSeverity = ir.IssueSeverity.ERROR,
    ) -> None:
        """Create an issue, or update it."""
        issue_id = self._id(problem, recipient_id)
        self._open.add(issue_id)
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            issue_id,
            data={
                ATTR_ENTRY_ID: self._entry.entry_id,
                ATTR_PROBLEM: problem,
                ATTR_RECIPIENT_ID: recipient_id,
            },
            is_fixable=fixable,
            # All of them show again after a restart, lost messages by the outbox.
            is_persistent=False,
            learn_more_url=url,
            severity=severity,
            translation_key=problem,
            translation_placeholders=_escaped(
                {**placeholders, "account": self._entry.title}
            ),
        )

    def _delete(self, issue_id: str) -> None:
        """Delete an issue, if there is one."""
        self._open.discard(issue_id)
        ir.async_delete_issue(self._hass, DOMAIN, issue_id)

    def _id(self, problem: str, recipient_id: str | None) -> str:
        """Return the ID of an issue."""
        whose = [self._entry.entry_id, *([recipient_id] if recipient_id else [])]
        return "_".join((*whose, problem))

    def _all(self) -> Iterator[ir.IssueEntry]:
        """Yield all issues of the account."""
        for (domain, issue_id), issue in [*ir.async_get(self._hass).issues.items()]:
            if domain == DOMAIN and issue_id.startswith(f"{self._entry.entry_id}_"):
                yield issue

    def _words(self, err: ClientError) -> str:
        """Return the text of an error in the language of Home Assistant."""
        return error_message(self._hass, translate_error(self._hass, err))


def _escaped(placeholders: Mapping[str, str]) -> dict[str, str]:
    """Return placeholders as texts in Markdown need them, and names for plain titles."""
    return {
        **{
            key: value if key in _OWN else escape_others(value)
            for key, value in placeholders.items()
        },
        **{
            f"{key}_name": one_line(placeholders[key])
            for key in ("account", "recipient")
            if key in placeholders
        },
    }


def _shown(moment: datetime) -> str:
    """Return a moment in local time."""
    return dt_util.as_local(moment).strftime(_TIME)
