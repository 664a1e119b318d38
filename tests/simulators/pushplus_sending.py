"""How the simulated PushPlus accepts messages and reports their results."""

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import replace
import json
import secrets
import time
from typing import Any, override

import aiohttp
from yarl import URL

from .base import Answer, Handler, RecordedRequest, Simulator, json_answer
from .blocks import Block, html_block, markdown_block, text_block
from .jackson import NotReadableError, read_number, read_object, read_text
from .pushplus_accounts import (
    FREE_CHANNELS,
    PAID_CHANNELS,
    TEMPLATES_WITH_OBJECT,
    Account,
    Message,
    RefusedError,
    initial_accounts,
    invalid,
)
from .trouble import Trouble

SENT = 2
FAILED = 3
NOT_SENT = 0

DAY = 24 * 3600
CHINA = 8 * 3600  # UTC offset of the days that quotas count

NOBODY = "无用户接收消息"
SELF = "self"


def envelope(code: int, message: str, data: Any = None) -> Answer:
    """Return an answer with HTTP 200, failure or not."""
    return json_answer({"code": code, "msg": message, "data": data, "count": None})


def date_text(moment: float) -> str:
    """Return a time in the format of the service, without time zone."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(moment))


class Sending(Simulator):
    """The part of PushPlus that accepts messages."""

    accounts: dict[str, Account]  # by user token
    messages: dict[str, Message]  # by serial number
    callbacks: list[tuple[str, int | None]]  # URL and HTTP status; None: not reached
    delivery_delay: float  # seconds from accepting a message to its result
    final_error: str  # error in the result of every message; empty: none
    rate_limited: bool  # allow five messages a minute, members five in ten seconds
    duplicates_refused: bool  # allow three equal messages an hour
    quotas_kept: bool  # enforce daily quotas by channel, with penalties
    quota_refusal: tuple[int, str]  # answer above a quota, which is undocumented

    @override
    def restore(self) -> None:
        """Restore the initial accounts."""
        self.accounts = initial_accounts()
        self.messages = {}
        self.callbacks = []
        self.delivery_delay = 0
        self.final_error = ""
        self.rate_limited = False
        self.duplicates_refused = False
        self.quotas_kept = False
        self.quota_refusal = (900, "请求次数过多")

    @override
    def enforce_limits(self) -> None:
        """Enforce the rate, the limit of equal messages and the daily quotas."""
        self.rate_limited = True
        self.duplicates_refused = True
        self.quotas_kept = True

    @property
    def account(self) -> Account:
        """Return the first account."""
        return next(iter(self.accounts.values()))

    @override
    def routes(self) -> Mapping[str, Mapping[str, Handler]]:
        """Return the handlers by path and method."""
        methods = ("GET", "POST", "PUT", "DELETE")
        send = dict.fromkeys(methods, self._send)
        send_all = dict.fromkeys(methods, self._send_all)
        return {
            "/send": send,
            "/send/": send,
            "/batchSend": send_all,
            "/batchSend/": send_all,
        }

    @override
    def respond(self, request: RecordedRequest) -> Answer:
        """Process a request; wrap refusals in the envelope of the service."""
        try:
            return super().respond(request)
        except RefusedError as err:
            return envelope(err.code, err.message, err.detail)
        except NotReadableError as err:
            return envelope(999, "服务端验证错误", str(err))

    @override
    def not_found(self, request: RecordedRequest) -> Answer:
        """Handle the paths that end in a token."""
        match request.path.split("/")[1:]:
            case ["send" | "batchSend" as path, token]:
                # The body takes precedence over the URL.
                inner = replace(
                    request,
                    path=f"/{path}",
                    raw_path=f"/{path}",
                    query={**request.query, "token": token},
                )
                return self.respond(inner)
        return super().not_found(request)

    # Accepting messages

    def _send(self, request: RecordedRequest) -> Answer:
        """Accept a message."""
        fields = _fields(request)
        account = self._account(fields)
        short_code = self._take(account, fields)
        return envelope(200, "请求成功", short_code)

    def _send_all(self, request: RecordedRequest) -> Answer:
        """Accept a message for several channels, with a result for each."""
        fields = _fields(request)
        account = self._account(fields)
        channels = (read_text(fields, "channel") or "wechat").split(",")
        options = (read_text(fields, "option") or read_text(fields, "webhook")).split(
            ","
        )
        results = []
        for index, channel in enumerate(channels):
            option = options[index] if index < len(options) else ""
            one = {**fields, "channel": channel, "option": option, "webhook": ""}
            code, message, short_code = 200, "请求成功", None
            try:
                short_code = self._take(account, one)
            except RefusedError as err:
                code, message = err.code, err.detail or err.message
            results.append(
                {
                    "shortCode": short_code,
                    "message": message,
                    "code": code,
                    "channel": channel,
                }
            )
        return envelope(200, "请求成功", results)

    def _account(self, fields: Mapping[str, Any]) -> Account:
        """Return the account of a user token or a message token."""
        token = read_text(fields, "token")
        if not token:
            raise RefusedError(999, "token不能为空")
        for account in self.accounts.values():
            known = token == account.token or token in account.message_tokens
            if known and self.trouble is not Trouble.CREDENTIALS:
                return account
        raise RefusedError(903, "无效的用户token")

    def _take(self, account: Account, fields: Mapping[str, Any]) -> str:
        """Check and queue a message; return its serial number."""
        channel = read_text(fields, "channel") or "wechat"
        self._count(account, channel)
        if account.restricted:
            days = account.restricted_days
            end = f",减少请求后{days}天恢复正常" if days else ""
            raise RefusedError(900, f"请求次数过多{end}")
        if not account.verified:
            raise RefusedError(905, "账户未进行实名认证")
        content = read_text(fields, "content")
        if not content.strip():
            raise invalid("发送内容不能为空")
        if len(content) > account.max_content:
            limit = account.max_content // 10_000
            raise invalid(f"发送内容过大，不能超过{limit}万字")
        template = read_text(fields, "template") or "html"
        if template in TEMPLATES_WITH_OBJECT and not read_text(fields, "pushId"):
            raise invalid("pushId不能为空")
        if self.trouble is Trouble.REFUSE:
            raise invalid("发送内容包含敏感词")
        if read_text(fields, "pre") and not account.member:
            raise invalid("预处理仅供会员使用")
        recipients = _recipients(account, channel, fields)
        if self.quotas_kept and account.sent[channel] > account.quotas.get(
            channel, account.sent[channel]
        ):
            raise RefusedError(*self.quota_refusal)
        self._check_pace(account, content)
        price = PAID_CHANNELS.get(channel, 0) * len(recipients)
        if price > account.points:
            raise RefusedError(888, "积分不足")
        account.points -= price
        message = Message(
            short_code=secrets.token_hex(16),
            account=account,
            title=read_text(fields, "title")[: account.max_title],
            content=content,
            template=template,
            channel=channel,
            topic=read_text(fields, "topic"),
            callback_url=read_text(fields, "callbackUrl"),
            recipients=recipients,
        )
        if deadline := fields.get("timestamp"):
            if read_number(deadline) < self.clock() * 1000:
                message.status = NOT_SENT
        self.messages[message.short_code] = message
        if self.delivery_delay:
            self.run_job(self._finish_later(message))
        else:
            self._finish(message)
        return message.short_code

    def restrict(self, days: int) -> None:
        """Restrict the first account for some days."""
        self._restrict(self.account, days)

    def _restrict(self, account: Account, days: int | None) -> None:
        """Restrict an account for some days, or for good."""
        account.restricted = True
        account.restricted_days = days
        account.restricted_until = self.clock() + days * DAY if days else 0

    def _count(self, account: Account, channel: str) -> None:
        """Count a request, even if refused later, and apply penalties."""
        moment = self.clock()
        today = int((moment + CHINA) // DAY)
        if account.day not in (None, today):
            account.sent.clear()
        account.day = today
        if 0 < account.restricted_until <= moment:
            account.restricted, account.restricted_until = False, 0
        account.sent[channel] = account.sent.get(channel, 0) + 1
        if not self.quotas_kept or channel != "wechat":
            return
        if account.sent[channel] >= 10_000:
            self._restrict(account, 2 if account.member else None)
        elif account.sent[channel] >= 2000 and not account.member:
            self._restrict(account, 7)

    def _check_pace(self, account: Account, content: str) -> None:
        """Refuse messages above the rate and repeated messages, if enforced."""
        moment = self.clock()
        if self.rate_limited:
            _forget(account.recent, moment - (10 if account.member else 60))
            if len(account.recent) >= 5:
                raise invalid("推送频率过快")
            account.recent.append(moment)
        if self.duplicates_refused:
            sent = account.repeated.setdefault(content, deque())
            _forget(sent, moment - 3600)
            if len(sent) >= 3:
                raise RefusedError(999, "请勿频繁推送相同内容")
            sent.append(moment)

    # Results

    async def _finish_later(self, message: Message) -> None:
        """Finish a message after the delay."""
        await asyncio.sleep(self.delivery_delay)
        self._finish(message)

    def _finish(self, message: Message) -> None:
        """Set the result of a message and call back."""
        if message.status == 1:
            message.error = self.final_error or ("" if message.recipients else NOBODY)
            message.status = FAILED if message.error else SENT
        message.updated = self.clock()
        if message.status == SENT:
            for recipient in message.recipients:
                self.deliver(
                    recipient=recipient,
                    recipient_name=_name(message.account, recipient),
                    title=message.title,
                    text=message.content,
                    kind=message.template,
                    channel=message.channel,
                    blocks=_blocks(message),
                )
        if url := message.callback_url or message.account.callback_url:
            info = {
                "message": message.error,
                "shortCode": message.short_code,
                "sendStatus": message.status,
            }
            # Sic: the service spells it like this.
            self.call_back(url, {"event": "message_complate", "messageInfo": info})

    def call_back(self, url: str, event: Mapping[str, Any]) -> None:
        """Post an event to a URL on loopback; ignore others."""
        if URL(url).host == "127.0.0.1":
            self.run_job(self._post(url, event))

    async def _post(self, url: str, event: Mapping[str, Any]) -> None:
        """Post an event and record the HTTP status."""
        status = None
        timeout = aiohttp.ClientTimeout(total=10)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.post(url, json=event) as response,
            ):
                status = response.status
        except aiohttp.ClientError, TimeoutError:
            pass
        self.callbacks.append((url, status))


def _name(account: Account, recipient: str) -> str:
    """Return the name of the user, a friend or a group."""
    if recipient == SELF:
        return account.nick_name
    topic = account.topics.get(recipient)
    return account.friends.get(recipient, topic.name if topic else "")


def _blocks(message: Message) -> list[Block]:
    """Return what phones show of a message."""
    match message.template:
        case "html":
            return [html_block(message.content)]
        case "markdown":
            return [markdown_block(message.content)]
    return [text_block(message.content)]


def _fields(request: RecordedRequest) -> dict[str, Any]:
    """Return the parameters; the body takes precedence over the URL."""
    fields: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json" and request.body:
        if "template" in fields:
            # Meant for webhooks whose body cannot be configured.
            return {**fields, "content": request.body.decode("utf-8", "replace")}
        body = read_object(request)
        fields.update({key: value for key, value in body.items() if value is not None})
        if isinstance(fields.get("content"), (dict, list)):
            fields["content"] = json.dumps(fields["content"], ensure_ascii=False)
    else:
        fields.update(request.form)
    return fields


def _recipients(account: Account, channel: str, fields: Mapping[str, Any]) -> list[str]:
    """Return the recipients of a message; there may be none."""
    if channel not in FREE_CHANNELS and channel not in PAID_CHANNELS:
        raise invalid("发送渠道不存在")
    # The old name of the parameter is still accepted.
    option = read_text(fields, "option") or read_text(fields, "webhook")
    to = [item.strip() for item in read_text(fields, "to").split(",") if item.strip()]
    to = to[: account.max_friends]
    match channel:
        case "webhook":
            if option not in account.webhooks:
                raise invalid("webhook编码不存在")
            return [option]
        case "cp":
            if option not in account.cps:
                raise invalid("企业微信应用编码不存在")
            return to or [SELF]
        case "mail" if option and option not in account.mails:
            raise invalid("邮箱编码不存在")
        case "qq" if option:
            return [option]
    if topic := read_text(fields, "topic"):
        return [topic] if topic in account.topics else []
    if to:
        return [friend for friend in to if friend in account.friends]
    return [SELF]


def _forget(moments: deque[float], before: float) -> None:
    """Drop times before a moment."""
    while moments and moments[0] <= before:
        moments.popleft()
