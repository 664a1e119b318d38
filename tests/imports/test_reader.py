"""Tests of reading what a person has pasted."""

from typing import Any

import pytest

from custom_components.wechat_push.imports.address import Address
from custom_components.wechat_push.imports.reader import Found, NotRead, read
from custom_components.wechat_push.imports.settings import parse_settings


def pieces(found: Found) -> tuple[Any, ...]:
    """Return the pieces of an address, or why there is none."""
    if isinstance(found, NotRead):
        return found.text, found.reason
    login = f"{found.user}:{found.password}"
    return found.schema, login, found.host, found.port, found.path, found.arguments


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "wxpusher://AT_x/123/UID_Ab",
            ("wxpusher", ":", "AT_x", None, ("123", "UID_Ab"), {}),
        ),
        ("wxpusher://AT_x@UID_y/12", ("wxpusher", "AT_x:", "UID_y", None, ("12",), {})),
        (
            "wxpusher://UID_a/?token=AT_x&to=1,2",
            ("wxpusher", ":", "UID_a", None, (), {"token": "AT_x", "to": "1,2"}),
        ),
        (
            "wechat://ww1:se%40c%2Fret@1000002/@all/%2312/+7?to=+8",
            (
                "wechat",
                "ww1:se@c/ret",
                "1000002",
                None,
                ("@all", "#12", "+7"),
                {"to": "+8"},
            ),
        ),
        # Written without the code of the sign.
        ("wechat://ww1:s@1/#12", ("wechat", "ww1:s", "1", None, ("#12",), {})),
        ("WeComBot://Key-1", ("wecombot", ":", "Key-1", None, (), {})),
        ("wecombot://?key=Key-1", ("wecombot", ":", "", None, (), {"key": "Key-1"})),
        (
            "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=Key-1",
            ("wecombot", ":", "", None, (), {"key": "Key-1"}),
        ),
        ("pushplus://Tok/%23g/@f", ("pushplus", ":", "Tok", None, ("#g", "@f"), {})),
        ("pushplus://hook@Tok", ("pushplus", "hook:", "Tok", None, (), {})),
        (
            "https://www.pushplus.plus/send/Tok?channel=cp",
            ("pushplus", ":", "Tok", None, (), {"channel": "cp"}),
        ),
        (
            "https://pushplus.plus/batchSend?Token=Tok",
            ("pushplus", ":", "", None, (), {"token": "Tok"}),
        ),
        (
            "pjets://u:p%2Fw@Host.lan:8443/secret?to=",
            ("pjets", "u:p/w", "Host.lan", 8443, ("secret",), {"to": ""}),
        ),
        ("pjet://secret@host", ("pjet", "secret:", "host", None, (), {})),
        (
            "home,phone = pjet://host/secret  # note",
            ("pjet", ":", "host", None, ("secret",), {}),
        ),
        # It stands before an address, too, but is an argument.
        (
            "pushplus://Tok?callback=https://example.com/a",
            ("pushplus", ":", "Tok", None, (), {"callback": "https://example.com/a"}),
        ),
        ("“pjet://host/secret”,", ("pjet", ":", "host", None, ("secret",), {})),
        ("hello", ("hell…", "import_no_address")),
        ("pjet://host:99999/secret", ("pjet://host…", "import_no_address")),
    ],
)
def test_one(text: str, expected: tuple[Any, ...]) -> None:
    """An address is taken apart as Apprise has it, in each form that its pages show."""
    (found,) = read(text)

    assert pieces(found) == expected


def test_several() -> None:
    """Addresses stand in lines, or beside each other; comments do not count."""
    text = "# mine\npjet://a/1, pjet://b/2 pjet://c/3?to=x,y\n\n; old\npjet://d/4"

    assert [each.host for each in read(text) if isinstance(each, Address)] == [*"abcd"]


def test_notify_platforms() -> None:
    """The YAML of Home Assistant's notify platforms is read."""
    text = """
notify:
  - platform: wework_notify
    name: wx
    corpid: ww1
    agentId: 1000002
    secret: top
    touser: a|b|@all
    resource: https://relay.example/cgi-bin
  - platform: apprise
    name: x
    url:
      - pushplus://Tok/@f
      - mailto://user:pass@example.com
    config: /config/apprise.yml
  - platform: smtp
  - platform: wework_notify
    corpid: ww1
"""

    found = read(text)

    assert [each.name for each in found if isinstance(each, Address)] == ["wx", "", ""]
    assert [pieces(each) for each in found] == [
        (
            "wework_notify",
            "ww1:top",
            "1000002",
            None,
            ("a", "b", "@all"),
            {"resource": "https://relay.example/cgi-bin"},
        ),
        ("pushplus", ":", "Tok", None, ("@f",), {}),
        ("mailto", "user:pass", "example.com", None, (), {}),
        ("/config/apprise.yml", "import_config_file"),
        ("smtp", "import_other_platform"),
        ("wework_notify", "import_incomplete"),
    ]


def test_name_of_notifier() -> None:
    """A notifier with one address is what that address stands for."""
    (found,) = read("platform: apprise\nname: Family\nurl: pushplus://Tok")

    assert isinstance(found, Address)
    assert found.name == "Family"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- pjet://a/1\n- pjet://b/2", ["a", "b"]),
        ("pjet://a/1:\n  to: x\npjet://b/2:", ["a", "b"]),
        ("urls: pjet://a/1 pjet://b/2", ["a", "b"]),
        ("urls:\n  - hello: 1\n  - pjet://b/2", ["import_no_address", "b"]),
        ("- hello\n- pjet://b/2", ["import_no_address", "b"]),
        ("urls: 5", []),
        ("platform: apprise", []),
    ],
)
def test_lists(text: str, expected: list[str]) -> None:
    """Lists are read as well as lines, and what is none of ours is told."""
    assert [
        each.host if isinstance(each, Address) else each.reason for each in read(text)
    ] == expected


def test_list_of_users() -> None:
    """The targets of a notify platform can be a list."""
    (found,) = read(
        "platform: wework_notify\ncorpid: ww1\nagentId: 1\nsecret: x\n"
        "touser:\n  - a\n  - b"
    )

    assert isinstance(found, Address)
    assert found.path == ("a", "b")


def test_apprise_yaml() -> None:
    """Apprise's own YAML is read, with the arguments that each address has there."""
    text = """
urls:
  - pushplus://Tok:
      - to: a
        tag: family
      - to: [b, c]
  - wxpusher://AT_1/UID_2
"""

    assert [each.targets() for each in read(text) if isinstance(each, Address)] == [
        ("a",),
        ("b", "c"),
        ("UID_2",),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "notify:\n  platform: !secret x\n",
        "notify:\n  - platform: apprise\n    url: !include secrets.yaml\n",
        "platform: [",
    ],
)
def test_yaml_that_is_none(text: str) -> None:
    """What refers to other files is told, and no file is read."""
    assert [pieces(each) for each in read(text)] == [("YAML", "import_yaml")]


def test_bounds() -> None:
    """Nobody has so many accounts."""
    assert pieces(read("pjet://a/1 " * 1000)[-1]) == ("…", "import_too_long")
    assert pieces(read("x" * 100_000)[-1]) == ("xxxx", "import_too_long")


def test_no_secret_is_shown() -> None:
    """Any piece of an address can be a secret."""
    (found,) = read("pjet://secret1:secret2@secret3/secret4?secret5=secret6")

    assert "secret" not in repr(found)


def test_settings() -> None:
    """What every address can say becomes settings; the rest is named."""
    arguments = {
        "overflow": "upstream",
        "format": "Markdown",
        "verify": "no",
        "redirect": "Yes",
        "cto": "4.5",
        "rto": "0",
        "emojis": "true",
        "tz": "asia/shanghai",
        "retry": "3",
        "wait": "0.5",
        "optional": "1",
        "tag": "family",
    }

    settings = parse_settings(arguments)

    assert settings.account == {
        "verify_ssl": False,
        "follow_redirects": True,
        "connect_timeout": 4.5,
        "time_zone": "Asia/Shanghai",
    }
    assert settings.recipient == {
        "overflow": "refuse",
        "format": "markdown",
        "emojis": True,
        "retries": 3,
        "retry_wait": 0.5,
        "optional": True,
    }
    assert settings.left_out == ("rto", "tag")
