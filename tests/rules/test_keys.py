"""The rules for the keys of texts find what they are for, and nothing else."""

from . import keys

SOURCE = '''
class WeProblem(StrEnum):
    """Problems."""

    SLOW = "slow"

class Other(StrEnum):
    FAST = "fast"

class Button:
    _attr_translation_key = "press"

    async def async_step_user(self, data):
        raise Error(translation_key="one" if data[CONF_VERIFY_SSL] else "two")
'''


def test_words() -> None:
    """Everything that a module names is found."""
    expected = {"slow", "fast", "press", "user", "verify_ssl", "one", "two"}
    assert expected <= keys.named(SOURCE)
    assert keys.problems(SOURCE) == {"slow"}
    assert keys.translation_keys(SOURCE) == {"press", "one", "two"}


def test_unused() -> None:
    """A text that nothing uses is found, wherever it is."""
    tree = {
        "title": "WeChat Push",
        "common": {"test_title": ""},
        "entity": {"sensor": {"queued": {"name": ""}, "gone": {"name": ""}}},
        "config": {
            "step": {"user": {"data": {"token": "", "old": ""}}},
            "abort": {"reauth_successful": ""},
        },
    }
    assert list(keys.unused(tree, {"queued", "user", "token"})) == [
        "entity.sensor.gone: nothing uses it",
        "config.step.user.data.old: nothing uses it",
    ]


def test_without_text() -> None:
    """A key that has no text is found."""
    tree = {"exceptions": {"slow": {"message": ""}}, "issues": {"full": {}}}
    assert list(keys.without_text(tree, {"slow", "none"})) == [
        "translation keys: unknown key none"
    ]
    assert list(keys.without_error(tree, {"slow", "full", "message"})) == [
        "problems: unknown key message"
    ]
