"""Each provider of the registry has all that it needs: texts, pages, a sample."""

from copy import deepcopy
from typing import Any

import pytest

from custom_components.wechat_push.clients.errors import Problem
from custom_components.wechat_push.providers import PROVIDERS
from custom_components.wechat_push.providers.base import Remedy
from tests.sample_accounts import SAMPLES
from tests.simulators import SIMULATORS, Simulators

from .demo.accounts import demo_accounts, spare_accounts
from .rules import keys, registry
from .test_repository import INTEGRATION, ROOT, check, load

LANGUAGES = {
    language: load(INTEGRATION / "translations" / f"{language}.json")
    for language in ("en", "zh-Hans", "zh-Hant")
}

every_provider = pytest.mark.parametrize("name", PROVIDERS)


@every_provider
def test_attributes(name: str) -> None:
    """Test that a provider says all that is asked of one."""
    assert PROVIDERS[name].key == name
    check(registry.attributes(PROVIDERS[name]))


def test_problems() -> None:
    """Test that each problem that a client tells of a service alone is of a provider."""
    told: set[str] = set()
    for path in (INTEGRATION / "clients").rglob("*.py"):
        told |= keys.problems(path.read_text(encoding="utf-8"))
    known = {each for provider in PROVIDERS.values() for each in provider.problems}
    assert told - {*Problem} == known


@every_provider
@pytest.mark.parametrize("language", LANGUAGES)
def test_texts(name: str, language: str) -> None:
    """Test that all texts of a provider are there, in every language."""
    stored = SAMPLES[name].stored_recipient
    check(registry.texts(PROVIDERS[name], stored, LANGUAGES[language], language))


@every_provider
def test_pages(name: str) -> None:
    """Test that a provider has a page in both languages, to which others lead."""
    for language in ("en", "zh-Hans"):
        folder = ROOT / "docs" / language
        assert (folder / f"{name}.md").exists()
        for page in ("services", "setup", "troubleshooting"):
            text = (folder / f"{page}.md").read_text(encoding="utf-8")
            assert f"({name}.md" in text, f"docs/{language}/{page}.md"
    for readme in ("README.md", "README.zh-Hans.md"):
        assert f"/{name}.md" in (ROOT / readme).read_text(encoding="utf-8"), readme


def test_same_services() -> None:
    """Test that tests, simulators and demo know the providers of the registry."""
    names = sorted(PROVIDERS)
    assert sorted(SAMPLES) == names
    assert sorted(kind.name for kind in SIMULATORS) == names
    simulators = Simulators()
    for accounts in (demo_accounts(simulators), spare_accounts(simulators)):
        assert sorted(account.simulator.name for account in accounts) == names


@pytest.mark.parametrize(
    "key",
    [
        "common.brand_pushjet",
        "config.step.user.menu_option_descriptions.pushjet",
        "config.step.pushjet.data_description.url",
        "config.step.reconfigure_pushjet.sections.connection.data.verify_ssl",
        "config_subentries.recipient.error.pushjet_unknown_secret",
        "config_subentries.recipient.step.pushjet.data.when_down",
        "entity.sensor.last_error.state.pushjet_unknown_secret",
        "exceptions.pushjet_unknown_secret.message",
        "options.step.pushjet.data.repeat",
    ],
)
def test_missing_text(key: str) -> None:
    """Test that a text that is missing is told by its whole key."""
    tree: Any = deepcopy(LANGUAGES["en"])
    *above, last = key.split(".")
    inner = tree
    for part in above:
        inner = inner[part]
    del inner[last]
    stored = SAMPLES["pushjet"].stored_recipient
    assert [*registry.texts(PROVIDERS["pushjet"], stored, tree, "en")] == [
        f"en.json: {key} is missing"
    ]


def test_missing_attribute() -> None:
    """Test that an attribute that is missing, or does not fit, is told."""
    whole = type(PROVIDERS["pushjet"])
    problems = {"late": Remedy(field="key"), "lost": Remedy(of_recipient=True)}
    hasty = type("Hasty", (whole,), {"identity": ("id",), "problems": problems})()
    assert [*registry.attributes(hasty)] == [
        "Hasty.identity: id is not in account_schema",
        "Hasty.problems: late is at no field of a form",
        "Hasty.problems: lost is no repair issue, as it has no url",
    ]
