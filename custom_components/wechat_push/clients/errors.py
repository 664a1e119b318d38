"""The few kinds of failure that the rest of the house acts on."""

from collections.abc import Mapping
from enum import StrEnum
from typing import override


class Problem(StrEnum):
    """What went wrong, as far as it is the same for every service.

    A value is the key of the text that a person reads.
    """

    ATTACHMENT_NOT_SUPPORTED = "attachment_not_supported"
    ATTACHMENT_TOO_LARGE = "attachment_too_large"
    CANNOT_CONNECT = "cannot_connect"
    CONNECTION_LOST = "connection_lost"
    DAMAGED = "damaged"
    EXPIRED = "expired"
    FIELD_TOO_LONG = "field_too_long"
    HOST_NOT_FOUND = "host_not_found"
    HTTP_REFUSED = "http_refused"
    INVALID_CERTIFICATE = "invalid_certificate"
    MESSAGE_EMPTY = "message_empty"
    MESSAGE_TOO_LONG = "message_too_long"
    NO_RECALL = "no_recall"
    NOT_THIS_SERVICE = "not_this_service"
    PROXY_LOGIN = "proxy_login"
    OPTION_MISSING = "option_missing"
    OPTION_NOT_SUPPORTED = "option_not_supported"
    OUTBOX_FULL = "outbox_full"
    QUEUE_FULL = "queue_full"
    QUOTA_USED = "quota_used"
    REDIRECTED = "redirected"
    SERVER_ERROR = "server_error"
    SERVICE_REFUSED = "service_refused"
    TARGETS_MISSING = "targets_missing"
    TIMEOUT = "timeout"
    TLS_FAILED = "tls_failed"
    TOO_MANY = "too_many"
    TOO_MANY_REQUESTS = "too_many_requests"
    UNCERTAIN = "uncertain"
    WAITING_BEHIND = "waiting_behind"


class ClientError(Exception):
    """A service could not be reached or did not do what it was asked.

    Args:
        problem: the key of the text that tells a person what happened.
        **details: what that text names (a code, an address, the service's own words),
            free of secrets.

    """

    def __init__(self, problem: str, **details: str | int) -> None:
        """Keep the problem and its details."""
        super().__init__(problem)
        self.problem = str(problem)
        self.details: Mapping[str, str] = {k: str(v) for k, v in details.items()}
        # How many of the parts of a message had been taken before, and of how many.
        self.parts_done = 0
        self.parts = 0

    @override
    def __str__(self) -> str:
        """Return the problem with its details on one line."""
        details = ", ".join(f"{key}: {value}" for key, value in self.details.items())
        return f"{self.problem} ({details})" if details else self.problem


class CredentialsError(ClientError):
    """The account's credentials are refused; only new ones help, repeating harms."""


class ActionNeededError(ClientError):
    """The person has to change something at the service before anything works."""


class RecipientError(ClientError):
    """The recipient does not exist or may not be written to."""


class ContentError(ClientError):
    """The message itself is refused; the same message will never be accepted."""


class LimitError(ClientError):
    """The service takes no more for now; nothing was taken.

    Args:
        problem: the key of the text that tells a person what happened.
        retry_after: seconds until the service takes messages again, as far as it or its
            documents say.
        of_content: only what says the same is not taken.
        **details: what that text names, free of secrets.

    """

    def __init__(
        self,
        problem: str,
        *,
        retry_after: float | None = None,
        of_content: bool = False,
        **details: str | int,
    ) -> None:
        """Keep the problem, its details and how long it lasts for what."""
        super().__init__(problem, **details)
        self.retry_after = retry_after
        self.of_content = of_content


class TemporaryError(ClientError):
    """The service cannot be reached or does not work at the moment.

    Args:
        problem: the key of the text that tells a person what happened.
        doubtful: the service may have taken the message all the same.
        **details: what that text names, free of secrets.

    """

    def __init__(
        self, problem: str, *, doubtful: bool = False, **details: str | int
    ) -> None:
        """Keep the problem, its details and the doubt."""
        super().__init__(problem, **details)
        self.doubtful = doubtful
