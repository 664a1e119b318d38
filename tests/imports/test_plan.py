"""What addresses stand for; the expected values are what Apprise makes of them."""

from typing import Any

import pytest

from custom_components.wechat_push.flows.import_plan import NotAdded, plan_import

TOKEN = "0123456789abcdef0123456789abcdef"
SECRET = "abcdefghijklmnopqrstuvwxyzabcdef"
ROBOT = "0123abcd-0123-4567-89ab-0123456789ab"
SEND_KEY = "SCT123456TAbCdEfGhIjKlMnOpQrStUvWx"
FRIEND = "f00df00df00df00df00df00df00df00d"

WXPUSHER = {"app_token": "AT_abcdefgh"}
WECOM = {"corp_id": "ww1", "agent_id": "1000002", "secret": "se@c/ret"}
PUSHPLUS = {"token": TOKEN}
ONESELF = {"kind": "self", "channel": "wechat"}


@pytest.mark.parametrize(
    ("address", "account", "recipients"),
    [
        (
            "wxpusher://AT_abcdefgh/123/UID_abcd",
            WXPUSHER,
            [{"uids": ["UID_abcd"], "topics": [123]}],
        ),
        (
            "wxpusher://UID_abcd/123?token=AT_abcdefgh",
            WXPUSHER,
            [{"uids": ["UID_abcd"], "topics": [123]}],
        ),
        (
            "wxpusher://AT_abcdefgh/UID_abcd?to=12%2C13",
            WXPUSHER,
            [{"uids": ["UID_abcd"], "topics": [12, 13]}],
        ),
        # Its page shows this form, and Apprise refuses it.
        (
            "wxpusher://AT_abcdefgh@UID_abcd/12",
            WXPUSHER,
            [{"uids": ["UID_abcd"], "topics": [12]}],
        ),
        (
            "wechat://ww1:se%40c%2Fret@1000002/@all",
            WECOM,
            [{"everyone": True, "format": "text"}],
        ),
        (
            "wechat://ww1:se%40c%2Fret@1000002/bob/@alice/%232/+7?to=+8,%239",
            WECOM,
            [
                {
                    "users": ["alice", "bob"],
                    "departments": [2, 9],
                    "tags": [7, 8],
                    "everyone": False,
                }
            ],
        ),
        (
            "wechat://ww1:se%40c%2Fret@1000002/?to=@bob%20carl&format=markdown",
            WECOM,
            [{"users": ["bob", "carl"], "format": "markdown"}],
        ),
        (f"pushplus://{TOKEN}", PUSHPLUS, [ONESELF]),
        (
            f"pushplus://{TOKEN}/@{FRIEND}/@user2/%23grp/word",
            PUSHPLUS,
            [
                {"kind": "topic", "topic": "grp", "channel": "wechat"},
                {"kind": "topic", "topic": "word"},
                {"kind": "friends", "friends": [FRIEND, "user2"]},
            ],
        ),
        (
            f"pushplus://hook@{TOKEN}/grp",
            PUSHPLUS,
            [{"topic": "grp", "channel": "webhook", "option": "hook"}],
        ),
        (
            f"pushplus://?token={TOKEN}&topic=a,b&mode=mail&to=c",
            PUSHPLUS,
            [{"topic": each, "channel": "mail"} for each in "cab"],
        ),
        (
            f"pushplus://{TOKEN}?channel=wechat,webhook&option=,code"
            "&template=cloudmonitor",
            PUSHPLUS,
            [
                {
                    "channel": "wechat,webhook",
                    "option": ",code",
                    "template": "cloudMonitor",
                }
            ],
        ),
        (
            f"pushplus://{TOKEN}?channel=WeCom&mode=mail&name=code",
            PUSHPLUS,
            [{"kind": "self", "channel": "cp", "option": "code"}],
        ),
        (
            f"wecom://{TOKEN}?option=code",
            PUSHPLUS,
            [{"kind": "self", "channel": "cp", "option": "code"}],
        ),
        (
            f"wecom://hook@{TOKEN}",
            PUSHPLUS,
            [{"channel": "webhook", "option": "hook"}],
        ),
        (f"wecom://{TOKEN}?channel=app", PUSHPLUS, [{"channel": "app"}]),
        (
            f"https://www.pushplus.plus/send?token={TOKEN}&topic=grp",
            PUSHPLUS,
            [{"topic": "grp", "channel": "wechat"}],
        ),
        (
            f"https://www.pushplus.plus/batchSend?token={TOKEN}&channel=app,mail",
            PUSHPLUS,
            [{"kind": "self", "channel": "app,mail"}],
        ),
        (
            f"pjet://localhost/{SECRET}/more",
            {"url": "http://localhost"},
            [{"secret": SECRET}],
        ),
        (
            f"pjets://user:p%40ss@host.lan:8443/{SECRET}",
            {"url": "https://host.lan:8443", "username": "user", "password": "p@ss"},
            [{"secret": SECRET}],
        ),
        (
            f"pjet://user:pass@localhost?secret={SECRET}",
            {"url": "http://localhost", "username": "user", "password": "pass"},
            [{"secret": SECRET}],
        ),
        # Its page shows this form, and Apprise refuses it.
        (
            f"pjet://{SECRET}@localhost",
            {"url": "http://localhost", "username": None},
            [{"secret": SECRET}],
        ),
        (f"wecombot://{ROBOT}", {"key": ROBOT}, [{"format": "text"}]),
        (
            f"wecombot://?key={ROBOT}&format=markdown",
            {"key": ROBOT},
            [{"format": "markdown"}],
        ),
        (
            f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={ROBOT}",
            {"key": ROBOT},
            [{"format": "text"}],
        ),
        (f"schan://{SEND_KEY}/", {"key": SEND_KEY}, [{}]),
        # Apprise refuses them, but the forms ask for what is missing.
        ("wxpusher://AT_abcdefgh", WXPUSHER, []),
        ("wechat://ww1:se%40c%2Fret@1000002", WECOM, []),
        ("pjet://user:pass@localhost", {"url": "http://localhost"}, []),
    ],
)
def test_address(
    address: str, account: dict[str, Any], recipients: list[dict[str, Any]]
) -> None:
    """An address becomes the account and the recipients that it wrote to."""
    plan = plan_import(address)

    assert plan.not_added == ()
    (planned,) = plan.accounts
    assert planned.left_out == ()
    assert {key: planned.data.get(key) for key in account} == account
    assert [
        {key: each.data[key] for key in expected}
        for each, expected in zip(planned.recipients, recipients, strict=True)
    ] == recipients


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("mailto://user:pass@example.com", ("mailto://user…", "import_other_service")),
        ("# a comment", ("# a …", "import_no_address")),
        ("https://example.com/a", ("https://exam…", "import_other_service")),
        ("wxpusher://UID_a/12", ("wxpusher://UID_…", "wxpusher_app_token_shape")),
        ("wxpusher://AT_a/12/a", ("wxpusher://AT_a…", "wxpusher_target")),
        ("wechat://ww1@1000002/@all", ("wechat://ww1…", "secret_missing")),
        ("wechat://ww1:s@agent/@all", ("wechat://ww1…", "wecom_agent_id_shape")),
        ("pushplus://", ("pushplus://…", "secret_missing")),
        ("pushplus://Tok/%23", ("pushplus://Tok…", "pushplus_topic_missing")),
        # PushPlus refuses the channel without a configuration.
        ("wecom://Tok", ("wecom://Tok…", "pushplus_option_missing")),
        ("wecombot://key", ("wecombot://key…", "wecom_robot_key_shape")),
        ("schan://key", ("schan://key…", "serverchan_key_shape")),
        ("pjet://host/short", ("pjet://host…", "pushjet_malformed_secret")),
        (f"pjet:///{SECRET}", ("pjet://…", "invalid_url")),
    ],
)
def test_not_understood(address: str, expected: tuple[str, str]) -> None:
    """What is no account is named, with the reason that its form would give."""
    plan = plan_import(address)

    assert plan.accounts == ()
    assert [(each.what, each.problem) for each in plan.not_added] == [expected]


def test_secret_in_wrong_place() -> None:
    """A token that stands where a target belongs is not shown."""
    (failure,) = plan_import("wxpusher://AT_abcdefgh/SPT_abcdefgh0123").not_added

    assert failure == NotAdded(
        what="wxpusher://AT_a…",
        problem="wxpusher_target",
        details={"target": "SPT_…"},
    )


def test_settings() -> None:
    """Arguments of any address become settings, and the others are named."""
    (account,) = plan_import(
        f"pushplus://{TOKEN}?verify=no&cto=2.5&rto=0.5&format=html"
        f"&callback=https://example.com/a&tag=home&rto_=1&{TOKEN}=1"
    ).accounts

    assert account.data["verify_ssl"] is False
    assert account.data["connect_timeout"] == 2.5
    assert account.data["read_timeout"] == 0.5
    (recipient,) = account.recipients
    assert recipient.data["format"] == "html"
    assert account.left_out == ("callback", "tag", "rto_", "…")


def test_setting_of_other_services() -> None:
    """A setting that its service does not have is named."""
    (account,) = plan_import("wechat://ww1:s@1/@all?format=html").accounts

    assert account.left_out == ("format",)


def test_joined() -> None:
    """Addresses of one account are joined, and differences are told."""
    plan = plan_import(
        "pjet://host/" + "a" * 32 + "\n"
        "pjet://HOST:80/" + "b" * 32 + " pjet://host/" + "A" * 32 + "?tag=x\n"
        "pjet://user:pass@host/" + "c" * 32
    )

    (account,) = plan.accounts
    assert [each.data["secret"][0] for each in account.recipients] == ["a", "b", "c"]
    assert account.left_out == ("tag",)
    assert "username" not in account.data
    assert [(each.what, each.problem) for each in plan.not_added] == [
        ("pjet://user…", "import_differs")
    ]


def test_wework_notify() -> None:
    """A relay, its login and the name of the notifier are taken over."""
    (account,) = plan_import(
        """
notify:
  - platform: wework_notify
    name: wework
    corpid: ww1
    agentId: 1000002
    secret: top
    touser: a|b
    resource: https://relay.example/cgi-bin
    resource_username: user
    resource_password: pass
"""
    ).accounts

    assert account.data["url"] == "https://relay.example"
    assert account.data["username"] == "user"
    assert account.data["password"] == "pass"
    (recipient,) = account.recipients
    assert recipient.name == "wework"
    assert recipient.data["users"] == ["a", "b"]


@pytest.mark.parametrize(
    "typed", ["user:pa%40ss@10.0.0.2:3128", "http://user:pa%40ss@10.0.0.2:3128"]
)
def test_forward_proxy(typed: str) -> None:
    """A forward proxy is taken over with its login."""
    (account,) = plan_import(
        "platform: wework_notify\ncorpid: ww1\nagentId: 1\nsecret: top\n"
        f"https_proxies: {typed}"
    ).accounts

    assert account.data["proxy"] == "http://user:pa%40ss@10.0.0.2:3128"
    assert account.left_out == ()


def test_name_of_several() -> None:
    """A notifier that wrote to several groups is none of them."""
    (account,) = plan_import(
        f"platform: apprise\nname: all\nurl: pushplus://{TOKEN}/a/b"
    ).accounts

    assert [each.name for each in account.recipients] == ["", ""]


def test_nothing_is_disclosed() -> None:
    """No secret is in what would be logged."""
    plan = plan_import(
        f"pushplus://{TOKEN}/@{FRIEND}\npjet://u:password1@host/{SECRET}"
    )

    shown = repr(plan)
    assert not [each for each in (TOKEN, FRIEND, SECRET, "password1") if each in shown]
