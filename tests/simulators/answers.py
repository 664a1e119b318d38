"""Scripted answers of the simulators: canned, broken, slow or none at all."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from enum import StrEnum, auto
from http import HTTPStatus
import json
from typing import Any

JSON = "application/json"
HTML = "text/html"


class Reset(StrEnum):
    """When to abort a connection."""

    BEFORE = auto()  # before reading the body; the message is not taken
    AFTER = auto()  # instead of the answer; the message is taken
    DURING = auto()  # in the middle of the answer's body


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """The answer to one request."""

    status: int = 200
    body: bytes | str = ""
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    reason: str | None = None
    delay: float = 0  # seconds before the answer
    after: asyncio.Event | None = None  # answer when it is set
    hang: bool = False  # never answer, until the simulator stops
    reset: Reset | None = None
    drip: float | None = None  # seconds between the bytes of the body
    padding: int = 0  # bytes of white space sent before the body
    act: bool = False  # process the request, then give this answer
    genuine: bool = False  # process the request and give the service's own answer

    @property
    def payload(self) -> bytes:
        """Return the body as bytes."""
        return self.body.encode() if isinstance(self.body, str) else self.body

    @property
    def plain(self) -> bool:
        """Return if the answer is sent in one piece."""
        return not (self.padding or self.reset or self.drip is not None)


def json_answer(value: Any, *, status: int = 200, content_type: str = JSON) -> Answer:
    """Return an answer with compact JSON in raw UTF-8."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Answer(status=status, body=body, content_type=content_type)


def nginx_page(
    status: int, title: str | None = None, headers: Mapping[str, str] | None = None
) -> Answer:
    """Return nginx's HTML page for a status."""
    title = title or HTTPStatus(status).phrase
    head = f"{status} {title}"
    page = (
        f"<html>\r\n<head><title>{head}</title></head>\r\n"
        f"<body>\r\n<center><h1>{head}</h1></center>\r\n"
        "<hr><center>nginx/1.22.1</center>\r\n</body>\r\n</html>\r\n"
    )
    return Answer(
        status=status,
        body=page,
        content_type=HTML,
        headers={"Server": "nginx/1.22.1", **(headers or {})},
        reason=title,
    )


def basic_auth_page(realm: str) -> Answer:
    """Return the 401 page of a proxy that requires a login."""
    return nginx_page(
        401,
        "Authorization Required",
        headers={"WWW-Authenticate": f'Basic realm="{realm}"'},
    )


def too_many(retry_after: float, *, server_time: float | None = None) -> Answer:
    """Return a 429 page.

    Args:
        retry_after: seconds to wait.
        server_time: if given, Retry-After is a date counted from this time, which the
            Date header shows.

    """
    if server_time is None:
        headers = {"Retry-After": f"{retry_after:.0f}"}
    else:
        headers = {
            "Retry-After": formatdate(server_time + retry_after, usegmt=True),
            "Date": formatdate(server_time, usegmt=True),
        }
    return nginx_page(429, headers=headers)


_PAGE = "<!DOCTYPE html><html><head><title>Welcome</title></head><body>Hi</body></html>"
_ELSEWHERE = {"Location": "https://example.com/elsewhere?from=the-service"}
_BUSY = {"Retry-After": "30"}
_TOP_LEVEL_OK = '{"code": 1000, "errcode": 0, "status": "ok", "success": true}'

BAD_ANSWERS: dict[str, Answer] = {
    "html_page": Answer(body=_PAGE, content_type=HTML),
    "html_labelled_json": Answer(body=_PAGE),
    "cut_off_json": Answer(body='{"code": 1000, "errcode": 0, "status": "o'),
    "empty_body": Answer(),
    "json_list": Answer(body="[]"),
    "json_null": Answer(body="null"),
    "json_string": Answer(body='"ok"'),
    "json_number": Answer(body="1000"),
    "json_empty_object": Answer(body="{}"),
    "wrong_types": Answer(
        body='{"code": "x", "errcode": "x", "status": 5, "error": "x",'
        ' "data": 7, "msg": null}'
    ),
    "wrong_types_nested": Answer(
        body='{"code": 1000, "errcode": [0], "status": {"ok": true},'
        ' "error": {"id": {}, "message": [1]}, "msg": ["x"], "errmsg": {"x": 1},'
        ' "data": [7, null, "x", [], {"code": {}, "uid": [], "status": 5}]}'
    ),
    "wrong_types_records": Answer(
        body='{"code": 1000, "errcode": null, "error": [{"id": 3}], "service": "x",'
        ' "data": {"records": {"a": 1}, "list": "none", "total": []}}'
    ),
    "odd_numbers": Answer(
        body='{"code": 1e999, "errcode": NaN, "status": -0.0,'
        ' "error": {"id": 1e999, "message": NaN}, "data": {"expiresIn": 1e999}}'
    ),
    "long_number": Answer(body='{"code": %s}' % ("9" * 5000)),
    "lone_surrogate": Answer(
        body='{"code": 1001, "errcode": 40058, "msg": "\\ud800", "errmsg": "\\udfff",'
        ' "error": {"id": 3, "message": "\\ud800"}, "data": "\\ud800"}'
    ),
    "redirect_301": Answer(
        status=301, body=_PAGE, content_type=HTML, headers=_ELSEWHERE
    ),
    "redirect_302": Answer(
        status=302, body=_PAGE, content_type=HTML, headers=_ELSEWHERE
    ),
    "redirect_308": Answer(
        status=308, body=_PAGE, content_type=HTML, headers=_ELSEWHERE
    ),
    "proxy_login_401": basic_auth_page("Proxy"),
    "forbidden_403": nginx_page(403, "Forbidden"),
    "not_found_404": nginx_page(404, "Not Found"),
    "too_large_413": nginx_page(413, "Request Entity Too Large"),
    "too_many_429": nginx_page(429, "Too Many Requests", headers=_BUSY),
    "error_500": nginx_page(500, "Internal Server Error"),
    "bad_gateway_502": nginx_page(502, "Bad Gateway"),
    "unavailable_503": nginx_page(
        503, "Service Temporarily Unavailable", headers=_BUSY
    ),
    "gateway_timeout_504": nginx_page(504, "Gateway Time-out"),
    "reset_before": Answer(reset=Reset.BEFORE),
    "reset_after": Answer(reset=Reset.AFTER),
    "reset_during": Answer(body=_TOP_LEVEL_OK, reset=Reset.DURING),
    "hang": Answer(hang=True),
    # Takes minutes though each byte is in time: only a total time-out ends it.
    "drip": Answer(body=" " * 4096 + _TOP_LEVEL_OK, drip=0.05),
    "huge_body": Answer(body=_TOP_LEVEL_OK, padding=8 * 1024 * 1024),
    "not_utf8": Answer(body=b'{"code": 1000, "errcode": 0, "msg": "\xff\xfe\xc3"}'),
    "deep_json": Answer(body="[" * 100_000 + "]" * 100_000),
}
