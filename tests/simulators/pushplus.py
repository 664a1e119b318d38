"""The simulator of PushPlus: sending, and the open interface."""

from collections.abc import Callable, Mapping
from dataclasses import replace
import html
import secrets
from typing import Any, ClassVar, override

from .base import Answer, Handler, RecordedRequest, json_answer
from .jackson import NotReadableError, read_number, read_object, read_text
from .pushplus_accounts import Account, Message, RefusedError, Topic, invalid
from .pushplus_sending import Sending, date_text, envelope
from .qr_picture import qr_picture
from .trouble import Trouble

KEY_LIFETIME = 7200
KEY_OVERLAP = 300  # seconds that a key stays valid after the next one is issued
MAX_PAGE_SIZE = 50
UPLOAD_TOKEN_LIFETIME = 600  # seconds
MAX_PICTURE = 10 * 1024 * 1024  # bytes
STORAGE = "/qiniu/upload"

type OpenHandler = Callable[[Account, RecordedRequest], Any]
type Rows = Callable[[Account, Mapping[str, Any]], list[dict[str, Any]]]


class PushPlus(Sending):
    """PushPlus, as described by its documentation and its users."""

    name: ClassVar[str] = "pushplus"
    title: ClassVar[str] = "PushPlus"
    chinese_title: ClassVar[str] = "PushPlus 推送加"
    colour: ClassVar[str] = "#e5762b"
    badge: ClassVar[str] = "P+"

    access_keys: dict[str, tuple[str, float]]  # user token and expiry
    upload_tokens: dict[str, float]  # expiry
    qr_codes: dict[str, tuple[Account, str | None]]  # with the group, by ticket
    upload_url: str  # of the storage, if it is elsewhere

    @override
    def restore(self) -> None:
        """Restore the initial accounts."""
        super().restore()
        self.access_keys = {}
        self.upload_tokens = {}
        self.upload_url = ""
        self.qr_codes = {}
        self._pictures: dict[str, Answer] = {}

    @override
    def routes(self) -> Mapping[str, Mapping[str, Handler]]:
        """Return the handlers by path and method."""
        calls: dict[tuple[str, str], OpenHandler] = {
            ("GET", "message/sendMessageResult"): self._result,
            ("POST", "message/list"): _page_of(self._message_rows),
            ("DELETE", "message/deleteMessage"): self._delete,
            ("GET", "user/token"): lambda account, _: account.token,
            ("GET", "user/myInfo"): _profile,
            ("GET", "user/userLimitTime"): _restriction,
            ("GET", "user/sendCount"): _counts,
            ("POST", "topic/list"): _page_of(_topic_rows),
            ("POST", "friend/list"): _page_of(_friend_rows),
            ("POST", "webhook/list"): _page_of(_webhook_rows),
            ("POST", "cp/list"): _page_of(_cp_rows),
            ("POST", "mail/list"): _page_of(_mail_rows),
            ("POST", "qqBot/list"): _page_of(_qq_rows),
            ("POST", "topicUser/subscriberList"): _page_of(_subscriber_rows),
            ("GET", "friend/getQrCode"): self._friend_qr_code,
            ("GET", "topic/qrCode"): self._topic_qr_code,
            ("GET", "userImage/uploadToken"): self._upload_token,
        }
        opened = {
            f"/api/open/{path}": {method: self._opened(handler)}
            for (method, path), handler in calls.items()
        }
        return {
            **super().routes(),
            "/api/common/openApi/getAccessKey": {"POST": self._access_key},
            STORAGE: {"POST": self._upload},
            **opened,
        }

    @override
    def not_found(self, request: RecordedRequest) -> Answer:
        """Return a page of the web site."""
        match request.path.split("/")[1:]:
            case ["shortMessage", short_code]:
                message = self.messages.get(short_code)
                return _site_page(message.content if message else "消息不存在")
            case ["image", name] if picture := self._pictures.get(
                name.removesuffix("@p").removesuffix("@s")
            ):
                return picture
            case ["cgi-bin", "showqrcode"]:
                return qr_picture(request.query.get("ticket", ""))
            case ["open" | "common", *_]:
                # Without the /api prefix, the site returns its start page.
                return _site_page("pushplus 推送加")
        return super().not_found(request)

    # The key

    def _access_key(self, request: RecordedRequest) -> Answer:
        """Issue an access key; the previous one expires soon."""
        body = read_object(request)
        account = self.accounts.get(read_text(body, "token"))
        if account is None or self.trouble is Trouble.CREDENTIALS:
            # Message tokens are not accepted here.
            raise RefusedError(903, "无效的用户token")
        self._check_open(account)
        if read_text(body, "secretKey") != account.secret_key:
            raise RefusedError(401, "请求未授权")
        moment = self.clock()
        for key, (token, end) in self.access_keys.items():
            if token == account.token:
                self.access_keys[key] = (token, min(end, moment + KEY_OVERLAP))
        key = secrets.token_hex(16)
        self.access_keys[key] = (account.token, moment + KEY_LIFETIME)
        data = {"accessKey": key, "expiresIn": KEY_LIFETIME}
        return envelope(200, "请求成功", data)

    def expire_access_keys(self) -> None:
        """Expire all access keys."""
        self.access_keys.clear()

    @staticmethod
    def _check_open(account: Account) -> None:
        """Check that the account may use the open interface from this address."""
        if not account.open_api:
            raise RefusedError(401, "请求未授权")
        if not account.ip_allowed:
            raise RefusedError(403, "请求IP未授权")

    def _opened(self, handler: OpenHandler) -> Handler:
        """Wrap a handler with the check of the access key."""

        def handle(request: RecordedRequest) -> Answer:
            key = request.headers.get("access-key", "")
            token, end = self.access_keys.get(key, ("", 0.0))
            account = self.accounts.get(token)
            if account is None or end <= self.clock():
                raise RefusedError(401, "请求未授权")
            self._check_open(account)
            return envelope(200, "请求成功", handler(account, request))

        return handle

    # QR codes

    def _friend_qr_code(self, account: Account, request: RecordedRequest) -> Any:
        """Return a QR code that makes a friend."""
        return self._qr_code(account, None)

    def _topic_qr_code(self, account: Account, request: RecordedRequest) -> Any:
        """Return a QR code to join a group with."""
        topic = _topic(account, request.query.get("topicId"))
        (code,) = (code for code, each in account.topics.items() if each is topic)
        return self._qr_code(account, code)

    def _qr_code(self, account: Account, group: str | None) -> Any:
        """Return the address of a picture, which a server of WeChat has otherwise."""
        ticket = secrets.token_hex(16)
        self.qr_codes[ticket] = (account, group)
        url = f"{self.url}/cgi-bin/showqrcode?ticket={ticket}"
        return {"qrCodeImgUrl": url, "forever": 0}

    @property
    @override
    def can_be_scanned(self) -> bool:
        """Return if the newest QR code waits."""
        return bool(self.qr_codes)

    @override
    def scan_newest(self) -> None:
        """Let a stranger scan the newest QR code."""
        _, (account, group) = self.qr_codes.popitem()
        self.qr_codes.clear()
        name = f"Person {secrets.randbelow(1000)}"
        if group is None:
            self.scan_friend(account.token, secrets.token_hex(16), name)
        else:
            self.scan_group(account.token, group, name)

    def scan_friend(self, token: str, friend: str, name: str) -> None:
        """Let a person scan the QR code of a friend."""
        self.accounts[token].friends[friend] = name

    def scan_group(self, token: str, code: str, name: str) -> None:
        """Let a person scan the QR code of a group."""
        topics = self.accounts[token].topics
        topics[code] = replace(
            topics[code], subscribers=(*topics[code].subscribers, name)
        )

    # Messages

    def _message(self, account: Account, request: RecordedRequest) -> Message:
        """Return a message of the account."""
        message = self.messages.get(request.query.get("shortCode", ""))
        if message is None:
            raise RefusedError(600, "数据异常，操作失败")
        if message.account is not account:
            raise RefusedError(805, "无权查看")
        return message

    def _result(self, account: Account, request: RecordedRequest) -> Any:
        """Return the result of a message."""
        message = self._message(account, request)
        return {
            "status": message.status,
            "errorMessage": message.error,
            "updateTime": date_text(message.updated),
        }

    def _delete(self, account: Account, request: RecordedRequest) -> Any:
        """Delete a message for all recipients."""
        del self.messages[self._message(account, request).short_code]
        return "删除成功"

    def _message_rows(
        self, account: Account, params: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        """List the messages, newest first."""
        return [
            {
                "shortCode": message.short_code,
                "title": message.title,
                "channel": message.channel,
                "messageType": 2 if message.topic else 1,
                "topicName": message.topic,
                "updateTime": date_text(message.updated),
            }
            for message in reversed(self.messages.values())
            if message.account is account
        ]

    # Pictures

    def _upload_token(self, account: Account, request: RecordedRequest) -> Any:
        """Issue a token to upload one picture; the picture service is for members."""
        if not account.member:
            raise invalid("图片服务仅会员可用")
        token = secrets.token_urlsafe(32)
        self.upload_tokens[token] = self.clock() + UPLOAD_TOKEN_LIFETIME
        return {
            "uploadToken": token,
            "uploadHost": self.upload_url or f"{self.url}{STORAGE}",
            "uploadUrl": self.upload_url or f"{self.url}{STORAGE}",
            "bucket": "pushplus-image",
            "expiresIn": UPLOAD_TOKEN_LIFETIME,
        }

    def _upload(self, request: RecordedRequest) -> Answer:
        """Store a picture, as the separate storage service (Qiniu) does."""
        expiry = self.upload_tokens.pop(request.form.get("token", ""), None)
        files = [part for part in request.parts if part.name == "file" and part.data]
        if expiry is None or not files:
            return json_answer({"error": "bad token"}, status=401)
        if expiry <= self.clock():
            return json_answer({"error": "expired token"}, status=401)
        (file,) = files
        if not str(file.content_type).startswith("image/"):
            return json_answer({"error": "limited mimeType"}, status=403)
        if len(file.data) > MAX_PICTURE:
            return json_answer({"error": "request entity too large"}, status=413)
        name = secrets.token_hex(16)
        url = f"{self.url}/image/{name}.jpg"
        self._pictures[f"{name}.jpg"] = Answer(
            body=file.data, content_type=file.content_type
        )
        return json_answer(
            {
                "errno": 0,
                "msg": "success",
                "url": f"{url}@p",
                "thumbnail": f"{url}@s",
                "ext": ".jpg",
                "fname": file.filename,
                "fsize": len(file.data),
                "hash": name,
                "key": f"{name}.jpg",
                "mimeType": file.content_type,
            }
        )


def _site_page(text: str) -> Answer:
    """Return an HTML page."""
    page = (
        "<!DOCTYPE html><html><head><title>pushplus</title></head>"
        f"<body>{html.escape(text)}</body></html>"
    )
    return Answer(body=page, content_type="text/html;charset=UTF-8")


def _page_of(rows: Rows) -> OpenHandler:
    """Return a handler that lists rows page by page."""

    def handle(account: Account, request: RecordedRequest) -> Any:
        body = read_object(request) if request.body else {}
        page = max(1, read_number(body.get("current", 1)))
        size = min(MAX_PAGE_SIZE, max(1, read_number(body.get("pageSize", 20))))
        params = body.get("params") or {}
        if not isinstance(params, dict):
            raise NotReadableError("JSON parse error: Cannot deserialize params")
        found = rows(account, params)
        return {
            "pageNum": page,
            "pageSize": size,
            "total": len(found),
            "pages": -(-len(found) // size),
            "list": found[(page - 1) * size : page * size],
        }

    return handle


def _profile(account: Account, request: RecordedRequest) -> Any:
    """Return the profile of the user."""
    return {
        "openId": "oSimulated",
        "unionId": "uSimulated",
        "nickName": account.nick_name,
        "headImgUrl": "",
        "userSex": 0,
        "token": account.token,
        "phoneNumber": "",
        "email": "",
        "emailStatus": 0,
        "birthday": "",
        "points": account.points,
        "verifyStatus": int(account.verified),
        "vipInfo": {
            "isVip": int(account.member),
            "lastDay": "2030-10-02" if account.member else "",
        },
    }


def _restriction(account: Account, request: RecordedRequest) -> Any:
    """Return the restriction of the account."""
    if account.restricted:
        until = account.restricted_until
        return {
            "sendLimit": 2 if account.restricted_days else 3,
            "userLimitTime": date_text(until) if until else "",
        }
    return {"sendLimit": 1, "userLimitTime": ""}


def _counts(account: Account, request: RecordedRequest) -> Any:
    """Return the number of requests today."""
    names = {"wechat": "wechat", "cp": "cp", "webhook": "webhook", "mail": "mail"}
    names |= {"qq": "qqBot", "cmcc": "cmcc"}
    return {
        f"{name}SendCount": account.sent.get(channel, 0)
        for channel, name in names.items()
    }


def _topic_rows(account: Account, params: Mapping[str, Any]) -> list[dict[str, Any]]:
    """List the groups that the user made (0), or those that the user joined (1)."""
    joined = read_number(params.get("topicType") or 0) == 1
    topics = account.joined if joined else account.topics
    return [
        {
            "topicId": topic.topic_id,
            "topicCode": code,
            "topicName": topic.name,
            "nickName": account.nick_name,
            "createTime": "2026-01-01 08:00:00",
            "topicUserCount": topic.members,
            "topicType": 0,
        }
        for code, topic in topics.items()
    ]


def _topic(account: Account, number: object) -> Topic:
    """Return a group that the user made."""
    for topic in account.topics.values():
        if topic.topic_id == read_number(number or 0):
            return topic
    raise RefusedError(600, "数据异常，操作失败")


def _subscriber_rows(
    account: Account, params: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """List the members of a group, who have no tokens."""
    topic = _topic(account, params.get("topicId"))
    return [
        {
            "id": number,
            "topicRelationId": number,
            "openId": f"oMember{number}",
            "nickName": name,
            "remark": "",
            "isFollow": 1,
            "headImgUrl": "",
        }
        for number, name in enumerate(topic.subscribers, start=1)
    ]


def _qq_rows(account: Account, params: Mapping[str, Any]) -> list[dict[str, Any]]:
    """List the QQ bots."""
    return [
        {"id": number, "qqCode": code, "qqName": name, "sendType": 1}
        for number, (code, name) in enumerate(account.qqs.items(), start=1)
    ]


def _friend_rows(account: Account, params: Mapping[str, Any]) -> list[dict[str, Any]]:
    """List the friends."""
    return [
        {
            "id": 100 + number,
            "friendId": number,
            "token": token,
            "nickName": name,
            "remark": "",
            "isFollow": 1,
            "havePhone": 0,
            "emailStatus": 0,
            "headImgUrl": "",
            "createTime": "2026-01-01 08:00:00",
        }
        for number, (token, name) in enumerate(account.friends.items(), start=1)
    ]


def _webhook_rows(account: Account, params: Mapping[str, Any]) -> list[dict[str, Any]]:
    """List the webhooks."""
    return [
        {
            "id": number,
            "webhookCode": code,
            "webhookName": name,
            "webhookType": 50,
            # The key of another service.
            "webhookUrl": "https://api.day.app/ForeignKey",
        }
        for number, (code, name) in enumerate(account.webhooks.items(), start=1)
    ]


def _cp_rows(account: Account, params: Mapping[str, Any]) -> list[dict[str, Any]]:
    """List the WeCom applications."""
    return [
        {"id": number, "cpCode": code, "cpName": name}
        for number, (code, name) in enumerate(account.cps.items(), start=1)
    ]


def _mail_rows(account: Account, params: Mapping[str, Any]) -> list[dict[str, Any]]:
    """List the mailboxes."""
    return [
        {"id": number, "mailCode": code, "mailName": name}
        for number, (code, name) in enumerate(account.mails.items(), start=1)
    ]
