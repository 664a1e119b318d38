"""What a home has beside its accounts: a group, messages at hand, a dashboard."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from . import DOMAIN
from .api import Api
from .config import ALERT_NOTIFIERS
from .errors import DemoError
from .walk import ACCOUNT_FLOW, submit

DASHBOARD = "demo-home"
GROUP_NAME = "大家 Everybody"

_FRONT_DOOR = "media-source://camera/camera.front_door"
_GARDEN = "media-source://camera/camera.garden"


async def furnish(api: Api, recipients: Mapping[str, str], page_url: str) -> None:
    """Add group, scripts and dashboard.

    Args:
        api: of Home Assistant.
        recipients: the notify entity for each service.
        page_url: of the phones.

    """
    group = await _add_group(api, list(recipients.values()))
    scripts = _scripts(group, recipients)
    for key, script in scripts.items():
        await api.post(f"/api/config/script/config/{key}", script)
    # Each of them is loaded at once; in the oldest Home Assistant, the last one is not.
    await api.post("/api/services/script/reload", {})
    await _check_alert(api)
    deliveries = await _deliveries(api, set(recipients.values()))
    await api.command(
        "lovelace/dashboards/create",
        url_path=DASHBOARD,
        title="WeChat Push",
        icon="mdi:message-badge",
        mode="storage",
        show_in_sidebar=True,
        require_admin=False,
    )
    await api.command(
        "lovelace/config/save",
        url_path=DASHBOARD,
        config=_dashboard(scripts, [group, *recipients.values()], deliveries, page_url),
    )


async def _add_group(api: Api, members: Sequence[str]) -> str:
    """Add a group of notify entities in the UI; return its entity."""
    menu = await api.post(ACCOUNT_FLOW, {"handler": "group"})
    form = await api.post(
        f"{ACCOUNT_FLOW}/{menu['flow_id']}", {"next_step_id": "notify"}
    )
    added = await submit(
        api, ACCOUNT_FLOW, form, {"name": GROUP_NAME, "entities": list(members)}
    )
    entry_id = added["result"]["entry_id"]
    for entity in await api.command("config/entity_registry/list"):
        if entity["config_entry_id"] == entry_id:
            entity_id: str = entity["entity_id"]
            return entity_id
    raise DemoError("the group has no entity")


async def _deliveries(api: Api, recipients: Collection[str]) -> list[str]:
    """Return the entities that tell what becomes of the recipients' messages."""
    entities = await api.command("config/entity_registry/list")
    devices = [one["device_id"] for one in entities if one["entity_id"] in recipients]
    return [
        one["entity_id"]
        for one in entities
        if one["device_id"] in devices and one["entity_id"].startswith("event.")
    ]


async def _check_alert(api: Api) -> None:
    """Check that the actions which the alert calls are there."""
    domains = {one["domain"]: one["services"] for one in await api.get("/api/services")}
    if missing := [name for name in ALERT_NOTIFIERS if name not in domains["notify"]]:
        raise DemoError(f"the alert calls actions that are not there: {missing}")


def _scripts(group: str, recipients: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return messages to send by a click, in the order of the dashboard."""
    wecom = recipients["wecom"]
    return {
        "demo_text": _script(
            "门铃 Doorbell",
            "mdi:bell-ring",
            "notify.send_message",
            group,
            title="门铃 Doorbell",
            message="前门有人。Someone is at the front door.",
        ),
        "demo_picture": _script(
            "图片 Camera picture",
            "mdi:camera",
            f"{DOMAIN}.send_message",
            list(recipients.values()),
            title="前门 Front door",
            message="有一个包裹。A parcel has been delivered.",
            image=_media(_FRONT_DOOR),
        ),
        "demo_markdown": _script(
            "Markdown",
            "mdi:language-markdown",
            f"{DOMAIN}.send_message",
            list(recipients.values()),
            title="今日用电 Energy today",
            format="markdown",
            message=(
                "**光伏 Solar** 14.2 kWh\n\n- 自用 Used at home: 9.8 kWh\n"
                "- 上网 Fed in: 4.4 kWh\n\n> 比昨天多 12%。12% more than yesterday."
            ),
        ),
        "demo_html": _script(
            "HTML",
            "mdi:language-html5",
            f"{DOMAIN}.send_message",
            [recipients["wxpusher"], recipients["pushplus"]],
            title="室温 Temperatures",
            format="html",
            message=(
                "<table><tr><th>客厅 Living room</th><td>21.5 °C</td></tr>"
                "<tr><th>卧室 Bedroom</th><td>18.0 °C</td></tr></table>"
                "<p style='color: #07a35a'>一切正常 All is well</p>"
            ),
        ),
        "demo_card": _script(
            "卡片 WeCom card",
            "mdi:card-text",
            f"{DOMAIN}.send_message",
            wecom,
            title="洗衣机 Washing machine",
            message="洗完了。The laundry is done.",
            card_type="text_notice",
            source="Home Assistant",
            emphasis={"title": "54 min", "description": "棉织物 Cotton, 60 °C"},
            items=[
                {"name": "用电 Energy", "value": "1.2 kWh"},
                {"name": "用水 Water", "value": "48 L"},
            ],
            url="https://www.home-assistant.io",
        ),
        "demo_garden": _script(
            "夜间 Garden at night",
            "mdi:weather-night",
            f"{DOMAIN}.send_message",
            wecom,
            message="花园里有一只狐狸。There is a fox in the garden.",
            image=_media(_GARDEN),
        ),
    }


def _media(content_id: str) -> dict[str, str]:
    """Return a camera as the media picker gives it."""
    return {"media_content_id": content_id, "media_content_type": "image/jpeg"}


def _script(
    name: str, icon: str, action: str, entity_id: str | Sequence[str], **data: Any
) -> dict[str, Any]:
    """Return a script that sends one message."""
    call = {"action": action, "target": {"entity_id": entity_id}, "data": data}
    return {"alias": name, "icon": icon, "sequence": [call]}


def _dashboard(
    scripts: Iterable[str],
    recipients: Sequence[str],
    deliveries: Sequence[str],
    page_url: str,
) -> dict[str, Any]:
    """Return the dashboard: what to press, what becomes of it, and the phones."""
    buttons = [
        {
            "type": "tile",
            "entity": f"script.{key}",
            "vertical": False,
            "hide_state": True,
            "tap_action": {
                "action": "perform-action",
                "perform_action": f"script.{key}",
            },
        }
        for key in scripts
    ]
    activity: list[Mapping[str, Any]] = [
        {"type": "heading", "heading": "活动 Activity"},
        {
            "type": "logbook",
            "target": {"entity_id": deliveries},
            "hours_to_show": 24,
            "grid_options": {"rows": 6},
        },
        {"type": "entities", "entities": recipients},
    ]
    cameras = [
        {"type": "picture-entity", "entity": camera, "show_state": False}
        for camera in ("camera.front_door", "camera.garden")
    ]
    water: list[Mapping[str, Any]] = [
        {"type": "tile", "entity": "input_boolean.water"},
        {"type": "tile", "entity": "alert.water"},
    ]
    return {
        "views": [
            {
                "title": "WeChat Push",
                "type": "sections",
                "max_columns": 2,
                "sections": [
                    _section("发送 Send", [*buttons, *activity]),
                    _section("家 Home", [*water, *cameras]),
                ],
            },
            {
                "title": "手机 Phones",
                "type": "panel",
                "cards": [{"type": "iframe", "url": page_url}],
            },
        ]
    }


def _section(title: str, cards: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return a section of the dashboard."""
    return {"type": "grid", "cards": [{"type": "heading", "heading": title}, *cards]}
