"""The examples of the pages for people who come from elsewhere do what they say."""

from collections.abc import Callable
from pathlib import Path
import re
from typing import Any, Final

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    config_validation as cv,
    entity_registry as er,
    label_registry as lr,
)
from homeassistant.helpers.script import Script
from homeassistant.setup import async_setup_component
from homeassistant.util import yaml as yaml_util
from tests.messages import WECOM_SEND, bodies
from tests.pictures import picture, set_up_camera, uploaded
from tests.samples import WECOM, WXPUSHER, add_recipient, set_up
from tests.simulators import WeCom, WxPusher

ROOT: Final = Path(__file__).parent.parent

type Example = Callable[[int], Any]


@pytest.fixture(name="example", params=["en", "zh-Hans"])
async def example_fixture(
    hass: HomeAssistant,
    wecom: WeCom,
    wxpusher: WxPusher,
    request: pytest.FixtureRequest,
) -> Example:
    """Set up the recipients that a page names; return what reads its examples."""
    page = (ROOT / "docs" / request.param / "moving.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```yaml\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    assert len(blocks) == 6
    # As in configuration.yaml, when Home Assistant starts.
    group: Any = yaml_util.parse_yaml(blocks[3])
    assert await async_setup_component(hass, "notify", group)
    entry = await set_up(
        hass, WECOM, wecom, recipient={**WECOM.recipient, "name": "wework"}
    )
    fields = {**WECOM.recipient, "name": "Family WeCom", "targets": ["@ZhangSan"]}
    await add_recipient(hass, entry, fields)
    recipient = {**WXPUSHER.recipient, "name": "Dad WxPusher"}
    await set_up(hass, WXPUSHER, wxpusher, recipient=recipient)
    return lambda number: yaml_util.parse_yaml(blocks[number])


async def perform(hass: HomeAssistant, action: Any) -> None:
    """Perform a single action."""
    await Script(hass, cv.SCRIPT_SCHEMA([action]), "Example", "script").async_run({})
    await hass.async_block_till_done()


async def test_wework(hass: HomeAssistant, wecom: WeCom, example: Example) -> None:
    """Test that a call of ha-wework_notify and its new words send the same."""
    for number in (0, 1):
        await perform(hass, example(number))
    old, new = bodies(wecom, WECOM_SEND)
    for body in (old, new):
        assert body["touser"].split("|") == ["LiSi", "ZhangSan"]
        assert body["textcard"]["url"] == "https://home.example.com/lovelace/door"
    assert old["textcard"] == new["textcard"]


async def test_article(hass: HomeAssistant, wecom: WeCom, example: Example) -> None:
    """Test that the article is confidential and has the camera's picture."""
    await set_up_camera(hass)
    await perform(hass, example(2))
    (body,) = bodies(wecom, WECOM_SEND)
    assert (body["msgtype"], body["safe"]) == ("mpnews", 1)
    assert uploaded(wecom).data == picture()


async def test_group(
    hass: HomeAssistant, wecom: WeCom, wxpusher: WxPusher, example: Example
) -> None:
    """Test that the old name of several addresses writes to the group."""
    await perform(hass, example(4))
    assert len(wecom.notifications) == len(wxpusher.notifications) == 1


async def test_label(
    hass: HomeAssistant, wecom: WeCom, wxpusher: WxPusher, example: Example
) -> None:
    """Test that a label stands in for a tag."""
    label = lr.async_get(hass).async_create("Alarms")
    registry = er.async_get(hass)
    for name in ("family_wecom", "dad_wxpusher"):
        registry.async_update_entity(f"notify.{name}", labels={label.label_id})
    await perform(hass, example(5))
    assert len(wecom.notifications) == len(wxpusher.notifications) == 1
