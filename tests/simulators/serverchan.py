"""The simulator of Server酱: Turbo, Server酱³, and its forwarder for keys of the latter.

Where its documents do not tell what it does (a field that is too long), a switch decides.
"""

from collections.abc import Mapping
from http import HTTPStatus
import json
import re
from typing import Any, ClassVar, override

from .answers import HTML, Answer
from .base import Handler, RecordedRequest, Simulator
from .blocks import Block, markdown_block
from .trouble import Trouble

TURBO_KEY = "SCT123456TAbCdEfGhIjKlMnOpQrStUvWx"
KEY = "sctp1234tabcdefghijklmnopqrstuvwx"
OWNER = "owner"
# Messages a day for those who pay nothing.
FREE_QUOTA = 5

MAX_TITLE = 32  # characters
MAX_SHORT = 64  # characters
MAX_BYTES = 32 * 1024  # of the text, in UTF-8
_SHOWN = 30  # characters of a text that a card shows without a short one
_ADVERT = "\n\n本消息由 Server酱 Turbo 转发"

_TURBO = re.compile(r"/([^/]+)\.send")
_THREE = re.compile(r"/send/([^/]+)\.send")
_PLAIN = "text/plain; charset=utf-8"


class ServerChan(Simulator):
    """Server酱 on one port: /KEY.send is Turbo, /send/KEY.send is Server酱³."""

    name: ClassVar[str] = "serverchan"
    title: ClassVar[str] = "Server酱"
    chinese_title: ClassVar[str] = "Server酱"
    colour: ClassVar[str] = "#c2571f"
    badge: ClassVar[str] = "酱"

    turbo_keys: list[str]
    keys: list[str]
    quota: int | None  # messages a day of an account of Turbo
    used: int  # messages of today
    ip_limited: bool  # this address called too often
    strict: bool  # refuse fields that are too long instead of cutting them
    has_device: (
        bool  # a phone is registered at Server酱³; its answer is the same without
    )
    wx_status: str  # what WeChat answered, by JSON in a string; empty for not yet
    pushes: dict[str, str]  # key for reading a message, by its ID

    @override
    def restore(self) -> None:
        """Restore the keys, and an account that may send all it wants."""
        self.turbo_keys, self.keys = [TURBO_KEY], [KEY]
        self.quota, self.used = None, 0
        self.ip_limited = False
        self.strict = True
        self.has_device = True
        self.wx_status = ""
        self.pushes = {}

    @override
    def enforce_limits(self) -> None:
        """Have an account that pays nothing."""
        self.quota = FREE_QUOTA

    @override
    def routes(self) -> Mapping[str, Mapping[str, Handler]]:
        """Return the handlers of paths without a key."""
        return {"/push": {"GET": self._status}}

    @override
    def respond(self, request: RecordedRequest) -> Answer:
        """Process a request; keys are in the path."""
        if request.method in ("GET", "POST"):
            if match := _THREE.fullmatch(request.path):
                return self._send(match[1], _fields(request))
            if match := _TURBO.fullmatch(request.path):
                return self._send_turbo(match[1], _fields(request))
        return super().respond(request)

    def _send_turbo(self, key: str, fields: Mapping[str, str]) -> Answer:
        """Accept a message for the channels of an account."""
        if self.ip_limited:
            return Answer(status=429, body="Too Many Requests", content_type=_PLAIN)
        if key in self.keys and self.trouble is not Trouble.CREDENTIALS:
            desp = fields.get("desp", "") + _ADVERT
            return self._send(key, {**fields, "desp": desp})
        if key not in self.turbo_keys or self.trouble is Trouble.CREDENTIALS:
            return _refusal("AUTH", "错误的Key", 40001, 461)
        title = fields.get("title") or fields.get("text", "")
        if not title:
            return _refusal("INPUT", "title 不能为空", 20001, 460)
        # The code and the words of these are made up.
        short, desp = fields.get("short", ""), fields.get("desp", "")
        if self.trouble is Trouble.REFUSE:
            return _refusal("INPUT", "包含敏感词", 20003, 460)
        if "\n" in title or "\r" in title:
            return _refusal("INPUT", "title 不能包含换行", 20001, 460)
        if self.strict and (
            len(title) > MAX_TITLE
            or len(short) > MAX_SHORT
            or len(desp.encode()) > MAX_BYTES
        ):
            return _refusal("INPUT", "内容过长", 20002, 460)
        if self.quota is not None and self.used >= self.quota:
            words = f"超过当天的发送次数限制[{self.quota}]"
            return _refusal("AUTH", words, 40001, 471)
        self.used += 1
        pushid = str(97_909_234 + len(self.pushes))
        self.pushes[pushid] = readkey = f"SCT{len(self.pushes):012}"
        self.deliver(
            recipient=OWNER,
            title=title[:MAX_TITLE],
            text=desp.encode()[:MAX_BYTES].decode("utf-8", "ignore"),
            kind=(short or desp[:_SHOWN])[:MAX_SHORT],
            channel=fields.get("channel", ""),
            blocks=_blocks(desp),
        )
        data = {"pushid": pushid, "readkey": readkey, "error": "SUCCESS", "errno": 0}
        return _answer({"code": 0, "message": "", "data": data})

    def _status(self, request: RecordedRequest) -> Answer:
        """Return what WeChat answered."""
        pushid = request.query.get("id", "")
        if self.pushes.get(pushid) != request.query.get("readkey"):
            return _refusal("INPUT", "数据不存在", 20001, 460)
        data = {"id": pushid, "wxstatus": self.wx_status}
        return _answer({"code": 0, "message": "", "data": data})

    def _send(self, key: str, fields: Mapping[str, str]) -> Answer:
        """Accept a message for all phones of a user of Server酱³."""
        if key not in self.keys or self.trouble is Trouble.CREDENTIALS:
            return _answer({"error": "sendkey not found", "code": 10003})
        if self.trouble is Trouble.REFUSE:
            return _answer({"error": "包含敏感词", "code": 10004})
        title, desp = fields.get("title") or fields.get("text", ""), fields.get("desp")
        if not title and not desp:
            # The words are made up.
            return _answer({"error": "title is required", "code": 10001})
        if self.has_device:
            self.deliver(
                recipient=OWNER,
                title=title,
                text=desp or "",
                kind=fields.get("short") or desp or "",
                channel=fields.get("tags", ""),
                blocks=_blocks(desp or ""),
            )
        data = {"pushid": 3_187_868 + len(self.notifications), "meta": {}}
        return _answer({"code": 0, "errno": 0, "data": data, "message": "SUCCESS"})


def _fields(request: RecordedRequest) -> dict[str, str]:
    """Return the fields of the query and the body, which is JSON only if it says so."""
    body: Any = request.form
    if request.content_type == "application/json":
        try:
            body = request.json
        except ValueError:
            body = {}
    fields = {**request.query, **(body if isinstance(body, dict) else {})}
    return {name: str(value) for name, value in fields.items() if value is not None}


def _blocks(desp: str) -> list[Block]:
    """Return what phones show of a text."""
    return [markdown_block(desp)] if desp else []


def _answer(value: Any, status: int = 200) -> Answer:
    """Return an answer, in which Chinese is escaped."""
    body = json.dumps(value, separators=(",", ":"))
    return Answer(status=status, body=body, reason=HTTPStatus(status).phrase)


def _refusal(kind: str, words: str, code: int, scode: int) -> Answer:
    """Return a refusal of Turbo."""
    return _answer(
        {
            "message": f"[{kind}]{words}",
            "code": code,
            "info": words,
            "args": [None],
            "scode": scode,
        },
        400,
    )


# Cloudflare's page while the server behind it is down.
DOWN = Answer(
    status=522, body="<html>522</html>", content_type=HTML, reason="Origin Timeout"
)
