"""Rules for what stores and Home Assistant read about the integration."""

from collections.abc import Collection, Mapping, Sequence
from io import BytesIO
import re
from typing import Any

from awesomeversion import (
    AwesomeVersion,
    AwesomeVersionException,
    AwesomeVersionStrategy,
)
from PIL import Image

from .common import Json, Problems, differences, unknown

HACS_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "content_in_root": bool,
    "country": (str, list),
    "filename": str,
    "hacs": str,
    "hide_default_branch": bool,
    "homeassistant": str,
    "name": str,
    "persistent_directory": str,
    "render_readme": bool,
    "zip_release": bool,
}
MANIFEST_REQUIRED: Mapping[str, type] = {
    "codeowners": list,
    "config_flow": bool,
    "documentation": str,
    "domain": str,
    "integration_type": str,
    "iot_class": str,
    "issue_tracker": str,
    "name": str,
    "version": str,
}
# Those for discovery and for core alone are left out: a service is not discovered.
MANIFEST_OPTIONAL: Mapping[str, type] = {
    "after_dependencies": list,
    "categories": list,
    "connectivity": list,
    "dependencies": list,
    "import_executor": bool,
    "loggers": list,
    "preview_features": dict,
    "quality_scale": str,
    "requirements": list,
    "single_config_entry": bool,
}
IOT_CLASSES = (
    "assumed_state",
    "calculated",
    "cloud_polling",
    "cloud_push",
    "local_polling",
    "local_push",
)
INTEGRATION_TYPES = ("device", "hardware", "helper", "hub", "service")
VERSIONS = [
    AwesomeVersionStrategy.CALVER,
    AwesomeVersionStrategy.SEMVER,
    AwesomeVersionStrategy.SIMPLEVER,
    AwesomeVersionStrategy.BUILDVER,
    AwesomeVersionStrategy.PEP440,
]
QUALITY_STATUSES = ("done", "exempt", "todo")


def typed(data: Json, types: Mapping[str, type | tuple[type, ...]]) -> Problems:
    """Every value is of the type that belongs to its key."""
    for key, value in data.items():
        if key in types and not isinstance(value, types[key]):
            yield f"{key}: {value!r} is of the wrong type"


def hacs_keys(hacs: Json) -> Problems:
    """HACS refuses keys that it does not know, and values of another type."""
    yield from unknown("hacs.json", hacs, HACS_TYPES)
    yield from typed(hacs, HACS_TYPES)
    if "name" not in hacs:
        yield "hacs.json: name is missing"


def hacs_release(hacs: Json) -> Problems:
    """A zipped release needs the name of a zip file."""
    filename = str(hacs.get("filename", ""))
    if hacs.get("zip_release") and not re.fullmatch(r"\w+\.zip", filename):
        yield f"filename: {filename!r} is not the name of a zip file"


def hacs_version(hacs: Json) -> Problems:
    """The oldest Home Assistant is named in full."""
    version = str(hacs.get("homeassistant", ""))
    if not re.fullmatch(r"20\d\d\.\d{1,2}\.\d+", version):
        yield f"homeassistant: {version!r} is not a version like 2026.6.0"


def manifest_keys(manifest: Json) -> Problems:
    """Everything required is there, and nothing that a custom integration may not have."""
    types = {**MANIFEST_REQUIRED, **MANIFEST_OPTIONAL}
    yield from unknown("manifest.json", manifest, types)
    yield from typed(manifest, types)
    for key in MANIFEST_REQUIRED:
        if not manifest.get(key):
            yield f"manifest.json: {key} is missing"


def manifest_order(manifest: Json) -> Problems:
    """Keys stand in Home Assistant's order: domain, name, then the alphabet."""
    order = sorted(manifest, key=lambda key: (key != "domain", key != "name", key))
    if order != list(manifest):
        yield f"manifest.json: the order should be {', '.join(order)}"


def manifest_links(manifest: Json) -> Problems:
    """Links are https, and lead to our own pages."""
    for key in ("documentation", "issue_tracker"):
        link = str(manifest.get(key, ""))
        if not link.startswith("https://"):
            yield f"{key}: {link!r} is not an https address"
        if "home-assistant.io" in link:
            yield f"{key}: only core integrations are documented there"


def manifest_values(manifest: Json) -> Problems:
    """Values are among those that Home Assistant knows."""
    choices = {"iot_class": IOT_CLASSES, "integration_type": INTEGRATION_TYPES}
    for key, known in choices.items():
        if manifest.get(key) not in known:
            yield f"{key}: {manifest.get(key)!r} is not one of {', '.join(known)}"
    for owner in manifest.get("codeowners", []):
        if not re.fullmatch(r"@[\w./-]+", owner):
            yield f"codeowners: {owner!r} should begin with @"
    for requirement in manifest.get("requirements", []):
        if "==" not in requirement:
            yield f"requirements: {requirement} should be pinned with =="


def manifest_version(manifest: Json) -> Problems:
    """Home Assistant does not load an integration whose version it cannot read."""
    version = str(manifest.get("version"))
    try:
        AwesomeVersion(version, ensure_strategy=VERSIONS)
    except AwesomeVersionException:
        yield f"version: {version!r} is not a version"


def manifest_categories(
    manifest: Json,
    categories: Sequence[Mapping[str, Any]],
    connectivity: Sequence[Mapping[str, Any]],
) -> Problems:
    """Categories and connectivity are on Home Assistant's lists of them."""
    known = {
        f"{category['slug']}{sub}"
        for category in categories
        for sub in (
            "",
            *(f".{one['slug']}" for one in category.get("subcategories", [])),
        )
    }
    yield from unknown("categories", manifest.get("categories", []), known)
    yield from unknown(
        "connectivity",
        manifest.get("connectivity", []),
        [way["slug"] for way in connectivity],
    )


def quality_rules(scale: Json, known: Collection[str]) -> Problems:
    """All rules of the quality scale are there, and no others."""
    rules = scale.get("rules", {})
    yield from differences("quality_scale.yaml", "it", rules, "the scale", known)


def quality_statuses(scale: Json) -> Problems:
    """A rule is done, to be done, or exempt for a reason."""
    for rule, value in scale.get("rules", {}).items():
        status, comment = (
            (value.get("status"), value.get("comment"))
            if isinstance(value, dict)
            else (value, None)
        )
        if status not in QUALITY_STATUSES:
            yield f"{rule}: unknown status {status!r}"
        elif status == "exempt" and not comment:
            yield f"{rule}: an exemption needs a comment"


def brand_icon(png: bytes, size: int) -> Problems:
    """An icon is a square PNG that shows what is behind it."""
    with Image.open(BytesIO(png)) as image:
        if image.format != "PNG":
            yield f"it is a {image.format}, not a PNG"
        if image.size != (size, size):
            yield f"it is {image.width} x {image.height}, not {size} x {size}"
        alpha = image.convert("RGBA").getchannel("A")
        if alpha.getextrema() != (0, 255):
            yield "its background is not transparent"
