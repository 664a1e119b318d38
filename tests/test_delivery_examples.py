"""The examples of the pages about delivery do what the pages say."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
import re
from typing import Any, Final

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    async_fire_time_changed,
    async_get_persistent_notifications,
)

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.setup import async_setup_component
from homeassistant.util import yaml as yaml_util
from tests.entities import queue, until
from tests.samples import WECOM, WXPUSHER, send, set_up
from tests.simulators import WeCom, WxPusher
from tests.simulators.base import json_answer

ROOT: Final = Path(__file__).parent.parent
LANGUAGES: Final = ("en", "zh-Hans")

type Happening = Callable[[HomeAssistant, WeCom], Awaitable[None]]


def example(language: str, number: int) -> Any:
    """Return an example of the page."""
    page = (ROOT / "docs" / language / "delivery.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```yaml\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    assert len(blocks) == 3
    return yaml_util.parse_yaml(blocks[number])


@pytest.fixture(autouse=True)
async def house(hass: HomeAssistant, wecom: WeCom, wxpusher: WxPusher) -> None:
    """Set up the recipients that the examples name."""
    for sample, simulator, name in (
        (WECOM, wecom, "Family WeCom"),
        (WXPUSHER, wxpusher, "Dad WxPusher"),
    ):
        recipient = {**sample.recipient, "name": name}
        await set_up(hass, sample, simulator, recipient=recipient)


async def refuse(hass: HomeAssistant, wecom: WeCom) -> None:
    """Let a message be refused."""
    wecom.script(json_answer({"errcode": 85002}), path=WECOM.path)
    with pytest.raises(HomeAssistantError):
        await send(hass, "Someone is there.", entity_id="notify.family_wecom")


async def let_through(hass: HomeAssistant, wecom: WeCom) -> None:
    """Let a message go through."""
    await send(hass, "Someone is there.", entity_id="notify.family_wecom")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("happens", "told"),
    [(refuse, ["wecom_forbidden_words"]), (let_through, [])],
    ids=["refused", "sent"],
)
async def test_other_way(
    hass: HomeAssistant,
    wecom: WeCom,
    wxpusher: WxPusher,
    language: str,
    happens: Happening,
    told: list[str],
) -> None:
    """Test that somebody is told of what did not go out, once, and of nothing else."""
    config = {"automation": [example(language, 0)]}
    assert await async_setup_component(hass, "automation", config)
    await happens(hass, wecom)
    await hass.async_block_till_done()
    assert [
        re.findall(r"[a-z_]{9,}", each.text)[-1] for each in wxpusher.notifications
    ] == told
    for entry in hass.config_entries.async_entries("wechat_push"):
        assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert len(wxpusher.notifications) == len(told)


async def nothing(hass: HomeAssistant, wecom: WeCom) -> None:
    """Leave all as it is."""


async def stop(hass: HomeAssistant, wecom: WeCom) -> None:
    """Stop the service, so that messages wait."""
    await wecom.stop()


async def forbid(hass: HomeAssistant, wecom: WeCom) -> None:
    """Let the service refuse what comes."""
    wecom.script(json_answer({"errcode": 85002}), path=WECOM.path)


async def unload(hass: HomeAssistant, wecom: WeCom) -> None:
    """Unload the account."""
    entry = hass.config_entries.async_entries("wechat_push")[0]
    assert await hass.config_entries.async_unload(entry.entry_id)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("happens", "by_wecom", "by_wxpusher"),
    [(nothing, 1, 0), (stop, 0, 1), (forbid, 0, 1), (unload, 0, 1)],
    ids=["sent", "queued", "refused", "unloaded"],
)
async def test_other_service(
    hass: HomeAssistant,
    wecom: WeCom,
    wxpusher: WxPusher,
    language: str,
    happens: Happening,
    by_wecom: int,
    by_wxpusher: int,
) -> None:
    """Test that the second service is used if the first does not take the message."""
    config = {"script": {"example": example(language, 1)}}
    assert await async_setup_component(hass, "script", config)
    await happens(hass, wecom)
    await hass.services.async_call("script", "example", blocking=True)
    await hass.async_block_till_done()
    assert len(wecom.notifications) == by_wecom
    assert len(wxpusher.notifications) == by_wxpusher


@pytest.mark.parametrize("language", LANGUAGES)
async def test_waiting(
    hass: HomeAssistant,
    wecom: WeCom,
    language: str,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Test that messages that wait are shown, with the reason, in words."""
    assert await async_setup_component(hass, "persistent_notification", {})
    config = {"automation": [example(language, 2)]}
    assert await async_setup_component(hass, "automation", config)
    await queue(hass, wecom)
    await send(hass, "Someone is there.", entity_id="notify.family_wecom")
    freezer.tick(timedelta(minutes=11))
    async_fire_time_changed(hass)
    await until(hass, lambda: bool(async_get_persistent_notifications(hass)))
    (shown,) = async_get_persistent_notifications(hass).values()
    assert re.search(r"\b1 ", shown["message"])
    assert "Cannot connect" in shown["message"]
