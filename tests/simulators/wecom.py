"""The simulator of WeCom: applications, directory, media and group robots."""

from collections.abc import Callable, Mapping
import hashlib
import json
import secrets
from typing import Any, ClassVar, override

from .base import Handler, RecordedRequest, StoredFile
from .trouble import Trouble
from .wecom_access import AgentHandler, Corporation
from .wecom_accounts import (
    ROBOT_KEY,
    Media,
    RefusedError,
    ResponseCode,
    Robot,
    SentMessage,
)
from .wecom_cards import check_card, needs_callback
from .wecom_directory import (
    agent_info,
    agent_list,
    department_ids,
    department_list,
    tag_list,
    tag_members,
    user_info,
    user_list,
)
from .wecom_limits import AppLimits, MemberLimits
from .wecom_media import LIFETIME, MIB, check_image, check_upload, read_media_part
from .wecom_messages import Rules, check_message, check_robot_message, read_json
from .wecom_recipients import find_recipients
from .wecom_shown import message_blocks

RECALL_WINDOW = 24 * 3600
RESPONSE_CODE_LIFETIME = 72 * 3600
DUPLICATE_INTERVAL = 1800
MAX_DUPLICATE_INTERVAL = 14_400
MEMBER_LIMIT = 30
MEMBER_HOUR_LIMIT = 1000
ROBOT_LIMIT = 20

# The paths that most relays pass on.
RELAYED = frozenset({"/cgi-bin/gettoken", "/cgi-bin/message/send"})


class WeCom(Corporation):
    """WeCom, as described by its documentation and by field notes."""

    name: ClassVar[str] = "wecom"
    title: ClassVar[str] = "WeCom"
    chinese_title: ClassVar[str] = "企业微信"
    colour: ClassVar[str] = "#2b7de9"
    badge: ClassVar[str] = "企"

    robots: dict[str, Robot]  # by key
    media: dict[str, Media]
    image_limit: int  # bytes; 2 MiB on older pages
    cuts_text: bool  # cut texts over 2,048 bytes instead of refusing them
    member_limit: int | None  # messages a minute and member; silently drop the rest
    member_hour_limit: int | None  # messages an hour and member
    app_limit: int | None  # messages a minute; then refuse all for a minute (45009)
    words_compared: bool  # leave the duplicate check's own fields out of the comparison
    robot_limit: int | None  # messages a minute and robot; refuse the rest
    messages: dict[str, SentMessage]  # by msgid
    response_codes: dict[str, ResponseCode]

    @override
    def restore(self) -> None:
        """Restore the initial accounts."""
        super().restore()
        self.robots = {ROBOT_KEY: Robot(name="Family group")}
        self.media = {}
        self.image_limit = 10 * MIB
        self.cuts_text = True
        self.member_limit = None
        self.member_hour_limit = None
        self.app_limit = None
        self.words_compared = False
        self.robot_limit = None
        self.messages = {}
        self.response_codes = {}
        self._member_limits = MemberLimits()
        self._app_limits = AppLimits()
        self._seen: dict[tuple[int, bytes], tuple[float, Mapping[str, Any]]] = {}

    @override
    def enforce_limits(self) -> None:
        """Enforce the published rates; silently drop messages to a member above them."""
        self.member_limit = MEMBER_LIMIT
        self.member_hour_limit = MEMBER_HOUR_LIMIT
        self.robot_limit = ROBOT_LIMIT

    @override
    def routes(self) -> Mapping[str, Mapping[str, Handler]]:
        """Return the handlers by path and method."""
        plain: dict[tuple[str, str], Callable[[RecordedRequest], Mapping[str, Any]]] = {
            ("GET", "gettoken"): self._get_token,
            ("POST", "gettoken"): self._get_token,
            ("POST", "webhook/send"): self._send_by_robot,
            ("POST", "webhook/upload_media"): self._upload_for_robot,
        }
        of_agent: dict[tuple[str, str], AgentHandler] = {
            ("POST", "message/send"): self._send,
            ("POST", "message/recall"): self._recall,
            ("POST", "message/update_template_card"): self._update_card,
            ("POST", "media/upload"): self._upload,
            ("POST", "media/uploadimg"): self._upload_image,
            ("GET", "agent/get"): self._agent,
            ("GET", "agent/list"): lambda number, _: agent_list(
                number, self.agents[number]
            ),
            ("GET", "department/list"): lambda number, _: department_list(
                self.agents[number]
            ),
            ("GET", "department/simplelist"): lambda number, _: department_ids(
                self.agents[number]
            ),
            ("GET", "user/simplelist"): lambda number, request: user_list(
                self.agents[number], request.query.get("department_id")
            ),
            ("GET", "user/get"): lambda number, request: user_info(
                self.agents[number], request.query.get("userid")
            ),
            ("GET", "tag/list"): lambda number, _: tag_list(self.agents[number]),
            ("GET", "tag/get"): lambda number, request: tag_members(
                self.agents[number], request.query.get("tagid")
            ),
            ("GET", "get_api_domain_ip"): lambda _, __: {"ip_list": ["192.0.2.10"]},
            ("GET", "getcallbackip"): lambda _, __: {"ip_list": ["192.0.2.*"]},
        }
        routes: dict[str, dict[str, Handler]] = {}
        for (method, path), handler in plain.items():
            methods = routes.setdefault(f"/cgi-bin/{path}", {})
            methods[method] = self._wrapped(handler)
        for (method, path), of_one in of_agent.items():
            routes[f"/cgi-bin/{path}"] = {
                method: self._wrapped(self._for_agent(of_one))
            }
        return routes

    def _agent(self, agent_id: int, request: RecordedRequest) -> Mapping[str, Any]:
        """Return the requested application."""
        self._check_agent(agent_id, request.query.get("agentid"))
        return agent_info(agent_id, self.agents[agent_id])

    # Messages

    def _send(self, agent_id: int, request: RecordedRequest) -> Mapping[str, Any]:
        """Send a message of an application."""
        agent = self.agents[agent_id]
        body = read_json(request)
        self._check_agent(agent_id, body.get("agentid"))
        if agent.closed:
            raise RefusedError(50003, "app is closed")
        recipients = find_recipients(body, agent)
        shown = check_message(body, self._rules())
        card = body.get("template_card") if body["msgtype"] == "template_card" else None
        if card and needs_callback(card) and not agent.callback_url_configured:
            raise RefusedError(43012, "app must config callback url")
        recipients.refuse_if_all_invalid()
        self._refuse_text()
        if not self._app_limits.take(agent_id, self.app_limit, self.clock()):
            raise RefusedError(45009, "api freq out of limit")
        interval = body.get("duplicate_check_interval", DUPLICATE_INTERVAL)
        if not isinstance(interval, int):
            raise RefusedError(40058, "duplicate_check_interval must be int")
        key = self._repeat_key(agent_id, body, request.body)
        if key in self._seen and self._seen[key][0] > self.clock():
            return self._seen[key][1]
        limits = {60: self.member_limit, 3600: self.member_hour_limit}
        for name in self._member_limits.kept(
            agent_id, agent, recipients.names, limits, self.clock()
        ):
            self.deliver(
                recipient=name,
                recipient_name=agent.users.get(name, ""),
                title=shown.title,
                text=shown.text,
                kind=body["msgtype"],
                blocks=message_blocks(self.name, body, self.media),
            )
        msgid = secrets.token_urlsafe(48)
        self.messages[msgid] = SentMessage(agent_id=agent_id, sent=self.clock())
        answer = {**recipients.lists, "msgid": msgid}
        if card and needs_callback(card):
            code = secrets.token_urlsafe(32)
            expires = self.clock() + RESPONSE_CODE_LIFETIME
            self.response_codes[code] = ResponseCode(agent_id=agent_id, expires=expires)
            answer["response_code"] = code
        if key is not None:
            until = self.clock() + min(interval, MAX_DUPLICATE_INTERVAL)
            self._seen[key] = (until, answer)
        return answer

    def _refuse_text(self) -> None:
        """Refuse what a message says, if that is the present trouble."""
        if self.trouble is Trouble.REFUSE:
            raise RefusedError(85002, "text contains forbidden words")

    def _rules(self, robot: str | None = None) -> Rules:
        """Return the rules for the check of a message."""

        def find_media(media_id: str, kind: str) -> Media:
            media = self.media.get(media_id)
            if (
                media is None
                or media.kind != kind
                or media.robot != robot
                or media.expires <= self.clock()
            ):
                raise RefusedError(40007, "invalid media_id")
            return media

        return Rules(find_media=find_media, cuts_text=self.cuts_text)

    def _repeat_key(
        self, agent_id: int, body: Mapping[str, Any], raw: bytes
    ) -> tuple[int, bytes] | None:
        """Return the key of the duplicate check, if the sender requests one."""
        if body.get("enable_duplicate_check", 0) == 0:
            return None
        if self.words_compared:
            own = ("enable_duplicate_check", "duplicate_check_interval")
            words = {name: value for name, value in body.items() if name not in own}
            raw = json.dumps(words, sort_keys=True).encode()
        return agent_id, hashlib.sha256(raw).digest()

    def _recall(self, agent_id: int, request: RecordedRequest) -> Mapping[str, Any]:
        """Recall a message of the last 24 hours."""
        message = self.messages.get(str(read_json(request).get("msgid")))
        if message is None or message.agent_id != agent_id:
            raise RefusedError(40058, "msgid invalid Request Parameter")
        if message.sent + RECALL_WINDOW <= self.clock():
            raise RefusedError(42052, "message can not be recalled, out of time")
        message.recalled = True
        return {}

    def _update_card(
        self, agent_id: int, request: RecordedRequest
    ) -> Mapping[str, Any]:
        """Update a card, once per response code."""
        body = read_json(request)
        self._check_agent(agent_id, body.get("agentid"))
        code = self.response_codes.get(str(body.get("response_code")))
        if code is None or code.agent_id != agent_id or code.expires <= self.clock():
            raise RefusedError(40058, "response_code invalid Request Parameter")
        if code.update is not None:
            raise RefusedError(60140, "response_code has been used")
        button = body.get("button")
        userids = body.get("userids", [])
        if not isinstance(userids, list):
            raise RefusedError(40035, "userids must be an array")
        userids = [str(user) for user in userids]
        if "template_card" in body:
            check_card(body["template_card"])
        elif not (isinstance(button, dict) and button.get("replace_name")):
            raise RefusedError(40058, "button.replace_name invalid Request Parameter")
        code.update = body
        agent = self.agents[agent_id]
        unknown = [user for user in userids if not agent.find_user(user)]
        return {"invaliduser": unknown}

    # Media

    @override
    def stored_file(self, key: str) -> StoredFile | None:
        """Return an uploaded file."""
        if (media := self.media.get(key)) is None:
            return None
        return StoredFile(content=media.content, content_type=media.content_type)

    def _upload(self, agent_id: int, request: RecordedRequest) -> Mapping[str, Any]:
        """Store a temporary file for the applications of the corporation."""
        kinds = ("image", "voice", "video", "file")
        return self._keep_media(request, kinds)

    def _keep_media(
        self, request: RecordedRequest, kinds: tuple[str, ...], robot: str | None = None
    ) -> Mapping[str, Any]:
        """Check and store a file."""
        kind = request.query.get("type", "")
        if kind not in kinds:
            raise RefusedError(40004, "invalid media type")
        upload = check_upload(kind, read_media_part(request), self.image_limit)
        media_id = secrets.token_urlsafe(48)
        moment = self.clock()
        self.media[media_id] = Media(
            kind=kind,
            filename=upload.filename,
            size=upload.size,
            content=upload.content,
            content_type=upload.content_type,
            expires=moment + LIFETIME,
            robot=robot,
        )
        return {
            "errmsg": "ok" if robot else "",
            "type": kind,
            "media_id": media_id,
            "created_at": str(int(moment)),
        }

    def _upload_image(
        self, agent_id: int, request: RecordedRequest
    ) -> Mapping[str, Any]:
        """Store a picture permanently; return its URL."""
        for part in request.parts:
            if part.filename:
                check_image(part.data, 2 * MIB)
                name = secrets.token_hex(16)
                return {"errmsg": "", "url": f"https://wework.qpic.cn/wwpic/{name}/0"}
        raise RefusedError(44001, "empty media data")

    # Robots

    def _robot(self, request: RecordedRequest) -> tuple[str, Robot]:
        """Return the robot of a key."""
        key = request.query.get("key", "")
        robot = self.robots.get(key)
        if robot is None or self.trouble is Trouble.CREDENTIALS:
            raise RefusedError(93000, "invalid webhook url")
        if not robot.enabled:
            raise RefusedError(93004, "webhook robot is disabled")
        if not robot.in_group:
            raise RefusedError(93008, "robot not in group")
        return key, robot

    def _send_by_robot(self, request: RecordedRequest) -> Mapping[str, Any]:
        """Send a message of a robot."""
        key, robot = self._robot(request)
        body = read_json(request)
        shown = check_robot_message(body, self._rules(robot=key))
        self._refuse_text()
        moment = self.clock()
        if self.robot_limit is not None:
            robot.sent = [sent for sent in robot.sent if sent > moment - 60]
            if len(robot.sent) >= self.robot_limit:
                raise RefusedError(45009, "api freq out of limit")
            robot.sent.append(moment)
        self.deliver(
            recipient=robot.name,
            title=shown.title,
            text=shown.text,
            kind=body["msgtype"],
            blocks=message_blocks(self.name, body, self.media),
        )
        return {}

    def _upload_for_robot(self, request: RecordedRequest) -> Mapping[str, Any]:
        """Store a temporary file for one robot; check the file before the key."""
        read_media_part(request)
        key, _ = self._robot(request)
        return self._keep_media(request, ("file", "voice"), robot=key)
