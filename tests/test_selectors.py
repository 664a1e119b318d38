"""The words of errors are those of the form of the action."""

from pathlib import Path

import pytest

from custom_components.wechat_push import errors
from custom_components.wechat_push.errors import error_message
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.util.yaml import load_yaml_dict
from tests.messages import tell
from tests.samples import WECOM, set_up
from tests.simulators import WeCom

SERVICES = Path(errors.__file__).with_name("services.yaml")


def test_selectors() -> None:
    """Test that errors name the values of fields as their selectors do."""
    fields = load_yaml_dict(str(SERVICES))["send_message"]["fields"]
    grouped = (group.get("fields", {}) for group in fields.values())
    used = {
        name: selector["translation_key"]
        for name, field in (
            *fields.items(),
            *(each for group in grouped for each in group.items()),
        )
        for selector in field.get("selector", {}).values()
        if selector and "translation_key" in selector
    }
    assert used == errors.SELECTORS


async def test_language(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that errors name fields and values in the language of the household."""
    hass.config.language = "zh-Hans"
    await set_up(hass, WECOM, wecom)
    for given, word in (
        ({"format": "rtf"}, "纯文本 (text)"),
        ({"card_type": "poem"}, "文本通知 (text_notice)"),
        ({"kind": "image"}, "图片"),
        ({"safe": True, "kind": "news", "url": "https://example.com"}, "图片 (image)"),
        ({"level": 7}, "级别"),
    ):
        with pytest.raises(ServiceValidationError) as caught:
            await tell(hass, "x", **given)
        assert word in error_message(hass, caught.value)
