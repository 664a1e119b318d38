"""A form asks a service for choices side by side, and never waits for long."""

import asyncio
from typing import Any

import pytest

from custom_components.wechat_push.providers import base, wecom as wecom_provider
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from tests.samples import (
    UID_LI,
    UID_WANG,
    UID_ZHANG,
    WECOM,
    WXPUSHER,
    Sample,
    arrival,
    set_up,
)
from tests.simulators import Answer, Simulator, WeCom, WxPusher

AGENT = "/cgi-bin/agent/get"
DEPARTMENTS = "/cgi-bin/department/list"
MEMBERS = "/cgi-bin/user/simplelist"
TAGS = "/cgi-bin/tag/list"


async def open_form(hass: HomeAssistant, entry: ConfigEntry) -> dict[str, Any]:
    """Open the form of another recipient."""
    form = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "recipient"), context={"source": "user"}
    )
    assert form["type"] is FlowResultType.FORM
    return dict(form)


def offered(form: dict[str, Any]) -> dict[str, str]:
    """Return the choices of a form: what is shown of each by its value."""
    options = form["data_schema"].schema["targets"].config["options"]
    return {option["value"]: option["label"] for option in options}


async def test_side_by_side(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that no request waits for another, and that all may fail."""
    entry = await set_up(hass, WECOM, wecom)
    wecom.requests.clear()
    for path in (DEPARTMENTS, MEMBERS, TAGS):
        wecom.always(Answer(hang=True), path)
    opening = asyncio.create_task(open_form(hass, entry))
    for path, count in ((DEPARTMENTS, 1), (MEMBERS, 2), (TAGS, 1)):
        await arrival(wecom, path, count=count)
    await wecom.stop()
    # What the application itself has told is there without names.
    assert offered(await opening) == {"@all": "Everyone (@all)"} | {
        value: value for value in ("@zhangsan", "@lisi", "#1", "#2", "+1", "+2")
    }


async def test_partly_slow(
    hass: HomeAssistant, wecom: WeCom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Test that a form shows what has come by then."""
    entry = await set_up(hass, WECOM, wecom)
    monkeypatch.setattr(wecom_provider, "_MARGIN", base.FORM_SECONDS - 1.5)
    wecom.always(Answer(hang=True), TAGS)
    choices = offered(await open_form(hass, entry))
    assert choices["@zhangsan"] == "张三 (@zhangsan)"
    assert choices["#1"] == "Home (#1)"
    assert choices["+1"] == "+1"


@pytest.mark.parametrize("path", [AGENT, "/cgi-bin/gettoken"])
async def test_slow(
    hass: HomeAssistant, wecom: WeCom, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """Test that a form is shown without choices if nothing comes at all."""
    entry = await set_up(hass, WECOM, wecom)
    monkeypatch.setattr(base, "FORM_SECONDS", 0.1)
    wecom.tokens.clear()
    wecom.always(Answer(hang=True), path)
    assert offered(await open_form(hass, entry)) == {}


async def test_slow_followers(
    hass: HomeAssistant, wxpusher: WxPusher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Test that the same holds for the followers of WxPusher."""
    entry = await set_up(hass, WXPUSHER, wxpusher)
    monkeypatch.setattr(base, "FORM_SECONDS", 0.1)
    wxpusher.always(Answer(hang=True), "/api/fun/wxuser/v2")
    assert offered(await open_form(hass, entry)) == {}


@pytest.mark.parametrize(
    ("sample", "path", "targets"),
    [
        (WECOM, "/cgi-bin/user/get", ["@zhangsan", "@lisi", "@nobody"]),
        (WXPUSHER, "/api/fun/wxuser/v2", [UID_ZHANG, UID_LI, UID_WANG]),
    ],
    ids=["wecom", "wxpusher"],
)
async def test_check_side_by_side(
    hass: HomeAssistant,
    simulator: Simulator,
    sample: Sample,
    path: str,
    targets: list[str],
) -> None:
    """Test that no target waits for the check of another."""
    entry = await set_up(hass, sample, simulator)
    form = await open_form(hass, entry)
    simulator.requests.clear()
    simulator.always(Answer(hang=True), path)
    checking = asyncio.create_task(
        hass.config_entries.subentries.async_configure(
            form["flow_id"], {"targets": targets, "when_down": "keep"}
        )
    )
    await arrival(simulator, path, count=3)
    await simulator.stop()
    result = await checking
    assert result["errors"] == {"base": "cannot_connect"}


def test_patience() -> None:
    """Test that nobody waits longer than ten seconds for a form."""
    assert base.FORM_SECONDS <= 10
