"""Authentication of the simulated WeCom: secrets, access tokens, trusted addresses."""

from collections.abc import Callable, Mapping
from itertools import count
import secrets
from typing import Any, override

from .base import Answer, Handler, RecordedRequest, Simulator, json_answer
from .trouble import Trouble
from .wecom_accounts import (
    AGENT_ID,
    CORP_ID,
    Agent,
    RefusedError,
    Token,
    initial_agents,
)

JSON = "application/json; charset=UTF-8"
TOKEN_LIFETIME = 7200
BAN = 3600

type AgentHandler = Callable[[int, RecordedRequest], Mapping[str, Any]]


class Corporation(Simulator):
    """A corporation that issues access tokens to its applications."""

    corp_id: str
    agents: dict[int, Agent]
    trusted_ips: set[str] | None  # None: an application older than the rule
    caller_ip: str  # address that requests seem to come from
    tokens: dict[str, Token]
    gettoken_count: int
    ban_after: int | None  # wrong secrets before the caller is banned for an hour

    @override
    def restore(self) -> None:
        """Restore the initial applications."""
        self.corp_id = CORP_ID
        self.agents = initial_agents()
        self.trusted_ips = None
        self.caller_ip = "203.0.113.7"
        self.tokens = {}
        self.gettoken_count = 0
        self.ban_after = None
        self._wrong_secrets = 0
        self._banned_until = 0.0
        self._hints = count(1_795_218_036)

    @property
    def secret(self) -> str:
        """Return the secret of the home application."""
        return self.agents[AGENT_ID].secret

    @secret.setter
    def secret(self, secret: str) -> None:
        """Change the secret, which revokes all access tokens."""
        self.agents[AGENT_ID].secret = secret
        self.revoke_tokens()

    def expire_tokens(self) -> None:
        """Expire all access tokens."""
        for token in self.tokens.values():
            token.expires = self.clock() - 1

    def revoke_tokens(self) -> None:
        """Revoke all access tokens, as the service may do at any time."""
        self.tokens.clear()

    def _wrapped(
        self, handler: Callable[[RecordedRequest], Mapping[str, Any]]
    ) -> Handler:
        """Wrap the answer or the refusal of a handler."""

        def handle(request: RecordedRequest) -> Answer:
            try:
                answer = {"errcode": 0, "errmsg": "ok", **handler(request)}
            except RefusedError as err:
                answer = {
                    "errcode": err.code,
                    "errmsg": (
                        f"{err.message}, hint: [{next(self._hints)}],"
                        f" from ip: {self.caller_ip}, more info at"
                        f" https://open.work.weixin.qq.com/devtool/query?e={err.code}"
                    ),
                    **err.lists,
                }
            return json_answer(answer, content_type=JSON)

        return handle

    def _for_agent(
        self, handler: AgentHandler
    ) -> Callable[[RecordedRequest], Mapping[str, Any]]:
        """Wrap a handler with the check of the access token and the address."""

        def handle(request: RecordedRequest) -> Mapping[str, Any]:
            text = request.query.get("access_token")
            if not text:
                raise RefusedError(41001, "access_token missing")
            token = self.tokens.get(text)
            if token is None or self.trouble is Trouble.CREDENTIALS:
                raise RefusedError(40014, "invalid access_token")
            if token.expires <= self.clock():
                raise RefusedError(42001, "access_token expired")
            if self.trusted_ips is not None and self.caller_ip not in self.trusted_ips:
                raise RefusedError(60020, "not allow to access from your ip")
            return handler(token.agent_id, request)

        return handle

    def _get_token(self, request: RecordedRequest) -> Mapping[str, Any]:
        """Return the access token of an application, the same until it expires."""
        self.gettoken_count += 1
        moment = self.clock()
        if moment < self._banned_until:
            raise RefusedError(45009, "api freq out of limit")
        secret = request.query.get("corpsecret")
        if not secret:
            raise RefusedError(41004, "corpsecret missing")
        corp_id = request.query.get("corpid")
        if not corp_id:
            raise RefusedError(41002, "corpid missing")
        if corp_id != self.corp_id:
            raise RefusedError(40013, "invalid corpid")
        for agent_id, agent in self.agents.items():
            if agent.secret == secret and self.trouble is not Trouble.CREDENTIALS:
                return self._token_of(agent_id, moment)
        self._wrong_secrets += 1
        if self.ban_after is not None and self._wrong_secrets >= self.ban_after:
            self._banned_until = moment + BAN
        raise RefusedError(40001, "invalid credential")

    def _token_of(self, agent_id: int, moment: float) -> Mapping[str, Any]:
        """Return the valid token of an application, or a new one."""
        text = next(
            (
                text
                for text, token in self.tokens.items()
                if token.agent_id == agent_id and token.expires > moment
            ),
            None,
        )
        if text is None:
            text = secrets.token_urlsafe(96)
            expires = moment + TOKEN_LIFETIME
            self.tokens[text] = Token(agent_id=agent_id, expires=expires)
        left = int(self.tokens[text].expires - moment)
        return {"access_token": text, "expires_in": left}

    @staticmethod
    def _check_agent(agent_id: int, asked: Any) -> None:
        """Check that an agent ID is that of the access token."""
        if asked in (None, ""):
            raise RefusedError(41011, "missing agentid")
        try:
            asked = int(asked)
        except (TypeError, ValueError, OverflowError) as err:
            raise RefusedError(40056, "invalid agentid") from err
        if asked != agent_id:
            raise RefusedError(
                301002, "not allow operate another agent with this accesstoken"
            )
