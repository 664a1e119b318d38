"""Fixtures: a clock that stands still, and what adds an automation."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest

from homeassistant.components.blueprint.models import Blueprint
from homeassistant.components.blueprint.schemas import BLUEPRINT_SCHEMA
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import yaml as yaml_util

from .common import BLUEPRINTS, THEN


@pytest.fixture(name="clock", autouse=True)
async def clock_fixture(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> FrozenDateTimeFactory:
    """Return a clock that stands still at a Saturday morning."""
    await hass.config.async_set_time_zone("UTC")
    freezer.move_to(THEN)
    return freezer


@pytest.fixture(name="add")
async def add_fixture(hass: HomeAssistant, tmp_path: Path) -> Callable[..., Any]:
    """Return what adds an automation made with a blueprint."""
    folder = tmp_path / "blueprints" / "automation" / "wechat_push"
    folder.mkdir(parents=True)
    for path in BLUEPRINTS.iterdir():
        data: Any = yaml_util.parse_yaml(path.read_text(encoding="utf-8"))
        # As Home Assistant writes what was imported.
        imported = Blueprint(data, schema=BLUEPRINT_SCHEMA).yaml()
        (folder / path.name).write_text(imported, encoding="utf-8")
    hass.config.config_dir = str(tmp_path)

    async def add(blueprint: str, **inputs: Any) -> None:
        """Add an automation, with the inputs that a person fills in."""
        config = {
            "id": "1",
            "alias": "Watch",
            "use_blueprint": {
                "path": f"wechat_push/{blueprint}.yaml",
                "input": inputs,
            },
        }
        assert await async_setup_component(hass, "automation", {"automation": config})
        await hass.async_block_till_done()
        assert hass.states.get("automation.watch") is not None
        assert hass.states.is_state("automation.watch", "on")

    return add
