"""People become recipients by scanning a QR code with WeChat."""

import asyncio
from dataclasses import replace
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.wechat_push.providers.base import AccountEvent
from custom_components.wechat_push.results.webhook import signal_account_event
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, UnknownFlow
from homeassistant.helpers.dispatcher import async_dispatcher_send
from tests.moments import pass_time, settle
from tests.samples import (
    FRIEND,
    PUSHPLUS,
    UID_LI,
    UID_WANG,
    UID_ZHANG,
    WXPUSHER,
    add_account,
    recipient_input,
    send,
    set_up,
    suggested,
)
from tests.simulators import Answer, PushPlus, WxPusher, json_answer
from tests.simulators.pushplus_accounts import SECRET_KEY, TOKEN, TOPIC
from tests.simulators.wxpusher_accounts import APP_TOKEN

CODES = "/api/fun/create/qrcode"
# Seconds until who has scanned is asked, and the answer is there.
NEXT = 12
ASKED = "/api/fun/scan-qrcode-uid"
NEW_FRIEND = "beef" * 8
OPEN = replace(PUSHPLUS, account={**PUSHPLUS.account, "secret_key": SECRET_KEY})

type Step = dict[str, Any]


@pytest.fixture(autouse=True)
def frozen(freezer: FrozenDateTimeFactory) -> None:
    """Let tests move the clock."""


async def open_form(hass: HomeAssistant, entry: ConfigEntry[Any]) -> Step:
    """Open the form of another recipient."""
    return dict(
        await hass.config_entries.subentries.async_init(
            (entry.entry_id, "recipient"), context={"source": "user"}
        )
    )


async def go_on(
    hass: HomeAssistant, step: Step, fields: dict[str, Any] | None = None
) -> Step:
    """Submit a form, choose from a menu, or look at what is shown now."""
    return dict(
        await hass.config_entries.subentries.async_configure(step["flow_id"], fields)
    )


async def choose(hass: HomeAssistant, step: Step, option: str) -> Step:
    """Choose an option of a menu."""
    assert option in step["menu_options"]
    result = await go_on(hass, step, {"next_step_id": option})
    await hass.async_block_till_done()
    return result


async def start_scan(
    hass: HomeAssistant, entry: ConfigEntry[Any], **fields: Any
) -> Step:
    """Submit the form of a recipient of WxPusher without targets."""
    step = await go_on(hass, await open_form(hass, entry), fields)
    assert step["type"] is FlowResultType.SHOW_PROGRESS
    return step


def scan(wxpusher: WxPusher, uid: str, nickname: str = "") -> None:
    """Let a user scan the newest QR code."""
    wxpusher.scan([*wxpusher.qr_codes][-1], uid)
    if nickname:
        wxpusher.apps[APP_TOKEN].followers[uid].nickname = nickname


def titles(entry: ConfigEntry[Any]) -> list[str]:
    """Return the titles of the recipients."""
    return [each.title for each in entry.subentries.values()]


async def test_one(
    hass: HomeAssistant, wxpusher: WxPusher, freezer: FrozenDateTimeFactory
) -> None:
    """Test that whoever scans becomes a recipient, by name."""
    entry = (await add_account(hass, WXPUSHER, wxpusher))["result"]
    step = await start_scan(hass, entry, when_down="fail")
    (code,) = wxpusher.qr_codes
    picture = step["description_placeholders"]["qr_code"]
    assert picture == f"{wxpusher.url}/api/qrcode/{code}.jpg"
    await pass_time(hass, freezer, 9)
    assert not wxpusher.requests_to(ASKED)
    await pass_time(hass, freezer, 2)
    assert len(wxpusher.requests_to(ASKED)) == 1
    assert (await go_on(hass, step))["type"] is FlowResultType.SHOW_PROGRESS
    scan(wxpusher, UID_WANG, "Wang [Wu](http://x)")
    await pass_time(hass, freezer, NEXT)
    step = await go_on(hass, step)
    assert step["step_id"] == "scanned"
    assert step["menu_options"] == ["finish", "scan"]
    names = step["description_placeholders"]["names"]
    assert names == r"Wang \[Wu\](http\://x)"
    result = await choose(hass, step, "finish")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert titles(entry) == ["Wang [Wu](http://x) (WxPusher)"]
    (recipient,) = entry.subentries.values()
    assert recipient.data == {
        "uids": [UID_WANG],
        "topics": [],
        "format": "text",
        "when_down": "fail",
    }
    await send(hass, "Someone is there.")
    assert [each.recipient for each in wxpusher.notifications] == [UID_WANG]
    asked = len(wxpusher.requests_to(ASKED))
    await pass_time(hass, freezer, 60)
    assert len(wxpusher.requests_to(ASKED)) == asked


async def scan_two(
    hass: HomeAssistant,
    wxpusher: WxPusher,
    freezer: FrozenDateTimeFactory,
    entry: ConfigEntry[Any],
    **fields: Any,
) -> Step:
    """Let two people scan, one after the other; return the menu."""
    step = await start_scan(hass, entry, **fields)
    scan(wxpusher, UID_WANG, "Wang Wu")
    await pass_time(hass, freezer, NEXT)
    step = await choose(hass, await go_on(hass, step), "scan")
    assert step["type"] is FlowResultType.SHOW_PROGRESS
    # Another code: the old one would tell of the same person again.
    assert len(wxpusher.qr_codes) == 2
    scan(wxpusher, UID_ZHANG)
    await pass_time(hass, freezer, NEXT)
    step = await go_on(hass, step)
    assert step["menu_options"] == ["each", "together", "scan"]
    assert step["description_placeholders"] == {"names": "Wang Wu, Zhang San"}
    return step


async def test_each(
    hass: HomeAssistant, wxpusher: WxPusher, freezer: FrozenDateTimeFactory
) -> None:
    """Test one recipient for each of several people."""
    entry = (await add_account(hass, WXPUSHER, wxpusher))["result"]
    step = await scan_two(hass, wxpusher, freezer, entry, name="Parents")
    result = await choose(hass, step, "each")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["description_placeholders"]["recipient"] == (
        "Wang Wu (WxPusher), Zhang San (WxPusher)"
    )
    assert titles(entry) == ["Wang Wu (WxPusher)", "Zhang San (WxPusher)"]
    await send(hass, "Someone is there.")
    assert {each.recipient for each in wxpusher.notifications} == {UID_WANG, UID_ZHANG}


async def test_each_alike(
    hass: HomeAssistant, wxpusher: WxPusher, freezer: FrozenDateTimeFactory
) -> None:
    """Test that people of the same name can be told apart, and who is known stays."""
    entry = await set_up(hass, WXPUSHER, wxpusher, recipient=WXPUSHER.recipient)
    step = await scan_two(hass, wxpusher, freezer, entry)
    step = await choose(hass, step, "scan")
    scan(wxpusher, UID_LI, "Wang Wu")
    await pass_time(hass, freezer, NEXT)
    await choose(hass, await go_on(hass, step), "each")
    assert titles(entry) == [
        "Zhang San (WxPusher)",
        "Wang Wu (WxPusher)",
        "Wang Wu (WxPusher) 2",
    ]


async def test_together(
    hass: HomeAssistant, wxpusher: WxPusher, freezer: FrozenDateTimeFactory
) -> None:
    """Test one recipient for several people, with the name that was typed."""
    entry = (await add_account(hass, WXPUSHER, wxpusher))["result"]
    step = await scan_two(hass, wxpusher, freezer, entry, name="Parents")
    await choose(hass, step, "together")
    assert titles(entry) == ["Parents"]
    (recipient,) = entry.subentries.values()
    assert recipient.data["uids"] == sorted([UID_WANG, UID_ZHANG])


async def test_message(
    hass: HomeAssistant, wxpusher: WxPusher, freezer: FrozenDateTimeFactory
) -> None:
    """Test that whoever scans as the first one gets the test message that was offered."""
    entry = (await add_account(hass, WXPUSHER, wxpusher))["result"]
    form = await open_form(hass, entry)
    assert suggested(form) == {"send_test": True}
    step = await go_on(hass, form, suggested(form))
    scan(wxpusher, UID_WANG)
    await pass_time(hass, freezer, NEXT)
    assert not wxpusher.notifications
    result = await choose(hass, await go_on(hass, step), "finish")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["description"] == "tested"
    assert [each.recipient for each in wxpusher.notifications] == [UID_WANG]
    # Others are left in peace, unless the person wants it.
    assert suggested(await open_form(hass, entry)) == {}


async def test_message_fails(
    hass: HomeAssistant, wxpusher: WxPusher, freezer: FrozenDateTimeFactory
) -> None:
    """Test that nobody scans again for a test message that fails, or gets it twice."""
    entry = (await add_account(hass, WXPUSHER, wxpusher))["result"]
    step = await scan_two(hass, wxpusher, freezer, entry, send_test=True)
    wxpusher.script(Answer(genuine=True), Answer(status=502), path=WXPUSHER.path)
    step = await choose(hass, step, "each")
    assert step["step_id"] == "test_failed"
    assert step["errors"] == {"base": "server_error"}
    assert suggested(step) == {"send_test": True}
    assert not entry.subentries
    result = await go_on(hass, step, {"send_test": True})
    assert result["description"] == "tested"
    received = [each.recipient for each in wxpusher.notifications]
    assert received == [UID_WANG, UID_ZHANG]
    await hass.async_block_till_done()
    assert titles(entry) == ["Wang Wu (WxPusher)", "Zhang San (WxPusher)"]


async def test_message_left_out(
    hass: HomeAssistant, wxpusher: WxPusher, freezer: FrozenDateTimeFactory
) -> None:
    """Test that those who have scanned are added without a test message that fails."""
    entry = (await add_account(hass, WXPUSHER, wxpusher))["result"]
    step = await scan_two(hass, wxpusher, freezer, entry, send_test=True)
    wxpusher.always(Answer(status=502), path=WXPUSHER.path)
    step = await choose(hass, step, "together")
    assert step["errors"] == {"base": "server_error"}
    result = await go_on(hass, step, {})
    assert result["description"] is None
    await hass.async_block_till_done()
    assert len(entry.subentries) == 1


async def test_known(
    hass: HomeAssistant, wxpusher: WxPusher, freezer: FrozenDateTimeFactory
) -> None:
    """Test that a recipient is not added twice."""
    entry = await set_up(hass, WXPUSHER, wxpusher)
    step = await start_scan(hass, entry)
    scan(wxpusher, UID_ZHANG)
    await pass_time(hass, freezer, NEXT)
    result = await choose(hass, await go_on(hass, step), "finish")
    assert result["reason"] == "already_configured"
    assert len(entry.subentries) == 1


async def test_nobody(
    hass: HomeAssistant, wxpusher: WxPusher, freezer: FrozenDateTimeFactory
) -> None:
    """Test that nobody is waited for for ever, and that the form is as it was."""
    entry = (await add_account(hass, WXPUSHER, wxpusher))["result"]
    step = await start_scan(hass, entry, name="Parents")
    await pass_time(hass, freezer, 299)
    assert (await go_on(hass, step))["type"] is FlowResultType.SHOW_PROGRESS
    await pass_time(hass, freezer, 2)
    assert len(wxpusher.requests_to(ASKED)) <= 30
    step = await go_on(hass, step)
    assert step["type"] is FlowResultType.FORM
    assert step["errors"] == {"base": "scan_timeout"}
    assert suggested(step)["name"] == "Parents"
    asked = len(wxpusher.requests_to(ASKED))
    await pass_time(hass, freezer, 60)
    assert len(wxpusher.requests_to(ASKED)) == asked
    step = await go_on(hass, step, {})
    scan(wxpusher, UID_WANG)
    await pass_time(hass, freezer, NEXT)
    result = await choose(hass, await go_on(hass, step), "finish")
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_nobody_else(
    hass: HomeAssistant, wxpusher: WxPusher, freezer: FrozenDateTimeFactory
) -> None:
    """Test that those who have scanned stay if nobody follows them."""
    entry = (await add_account(hass, WXPUSHER, wxpusher))["result"]
    step = await start_scan(hass, entry)
    scan(wxpusher, UID_ZHANG)
    await pass_time(hass, freezer, NEXT)
    step = await choose(hass, await go_on(hass, step), "scan")
    await pass_time(hass, freezer, 301)
    step = await go_on(hass, step)
    assert step["description_placeholders"] == {"names": "Zhang San"}


async def test_hiccup(
    hass: HomeAssistant, wxpusher: WxPusher, freezer: FrozenDateTimeFactory
) -> None:
    """Test that an outage in between is not the end."""
    entry = (await add_account(hass, WXPUSHER, wxpusher))["result"]
    step = await start_scan(hass, entry)
    wxpusher.script(Answer(status=502), path=ASKED)
    await pass_time(hass, freezer, NEXT)
    assert (await go_on(hass, step))["type"] is FlowResultType.SHOW_PROGRESS
    scan(wxpusher, UID_ZHANG)
    await pass_time(hass, freezer, NEXT)
    assert (await go_on(hass, step))["step_id"] == "scanned"


async def test_outage(
    hass: HomeAssistant, wxpusher: WxPusher, freezer: FrozenDateTimeFactory
) -> None:
    """Test that the form names an outage until the end."""
    entry = (await add_account(hass, WXPUSHER, wxpusher))["result"]
    step = await start_scan(hass, entry)
    wxpusher.always(Answer(status=502), path=ASKED)
    await pass_time(hass, freezer, 301)
    step = await go_on(hass, step)
    assert step["errors"] == {"base": "server_error"}


@pytest.mark.parametrize("path", [CODES, ASKED])
async def test_refused(
    hass: HomeAssistant, wxpusher: WxPusher, freezer: FrozenDateTimeFactory, path: str
) -> None:
    """Test that the form says why there is no QR code, or no answer."""
    entry = (await add_account(hass, WXPUSHER, wxpusher))["result"]
    refusal = json_answer({"code": 1001, "msg": "appToken不正确", "data": None})
    wxpusher.always(refusal, path=path)
    step = await go_on(hass, await open_form(hass, entry), {})
    await pass_time(hass, freezer, NEXT)
    step = await go_on(hass, step) if path == ASKED else step
    assert step["errors"] == {"base": "wxpusher_app_token"}


async def test_refused_later(
    hass: HomeAssistant, wxpusher: WxPusher, freezer: FrozenDateTimeFactory
) -> None:
    """Test that the form says why there is no QR code for another person."""
    entry = (await add_account(hass, WXPUSHER, wxpusher))["result"]
    step = await start_scan(hass, entry)
    scan(wxpusher, UID_ZHANG)
    await pass_time(hass, freezer, NEXT)
    step = await go_on(hass, step)
    wxpusher.always(Answer(status=502), path=CODES)
    step = await choose(hass, step, "scan")
    assert step["errors"] == {"base": "server_error"}
    assert not entry.subentries


async def test_odd_user(
    hass: HomeAssistant, wxpusher: WxPusher, freezer: FrozenDateTimeFactory
) -> None:
    """Test that a user whom nothing can be sent to is no recipient."""
    entry = (await add_account(hass, WXPUSHER, wxpusher))["result"]
    step = await start_scan(hass, entry)
    scan(wxpusher, "???")
    await pass_time(hass, freezer, NEXT)
    step = await choose(hass, await go_on(hass, step), "finish")
    assert step["errors"] == {"targets": "wxpusher_target"}


async def test_closed(
    hass: HomeAssistant, wxpusher: WxPusher, freezer: FrozenDateTimeFactory
) -> None:
    """Test that nothing is asked, and nothing left, after the form was closed."""
    entry = (await add_account(hass, WXPUSHER, wxpusher))["result"]
    step = await start_scan(hass, entry)
    hass.config_entries.subentries.async_abort(step["flow_id"])
    scan(wxpusher, UID_ZHANG)
    await pass_time(hass, freezer, 60)
    assert not wxpusher.requests_to(ASKED)
    assert not entry.subentries


async def test_closed_early(
    hass: HomeAssistant, wxpusher: WxPusher, freezer: FrozenDateTimeFactory
) -> None:
    """Test the same of a form that is closed before there is a QR code."""
    entry = (await add_account(hass, WXPUSHER, wxpusher))["result"]
    form = await open_form(hass, entry)
    opening = asyncio.create_task(go_on(hass, form, {}))
    while not wxpusher.qr_codes:
        await asyncio.sleep(0)
    hass.config_entries.subentries.async_abort(form["flow_id"])
    with pytest.raises(UnknownFlow):
        await opening
    await pass_time(hass, freezer, 60)
    assert not wxpusher.requests_to(ASKED)


async def test_twice(
    hass: HomeAssistant, wxpusher: WxPusher, freezer: FrozenDateTimeFactory
) -> None:
    """Test that steps that are submitted twice do everything once."""
    entry = (await add_account(hass, WXPUSHER, wxpusher))["result"]
    form = await open_form(hass, entry)
    tested = {"send_test": True}
    step, _ = await asyncio.gather(*(go_on(hass, form, tested) for _ in range(2)))
    picture = step["description_placeholders"]["qr_code"]
    (code,) = (each for each in wxpusher.qr_codes if each in picture)
    wxpusher.scan(code, UID_ZHANG)
    await pass_time(hass, freezer, NEXT)
    assert len(wxpusher.requests_to(ASKED)) == 1
    step = await go_on(hass, step)
    await asyncio.gather(*(choose(hass, step, "scan") for _ in range(2)))
    step = await go_on(hass, step)
    picture = step["description_placeholders"]["qr_code"]
    (code,) = (each for each in wxpusher.qr_codes if each in picture)
    wxpusher.scan(code, UID_WANG)
    await pass_time(hass, freezer, NEXT)
    assert len(wxpusher.requests_to(ASKED)) == 2
    step = await go_on(hass, step)
    results = await asyncio.gather(
        *(choose(hass, step, "each") for _ in range(2)), return_exceptions=True
    )
    assert [each for each in results if not isinstance(each, UnknownFlow)]
    assert len(entry.subentries) == 2
    assert len(wxpusher.notifications) == 2


async def test_pick(hass: HomeAssistant, wxpusher: WxPusher) -> None:
    """Test that all followers and topics can be picked by name."""
    followers = wxpusher.apps[APP_TOKEN].followers
    template = followers[UID_ZHANG]
    for number in range(500):
        uid = f"UID_{number:030}"
        followers[uid] = replace(
            template, record_id=100 + number, uid=uid, nickname=f"Person {number}"
        )
    entry = (await add_account(hass, WXPUSHER, wxpusher))["result"]
    form = await open_form(hass, entry)
    options = form["data_schema"].schema["targets"].config["options"]
    labels = [option["label"] for option in options]
    assert f"Person 499 (UID_{499:030})" in labels
    assert "Family (8001)" in labels


# PushPlus


async def submit(hass: HomeAssistant, entry: ConfigEntry[Any], **fields: Any) -> Step:
    """Submit the form of a recipient of PushPlus."""
    more = {"channel": "wechat", **fields.pop("more", {})}
    return await go_on(hass, await open_form(hass, entry), {**fields, "more": more})


def offered(form: Step) -> dict[str, dict[str, str]]:
    """Return the choices of a form of PushPlus: labels by value, by field."""
    more = form["data_schema"].schema["more"].schema.schema
    return {
        key: {each["value"]: each["label"] for each in more[key].config["options"]}
        for key in ("topic", "friends", "option")
        if "options" in more[key].config
    }


async def test_names(hass: HomeAssistant, pushplus: PushPlus) -> None:
    """Test that groups, friends and configurations are picked by name."""
    entry = (await add_account(hass, OPEN, pushplus))["result"]
    pushplus.account.friends["cafe" * 8] = ""
    form = await open_form(hass, entry)
    choices = offered(form)
    assert choices["topic"] == {TOPIC: "Family"}
    assert [*choices["friends"].values()] == ["Li Si", "cafe…"]
    assert choices["option"] == {
        "bark": "Bark on the phone (Third-party webhook)",
        "homecp": "WeCom at home (WeCom application)",
        "homemail": "Mail at home (Email)",
        "familyqq": "QQ of the family (QQ)",
    }
    # Neither friend tokens nor foreign keys leave Home Assistant.
    assert FRIEND not in str(form)
    assert "ForeignKey" not in str(choices)
    stand_in, other = choices["friends"]
    fields = {"kind": "friends", "friends": [stand_in]}
    result = await go_on(hass, form, recipient_input("pushplus", fields))
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "Li Si (PushPlus)"
    assert result["data"]["friends"] == [FRIEND]
    await hass.async_block_till_done()
    form = await open_form(hass, entry)
    fields = {"kind": "friends", "friends": [stand_in, other]}
    result = await go_on(hass, form, recipient_input("pushplus", fields))
    assert result["title"] == "Friends (PushPlus)"
    group = await submit(hass, entry, kind="topic", more={"topic": TOPIC})
    assert group["title"] == "Family (PushPlus)"


async def test_without_key(hass: HomeAssistant, pushplus: PushPlus) -> None:
    """Test that everything is typed without a secret key."""
    entry = (await add_account(hass, PUSHPLUS, pushplus))["result"]
    form = await open_form(hass, entry)
    assert offered(form) == {"friends": {}}
    assert "qr_code" not in form["data_schema"].schema["more"].schema.schema
    form = await submit(hass, entry, kind="friends")
    assert form["errors"] == {"more": "pushplus_friends_missing"}


async def test_address_refused(hass: HomeAssistant, pushplus: PushPlus) -> None:
    """Test that the form says what to change at PushPlus, and takes what is typed."""
    entry = (await add_account(hass, OPEN, pushplus))["result"]
    pushplus.account.ip_allowed = False
    form = await open_form(hass, entry)
    assert form["errors"] == {"base": "pushplus_open_api_ip"}
    fields = {"kind": "topic", "topic": "family"}
    result = await go_on(hass, form, recipient_input("pushplus", fields))
    assert result["title"] == "family (PushPlus)"
    form = await submit(hass, entry, kind="friends")
    assert form["errors"] == {"base": "pushplus_open_api_ip"}


async def test_friend(
    hass: HomeAssistant, pushplus: PushPlus, freezer: FrozenDateTimeFactory
) -> None:
    """Test that a new friend becomes a recipient."""
    entry = (await add_account(hass, OPEN, pushplus))["result"]
    step = await submit(hass, entry, kind="friends", send_test=True)
    assert step["type"] is FlowResultType.SHOW_PROGRESS
    await pass_time(hass, freezer, 30)
    pushplus.scan_friend(TOKEN, NEW_FRIEND, "Wang Wu")
    await pass_time(hass, freezer, NEXT)
    step = await go_on(hass, step)
    assert step["description_placeholders"] == {"names": "Wang Wu"}
    result = await choose(hass, step, "finish")
    assert result["title"] == "Wang Wu (PushPlus)"
    assert result["data"]["friends"] == [NEW_FRIEND]
    assert [each.recipient for each in pushplus.notifications] == [NEW_FRIEND]


async def test_friend_told(
    hass: HomeAssistant, pushplus: PushPlus, freezer: FrozenDateTimeFactory
) -> None:
    """Test that a report of PushPlus is not waited for, and no friend told twice."""
    entry = (await add_account(hass, OPEN, pushplus))["result"]
    step = await submit(hass, entry, kind="friends")
    await settle(hass)
    pushplus.scan_friend(TOKEN, NEW_FRIEND, "")
    event = AccountEvent(kind="add_friend", details={})
    async_dispatcher_send(hass, signal_account_event(entry), event)
    await settle(hass)
    step = await go_on(hass, step)
    assert step["description_placeholders"] == {"names": "?"}
    step = await choose(hass, step, "scan")
    await pass_time(hass, freezer, 20)
    assert (await go_on(hass, step))["type"] is FlowResultType.SHOW_PROGRESS
    pushplus.scan_friend(TOKEN, "cafe" * 8, "Zhao Liu")
    await pass_time(hass, freezer, NEXT)
    await choose(hass, await go_on(hass, step), "each")
    assert titles(entry)[1:] == ["Friends (PushPlus)", "Zhao Liu (PushPlus)"]


async def test_group(
    hass: HomeAssistant, pushplus: PushPlus, freezer: FrozenDateTimeFactory
) -> None:
    """Test that new members of a group are named, and the group is the recipient."""
    entry = (await add_account(hass, OPEN, pushplus))["result"]
    more = {"topic": TOPIC, "qr_code": True}
    step = await submit(hass, entry, kind="topic", more=more, send_test=True)
    pushplus.scan_group(TOKEN, TOPIC, "Zhang San")
    await pass_time(hass, freezer, NEXT)
    step = await go_on(hass, step)
    assert step["menu_options"] == ["finish", "scan"]
    assert step["description_placeholders"] == {"names": "Zhang San"}
    step = await choose(hass, step, "scan")
    pushplus.scan_group(TOKEN, TOPIC, "Sun Qi")
    await pass_time(hass, freezer, NEXT)
    step = await go_on(hass, step)
    assert step["menu_options"] == ["finish", "scan"]
    assert step["description_placeholders"] == {"names": "Zhang San, Sun Qi"}
    result = await choose(hass, step, "finish")
    assert result["title"] == "Family (PushPlus)"
    assert result["data"]["topic"] == TOPIC
    assert "qr_code" not in result["data"]
    assert [each.recipient for each in pushplus.notifications] == [TOPIC]


@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        pytest.param(
            {"kind": "topic", "more": {"topic": "theirs", "qr_code": True}},
            {"more": "pushplus_not_own_group"},
            id="not_own_group",
        ),
        pytest.param(
            {"kind": "topic", "more": {"qr_code": True}},
            {"more": "pushplus_topic_missing"},
            id="no_group",
        ),
        pytest.param(
            {"kind": "friends", "more": {"channel": "webhook"}},
            {"more": "pushplus_option_missing"},
            id="no_option",
        ),
    ],
)
async def test_wrong_group(
    hass: HomeAssistant,
    pushplus: PushPlus,
    fields: dict[str, Any],
    errors: dict[str, str],
) -> None:
    """Test that wrong input is found before a QR code is shown."""
    entry = (await add_account(hass, OPEN, pushplus))["result"]
    form = await submit(hass, entry, **fields)
    assert form["errors"] == errors
