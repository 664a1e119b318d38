"""The blueprints can be imported from the repository."""

from pathlib import Path
import re
from typing import Final
from urllib.parse import quote

import pytest
from pytest_homeassistant_custom_component.test_util.aiohttp import AiohttpClientMocker

from homeassistant.components.blueprint import importer
from homeassistant.core import HomeAssistant

from .common import BLUEPRINTS, ROOT

PAGES: Final = sorted(ROOT.glob("docs/*/messages.md"))


@pytest.mark.parametrize(
    "path", sorted(BLUEPRINTS.iterdir()), ids=lambda path: path.stem
)
async def test_import(
    hass: HomeAssistant, aioclient_mock: AiohttpClientMocker, path: Path
) -> None:
    """Test that a blueprint is imported from the address that it names itself."""
    source = f"wechat-push/ha-wechat-push/{{}}main/blueprints/automation/wechat_push/{path.name}"
    aioclient_mock.get(
        f"https://raw.githubusercontent.com/{source.format('')}",
        text=path.read_text(encoding="utf-8"),
    )
    address = f"https://github.com/{source.format('blob/')}"
    imported = await importer.fetch_blueprint_from_url(hass, address)
    assert imported.suggested_filename == f"wechat-push/{path.stem}"
    assert imported.blueprint.metadata["source_url"] == address
    assert imported.blueprint.validate() is None
    assert imported.blueprint.metadata["homeassistant"] == {"min_version": "2026.6.0"}
    # Home Assistant does not translate it.
    assert re.search(r"[a-z] / [\u4e00-\u9fff]", imported.blueprint.name)
    for each in imported.blueprint.inputs.values():
        assert each["name"]
        assert each["selector"]
    # The buttons of the documents lead there.
    assert len(PAGES) == 2
    for page in PAGES:
        link = f"blueprint_import/?blueprint_url={quote(address, safe='')})"
        assert link in page.read_text(encoding="utf-8")
