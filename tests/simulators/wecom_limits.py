"""Rate limits of the simulated WeCom, per member and per application."""

from collections import deque
from collections.abc import Mapping

from .wecom_accounts import Agent
from .wecom_recipients import EVERYBODY

BLOCK = 60  # seconds that an application is blocked above its rate


class MemberLimits:
    """Count the messages to each member; the sender does not learn of dropped ones."""

    def __init__(self) -> None:
        self._received: dict[tuple[int, str], deque[float]] = {}

    def kept(
        self,
        agent_id: int,
        agent: Agent,
        names: list[str],
        limits: Mapping[int, int | None],
        moment: float,
    ) -> list[str]:
        """Count a message; return the recipients that get it.

        A department, a tag or everybody counts for each member, and is left out when one
        of them does not get the message.

        Args:
            agent_id: of the application.
            agent: tells who is in a department.
            names: userids, "@all", "toparty:<id>", "totag:<id>".
            limits: the most messages by the seconds they are counted in.
            moment: the time.

        """
        if not any(limit is not None for limit in limits.values()):
            return names
        groups = {name: _members(agent, name) for name in names}
        # A member that is addressed twice gets the message once.
        everyone = dict.fromkeys(user for users in groups.values() for user in users)
        got = {user for user in everyone if self._take(agent_id, user, limits, moment)}
        return [name for name, users in groups.items() if got.issuperset(users)]

    def _take(
        self,
        agent_id: int,
        user: str,
        limits: Mapping[int, int | None],
        moment: float,
    ) -> bool:
        """Count a message to a member; return False above the limits."""
        received = self._received.setdefault((agent_id, user), deque())
        while received and received[0] <= moment - max(limits):
            received.popleft()
        for seconds, limit in limits.items():
            recent = sum(one > moment - seconds for one in received)
            if limit is not None and recent >= limit:
                return False
        received.append(moment)
        return True


class AppLimits:
    """Block an application for a minute above its rate."""

    def __init__(self) -> None:
        self._sent: dict[int, deque[float]] = {}
        self._blocked_until: dict[int, float] = {}

    def take(self, agent_id: int, limit: int | None, moment: float) -> bool:
        """Count a message; return False if the application is blocked."""
        if limit is None:
            return True
        if self._blocked_until.get(agent_id, 0) > moment:
            return False
        sent = self._sent.setdefault(agent_id, deque())
        while sent and sent[0] <= moment - 60:
            sent.popleft()
        if len(sent) >= limit:
            sent.clear()
            self._blocked_until[agent_id] = moment + BLOCK
            return False
        sent.append(moment)
        return True


def _members(agent: Agent, name: str) -> tuple[str, ...]:
    """Return the members of a recipient."""
    kind, _, number = name.partition(":")
    if kind == "toparty":
        return agent.members.get(int(number), ())
    # Here, all members have all tags.
    return tuple(agent.users) if kind in (EVERYBODY, "totag") else (name,)
