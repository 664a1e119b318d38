"""Answers of a Pushjet server: error objects and Flask's pages."""

from enum import Enum
import json
from typing import Any

from .answers import Answer

HTML = "text/html; charset=utf-8"


class Refusal(Enum):
    """Error objects: message, ID, HTTP status."""

    INVALID_CLIENT = ("Invalid client uuid", 1, 400)
    INVALID_SERVICE = ("Invalid service", 2, 400)
    INVALID_SECRET = ("Invalid secret", 3, 400)
    DUPLICATE_LISTEN = ("Already subscribed to that service", 4, 409)
    SERVICE_NOTFOUND = ("Service not found", 6, 404)
    NO_CHANGES = ("No changes were made", 10, 400)
    NOT_SUBSCRIBED = ("Not subscribed to that service", 11, 409)


class RefusedError(Exception):
    """The server refuses a request."""

    def __init__(self, message: str, number: int, status: int) -> None:
        super().__init__(message)
        self.error = {"message": message, "id": number}
        self.status = status


class CrashedError(Exception):
    """The server fails with an unexpected exception."""


REASONS = {
    200: "OK",
    302: "FOUND",
    400: "BAD REQUEST",
    404: "NOT FOUND",
    405: "METHOD NOT ALLOWED",
    409: "CONFLICT",
    500: "INTERNAL SERVER ERROR",
}


def flask_page(status: int, title: str, text: str) -> Answer:
    """Return an HTML page as Flask makes it."""
    page = (
        '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2 Final//EN">\n'
        f"<title>{status} {title}</title>\n<h1>{title}</h1>\n<p>{text}</p>\n"
    )
    return Answer(status=status, body=page, content_type=HTML, reason=REASONS[status])


NOT_FOUND = flask_page(
    404,
    "Not Found",
    "The requested URL was not found on the server. If you entered the URL manually"
    " please check your spelling and try again.",
)
NOT_ALLOWED = flask_page(
    405, "Method Not Allowed", "The method is not allowed for the requested URL."
)
CRASHED = flask_page(
    500,
    "Internal Server Error",
    "The server encountered an internal error and was unable to complete your request."
    " Either the server is overloaded or there is an error in the application.",
)


def jsonify(value: Any) -> Answer:
    """Return an object labelled as JSON."""
    body = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return Answer(body=f"{body}\n", reason="OK")
