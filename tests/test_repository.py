"""The repository keeps the rules of HACS and hassfest, and the walls of its design."""

from collections.abc import Callable
import json
from pathlib import Path
import subprocess
import sys
from typing import Any

import pytest
import yaml

import homeassistant

from .rules import keys, metadata, pages, sources, translations
from .rules.common import Problems, Rule, texts

ROOT = Path(__file__).parent.parent
INTEGRATION = ROOT / "custom_components" / "wechat_push"
HOME_ASSISTANT = Path(homeassistant.__file__).parent
CATEGORIES = HOME_ASSISTANT / "generated" / "integration_categories.json"
CONNECTIVITY = HOME_ASSISTANT / "generated" / "integration_connectivity.json"

# Home Assistant gained both lists, and the last rules of the quality scale, at one time.
newest_only = pytest.mark.skipif(
    not CATEGORIES.exists(), reason="this Home Assistant knows no categories yet"
)


def load(path: Path) -> Any:
    """Parse a JSON or YAML file."""
    text = path.read_text(encoding="utf-8")
    return json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)


def load_optional(path: Path) -> Any:
    """Parse a file that need not be there."""
    return load(path) if path.exists() else {}


def check(problems: Problems) -> None:
    """Fail with all problems, one a line."""
    found = list(problems)
    assert not found, "\n" + "\n".join(found)


def modules(folder: str, *, but: str = "-") -> list[Any]:
    """Return the modules in a folder of the integration, as parameters."""
    return [
        pytest.param(path, id=str(path.relative_to(INTEGRATION)))
        for path in sorted((INTEGRATION / folder).rglob("*.py"))
        if not path.is_relative_to(INTEGRATION / but)
    ]


def page_names() -> list[str]:
    """Return the pages that people read; the first one must be there."""
    found = (
        *ROOT.glob("*.md"),
        *ROOT.glob(".github/**/*.md"),
        *ROOT.glob("docs/**/*.md"),
    )
    return sorted({"README.md", *(str(page.relative_to(ROOT)) for page in found)})


# The pages in both languages, the READMEs first.
TRANSLATED = [
    ("README.md", "README.zh-Hans.md"),
    *(
        (f"docs/en/{page.name}", f"docs/zh-Hans/{page.name}")
        for page in sorted((ROOT / "docs" / "en").glob("*.md"))
    ),
]


@pytest.fixture(name="manifest")
def manifest_fixture() -> Any:
    """Return the manifest of the integration."""
    return load(INTEGRATION / "manifest.json")


@pytest.fixture(name="english")
def english_fixture() -> Any:
    """Return the English texts."""
    return load(INTEGRATION / "translations" / "en.json")


@pytest.fixture(name="simplified")
def simplified_fixture() -> Any:
    """Return the texts in simplified Chinese."""
    return load(INTEGRATION / "translations" / "zh-Hans.json")


@pytest.fixture(name="traditional")
def traditional_fixture() -> Any:
    """Return the texts in traditional Chinese."""
    return load(INTEGRATION / "translations" / "zh-Hant.json")


@pytest.fixture(name="icons")
def icons_fixture() -> Any:
    """Return the icons."""
    return load(INTEGRATION / "icons.json")


@pytest.fixture(name="actions")
def actions_fixture() -> Any:
    """Return the actions; without any, the file may be missing."""
    return load_optional(INTEGRATION / "services.yaml")


@pytest.mark.parametrize(
    "rule", [metadata.hacs_keys, metadata.hacs_release, metadata.hacs_version]
)
def test_hacs(rule: Rule) -> None:
    """HACS and the Marketplace accept the repository."""
    check(rule(load(ROOT / "hacs.json")))


@pytest.mark.parametrize(
    "rule",
    [
        metadata.manifest_keys,
        metadata.manifest_order,
        metadata.manifest_links,
        metadata.manifest_values,
        metadata.manifest_version,
    ],
)
def test_manifest(rule: Rule, manifest: Any) -> None:
    """Home Assistant accepts the manifest."""
    check(rule(manifest))


def test_domain(manifest: Any) -> None:
    """The domain is the name of the folder."""
    assert manifest["domain"] == INTEGRATION.name


@newest_only
def test_categories(manifest: Any) -> None:
    """The dialog that adds integrations finds it under its categories."""
    check(metadata.manifest_categories(manifest, load(CATEGORIES), load(CONNECTIVITY)))


@newest_only
def test_quality_rules() -> None:
    """Every rule of the quality scale is answered."""
    scale = load(HOME_ASSISTANT / "components" / "ntfy" / "quality_scale.yaml")
    check(
        metadata.quality_rules(load(INTEGRATION / "quality_scale.yaml"), scale["rules"])
    )


def test_quality_statuses() -> None:
    """Every answer to the quality scale is valid."""
    check(metadata.quality_statuses(load(INTEGRATION / "quality_scale.yaml")))


@pytest.mark.parametrize(("name", "size"), [("icon.png", 256), ("icon@2x.png", 512)])
def test_brand(name: str, size: int) -> None:
    """The pictures are such as Home Assistant wants."""
    check(metadata.brand_icon((INTEGRATION / "brand" / name).read_bytes(), size))


TEXT_RULES = [
    translations.categories,
    translations.clean_texts,
    translations.flow_keys,
    translations.other_keys,
    translations.repair_titles,
    translations.same_errors,
    translations.same_fields,
    translations.same_repair_steps,
    translations.selector_fields,
    translations.step_fields,
    translations.subentry_words,
    translations.valid_placeholders,
]


@pytest.mark.parametrize("rule", TEXT_RULES)
@pytest.mark.parametrize("language", ["en", "zh-Hans", "zh-Hant"])
def test_texts(rule: Rule, language: str) -> None:
    """Home Assistant accepts the texts of all languages."""
    check(rule(load(INTEGRATION / "translations" / f"{language}.json")))


@pytest.mark.parametrize("rule", [translations.shape, translations.same_placeholders])
def test_languages(rule: Rule, english: Any, simplified: Any, traditional: Any) -> None:
    """All languages say the same."""
    check(rule(english, "zh-Hans", simplified))
    check(rule(english, "zh-Hant", traditional))


@pytest.mark.parametrize(
    "rule", [translations.chinese_texts, translations.chinese_marks]
)
def test_chinese(rule: Rule, simplified: Any, traditional: Any) -> None:
    """The Chinese texts are in Chinese."""
    check(rule(simplified))
    check(rule(traditional))


def test_scripts(simplified: Any, traditional: Any) -> None:
    """Simplified and traditional texts are not mixed."""
    check(translations.chinese_script(simplified, "gb2312"))
    check(translations.chinese_script(traditional, "big5"))
    check(translations.taiwan_words(traditional))


@pytest.mark.parametrize("rule", [translations.icon_keys, translations.icon_names])
def test_icons(rule: Rule, icons: Any) -> None:
    """Home Assistant accepts the icons."""
    check(rule(icons))


def test_action_names(actions: Any, english: Any, icons: Any) -> None:
    """The files agree which actions there are."""
    check(translations.action_names(actions, english, icons))


def test_action_media(actions: Any) -> None:
    """A person can choose every picture and file that an action can send."""
    check(translations.action_media(actions))


@pytest.mark.parametrize(
    "rule",
    [
        translations.action_fields,
        translations.action_objects,
        translations.action_options,
    ],
)
def test_actions(rule: Rule, actions: Any, english: Any) -> None:
    """What a person can choose in an action has words."""
    check(rule(actions, english))


def words(find: Callable[[str], set[str]]) -> set[str]:
    """Return what a rule finds in all modules of the integration."""
    return set().union(
        *(find(path.read_text(encoding="utf-8")) for path in INTEGRATION.rglob("*.py"))
    )


def test_unused(english: Any, actions: Any) -> None:
    """No text is left over."""
    shown = {word for path, _ in texts(actions) for word in path.split(".")}
    options = translations.options(actions)
    check(keys.unused(english, words(keys.named) | shown | options))


@pytest.mark.parametrize(
    ("rule", "find"),
    [(keys.without_text, keys.translation_keys), (keys.without_error, keys.problems)],
)
def test_keys(rule: Rule, find: Callable[[str], set[str]], english: Any) -> None:
    """What the code says of problems and names has texts."""
    check(rule(english, words(find)))


@pytest.mark.parametrize("path", modules("clients"))
def test_clients_alone(path: Path) -> None:
    """The clients could be a library of their own tomorrow."""
    source = path.read_text(encoding="utf-8")
    check(sources.clients_alone(source, path.relative_to(INTEGRATION / "clients")))


@pytest.mark.parametrize("path", modules(""))
def test_layers(path: Path) -> None:
    """What is below knows nothing of what is above."""
    source = path.read_text(encoding="utf-8")
    check(sources.imports_upward(source, path.relative_to(INTEGRATION)))


# Imports every module of a folder where Home Assistant cannot be imported.
WALLED = """
import importlib, pkgutil, sys, types

class Wall:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("homeassistant", "voluptuous"):
            raise ImportError(f"{name} is behind the wall")

sys.meta_path.insert(0, Wall())
integration = sys.modules["wechat_push"] = types.ModuleType("wechat_push")
integration.__path__ = [sys.argv[1]]
package = importlib.import_module(f"wechat_push.{sys.argv[2]}")
for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
    importlib.import_module(module.name)
    print(module.name)
"""


def import_walled(folder: str) -> subprocess.CompletedProcess[str]:
    """Import a folder of the integration without Home Assistant."""
    return subprocess.run(
        [sys.executable, "-c", WALLED, str(INTEGRATION), folder],
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("folder", ["clients", "delivery"])
def test_wall(folder: str) -> None:
    """The clients and the delivery work where there is no Home Assistant."""
    result = import_walled(folder)
    assert result.stderr == ""
    assert result.returncode == 0
    everything = [*(INTEGRATION / folder).rglob("*.py")]
    # But for the package itself.
    assert len(result.stdout.split()) == len(everything) - 1


def test_wall_stands() -> None:
    """What needs Home Assistant cannot be imported without it."""
    result = import_walled("media")
    assert result.returncode != 0
    assert "homeassistant" in result.stderr
    assert "is behind the wall" in result.stderr


@pytest.mark.parametrize("path", modules("", but="providers"))
def test_providers_unnamed(path: Path) -> None:
    """Whoever adds a provider need not touch what stands outside providers/."""
    check(sources.providers_unnamed(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("name", page_names())
def test_links(name: str) -> None:
    """No link of a page leads nowhere."""
    page = ROOT / name
    check(pages.links(page.read_text(encoding="utf-8"), page))


def test_pictures() -> None:
    """The pages show small pictures that exist."""
    shown = {ROOT / name: (ROOT / name).read_text("utf-8") for name in page_names()}
    check(pages.pictures(shown, ROOT / "docs" / "pictures"))


@pytest.mark.parametrize(("english", "chinese"), TRANSLATED)
def test_same_sections(english: str, chinese: str) -> None:
    """Both languages of a page have the same sections."""
    check(
        pages.same_sections(
            *((ROOT / name).read_text(encoding="utf-8") for name in (english, chinese))
        )
    )


def test_page_names() -> None:
    """Every page is there in both languages."""
    english, chinese = (
        {page.name for page in (ROOT / "docs" / language).iterdir()}
        for language in ("en", "zh-Hans")
    )
    assert english == chinese


def test_short_readmes() -> None:
    """The READMEs are short."""
    check(
        pages.short(
            *((ROOT / name).read_text(encoding="utf-8") for name in TRANSLATED[0])
        )
    )


@pytest.mark.parametrize("name", [name for pair in TRANSLATED for name in pair])
def test_shown_words(name: str, english: Any, simplified: Any) -> None:
    """What the pages quote is what a person sees."""
    is_chinese = "zh-Hans" in name
    shown = [str(text) for _, text in texts(simplified if is_chinese else english)]
    page = (ROOT / name).read_text(encoding="utf-8")
    check(pages.shown_words(page, shown, chinese=is_chinese))


def test_documented() -> None:
    """The quality scale names pages that exist."""
    check(pages.documented(load(INTEGRATION / "quality_scale.yaml"), ROOT))


@pytest.mark.parametrize("name", ["bug.yml", "bug.zh-Hans.yml", "idea.yml"])
def test_issue_forms(name: str) -> None:
    """GitHub accepts the issue forms."""
    check(pages.issue_form(load(ROOT / ".github" / "ISSUE_TEMPLATE" / name)))


@pytest.mark.parametrize(
    "typed", ["wechat", "push", "微信", "微信推送", "推送", "企业微信"]
)
def test_search(manifest: Any, typed: str) -> None:
    """A person who searches for an integration to add finds this one.

    The search looks at the manifest's name and domain, and finds nothing that begins
    after the 20th character.
    """
    assert 0 <= manifest["name"].lower().find(typed) <= 20
