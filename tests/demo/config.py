"""The configuration folder of a Home Assistant that keeps to itself."""

from importlib.metadata import version
import json
from pathlib import Path
import shutil
from typing import Any, Final

from . import DOMAIN

HOST: Final = "127.0.0.1"
# In the media folder.
PICTURE: Final = "doorbell.png"

_INTEGRATION = Path(__file__).resolve().parents[2] / "custom_components" / DOMAIN
_HOUSE = Path(__file__).parent / "house"
_HOUSE_DOMAIN = "demo_house"
_THEN = "2026-11-01T00:00:00+00:00"
# Since then the settings of the server are not in YAML any more.
_HTTP_STORED = (2026, 11)
# The alert writes to the recipients of two services, by the names that they have.
ALERT_NOTIFIERS = ("quan_jia_everyone", "home_alarms_pushjet")
_YAML = f"""\
# Not default_config, which would look for devices in the network.
homeassistant:
  media_dirs:
    # In a container, it would be a folder of the system.
    local: {{media}}
frontend:
config:
history:
logbook:
media_source:
automation: !include automations.yaml
script: !include scripts.yaml

camera:
  - platform: {_HOUSE_DOMAIN}

input_boolean:
  water:
    name: Water in the cellar
    icon: mdi:water-alert

alert:
  water:
    name: Water in the cellar
    entity_id: input_boolean.water
    repeat: 1
    title: 地下室漏水 Water in the cellar
    message: 请立即检查。Check the cellar at once.
    done_message: 已恢复正常。The cellar is dry again.
    notifiers: [{", ".join(ALERT_NOTIFIERS)}]
"""
_HTTP_YAML = """
http:
  server_host: {host}
  server_port: {port}
"""


def address(port: int) -> str:
    """Return where Home Assistant is reached."""
    return f"http://{HOST}:{port}"


def create(folder: Path, port: int) -> None:
    """Create the folder anew."""
    shutil.rmtree(folder, ignore_errors=True)
    custom_components = folder / "custom_components"
    custom_components.mkdir(parents=True)
    (custom_components / DOMAIN).symlink_to(_INTEGRATION, target_is_directory=True)
    (custom_components / _HOUSE_DOMAIN).symlink_to(_HOUSE, target_is_directory=True)
    newest = _home_assistant() >= _HTTP_STORED
    media = folder / "media"
    media.mkdir()
    shutil.copy(_INTEGRATION / "brand" / "icon.png", media / PICTURE)
    yaml = _YAML.format(media=json.dumps(str(media)))
    if not newest:
        yaml += _HTTP_YAML.format(host=HOST, port=port)
    (folder / "configuration.yaml").write_text(yaml, encoding="utf-8")
    (folder / "automations.yaml").write_text("[]\n", encoding="utf-8")
    (folder / "scripts.yaml").write_text("{}\n", encoding="utf-8")
    if newest:
        _store(folder, "http", 3, 1, _http(port))
    # That step of the onboarding also adds a weather forecast, radio stations and a voice,
    # all of the internet. What else it does, the demo does itself.
    _store(folder, "onboarding", 4, 1, {"done": ["core_config"]})
    if newest:
        _store(folder, "core.config_entries", 1, 5, {"entries": [_no_marketplace()]})


def _home_assistant() -> tuple[int, int]:
    """Return year and month of the Home Assistant that is installed here."""
    year, month, *_ = version("homeassistant").split(".")
    return int(year), int(month)


def _store(folder: Path, key: str, version: int, minor: int, data: Any) -> None:
    """Write a file as Home Assistant stores what a person sets in the frontend."""
    storage = folder / ".storage"
    storage.mkdir(exist_ok=True)
    document = {"version": version, "minor_version": minor, "key": key, "data": data}
    (storage / key).write_text(json.dumps(document, indent=2), encoding="utf-8")


def _http(port: int) -> dict[str, Any]:
    """Return the settings of the server.

    In YAML they would be deprecated, and be on trial for five minutes: unless somebody
    confirms them, Home Assistant then restarts without them.
    """
    stable = {
        "server_host": [HOST],
        "server_port": port,
        "cors_allowed_origins": [],
        "login_attempts_threshold": -1,
        "ip_ban_enabled": True,
        "ssl_profile": "intermediate_v6",
        "use_x_frame_options": True,
        "created_at": _THEN,
        "error": None,
        "error_message": None,
    }
    return {"stable": stable, "pending": None, "yaml_migration_done": True}


def _no_marketplace() -> dict[str, Any]:
    """Return the entry of a Marketplace turned off: it would fetch its catalogue."""
    return {
        "created_at": _THEN,
        "data": {},
        "disabled_by": "user",
        "discovery_keys": {},
        "domain": "marketplace",
        "entry_id": "01M7XX0T3J6JKCYZZQQXBJPWK1",
        "minor_version": 1,
        "modified_at": _THEN,
        "options": {},
        "pref_disable_new_entities": False,
        "pref_disable_polling": False,
        "source": "system",
        "subentries": [],
        "title": "",
        "unique_id": None,
        "version": 1,
    }
