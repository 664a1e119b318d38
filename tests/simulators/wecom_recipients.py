"""Recipients of messages in the simulated WeCom."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .wecom_accounts import Agent, RefusedError

EVERYBODY = "@all"
MAX_USERS = 1000
MAX_DEPARTMENTS = 100
MAX_TAGS = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipients:
    """The recipients of a message, and the lists of invalid ones."""

    names: list[str]  # userids, "@all", "toparty:<id>", "totag:<id>"
    lists: dict[str, str]

    def refuse_if_all_invalid(self) -> None:
        """Refuse a message without valid recipients."""
        if not self.names and "unlicenseduser" not in self.lists:
            raise RefusedError(81013, "user & party & tag all invalid", **self.lists)


def _ids(body: Mapping[str, Any], key: str, most: int, code: int) -> list[str]:
    """Return the IDs of a list joined by |."""
    value = body.get(key, "")
    if not isinstance(value, str):
        raise RefusedError(40035, f"invalid parameter {key}, must be string")
    ids = [item for item in value.split("|") if item]
    if len(ids) > most:
        raise RefusedError(code, f"{key} list is too long")
    return ids


def find_recipients(body: Mapping[str, Any], agent: Agent) -> Recipients:
    """Look up users, departments and tags in the visible range."""
    users = _ids(body, "touser", MAX_USERS, 40032)
    departments = _ids(body, "toparty", MAX_DEPARTMENTS, 82002)
    tags = _ids(body, "totag", MAX_TAGS, 82003)
    if users == [EVERYBODY]:
        return Recipients(names=[EVERYBODY], lists={})
    if not users and not departments and not tags:
        raise RefusedError(82001, "touser, toparty and totag are all empty")
    names: list[str] = []
    unknown: list[str] = []
    unlicensed: list[str] = []
    for userid in dict.fromkeys(users):
        if (user := agent.find_user(userid)) is None:
            unknown.append(userid.lower())
        elif user in agent.unlicensed:
            unlicensed.append(user.lower())
        else:
            names.append(user)
    bad_departments = _unknown(departments, agent.departments)
    bad_tags = _unknown(tags, agent.tags)
    names.extend(
        f"toparty:{item}" for item in departments if item not in bad_departments
    )
    names.extend(f"totag:{item}" for item in tags if item not in bad_tags)
    lists = {
        "invaliduser": "|".join(unknown),
        "invalidparty": "|".join(bad_departments),
        "invalidtag": "|".join(bad_tags),
        "unlicenseduser": "|".join(unlicensed),
    }
    return Recipients(
        names=names, lists={key: ids for key, ids in lists.items() if ids}
    )


def _unknown(ids: list[str], known: Mapping[int, str]) -> list[str]:
    """Return the unknown IDs."""
    numbers = {str(number) for number in known}
    return [item for item in ids if item not in numbers]
