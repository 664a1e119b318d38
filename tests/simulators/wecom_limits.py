"""How many messages the simulated WeCom takes, and how many a member gets."""

from collections import deque
from collections.abc import Mapping

from .wecom_accounts import Agent
from .wecom_recipients import EVERYBODY

BLOCK = 60  # seconds, after more messages in a minute than an application may send


class MemberLimits:
    """Counts what each member got; the sender is not told of what is dropped."""

    def __init__(self) -> None:
        """Start with nothing received."""
        self._received: dict[tuple[int, str], deque[float]] = {}

    def kept(
        self,
        agent_id: int,
        agent: Agent,
        names: list[str],
        limits: Mapping[int, int | None],
        moment: float,
    ) -> list[str]:
        """Return those of the addressed who get a message, and count it for them.

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
        # Who is addressed twice gets the message once.
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
        """Count a message for a member, unless it is too many."""
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
    """Blocks an application for a while after too many messages."""

    def __init__(self) -> None:
        """Start with nothing sent."""
        self._sent: dict[int, deque[float]] = {}
        self._blocked_until: dict[int, float] = {}

    def take(self, agent_id: int, limit: int | None, moment: float) -> bool:
        """Count a message; tell whether the application may send it."""
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
    """Return the members that a name stands for."""
    kind, _, number = name.partition(":")
    if kind == "toparty":
        return agent.members.get(int(number), ())
    # Everybody has every tag here.
    return tuple(agent.users) if kind in (EVERYBODY, "totag") else (name,)
