"""Directory of the simulated WeCom: the application and its visible range."""

from typing import Any

from .wecom_accounts import Agent, RefusedError


def agent_info(agent_id: int, agent: Agent) -> dict[str, Any]:
    """Return the data of an application."""
    return {
        "agentid": agent_id,
        "name": agent.name,
        "square_logo_url": "https://wework.qpic.cn/wwpic/logo/0",
        "description": "",
        "allow_userinfos": {"user": [{"userid": user} for user in agent.users]},
        "allow_partys": {"partyid": list(agent.departments)},
        "allow_tags": {"tagid": list(agent.tags)},
        "close": int(agent.closed),
        "redirect_domain": "",
        "report_location_flag": 0,
        "isreportenter": 0,
        "home_url": "",
    }


def agent_list(agent_id: int, agent: Agent) -> dict[str, Any]:
    """List the applications: only the calling one."""
    logo = "https://wework.qpic.cn/wwpic/logo/0"
    return {
        "agentlist": [
            {"agentid": agent_id, "name": agent.name, "square_logo_url": logo}
        ]
    }


def department_list(agent: Agent) -> dict[str, Any]:
    """List the departments."""
    return {
        "department": [
            {
                "id": number,
                "name": name,
                "name_en": "",
                "department_leader": [],
                "parentid": 0 if number == 1 else 1,
                "order": 100_000_000 - number,
            }
            for number, name in agent.departments.items()
        ]
    }


def department_ids(agent: Agent) -> dict[str, Any]:
    """List the departments without their names."""
    return {
        "department_id": [
            {key: entry[key] for key in ("id", "parentid", "order")}
            for entry in department_list(agent)["department"]
        ]
    }


def user_list(agent: Agent, department: str | None) -> dict[str, Any]:
    """List the members of a department."""
    number = int(department) if department and department.isdecimal() else None
    if number not in agent.departments:
        raise RefusedError(60123, "invalid party id")
    return {
        "userlist": [
            {"userid": user, "name": agent.users[user], "department": [number]}
            for user in agent.members.get(number, ())
        ]
    }


def user_info(agent: Agent, userid: str | None) -> dict[str, Any]:
    """Return the data of a member."""
    if (user := agent.find_user(userid or "")) is None:
        raise RefusedError(60111, "userid not found")
    departments = [
        number for number, members in agent.members.items() if user in members
    ]
    return {
        "userid": user,
        "name": agent.users[user],
        "department": departments,
        "position": "",
        "status": 1,
    }


def tag_list(agent: Agent) -> dict[str, Any]:
    """List the tags."""
    return {
        "taglist": [
            {"tagid": number, "tagname": name} for number, name in agent.tags.items()
        ]
    }


def tag_members(agent: Agent, tag: str | None) -> dict[str, Any]:
    """List the members with a tag: here, all members."""
    number = int(tag) if tag and tag.isdecimal() else None
    if number not in agent.tags:
        raise RefusedError(40068, "invalid tagid")
    return {
        "userlist": [
            {"userid": user, "name": name} for user, name in agent.users.items()
        ],
        "partylist": [],
    }
