"""The simulator of WxPusher."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
import secrets
from typing import Any, ClassVar, override
from urllib.parse import unquote

from .base import Answer, Handler, RecordedRequest, Simulator, json_answer
from .blocks import Block, html_block, link_block, markdown_block, text_block
from .jackson import NotReadableError, read_list, read_number, read_object, read_text
from .qr_picture import qr_picture
from .trouble import Trouble
from .wxpusher_accounts import (
    OTHER_SPT,
    SPT,
    UID_LI,
    UID_WANG,
    UID_ZHANG,
    Audience,
    Follower,
    QrCode,
    initial_apps,
    initial_topics,
)

SUCCESS = 1000
FAILURE = 1001
EXCEPTION = 1005

# Of pictures of QR codes.
_PICTURES = "/api/qrcode/"

MAX_CHARACTERS = 40_000
MAX_BYTES = 65_535
MAX_SUMMARY = 100
MAX_URL = 1000
MAX_UIDS = 2000
MAX_TOPICS = 5
MAX_SPTS = 10
MAX_PAGE_SIZE = 100
RATE_LIMIT = 20  # messages in ten seconds


class RefusedError(Exception):
    """The service refuses a request."""

    def __init__(self, message: str, code: int = FAILURE) -> None:
        super().__init__(message)
        self.message = message
        self.code = code


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """A user, topic or token that a message is for."""

    name: str
    nickname: str = ""
    uid: str | None = None
    topic_id: int | None = None
    refusal: str | None = None
    reached: bool = True


def _envelope(code: int, message: str, data: Any) -> Answer:
    """Return an answer with HTTP 200, failure or not."""
    return json_answer(
        {"code": code, "msg": message, "data": data, "success": code == SUCCESS}
    )


def _ok(data: Any = None, message: str = "处理成功") -> Answer:
    """Return a successful answer."""
    return _envelope(SUCCESS, message, data)


def _blocks(content_type: int, content: str, url: str) -> list[Block]:
    """Return what phones show of a message."""
    make = {1: text_block, 2: html_block, 3: markdown_block}[content_type]
    return [make(content), *([link_block(url)] if url else ())]


class WxPusher(Simulator):
    """WxPusher, as described by its documentation and its users."""

    name: ClassVar[str] = "wxpusher"
    title: ClassVar[str] = "WxPusher"
    chinese_title: ClassVar[str] = "WxPusher"
    colour: ClassVar[str] = "#07a35a"
    badge: ClassVar[str] = "Wx"

    apps: dict[str, Audience]
    topics: dict[int, Audience]
    users: set[str]  # all users of the service, followers or not
    spts: dict[str, str]  # names of the owners, by token
    qr_codes: dict[str, QrCode]
    contents: dict[int, str]  # application token by content ID
    send_states: dict[int, int]  # by send record ID
    cuts_summary: bool
    rate_limit: int | None  # messages in ten seconds

    @override
    def restore(self) -> None:
        """Restore the initial accounts."""
        self.apps = initial_apps()
        self.topics = initial_topics()
        self.users = {UID_ZHANG, UID_LI, UID_WANG}
        self.spts = {SPT: "Zhang San", OTHER_SPT: "Li Si"}
        self.qr_codes = {}
        self.contents = {}
        self.send_states = {}
        self.cuts_summary = True
        self.rate_limit = None
        self._sends: deque[float] = deque()
        self._content_ids = count(900_001)
        # The record IDs of the service exceed 32 bits.
        self._record_ids = count(2_438_072_956)

    @override
    def enforce_limits(self) -> None:
        """Enforce the rate."""
        self.rate_limit = RATE_LIMIT

    @override
    def routes(self) -> Mapping[str, Mapping[str, Handler]]:
        """Return the handlers by path and method."""
        send: Mapping[str, Handler] = {
            "POST": self._send,
            "GET": self._send_by_get,
            "DELETE": self._delete,
        }
        return {
            "/api/send/message": send,
            "/api/send/message/": send,
            "/api/send/message/simple-push": {"POST": self._simple_push},
            "/api/send/query/status": {"GET": self._status},
            "/api/fun/wxuser": {"GET": self._followers_v1},
            "/api/fun/wxuser/v2": {"GET": self._followers},
            "/api/fun/remove": {"DELETE": self._remove},
            "/api/fun/reject": {"PUT": self._reject},
            "/api/fun/create/qrcode": {"POST": self._create_qr_code},
            "/api/fun/scan-qrcode-uid": {"GET": self._who_scanned},
        }

    @override
    def respond(self, request: RecordedRequest) -> Answer:
        """Process a request; wrap refusals in the envelope of the service."""
        code = request.path.removeprefix(_PICTURES).removesuffix(".jpg")
        if code in self.qr_codes:
            return qr_picture(code)
        try:
            return super().respond(request)
        except RefusedError as err:
            return _envelope(err.code, err.message, None)
        except NotReadableError as err:
            # The service returns the exception, which quotes the request.
            message = f"接口 [{request.path}] 出现异常：{err}"
            return _envelope(EXCEPTION, message, None)

    @override
    def not_found(self, request: RecordedRequest) -> Answer:
        """Handle the paths that contain parameters."""
        match request.raw_path.split("/")[1:]:
            case ["api", "send", "message", spt, content] if request.method == "GET":
                return self._push(
                    {"spt": unquote(spt), "content": unquote(content)}, self._to_spts
                )
            case ["api", "send", "query", number] if request.method == "GET":
                return self._state_of(read_number(number))
        return super().not_found(request)

    @property
    @override
    def can_be_scanned(self) -> bool:
        """Return if nobody has scanned the newest QR code."""
        codes = [*self.qr_codes.values()]
        return bool(codes) and codes[-1].scanned_by is None

    @override
    def scan_newest(self) -> None:
        """Let somebody who does not follow the application yet scan the newest code."""
        code, qr_code = [*self.qr_codes.items()][-1]
        followers = self.apps[qr_code.app_token].followers
        number = len(followers)
        uid = UID_WANG if UID_WANG not in followers else f"UID_Person{number:024}"
        self.scan(code, uid)
        name = "Wang Wu" if uid == UID_WANG else f"Person {number}"
        followers[uid].nickname = name

    def scan(self, code: str, uid: str) -> None:
        """Let a user scan a QR code and follow its application."""
        qr_code = self.qr_codes[code]
        qr_code.scanned_by = uid
        self.users.add(uid)
        app = self.apps[qr_code.app_token]
        number = 1000 + len(app.followers)
        app.followers.setdefault(uid, Follower(record_id=number, uid=uid))

    def _app(self, fields: Mapping[str, Any]) -> Audience:
        """Return the application of a token."""
        app = self.apps.get(read_text(fields, "appToken"))
        if app is None or self.trouble is Trouble.CREDENTIALS:
            raise RefusedError("appToken不正确")
        return app

    # Sending

    def _send(self, request: RecordedRequest) -> Answer:
        """Send to users and topics."""
        return self._push(read_object(request), self._to_followers)

    def _simple_push(self, request: RecordedRequest) -> Answer:
        """Send to simple push tokens."""
        return self._push(read_object(request), self._to_spts)

    def _send_by_get(self, request: RecordedRequest) -> Answer:
        """Send plain text to one user or one topic."""
        query = request.query
        body: dict[str, Any] = {**query, "contentType": 1}
        if uid := query.get("uid"):
            if "," in uid:
                raise RefusedError("UID不合法")
            body["uids"] = [uid]
        if topic := query.get("topicId"):
            body["topicIds"] = [topic]
        return self._push(body, self._to_followers)

    def _push(
        self, body: Mapping[str, Any], to: Callable[[Mapping[str, Any]], list[Target]]
    ) -> Answer:
        """Check a message and create its tasks."""
        content = read_text(body, "content")
        summary = read_text(body, "summary")
        content_type = read_number(body.get("contentType") or 1)
        targets = to(body)
        if not content:
            raise RefusedError("发送内容不能为空")
        if len(content) > MAX_CHARACTERS or len(content.encode()) > MAX_BYTES:
            raise RefusedError("发送内容过长")
        if len(summary) > MAX_SUMMARY:
            if not self.cuts_summary:
                raise RefusedError("消息摘要过长")
            summary = summary[:MAX_SUMMARY]
        if content_type not in (1, 2, 3):
            raise RefusedError("contentType不正确")
        if len(read_text(body, "url")) > MAX_URL:
            raise RefusedError("url过长")
        if self.trouble is Trouble.REFUSE:
            raise RefusedError("发送内容包含敏感词")
        self._count_send()
        content_id = next(self._content_ids)
        self.contents[content_id] = read_text(body, "appToken")
        blocks = _blocks(content_type, content, read_text(body, "url"))
        data = []
        for target in targets:
            record_id = None
            if target.refusal is None:
                record_id = next(self._record_ids)
                self.send_states[record_id] = 1
                if target.reached:
                    self.deliver(
                        recipient=target.name,
                        recipient_name=target.nickname,
                        title=summary,
                        text=content,
                        kind=str(content_type),
                        blocks=blocks,
                    )
            data.append(
                {
                    "uid": target.uid,
                    "topicId": target.topic_id,
                    "messageId": record_id,
                    "messageContentId": content_id,
                    "sendRecordId": record_id,
                    "code": SUCCESS if target.refusal is None else FAILURE,
                    "status": target.refusal or "创建发送任务成功",
                }
            )
        return _ok(data)

    def _to_followers(self, body: Mapping[str, Any]) -> list[Target]:
        """Return the users and topics that a message is for."""
        uids = [str(uid) for uid in read_list(body, "uids")]
        topic_ids = [read_number(topic) for topic in read_list(body, "topicIds")]
        app = self._app(body)
        if not uids and not topic_ids:
            raise RefusedError("uids和topicIds不能同时为空")
        if len(uids) > MAX_UIDS or len(topic_ids) > MAX_TOPICS:
            raise RefusedError("发送目标过多")
        targets = [self._user(app, uid) for uid in uids]
        targets.extend(
            Target(
                name=str(topic_id),
                nickname=self.topics[topic_id].name if topic_id in self.topics else "",
                topic_id=topic_id,
                refusal=None if topic_id in self.topics else f"主题[{topic_id}]不存在",
            )
            for topic_id in topic_ids
        )
        return targets

    def _user(self, app: Audience, uid: str) -> Target:
        """Return a user as target; one who blocked the application gets nothing."""
        if follower := app.followers.get(uid):
            return Target(
                name=uid,
                nickname=follower.nickname,
                uid=uid,
                reached=not follower.reject,
            )
        reason = "未订阅应用" if uid in self.users else "不存在"
        return Target(name=uid, uid=uid, refusal=f"用户UID=[{uid}]{reason}")

    def _to_spts(self, body: Mapping[str, Any]) -> list[Target]:
        """Return the simple push tokens that a message is for."""
        spts = [str(spt) for spt in read_list(body, "sptList")]
        if spt := read_text(body, "spt"):
            spts.append(spt)
        if not spts:
            raise RefusedError("spt不能为空")
        if len(spts) > MAX_SPTS:
            raise RefusedError("发送目标过多")
        return [
            Target(
                name=spt,
                nickname=self.spts.get(spt, ""),
                refusal=None if self._knows(spt) else "SPT不正确",
            )
            for spt in spts
        ]

    def _knows(self, spt: str) -> bool:
        """Return if a simple push token is accepted."""
        return spt in self.spts and self.trouble is not Trouble.CREDENTIALS

    def _count_send(self) -> None:
        """Count a message; refuse it above the rate, if enforced."""
        if self.rate_limit is None:
            return
        moment = self.clock()
        while self._sends and self._sends[0] <= moment - 10:
            self._sends.popleft()
        if len(self._sends) >= self.rate_limit:
            raise RefusedError("请求过于频繁，请稍后再试")
        self._sends.append(moment)

    def _delete(self, request: RecordedRequest) -> Answer:
        """Delete the page of a message."""
        self._app(request.query)
        content_id = read_number(request.query.get("messageContentId"))
        if self.contents.get(content_id) != request.query["appToken"]:
            raise RefusedError("消息不存在")
        del self.contents[content_id]
        return _ok(data=True)

    def _status(self, request: RecordedRequest) -> Answer:
        """Return the state of a message."""
        return self._state_of(read_number(request.query.get("sendRecordId")))

    def _state_of(self, record_id: int) -> Answer:
        """Return the state of a send record."""
        if (state := self.send_states.get(record_id)) is None:
            raise RefusedError("消息不存在")
        return _ok(state, {1: "等待发送", 3: "发送失败"}.get(state, "处理成功"))

    # Users

    def _followers(self, request: RecordedRequest) -> Answer:
        """List the followers of the application and its topics."""
        query = request.query
        app = self._app(query)
        page = max(1, read_number(query.get("page", 1)))
        size = min(MAX_PAGE_SIZE, max(1, read_number(query.get("pageSize", 10))))
        rows = [
            (kind, audience, follower)
            for kind, audiences in enumerate(([app], self.topics.values()))
            for audience in audiences
            for follower in audience.followers.values()
            if query.get("uid", follower.uid) == follower.uid
            and query.get("type", str(kind)) == str(kind)
            and (query.get("isBlock", "") in ("", str(follower.reject).lower()))
        ]
        records = [
            {
                "uid": follower.uid,
                "appOrTopicId": audience.audience_id,
                "headImg": "",
                "createTime": follower.created,
                "nickName": follower.nickname,
                "reject": follower.reject,
                "id": follower.record_id,
                "type": kind,
                "target": audience.name,
                "payEndTime": 0,
            }
            for kind, audience, follower in rows[(page - 1) * size : page * size]
        ]
        return _ok(
            {"total": len(rows), "page": page, "pageSize": size, "records": records}
        )

    def _followers_v1(self, request: RecordedRequest) -> Answer:
        """List the followers of the application, as older clients ask for them."""
        query = request.query
        app = self._app(query)
        page = max(1, read_number(query.get("page", 1)))
        size = min(MAX_PAGE_SIZE, max(1, read_number(query.get("pageSize", 10))))
        found = [
            follower
            for follower in app.followers.values()
            if query.get("uid", follower.uid) == follower.uid
        ]
        records = [
            {
                "createTime": follower.created,
                "enable": not follower.reject,
                "headImg": "",
                "nickName": follower.nickname,
                "uid": follower.uid,
            }
            for follower in found[(page - 1) * size : page * size]
        ]
        return _ok(
            {"total": len(found), "page": page, "pageSize": size, "records": records}
        )

    def _record(self, request: RecordedRequest) -> tuple[Audience, Follower]:
        """Return a follower by record ID."""
        app = self._app(request.query)
        number = read_number(request.query.get("id"))
        for follower in app.followers.values():
            if follower.record_id == number:
                return app, follower
        raise RefusedError("用户不存在")

    def _remove(self, request: RecordedRequest) -> Answer:
        """Remove a follower."""
        app, follower = self._record(request)
        del app.followers[follower.uid]
        return _ok("删除成功")

    def _reject(self, request: RecordedRequest) -> Answer:
        """Block or unblock a follower."""
        _, follower = self._record(request)
        follower.reject = request.query.get("reject") == "true"
        return _ok("操作成功")

    def _create_qr_code(self, request: RecordedRequest) -> Answer:
        """Create a QR code with a parameter."""
        body = read_object(request)
        self._app(body)
        extra = read_text(body, "extra")
        if not 1 <= len(extra) <= 64:
            raise RefusedError("extra长度不正确")
        valid = read_number(body.get("validTime") or 1800)
        if not 1 <= valid <= 2_592_000:
            raise RefusedError("validTime不正确")
        code = secrets.token_hex(16)
        self.qr_codes[code] = QrCode(app_token=body["appToken"], extra=extra)
        return _ok(
            {
                "expires": int((self.clock() + valid) * 1000),
                "code": code,
                "shortUrl": f"{self.url}/q/{code[:8]}",
                "url": f"{self.url}{_PICTURES}{code}.jpg",
                "extra": extra,
            }
        )

    def _who_scanned(self, request: RecordedRequest) -> Answer:
        """Return the user who scanned a QR code last."""
        qr_code = self.qr_codes.get(request.query.get("code", ""))
        if qr_code is None or qr_code.scanned_by is None:
            raise RefusedError("暂无用户扫描二维码")
        return _ok(qr_code.scanned_by)
