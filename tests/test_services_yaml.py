"""The fields that the editors show are those that the actions take."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest

from custom_components.wechat_push import fields, services
from custom_components.wechat_push.clients.message import Format, Overflow
from custom_components.wechat_push.clients.pushplus.client import CHANNELS, TEMPLATES
from custom_components.wechat_push.clients.wecom.cards import CardType
from custom_components.wechat_push.clients.wecom.messages import Kind
from custom_components.wechat_push.clients.wecom.robot_messages import RobotKind
from homeassistant.util.yaml import load_yaml_dict

_FILE = Path(services.__file__).with_name("services.yaml")


def _fields(action: str) -> dict[str, Any]:
    """Return the fields of an action, out of their sections."""
    fields: dict[str, Any] = {}
    for name, field in load_yaml_dict(str(_FILE))[action]["fields"].items():
        fields |= field.get("fields") or {name: field}
    return fields


@pytest.mark.parametrize(
    ("action", "known"),
    [
        ("send_message", fields.FIELDS),
        ("recall_message", {services.ATTR_MESSAGE_ID}),
    ],
)
def test_fields(action: str, known: Collection[str]) -> None:
    """Test that each field of an action can be filled in, and no other."""
    assert set(_fields(action)) == set(known)


@pytest.mark.parametrize(
    ("field", "options"),
    [
        ("format", Format),
        ("overflow", Overflow),
        ("kind", dict.fromkeys(map(str, (*Kind, *RobotKind)))),
        ("card_type", CardType),
        ("channel", CHANNELS),
        ("template", TEMPLATES),
    ],
)
def test_options(field: str, options: Any) -> None:
    """Test that everything a field can be is offered."""
    offered = _fields("send_message")[field]["selector"]["select"]["options"]
    assert offered == [str(option) for option in options]
