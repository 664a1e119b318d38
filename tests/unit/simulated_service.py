"""A service on the virtual clock, with faults out of a seeded bag, and its client."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
import random
from typing import Final, override

from custom_components.wechat_push.clients.client import Client
from custom_components.wechat_push.clients.errors import (
    ActionNeededError,
    ClientError,
    ContentError,
    CredentialsError,
    EndpointError,
    LimitError,
    RecipientError,
    TemporaryError,
    UnreachableError,
    UploadExpiredError,
)
from custom_components.wechat_push.clients.message import (
    Attachment,
    AttachmentKind,
    Message,
    Part,
)
from custom_components.wechat_push.clients.rate_policy import (
    EVERYBODY,
    Rate,
    RatePolicy,
    Scope,
)
from custom_components.wechat_push.clients.receipt import Accepted, Receipt

# Seconds after which the client gives up waiting for an answer.
HANG: Final = 40.0
# Faults of a service that concern all requests of a kind for some time.
OUTAGES: Final = (
    "refused",
    "hang",
    "hang, taken",
    "reset",
    "reset, taken",
    "503",
    "502",
    "502, taken",
    "404",
    "login",
    "429",
    "429, for how long",
    "action",
    "mixed",
)
# Faults that hit single requests.
BLIPS: Final = (
    "refused",
    "hang",
    "hang, taken",
    "reset",
    "reset, taken",
    "503",
    "502",
    "502, taken",
    "429, for how long",
)
# Those after which the request was processed.
TAKEN: Final = " taken"
_UNCERTAIN: Final = ("hang", "reset", "502")


class Killed(SystemExit):
    """The process ends at once: asyncio lets this out of the loop."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Outage:
    """A time in which a service does not work.

    Args:
        start: when it begins.
        end: when it is over.
        fault: what happens to requests.
        kinds: of requests: "send", "probe", "upload".

    """

    start: float
    end: float
    fault: str
    kinds: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Traits:
    """What a service is like.

    Args:
        rates: published.
        one_at_a_time: requests must not overlap.
        dedup_window: seconds in which it drops repetitions.
        dedup_by_words: it compares the words of a request alone.
        quota: requests a day.
        content_calls: the same content is taken so often in `content_window`.
        content_window: seconds.
        can_vary: a note can be put into a message.
        probe: "good", "absent" or "misleading".
        blips: probability of a fault of a single request.
        upload_life: seconds for which an upload is known.
        outages: in which it does not work.

    """

    rates: tuple[Rate, ...] = ()
    one_at_a_time: bool = False
    dedup_window: float = 0
    dedup_by_words: bool = False
    quota: int | None = None
    content_calls: int = 0
    content_window: float = 0
    can_vary: bool = False
    probe: str = "good"
    blips: float = 0
    upload_life: float = 1e9
    outages: tuple[Outage, ...] = ()


class SimulatedRatePolicy(RatePolicy):
    """The published limits of the simulated service."""

    def __init__(self, traits: Traits) -> None:
        self.rates = traits.rates
        if traits.content_calls:
            content = Rate(
                calls=traits.content_calls,
                seconds=traits.content_window,
                scope=Scope.CONTENT,
            )
            self.rates += (content,)
        self.one_at_a_time = traits.one_at_a_time
        self.dedup_window = traits.dedup_window
        self.quotas = {} if traits.quota is None else {"messages": traits.quota}
        self._traits = traits

    @override
    def targets(self, part: Part) -> frozenset[str]:
        """Return the targets of a request."""
        return frozenset(part["to"])

    @override
    def content(self, part: Part) -> str | None:
        """Return the words of a request and its pictures."""
        if not (self._traits.content_calls or self.dedup_window):
            return None
        return words(part)

    @override
    def vary(self, part: Part, note: str) -> Part | None:
        """Return the request with a note."""
        if not self._traits.can_vary:
            return None
        return {**part, "text": f"{part['text']} ({note})"}

    @override
    def stamp(self, part: Part, key: str, *, said_before: bool) -> Part:
        """Return the request with a check for duplicates."""
        if not self.dedup_window or said_before:
            return part
        return {**part, "check": key}

    @override
    def dedup_window_of(self, part: Part) -> float:
        """Return the window of a request."""
        return self.dedup_window if "check" in part else 0


def words(part: Part) -> str:
    """Return what a service compares requests by."""
    return f"{sorted(part['to'])} {part['text']} {sorted(part.get('media', ()))}"


@dataclass(kw_only=True, slots=True, eq=False)
class Request:
    """A request to send a part of a message.

    Args:
        at: when it was made.
        part: what was sent.
        shown_at: when the service showed it to people, if it did.
        taken: the service processed it.
        fault: what happened to it.
        in_outage: that happened to all requests at the time.

    """

    at: float
    part: Part
    taken: bool = False
    shown: bool = False
    fault: str = ""
    in_outage: bool = False

    @property
    def key(self) -> tuple[int, int]:
        """Return which part of which message it was."""
        return self.part["id"], self.part["no"]

    @property
    def reached(self) -> bool:
        """Return if it reached the service."""
        return not self.fault.startswith("refused")

    @property
    def is_uncertain(self) -> bool:
        """Return if its sender cannot know whether it was processed."""
        return self.fault.startswith(_UNCERTAIN)


@dataclass(kw_only=True, eq=False)
class SimulatedService:
    """The service of a world; outlives its clients and their processes.

    Args:
        traits: what it is like.
        random: decides what happens.
        poison: by the ID of a message, what happens to each of its requests.
        poisoned_uploads: by the name of an attachment, what happens to its uploads.

    """

    traits: Traits
    random: random.Random
    poison: Mapping[int, str] = field(default_factory=dict)
    poisoned_uploads: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Start with nothing."""
        self.credentials = "first"
        self.requests: list[Request] = []
        self.uploads: dict[str, tuple[float, bytes]] = {}
        self.uploaded: list[str] = []
        # Attachments of which an upload failed.
        self.troubled: set[str] = set()
        self.violations: list[str] = []
        # Requests that may exceed a published limit: more after a kill.
        self.slack = 0
        self.checks_limits = True
        self.kill: str | None = None
        # When it may be asked again.
        self.alone_until = 0.0
        self._open: list[Request] = []
        self._told_refused: set[str] = set()

    @property
    def now(self) -> float:
        """Return the time."""
        return asyncio.get_running_loop().time()

    def forget_open(self) -> None:
        """Handle the end of the process that made the requests."""
        self._open.clear()

    def accept(self, credentials: str) -> None:
        """Accept other credentials, or the same ones again."""
        self._told_refused.discard(credentials)

    async def send(self, credentials: str, part: Part) -> Receipt:
        """Answer a request to send something."""
        request = Request(at=self.now, part=part)
        self._look_at(credentials, request)
        self.requests.append(request)
        self._open.append(request)
        try:
            await self._travel()
            await self._answer("send", credentials, request)
            self._process(request)
            await self._travel()
        finally:
            if request in self._open:
                self._open.remove(request)
        return Receipt(
            accepted=tuple(
                Accepted(target=target, message_id=f"{part['id']}-{part['no']}")
                for target in part["to"]
            )
        )

    async def probe(self, credentials: str) -> None:
        """Answer a request that has no effect."""
        await self._travel()
        if self.traits.probe == "absent":
            raise EndpointError("http_refused", status="404")
        await self._answer("probe", credentials, None)

    async def upload(self, credentials: str, attachment: Attachment) -> str:
        """Take an attachment."""
        try:
            await self._receive(credentials, attachment)
        except ClientError:
            self.troubled.add(attachment.name)
            raise
        reference = f"media {len(self.uploads)}"
        self.uploads[reference] = (self.now, attachment.content)
        self.uploaded.append(attachment.name)
        return reference

    async def _receive(self, credentials: str, attachment: Attachment) -> None:
        """Return if an attachment is fine; raise what is wrong otherwise."""
        await self._travel()
        match self.poisoned_uploads.get(attachment.name):
            case "404":
                raise EndpointError("http_refused", status="404")
            case "refused":
                raise ContentError("attachment_too_large")
            case "503":
                raise TemporaryError("server_error", status="503")
        try:
            await self._answer("upload", credentials, None)
        except TemporaryError as err:
            # What became of an upload does not matter.
            err.uncertain = False
            raise

    async def _travel(self) -> None:
        await asyncio.sleep(self.random.uniform(0.005, 0.15))

    async def _answer(
        self, kind: str, credentials: str, request: Request | None
    ) -> None:
        """Return if a request is fine; raise what is wrong otherwise."""
        if credentials != self.credentials:
            self._told_refused.add(credentials)
            raise CredentialsError("credentials")
        fault, rest = "", 0.0
        for outage in self.traits.outages:
            if outage.start <= self.now < outage.end and kind in outage.kinds:
                fault, rest = outage.fault, outage.end - self.now
        if fault == "mixed":
            fault = self.random.choice(BLIPS[:-1])
        if not fault and self.random.random() < self.traits.blips:
            fault, rest = self.random.choice(BLIPS), self.random.uniform(1, 30)
        elif request is not None:
            request.in_outage = bool(fault)
        if request is not None:
            poison = self.poison.get(request.part["id"], "")
            fault = fault or poison
            request.fault = fault
            if fault == "" and self._has_expired(request.part):
                request.fault = "upload expired"
                raise UploadExpiredError("upload_expired")
            if fault == "" and self._is_repeated(request):
                request.fault = "repeated"
                raise LimitError("too_many_requests", of_content=True)
            if fault.endswith(TAKEN):
                self._process(request)
        await self._fail(fault, rest)

    async def _fail(self, fault: str, rest: float) -> None:
        """Raise what a fault looks like to a client."""
        match fault.split(",", maxsplit=1)[0]:
            case "refused":
                await asyncio.sleep(self.random.choice((0, 0, 10)))
                raise UnreachableError("cannot_connect")
            case "hang":
                await asyncio.sleep(HANG)
                raise TemporaryError("timeout", uncertain=True)
            case "reset":
                raise TemporaryError("connection_lost", uncertain=True)
            case "502":
                raise TemporaryError("server_error", uncertain=True, status="502")
            case "503":
                raise TemporaryError("server_error", status="503")
            case "404":
                raise EndpointError("http_refused", status="404")
            case "login":
                raise TemporaryError("proxy_login")
            case "429":
                known = rest if "," in fault else None
                self.alone_until = self.now + (known or 0)
                raise LimitError("too_many_requests", retry_after=known)
            case "action":
                raise ActionNeededError("untrusted_ip")
            case "content":
                raise ContentError("refused")
            case "recipient":
                raise RecipientError("unknown")
            case "mistake":
                raise RuntimeError("a mistake of ours")

    def _look_at(self, credentials: str, request: Request) -> None:
        """Check that a request is made at a time at which it may be made."""
        if request.at < self.alone_until and not self.slack:
            self._violate("asked although it wants to be left alone", request)
        if credentials in self._told_refused:
            self._violate("refused credentials repeated", request)
        for other in self._open:
            if other.part["id"] == request.part["id"]:
                self._violate("two requests of a message at once", request)
            elif other.part["recipient"] == request.part["recipient"]:
                self._violate("two requests of a recipient at once", request)
            elif self.traits.one_at_a_time:
                self._violate("two requests at once", request)
        if self.checks_limits:
            for rate in self.traits.rates:
                self._count(rate, request)

    def _count(self, rate: Rate, request: Request) -> None:
        """Check a published rate, as a service counts."""
        targets = set(request.part["to"])
        if rate.scope is Scope.ACCOUNT or EVERYBODY in targets:
            targets = {EVERYBODY}
        recent = [
            each
            for each in self.requests
            if each.at > request.at - rate.seconds and each.reached
        ]
        for target in targets:
            reached = len(recent)
            if target != EVERYBODY:
                reached = sum(
                    target in each.part["to"] or EVERYBODY in each.part["to"]
                    for each in recent
                )
            elif rate.scope is Scope.TARGET:
                # The one who has got most.
                known = {name for each in recent for name in each.part["to"]}
                reached = max(
                    (
                        sum(
                            name in each.part["to"] or EVERYBODY in each.part["to"]
                            for each in recent
                        )
                        for name in known
                    ),
                    default=0,
                )
            if reached + 1 > rate.calls + self.slack:
                self._violate(f"{reached + 1} of {rate.calls}", request)

    def _has_expired(self, part: Part) -> bool:
        return any(
            self.now - self.uploads[each][0] > self.traits.upload_life
            for each in part.get("media", ())
        )

    def _is_repeated(self, request: Request) -> bool:
        """Return if a service refuses a content as repeated."""
        calls, window = self.traits.content_calls, self.traits.content_window
        same = [
            each
            for each in self.requests
            if each.shown
            and each.at > self.now - window
            and words(each.part) == words(request.part)
        ]
        return bool(calls) and len(same) >= calls

    def _process(self, request: Request) -> None:
        """Process a request: show it to people, unless it is a repetition."""
        request.taken = True
        part, window = request.part, self.traits.dedup_window
        request.shown = not (
            "check" in part
            and any(
                each.shown
                and each.at > self.now - window
                and (
                    words(each.part) == words(part)
                    if self.traits.dedup_by_words
                    else each.part == part
                )
                for each in self.requests
            )
        )
        own = [each for each in self.requests if each.key == request.key]
        if (
            self.checks_limits
            and not any(each.shown for each in own)
            and (
                # After an uncertain request, another's same words may have been shown; and
                # what was said in the second before a kill is forgotten.
                not self.traits.dedup_by_words or (len(own) == 1 and not self.slack)
            )
        ):
            self._violate("dropped as a repetition, but never shown", request)
        if self.kill == "processed":
            raise Killed

    def _violate(self, what: str, request: Request) -> None:
        self.violations.append(f"{what}: {request.key} at {request.at:.3f}")


class SimulatedClient(Client[tuple[str, ...]]):
    """The client of a simulated service.

    Args:
        service: what it talks to.
        credentials: what it talks with.
        split: characters of a part.

    """

    has_recall = True

    def __init__(
        self, service: SimulatedService, credentials: str, split: int = 40
    ) -> None:
        self.rate_policy = SimulatedRatePolicy(service.traits)
        self.attachment_limits = {AttachmentKind.IMAGE: 1_000_000}
        self.recalled: list[str] = []
        self._service = service
        self._credentials = credentials
        self._split = split

    @override
    def prepare(self, message: Message, target: tuple[str, ...]) -> tuple[Part, ...]:
        """Return the requests that say a message."""
        text, size = message.text, self._split
        pieces = [text[at : at + size] for at in range(0, len(text), size)]
        return tuple(
            {
                "id": message.options["id"],
                "no": number,
                "of": len(pieces),
                "recipient": message.options["recipient"],
                "to": list(target),
                "text": piece,
                "files": list(range(len(message.attachments))) if number == 0 else [],
            }
            for number, piece in enumerate(pieces)
        )

    @override
    async def send(self, part: Part, *, remaining: float | None = None) -> Receipt:
        """Send a part."""
        return await self._service.send(self._credentials, part)

    @override
    async def reach(self) -> None:
        """Ask for nothing."""
        await self._service.probe(self._credentials)

    @override
    def pending_uploads(self, part: Part) -> tuple[int, ...]:
        """Return the attachments of a part."""
        return tuple(part["files"])

    @override
    async def upload(self, attachment: Attachment, part: Part | None = None) -> str:
        """Upload an attachment."""
        return await self._service.upload(self._credentials, attachment)

    @override
    def fill(self, part: Part, uploads: Mapping[int, str]) -> Part:
        """Return the part with its uploads."""
        return {**part, "media": [uploads[number] for number in part["files"]]}

    @override
    def without(self, part: Part, number: int, note: str) -> Part:
        """Return the part without an upload."""
        files = [each for each in part["files"] if each != number]
        return {**part, "files": files, "text": f"{part['text']} [{note}]"}

    @override
    def delayed(self, message: Message, target: tuple[str, ...], note: str) -> Message:
        """Return a message that says that it is late."""
        return replace(message, text=f"{note} {message.text}")

    @override
    async def recall(self, message_id: str) -> None:
        """Take a message back."""
        self.recalled.append(message_id)
