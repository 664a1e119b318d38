"""Errors of the clients, sorted by what a caller can do about them."""

from collections.abc import Mapping
from enum import StrEnum
from typing import override


class Problem(StrEnum):
    """Problems that are the same for every service.

    A value is the key of the text shown to the user. The limit of what is too large is
    in bytes, of what is too long in characters.
    """

    ATTACHMENT_NOT_SUPPORTED = "attachment_not_supported"
    ATTACHMENT_TOO_LARGE = "attachment_too_large"
    CANNOT_CONNECT = "cannot_connect"
    CONNECTION_LOST = "connection_lost"
    FIELD_TOO_LARGE = "field_too_large"
    FIELD_TOO_LONG = "field_too_long"
    FORWARD_PROXY = "forward_proxy"
    FORWARD_PROXY_LOGIN = "forward_proxy_login"
    FORWARD_PROXY_REFUSED = "forward_proxy_refused"
    HOST_NOT_FOUND = "host_not_found"
    HTTP_REFUSED = "http_refused"
    INVALID_CERTIFICATE = "invalid_certificate"
    MESSAGE_EMPTY = "message_empty"
    MESSAGE_TOO_LARGE = "message_too_large"
    MESSAGE_TOO_LONG = "message_too_long"
    NO_RECALL = "no_recall"
    NOT_THIS_SERVICE = "not_this_service"
    OPTION_MISSING = "option_missing"
    OPTION_NOT_SUPPORTED = "option_not_supported"
    PROXY_LOGIN = "proxy_login"
    REDIRECTED = "redirected"
    SERVER_ERROR = "server_error"
    SERVICE_REFUSED = "service_refused"
    TARGETS_MISSING = "targets_missing"
    TIMEOUT = "timeout"
    TLS_FAILED = "tls_failed"
    TOO_MANY = "too_many"
    TOO_MANY_REQUESTS = "too_many_requests"


class ClientError(Exception):
    """Base class of all errors of the clients.

    Every subclass can be built from a problem and its details alone.

    Args:
        problem: key of the text shown to the user.
        **details: placeholders of that text (a code, an address, the service's own
            words), without secrets.

    """

    def __init__(self, problem: str, **details: str | int) -> None:
        super().__init__(problem)
        self.problem = str(problem)
        self.details: Mapping[str, str] = {k: str(v) for k, v in details.items()}

    @override
    def __str__(self) -> str:
        """Return the problem with its details on one line."""
        details = ", ".join(f"{key}: {value}" for key, value in self.details.items())
        return f"{self.problem} ({details})" if details else self.problem


class CredentialsError(ClientError):
    """The credentials are refused. Only new ones help; repeating them may get banned."""


class ActionNeededError(ClientError):
    """A setting at the service has to be changed before anything works."""


class RecipientError(ClientError):
    """The recipient does not exist or cannot be written to."""


class ContentError(ClientError):
    """The message itself is refused and will never be accepted."""


class UploadRefusedError(ClientError):
    """The service takes no upload from this account; messages are not affected."""


class UploadExpiredError(ClientError):
    """The service does not know an upload any more; the message was not accepted.

    Upload the attachment again and fill it in anew.
    """


class LimitError(ClientError):
    """A rate limit or quota is exceeded; the message was not accepted.

    Args:
        problem: key of the text shown to the user.
        retry_after: seconds until the service accepts messages again, if known.
        of_content: only messages with the same content are refused.
        **details: placeholders of that text, without secrets.

    """

    def __init__(
        self,
        problem: str,
        *,
        retry_after: float | None = None,
        of_content: bool = False,
        **details: str | int,
    ) -> None:
        super().__init__(problem, **details)
        self.retry_after = retry_after
        self.of_content = of_content


class TemporaryError(ClientError):
    """The service does not work at the moment.

    Args:
        problem: key of the text shown to the user.
        uncertain: the request may have been processed.
        **details: placeholders of that text, without secrets.

    """

    def __init__(
        self, problem: str, *, uncertain: bool = False, **details: str | int
    ) -> None:
        super().__init__(problem, **details)
        self.uncertain = uncertain


class UnreachableError(TemporaryError):
    """No connection could be established; nothing was sent."""


class EndpointError(TemporaryError):
    """Something else than the expected endpoint of the service answers.

    Typical causes are a wrong address, a proxy that does not pass on this path, and the
    login page of a network.
    """
