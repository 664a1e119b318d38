"""What people paste and type is understood, or refused before it is sent."""

from typing import Any

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import ServiceValidationError
from tests.messages import (
    PUSHPLUS_SEND,
    WECOM_SEND,
    WXPUSHER_SEND,
    body,
    refusal,
    say,
    tell,
)
from tests.samples import (
    FRIEND,
    PUSHJET,
    PUSHPLUS,
    UID_LI,
    UID_ZHANG,
    WECOM,
    WXPUSHER,
    Sample,
    add_account,
    add_recipient,
    fill_in,
    set_up,
)
from tests.simulators import Pushjet, PushPlus, Simulator, WeCom, WxPusher
from tests.simulators.wecom_accounts import AGENT_ID

ACCOUNTS = [WXPUSHER, WECOM, PUSHPLUS]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"', '"'),
        ("“", "”"),
        ("'", "'\n"),
        ("\u200b", "\u200d"),
        ("\ufeff", "\u00a0"),
        ("\u00a0 「", "」\u3000"),
        ("\u2060`", "`\u202f"),
    ],
    ids=ascii,
)
@pytest.mark.parametrize(
    "sample", ACCOUNTS, ids=[sample.service for sample in ACCOUNTS]
)
async def test_pasted_secret(
    hass: HomeAssistant, sample: Sample, simulator: Simulator, before: str, after: str
) -> None:
    """Test that a secret is understood with what was copied along with it."""
    assert sample.secret_field is not None
    secret: str = sample.account[sample.secret_field]
    # Zero-width characters may stand in the middle as well.
    pasted = f"{before}{secret[:5]}\u200b{secret[5:]}{after}"
    changes: dict[str, Any] = {sample.secret_field: pasted}
    entry = await set_up(hass, sample, simulator, **changes)
    assert entry.data[sample.secret_field] == secret


async def test_pasted_recipient(hass: HomeAssistant, pushjet: Pushjet) -> None:
    """Test that the secret of a Pushjet service is understood in quotes."""
    secret = PUSHJET.recipient["secret"]
    recipient = {"secret": f"\u200b“{secret.upper()}”\u00a0"}
    entry = await set_up(hass, PUSHJET, pushjet, recipient=recipient)
    (subentry,) = entry.subentries.values()
    assert subentry.data["secret"] == secret


async def test_password(hass: HomeAssistant, wxpusher: WxPusher) -> None:
    """Test that the password of a proxy may have quotes."""
    wxpusher.basic_auth = ("home", '"secret"')
    login: dict[str, Any] = {"username": "home", "password": '"secret"'}
    entry = await set_up(hass, WXPUSHER, wxpusher, **login)
    assert entry.data["password"] == '"secret"'


@pytest.mark.parametrize("prefix", ["", "/relay"])
@pytest.mark.parametrize(
    ("sample", "path"),
    [
        (WECOM, "/cgi-bin"),
        (WECOM, "/cgi-bin/"),
        (WECOM, "/cgi-bin/message/send"),
        (PUSHPLUS, "/send"),
        (PUSHPLUS, "/send/"),
        (PUSHPLUS, "/batchSend"),
        (WXPUSHER, "/api/send/message"),
        (PUSHJET, "/message"),
    ],
)
async def test_address_of_a_request(
    hass: HomeAssistant, sample: Sample, simulator: Simulator, path: str, prefix: str
) -> None:
    """Test that the address of a request is understood as that of the service."""
    simulator.prefix = prefix
    url = f" {simulator.url}{prefix}{path}\u200b"
    entry = await set_up(hass, sample, simulator, url=url)
    assert entry.data["url"] == simulator.url + prefix
    await tell(hass, "Done")
    assert len(simulator.notifications) == 1


@pytest.mark.parametrize("typed", [" ", "\u00a0\u3000", "\u200b", '""'], ids=ascii)
async def test_blank_corporation(hass: HomeAssistant, wecom: WeCom, typed: str) -> None:
    """Test that a corporation ID of blanks is refused before it is sent."""
    form = await add_account(hass, WECOM, wecom, corp_id=typed)
    assert form["errors"] == {"corp_id": "secret_missing"}
    assert wecom.requests == []
    result = await fill_in(hass, form, WECOM.account_input(wecom))
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(
    "targets", [[7], ["7"], ["@lisi", 7], ["@lisi, 7"], [7.0], ["@lisi/7"]], ids=repr
)
async def test_bare_number(
    hass: HomeAssistant, wecom: WeCom, targets: list[Any]
) -> None:
    """Test that a number in an action, which YAML makes of +7, reaches no member 7."""
    wecom.agents[AGENT_ID].users["7"] = "Seven"
    await set_up(hass, WECOM, wecom)
    assert await refusal(hass, "Done", targets=targets) == (
        "The number 7 can be a member, a department or a tag. Write "
        '"@7", "#7" or "+7", with quotation marks'
    )
    with pytest.raises(ServiceValidationError):
        await hass.services.async_call(
            "notify", "all", {"message": "Done", "target": targets}, blocking=True
        )
    assert not wecom.requests_to(WECOM_SEND)


async def test_number_in_the_form(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that a number in the form is looked up as a member."""
    entry = await set_up(hass, WECOM, wecom)
    fields = {"targets": ["7"], "format": "text"}
    form = await add_recipient(hass, entry, fields)
    assert form["errors"] == {"targets": "wecom_member_not_found"}
    wecom.agents[AGENT_ID].users["7"] = "Seven"
    result = await add_recipient(hass, entry, fields)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "Seven (WeCom)"


@pytest.mark.parametrize(
    "targets",
    [
        "@lisi/@zhangsan/#2",
        "@lisi|zhangsan|#2",
        "“@lisi”／@zhangsan｜＃2",
        "lisi / zhangsan,#2",
    ],
)
async def test_separators(hass: HomeAssistant, wecom: WeCom, targets: str) -> None:
    """Test that slashes and vertical bars separate targets."""
    await set_up(hass, WECOM, wecom)
    await tell(hass, "Done", targets=targets)
    sent = body(wecom, WECOM_SEND)
    assert (sent["touser"], sent["toparty"]) == ("lisi|zhangsan", "2")


@pytest.mark.parametrize("targets", [[8001], ["8001"], "8001/8001"], ids=repr)
async def test_topic(hass: HomeAssistant, wxpusher: WxPusher, targets: Any) -> None:
    """Test that a number is a topic at WxPusher, quoted or not."""
    await set_up(hass, WXPUSHER, wxpusher)
    await tell(hass, "Done", targets=targets)
    assert body(wxpusher, WXPUSHER_SEND)["topicIds"] == [8001]


async def test_users(hass: HomeAssistant, wxpusher: WxPusher) -> None:
    """Test that users are separated as well, and how long a UID is WxPusher's matter."""
    await set_up(hass, WXPUSHER, wxpusher)
    # Who is unknown is in the answer.
    await say(hass, "Done", targets=f"{UID_ZHANG}|{UID_LI}/uid_1")
    uids = body(wxpusher, WXPUSHER_SEND)["uids"]
    assert sorted(uids) == sorted([UID_LI, "UID_1", UID_ZHANG])


@pytest.mark.parametrize("uid", ["UID_1", "UID_123", "UID_" + "x" * 90])
async def test_unknown_user(hass: HomeAssistant, wxpusher: WxPusher, uid: str) -> None:
    """Test that WxPusher says whether there is such a user."""
    entry = await set_up(hass, WXPUSHER, wxpusher)
    form = await add_recipient(hass, entry, {"targets": [uid], "format": "text"})
    assert form["errors"] == {"targets": "wxpusher_not_following"}
    assert form["description_placeholders"]["target"] == uid


@pytest.mark.parametrize(
    ("targets", "topic"), [([7], "7"), ("a/b", "a/b"), ("a|b", "a|b"), ('"a/b"', "a/b")]
)
async def test_group_code(
    hass: HomeAssistant, pushplus: PushPlus, targets: Any, topic: str
) -> None:
    """Test that the code of a group may be a number, and contain a slash."""
    await set_up(hass, PUSHPLUS, pushplus)
    await tell(hass, "Done", targets=targets)
    assert body(pushplus, PUSHPLUS_SEND)["topic"] == topic


async def test_friends(hass: HomeAssistant, pushplus: PushPlus) -> None:
    """Test that friend tokens are separated by slashes."""
    await set_up(hass, PUSHPLUS, pushplus)
    await tell(hass, "Done", targets=f"{FRIEND}/{'0' * 32}")
    assert body(pushplus, PUSHPLUS_SEND)["to"] == f"{FRIEND},{'0' * 32}"
