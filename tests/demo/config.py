"""The configuration folder of a Home Assistant that keeps to itself."""

import json
from pathlib import Path
import shutil
from typing import Any, Final

from . import DOMAIN

HOST: Final = "127.0.0.1"
# In the media folder.
PICTURE: Final = "doorbell.png"

_INTEGRATION = Path(__file__).resolve().parents[2] / "custom_components" / DOMAIN
_THEN = "2026-11-01T00:00:00+00:00"
_YAML = """\
# Not default_config, which would look for devices in the network.
homeassistant:
  media_dirs:
    # In a container, it would be a folder of the system.
    local: {media}
frontend:
config:
history:
logbook:
media_source:
automation: !include automations.yaml
script: !include scripts.yaml
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
    media = folder / "media"
    media.mkdir()
    shutil.copy(_INTEGRATION / "brand" / "icon.png", media / PICTURE)
    yaml = _YAML.format(media=json.dumps(str(media)))
    (folder / "configuration.yaml").write_text(yaml, encoding="utf-8")
    (folder / "automations.yaml").write_text("[]\n", encoding="utf-8")
    (folder / "scripts.yaml").write_text("{}\n", encoding="utf-8")
    _store(folder, "http", 3, 1, _http(port))
    # That step of the onboarding also adds a weather forecast, radio stations and a voice,
    # all of the internet. What else it does, the demo does itself.
    _store(folder, "onboarding", 4, 1, {"done": ["core_config"]})
    _store(folder, "core.config_entries", 1, 5, {"entries": [_no_marketplace()]})


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
