"""Every problem of every provider has its texts, wherever a person meets it."""

from typing import Any

import pytest

from custom_components.wechat_push.clients.errors import Problem
from custom_components.wechat_push.providers import PROVIDERS
from tests.texts import ENGLISH

PROBLEMS = sorted(
    {problem for each in PROVIDERS.values() for problem in each.problems} | {*Problem}
)
ENTITIES: dict[str, Any] = ENGLISH["entity"]


@pytest.mark.parametrize("problem", PROBLEMS)
def test_texts(problem: str) -> None:
    """Test that there is a text for actions, the event's reason and the sensor."""
    assert problem in ENGLISH["exceptions"]
    reasons = ENTITIES["event"]["delivery"]["state_attributes"]["reason"]["state"]
    states = ENTITIES["sensor"]["last_error"]["state"]
    # Nothing is reported of a recall.
    if problem != Problem.NO_RECALL:
        assert problem in reasons
        assert problem in states


@pytest.mark.parametrize("provider", PROVIDERS.values(), ids=list(PROVIDERS))
def test_forms(provider: Any) -> None:
    """Test that a problem that is shown at a field has a text in its form."""
    forms = (ENGLISH["config"], ENGLISH["config_subentries"]["recipient"])
    for problem, remedy in provider.problems.items():
        if remedy.field is not None:
            assert any(problem in form["error"] for form in forms), problem


@pytest.mark.parametrize("provider", PROVIDERS.values(), ids=list(PROVIDERS))
def test_repairs(provider: Any) -> None:
    """Test that what only a person can mend has an issue, and says where."""
    for problem, remedy in provider.problems.items():
        if remedy.url is None:
            continue
        step = ENGLISH["issues"][problem]["fix_flow"]["step"]["confirm"]
        assert "({url})" in step["description"]
