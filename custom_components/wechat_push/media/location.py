"""Where a medium is: what people, blueprints and the media selector enter for it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
import re
from typing import Final

from yarl import URL

from homeassistant.core import HomeAssistant
from homeassistant.helpers.network import is_hass_url

from ..clients.errors import ContentError
from ..clients.message import shortened
from ..const import PROBLEM_MEDIA_NOT_FOUND
from .fetch import parse_url, shown_host

_MEDIA_SOURCE = "media-source://"
_ENTITY = re.compile(r"(camera|image|media_player)\.[a-z0-9_]+")
# Paths of Home Assistant's web server that show an entity, by the domain of the entity.
_PROXIES: Final = {
    "camera_proxy": "camera",
    "camera_proxy_stream": "camera",
    "image_proxy": "image",
    "image_proxy_stream": "image",
    "media_player_proxy": "media_player",
}
_CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Entity:
    """A camera, an image entity or a media player."""

    entity_id: str

    @property
    def domain(self) -> str:
        """Return the domain of the entity."""
        return self.entity_id.partition(".")[0]


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """An item of a media source."""

    identifier: str

    @property
    def source(self) -> str:
        """Return the domain of the media source."""
        return self.identifier.removeprefix(_MEDIA_SOURCE).partition("/")[0]


@dataclass(frozen=True, kw_only=True, slots=True)
class Files:
    """A file: the first of several paths at which there is one."""

    paths: tuple[Path, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Served:
    """A path, with its query, at Home Assistant's own web server.

    Args:
        url: relative URL.
        entity_id: entity that it shows.

    """

    url: URL = field(repr=False)
    entity_id: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Web:
    """A URL of the web; it may hold a secret."""

    url: URL = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Data:
    """A `data:` URL, after its scheme."""

    text: str = field(repr=False)


type Location = Entity | Item | Files | Served | Web | Data


def parse_location(hass: HomeAssistant, text: str) -> Location:
    """Return where a medium is.

    Args:
        hass: Home Assistant.
        text: an entity ID, an item of a media source, a path, or a URL.

    Raises:
        ContentError: this cannot be meant.

    """
    text = text.strip()
    if text.startswith(_MEDIA_SOURCE):
        item = Item(identifier=text)
        last = text.rpartition("/")[2]
        if item.source in ("camera", "image") and _ENTITY.fullmatch(last):
            return Entity(entity_id=last)
        return item
    if text[:5].lower() == "data:":
        return Data(text=text[5:])
    if "://" in text:
        return web_location(hass, parse_url(text))
    if _ENTITY.fullmatch(text):
        return Entity(entity_id=text)
    if text.startswith(("/api/", "/local/", "/media/")):
        return served_location(hass, text)
    if not text:
        raise ContentError(PROBLEM_MEDIA_NOT_FOUND, name="?")
    return Files(paths=(Path(text),))


def web_location(hass: HomeAssistant, url: URL) -> Location:
    """Return where a URL leads: to the web, or to Home Assistant itself."""
    if is_hass_url(hass, str(url)):
        return served_location(hass, url.raw_path_qs)
    return Web(url=url)


def served_location(hass: HomeAssistant, text: str) -> Location:
    """Return what a path of Home Assistant's web server shows.

    Args:
        hass: Home Assistant.
        text: path with its query, percent-encoded or not.

    """
    # Two slashes would begin the name of another server.
    text = f"/{text.lstrip('/')}"
    try:
        url = URL(text)
    except ValueError:
        url = URL.build(path=text)
    match url.path.split("/")[1:]:
        case ["api", proxy, entity_id, *rest] if proxy in _PROXIES:
            if not rest and _ENTITY.fullmatch(entity_id):
                return Entity(entity_id=entity_id)
            return Served(url=url, entity_id=entity_id)
        case ["local", *_]:
            folder = Path(hass.config.path("www"))
            return Files(paths=tuple(_beneath(folder, text, url, "/local/")))
        case ["media", folder_id, *_] if folder_id in hass.config.media_dirs:
            folder = Path(hass.config.media_dirs[folder_id])
            prefix = f"/media/{folder_id}/"
            # The folder of all media has the same name in most installations.
            paths = (*_beneath(folder, text, url, prefix), Path(text))
            return Files(paths=paths)
        case ["media", *_]:
            return Files(paths=(Path(text),))
    return Served(url=url)


def _beneath(folder: Path, text: str, url: URL, prefix: str) -> Iterator[Path]:
    """Yield the paths in a folder that a path of the web server may stand for."""
    for each in (text, url.path):
        if each.startswith(prefix):
            yield folder / each.removeprefix(prefix).lstrip("/")


def shown_name(location: Location) -> str:
    """Return the name of a medium for errors, notes and logs, without what is secret."""
    match location:
        case Entity():
            name = location.entity_id
        case Item():
            # The query holds options, such as the text to speak.
            name = location.identifier.partition("?")[0].rpartition("/")[2]
        case Files():
            name = location.paths[-1].name
        case Served():
            name = location.entity_id or location.url.name
        case Web():
            name = shown_host(location.url)
        case Data():
            name = "data:"
    return shortened(clean_name(name)) or "?"


def clean_name(name: str) -> str:
    """Return a file name without control characters."""
    return _CONTROL_CHARACTERS.sub("_", name).strip()
