"""The simulator of Pushjet: the last published server, or an older one."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
import hashlib
import json
import re
import secrets
from typing import Any, ClassVar, override

from .base import Answer, Handler, RecordedRequest, Simulator
from .blocks import link_block, text_block
from .pushjet_answers import (
    CRASHED,
    HTML,
    NOT_ALLOWED,
    NOT_FOUND,
    REASONS,
    CrashedError,
    Refusal,
    RefusedError,
    flask_page,
    jsonify,
)
from .trouble import Trouble

SECRET = "f5a9a6d4a50999ed7654d3aacb8914d5"
PUBLIC = "7b87-4270a5-113a06c2c9d9-44126-4fe0f9cee"
PHONE = "c3c68a2a-b978-4f34-9763-bd7d3bb7fb70"

MAX_TITLE = 255  # characters; cut longer titles
MAX_NAME = 255  # characters that fit the database column
MAX_BYTES = 65_535  # UTF-8 bytes that fit the database columns

# `$` matches before a final newline as well: such a value is valid but unknown.
_SECRET = re.compile(r"^[a-zA-Z0-9]{32}$")
_SERVICE = re.compile(
    r"^[a-zA-Z0-9]{4}-[a-zA-Z0-9]{6}-[a-zA-Z0-9]{12}-[a-zA-Z0-9]{5}-[a-zA-Z0-9]{9}$"
)
_UUID = re.compile(
    r"^[a-fA-F0-9]{8}-[a-fA-F0-9]{4}-[a-fA-F0-9]{4}-[a-fA-F0-9]{4}-[a-fA-F0-9]{12}$"
)


@dataclass(kw_only=True, slots=True)
class Service:
    """A service with its secret and public key."""

    secret: str
    public: str
    name: str
    icon: str = ""
    created: int = 1_795_218_036

    def as_json(self) -> dict[str, Any]:
        """Return the public data."""
        return {
            "created": self.created,
            "icon": self.icon,
            "name": self.name,
            "public": self.public,
        }


@dataclass(kw_only=True, slots=True)
class Subscription:
    """A subscription of a device, with its unread messages."""

    uuid: str
    service: Service
    timestamp: int = 1_795_218_077
    timestamp_checked: int = 1_795_218_077
    unread: list[dict[str, Any]] = field(default_factory=list)


def _fits(text: str) -> bool:
    """Return if a text fits its column."""
    return len(text) * 4 <= MAX_BYTES or len(text.encode()) <= MAX_BYTES


def _cut(text: str) -> str:
    """Cut a text to the size of its column."""
    if _fits(text):
        return text
    return text.encode()[:MAX_BYTES].decode("utf-8", "ignore")


class Pushjet(Simulator):
    """Pushjet, as recorded from a real server."""

    name: ClassVar[str] = "pushjet"
    title: ClassVar[str] = "Pushjet"
    chinese_title: ClassVar[str] = "Pushjet"
    colour: ClassVar[str] = "#8250c4"
    badge: ClassVar[str] = "Pj"
    server: ClassVar[str] = "gunicorn/19.10.0"
    closes_connections: ClassVar[bool] = True

    services: list[Service]
    subscriptions: list[Subscription]
    strict: bool  # mode of the database: refuse long texts instead of cutting them
    old_server: bool  # before 2016-10-15: errors have HTTP 200 and are labelled as JSON
    gcm_broken: bool  # store messages, then fail to push them to phones

    @override
    def restore(self) -> None:
        """Restore the initial service and its phone."""
        home = Service(secret=SECRET, public=PUBLIC, name="Home alarms")
        self.services = [home]
        self.subscriptions = [Subscription(uuid=PHONE, service=home)]
        self.strict = True
        self.old_server = False
        self.gcm_broken = False

    @override
    def routes(self) -> Mapping[str, Mapping[str, Handler]]:
        """Return the handlers by path and method."""
        return {
            "/": {"GET": self._index},
            "/version": {"GET": self._version},
            "/message": {
                "GET": self._read,
                "POST": self._send,
                "DELETE": self._mark_read,
            },
            "/service": {
                "GET": self._service_info,
                "POST": self._create_service,
                "PATCH": self._change_service,
                "DELETE": self._delete_service,
            },
            "/subscription": {
                "GET": self._list_subscriptions,
                "POST": self._subscribe,
                "DELETE": self._unsubscribe,
            },
        }

    @override
    def respond(self, request: RecordedRequest) -> Answer:
        """Process a request; answer refusals with error objects."""
        if request.method == "HEAD":
            request = replace(request, method="GET")
        try:
            return super().respond(request)
        except RefusedError as err:
            return self._object({"error": err.error}, err.status)
        except CrashedError:
            return CRASHED

    @override
    def not_found(self, request: RecordedRequest) -> Answer:
        """Return Flask's page."""
        return NOT_FOUND

    @override
    def not_allowed(self, request: RecordedRequest) -> Answer:
        """Answer OPTIONS; refuse other methods."""
        own = [
            method
            for method in ("POST", "PATCH", "DELETE")
            if method in self._routes[request.path]
        ]
        # Flask uses the order of a set; this one was recorded.
        methods = ["HEAD", "GET", *[m for m in own if m != "DELETE"], "OPTIONS"]
        if "DELETE" in own:
            methods.append("DELETE")
        allow = {"Allow": ", ".join(methods)}
        if request.method == "OPTIONS":
            return Answer(content_type=HTML, headers=allow, reason="OK")
        return replace(NOT_ALLOWED, headers=allow)

    def _object(self, value: Any, status: int = 200) -> Answer:
        """Return a status or an error, which the server labels as HTML."""
        if self.old_server:
            return jsonify(value)
        return Answer(
            status=status,
            body=json.dumps(value),
            content_type=HTML,
            reason=REASONS[status],
        )

    def _ok(self) -> Answer:
        """Return a successful answer."""
        return self._object({"status": "ok"})

    # Arguments

    def _argument(self, request: RecordedRequest, name: str) -> str:
        """Return a required argument of the form or the query."""
        if value := request.form.get(name) or request.query.get(name):
            return value
        raise RefusedError(f"Missing argument {name}", 7, 400)

    def _field(self, request: RecordedRequest, name: str) -> str:
        """Return a required field of the form."""
        if value := request.form.get(name):
            return value
        raise RefusedError(f"Missing argument {name}", 7, 400)

    def _uuid(self, request: RecordedRequest) -> str:
        """Return the ID of the calling device."""
        uuid = self._argument(request, "uuid")
        if not _UUID.match(uuid):
            raise RefusedError(*Refusal.INVALID_CLIENT.value)
        return uuid

    def _by_secret(self, request: RecordedRequest) -> Service:
        """Return the service with a secret, regardless of case."""
        secret = self._argument(request, "secret")
        if not _SECRET.match(secret):
            raise RefusedError(*Refusal.INVALID_SECRET.value)
        secret = secret.lower()
        for service in self.services:
            if service.secret == secret and self.trouble is not Trouble.CREDENTIALS:
                return service
        raise RefusedError(*Refusal.SERVICE_NOTFOUND.value)

    def _by_public(self, request: RecordedRequest) -> Service:
        """Return the service with a public key, regardless of case."""
        public = self._argument(request, "service")
        if not _SERVICE.match(public):
            raise RefusedError(*Refusal.INVALID_SERVICE.value)
        public = public.lower()
        for service in self.services:
            if service.public == public:
                return service
        raise RefusedError(*Refusal.SERVICE_NOTFOUND.value)

    # Messages

    def _send(self, request: RecordedRequest) -> Answer:
        """Accept a message; drop it if the service has no subscriber."""
        service = self._by_secret(request)
        form = request.form
        text = self._field(request, "message")
        if self.trouble is Trouble.REFUSE:
            # Made up: the server itself refuses no text.
            raise RefusedError("Message refused", 12, 400)
        title = form.get("title", "").strip()[:MAX_TITLE]
        link = form.get("link", "").strip()
        level = form.get("level", "")[:1]
        listeners = [item for item in self.subscriptions if item.service is service]
        if not listeners:
            return self._ok()
        if self.strict and not (_fits(text) and _fits(link)):
            raise CrashedError
        text = _cut(text)
        message: dict[str, Any] = {
            "level": int(level) if level and level in "12345" else 3,
            "link": _cut(link),
            "message": text,
            "service": service.as_json(),
            "timestamp": int(self.clock()),
            "title": title,
        }
        blocks = [text_block(text), *([link_block(link)] if link else ())]
        for listener in listeners:
            listener.unread.append(message)
            self.deliver(
                recipient=service.public,
                title=title,
                text=text,
                kind=f"level {message['level']}",
                recipient_name=service.name,
                level=message["level"],
                blocks=blocks,
            )
        if self.gcm_broken:
            raise CrashedError
        return self._ok()

    def _read(self, request: RecordedRequest) -> Answer:
        """Return the unread messages of a device, once."""
        messages = self._take_unread(self._uuid(request))
        return jsonify({"messages": messages})

    def _mark_read(self, request: RecordedRequest) -> Answer:
        """Mark all messages of a device as read."""
        self._take_unread(self._uuid(request))
        return self._ok()

    def _take_unread(self, uuid: str) -> list[dict[str, Any]]:
        """Return the unread messages of a device and mark them as read."""
        messages: list[dict[str, Any]] = []
        for item in self._subscriptions_of(uuid):
            messages.extend(item.unread)
            item.unread = []
            item.timestamp_checked = int(self.clock())
        return messages

    # Services

    def _service_info(self, request: RecordedRequest) -> Answer:
        """Return a service; the public key takes precedence over the secret."""
        by_public = request.form.get("service") or request.query.get("service")
        by_secret = request.form.get("secret") or request.query.get("secret")
        find = self._by_secret if by_secret and not by_public else self._by_public
        return jsonify({"service": find(request).as_json()})

    def _create_service(self, request: RecordedRequest) -> Answer:
        """Create a service; only this answer contains the secret."""
        name = self._field(request, "name").strip()
        if self.strict and len(name) > MAX_NAME:
            raise CrashedError
        secret = secrets.token_hex(16)
        digest = hashlib.sha1(secret.encode(), usedforsecurity=False).hexdigest()
        service = Service(
            secret=secret,
            public="-".join(
                (digest[:4], digest[5:11], digest[12:24], digest[25:30], digest[31:])
            ),
            name=name[:MAX_NAME],
            icon=request.form.get("icon", "").strip(),
            created=int(self.clock()),
        )
        self.services.append(service)
        return jsonify({"service": {**service.as_json(), "secret": secret}})

    def _change_service(self, request: RecordedRequest) -> Answer:
        """Change the name or the icon, which may become empty."""
        service = self._by_secret(request)
        form = request.form
        if not form.keys() & {"name", "icon"}:
            raise RefusedError(*Refusal.NO_CHANGES.value)
        service.name = form.get("name", service.name).strip()
        service.icon = form.get("icon", service.icon).strip()
        return self._ok()

    def _delete_service(self, request: RecordedRequest) -> Answer:
        """Delete a service with its subscriptions and messages."""
        service = self._by_secret(request)
        self.services.remove(service)
        self.subscriptions = [
            item for item in self.subscriptions if item.service is not service
        ]
        return self._ok()

    # Subscriptions

    def _subscriptions_of(self, uuid: str) -> list[Subscription]:
        """Return the subscriptions of a device."""
        return [item for item in self.subscriptions if item.uuid == uuid.lower()]

    def _list_subscriptions(self, request: RecordedRequest) -> Answer:
        """List the subscriptions of a device."""
        listed = [
            {
                "service": item.service.as_json(),
                "timestamp": item.timestamp,
                "timestamp_checked": item.timestamp_checked,
                "uuid": item.uuid,
            }
            for item in self._subscriptions_of(self._uuid(request))
        ]
        return jsonify({"subscriptions": listed})

    def _subscribe(self, request: RecordedRequest) -> Answer:
        """Subscribe a device to a service."""
        uuid, service = self._uuid(request), self._by_public(request)
        if any(item.service is service for item in self._subscriptions_of(uuid)):
            raise RefusedError(*Refusal.DUPLICATE_LISTEN.value)
        moment = int(self.clock())
        self.subscriptions.append(
            Subscription(
                uuid=uuid.lower(),
                service=service,
                timestamp=moment,
                timestamp_checked=moment,
            )
        )
        return jsonify({"service": service.as_json()})

    def _unsubscribe(self, request: RecordedRequest) -> Answer:
        """Unsubscribe a device from a service."""
        uuid, service = self._uuid(request), self._by_public(request)
        for item in self._subscriptions_of(uuid):
            if item.service is service:
                self.subscriptions.remove(item)
                return self._ok()
        raise RefusedError(*Refusal.NOT_SUBSCRIBED.value)

    # Other paths

    def _index(self, request: RecordedRequest) -> Answer:
        """Redirect to a host that no longer exists."""
        return replace(
            flask_page(
                302, "Redirecting...", "You should be redirected automatically."
            ),
            headers={"Location": "http://docs.pushjet.io"},
        )

    def _version(self, request: RecordedRequest) -> Answer:
        """Return the commit of the server."""
        return Answer(body="7ddb7df", content_type=HTML, reason="OK")
