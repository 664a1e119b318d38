"""The rules for the metadata find what they are for, and nothing else."""

from io import BytesIO
from typing import Any

from PIL import Image
import pytest

from . import metadata
from .common import Rule

HACS = {
    "name": "WeChat Push",
    "homeassistant": "2026.6.0",
    "zip_release": True,
    "filename": "wechat_push.zip",
}
MANIFEST = {
    "domain": "wechat_push",
    "name": "WeChat Push",
    "categories": ["chat.apps"],
    "codeowners": ["@someone"],
    "config_flow": True,
    "connectivity": ["cloud"],
    "documentation": "https://example.com/",
    "integration_type": "service",
    "iot_class": "cloud_push",
    "issue_tracker": "https://example.com/issues",
    "requirements": ["lib==1.0"],
    "version": "1.2.3",
}
CATEGORIES = [{"slug": "chat", "subcategories": [{"slug": "apps"}]}, {"slug": "lights"}]
CONNECTIVITY = [{"slug": "cloud"}, {"slug": "network"}]


def picture(size: int, colour: tuple[int, ...], form: str = "PNG") -> bytes:
    """Return a picture of one opaque block in a corner, before a colour."""
    image = Image.new("RGBA", (size, size), colour)
    image.paste((0, 200, 0, 255), (0, 0, size // 2, size // 2))
    file = BytesIO()
    image.save(file, form)
    return file.getvalue()


@pytest.mark.parametrize(
    ("rule", "data"),
    [
        (metadata.hacs_keys, (HACS,)),
        (metadata.hacs_release, (HACS,)),
        (metadata.hacs_release, ({},)),
        (metadata.hacs_version, (HACS,)),
        (metadata.manifest_keys, (MANIFEST,)),
        (metadata.manifest_order, (MANIFEST,)),
        (metadata.manifest_links, (MANIFEST,)),
        (metadata.manifest_values, (MANIFEST,)),
        (metadata.manifest_version, (MANIFEST,)),
        (metadata.manifest_categories, (MANIFEST, CATEGORIES, CONNECTIVITY)),
        (metadata.quality_rules, ({"rules": {"brands": "done"}}, ["brands"])),
        (
            metadata.quality_statuses,
            (
                {
                    "rules": {
                        "a": "done",
                        "b": "todo",
                        "c": {"status": "exempt", "comment": "No."},
                        "d": {"status": "done", "comment": "Yes."},
                    }
                },
            ),
        ),
        (metadata.brand_icon, (picture(8, (0, 0, 0, 0)), 8)),
    ],
)
def test_accepts(rule: Rule, data: tuple[Any, ...]) -> None:
    """A rule has nothing against what is right."""
    assert list(rule(*data)) == []


@pytest.mark.parametrize(
    ("rule", "data", "problems"),
    [
        (
            metadata.hacs_keys,
            ({"domain": "x"},),
            ["hacs.json: unknown key domain", "hacs.json: name is missing"],
        ),
        (
            metadata.hacs_keys,
            (HACS | {"zip_release": "yes"},),
            ["zip_release: 'yes' is of the wrong type"],
        ),
        (
            metadata.hacs_release,
            ({"zip_release": True},),
            ["filename: '' is not the name of a zip file"],
        ),
        (
            metadata.hacs_version,
            ({"homeassistant": "2026.6"},),
            ["homeassistant: '2026.6' is not a version like 2026.6.0"],
        ),
        (
            metadata.manifest_keys,
            (MANIFEST | {"zeroconf": [], "version": ""},),
            [
                "manifest.json: unknown key zeroconf",
                "manifest.json: version is missing",
            ],
        ),
        (
            metadata.manifest_keys,
            (MANIFEST | {"config_flow": "true"},),
            ["config_flow: 'true' is of the wrong type"],
        ),
        (
            metadata.manifest_order,
            ({"name": "", "version": "", "domain": "", "a": ""},),
            ["manifest.json: the order should be domain, name, a, version"],
        ),
        (
            metadata.manifest_links,
            (MANIFEST | {"documentation": "http://example.com"},),
            ["documentation: 'http://example.com' is not an https address"],
        ),
        (
            metadata.manifest_links,
            (
                MANIFEST
                | {"documentation": "https://www.home-assistant.io/integrations/x"},
            ),
            ["documentation: only core integrations are documented there"],
        ),
        (
            metadata.manifest_values,
            (MANIFEST | {"iot_class": "push"},),
            [
                "iot_class: 'push' is not one of assumed_state, calculated, cloud_polling, cloud_push, local_polling, local_push"
            ],
        ),
        (
            metadata.manifest_values,
            (MANIFEST | {"codeowners": ["me"], "requirements": ["lib>1"]},),
            [
                "codeowners: 'me' should begin with @",
                "requirements: lib>1 should be pinned with ==",
            ],
        ),
        (
            metadata.manifest_version,
            (MANIFEST | {"version": "latest one"},),
            ["version: 'latest one' is not a version"],
        ),
        (
            metadata.manifest_categories,
            (
                MANIFEST | {"categories": ["chat.lights"], "connectivity": ["post"]},
                CATEGORIES,
                CONNECTIVITY,
            ),
            ["categories: unknown key chat.lights", "connectivity: unknown key post"],
        ),
        (
            metadata.quality_rules,
            ({"rules": {"tea": "done"}}, ["brands"]),
            [
                "quality_scale.yaml: tea is in it but not in the scale",
                "quality_scale.yaml: brands is in the scale but not in it",
            ],
        ),
        (
            metadata.quality_statuses,
            ({"rules": {"a": "maybe", "b": {"status": "exempt"}, "c": "exempt"}},),
            [
                "a: unknown status 'maybe'",
                "b: an exemption needs a comment",
                "c: an exemption needs a comment",
            ],
        ),
        (
            metadata.brand_icon,
            (picture(8, (0, 0, 0, 0)), 16),
            ["it is 8 x 8, not 16 x 16"],
        ),
        (
            metadata.brand_icon,
            (picture(8, (9, 9, 9, 255)), 8),
            ["its background is not transparent"],
        ),
        (
            metadata.brand_icon,
            (picture(8, (0, 0, 0, 0), "WEBP"), 8),
            ["it is a WEBP, not a PNG"],
        ),
    ],
)
def test_finds(rule: Rule, data: tuple[Any, ...], problems: list[str]) -> None:
    """A rule finds each thing that is wrong."""
    assert list(rule(*data)) == problems
