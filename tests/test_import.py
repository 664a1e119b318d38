"""Accounts are added from addresses of Apprise and from notify platforms."""

import asyncio
from collections.abc import Mapping
import logging
from typing import Any

import pytest

from custom_components.wechat_push.const import DOMAIN
from custom_components.wechat_push.flows import import_check
from custom_components.wechat_push.providers import PROVIDERS
from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, UnknownFlow
from tests.samples import (
    FRIEND,
    PUSHJET,
    PUSHPLUS,
    UID_LI,
    UID_WANG,
    UID_ZHANG,
    WECOM,
    add_account,
    add_recipient,
    arrival,
    entity_ids,
    send,
    set_up,
    suggested,
)
from tests.simulators import BAD_ANSWERS, Pushjet, PushPlus, Simulator, WeCom, WxPusher
from tests.simulators.pushjet import PUBLIC, SECRET, Service
from tests.simulators.wecom_accounts import (
    AGENT_ID,
    OTHER_AGENT_ID,
    OTHER_SECRET,
    ROBOT_KEY,
)
from tests.simulators.wxpusher_accounts import APP_TOKEN
from tests.test_relay import forward_only_sending

TOKEN = PUSHPLUS.account["token"]
CORP_ID = WECOM.account["corp_id"]
CORP_SECRET = WECOM.account["secret"]


def escaped(pushjet: Pushjet) -> str:
    """Return the title of the account of a server in a text that is Markdown."""
    title: str = PUSHJET.title_at(pushjet)
    return title.replace(":", r"\:")


@pytest.fixture(autouse=True)
def official_servers(monkeypatch: pytest.MonkeyPatch) -> dict[str, Simulator]:
    """Return the simulators that stand in for the official server of a provider."""
    stand_ins: dict[str, Simulator] = {}
    for key, provider in PROVIDERS.items():

        def create_client(
            session: Any,
            data: Mapping[str, Any],
            *,
            key: str = key,
            create: Any = provider.create_client,
        ) -> Any:
            if key in stand_ins:
                data = {**data, "url": stand_ins[key].url}
            return create(session, data)

        monkeypatch.setattr(provider, "create_client", create_client)
    return stand_ins


@pytest.fixture
def official_wxpusher(
    official_servers: dict[str, Simulator], wxpusher: WxPusher
) -> WxPusher:
    """Return the simulator of WxPusher at the official address."""
    official_servers["wxpusher"] = wxpusher
    return wxpusher


@pytest.fixture
def official_wecom(official_servers: dict[str, Simulator], wecom: WeCom) -> WeCom:
    """Return the simulator of WeCom at the official address."""
    official_servers["wecom"] = wecom
    return wecom


@pytest.fixture
def official_pushplus(
    official_servers: dict[str, Simulator], pushplus: PushPlus
) -> PushPlus:
    """Return the simulator of PushPlus at the official address."""
    official_servers["pushplus"] = pushplus
    return pushplus


async def paste(hass: HomeAssistant, text: str) -> dict[str, Any]:
    """Paste a text into the form; return the result."""
    flows = hass.config_entries.flow
    menu = await flows.async_init(DOMAIN, context={"source": "user"})
    form = await flows.async_configure(menu["flow_id"], {"next_step_id": "apprise"})
    assert form["step_id"] == "apprise"
    return dict(await flows.async_configure(form["flow_id"], {"addresses": text}))


async def go_on(
    hass: HomeAssistant, form: Mapping[str, Any], user_input: dict[str, Any]
) -> dict[str, Any]:
    """Submit a form or choose from a menu; return what follows the check, if any."""
    flows = hass.config_entries.flow
    result = await flows.async_configure(form["flow_id"], user_input)
    if result["type"] is FlowResultType.SHOW_PROGRESS:
        await hass.async_block_till_done()
        # The frontend asks what follows.
        result = await flows.async_configure(form["flow_id"])
    await hass.async_block_till_done()
    return dict(result)


async def add(hass: HomeAssistant, text: str, **user_input: Any) -> dict[str, Any]:
    """Paste a text, and confirm what was understood."""
    form = await paste(hass, text)
    assert form["step_id"] == "apprise_confirm", form
    return await go_on(hass, form, user_input)


def entries(hass: HomeAssistant) -> dict[str, ConfigEntry]:
    """Return the accounts by title."""
    return {entry.title: entry for entry in hass.config_entries.async_entries(DOMAIN)}


def recipients(entry: ConfigEntry) -> dict[str, Mapping[str, Any]]:
    """Return the data of the recipients of an account by title."""
    return {each.title: each.data for each in entry.subentries.values()}


async def test_wxpusher(hass: HomeAssistant, official_wxpusher: WxPusher) -> None:
    """Test an application with its users and topics, which are one recipient."""
    form = await paste(hass, f"wxpusher://{APP_TOKEN}/{UID_ZHANG}/8002?format=markdown")
    assert form["description_placeholders"] == {
        "accounts": rf"| WxPusher · …0000 | UID\_{UID_ZHANG[4:]}, 8002 | – |",
        "not_added": "",
    }
    assert form["data_schema"].schema == {}
    assert official_wxpusher.requests == []
    result = await go_on(hass, form, {})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "WxPusher · Home alarms"
    assert result["description_placeholders"] == {
        "added": "- WxPusher · Home alarms: Zhang San, 8002 (WxPusher)"
    }
    entry = result["result"]
    assert entry.state is ConfigEntryState.LOADED
    assert entry.unique_id
    assert entry.data["url"] == "https://wxpusher.zjiecode.com"
    assert recipients(entry) == {
        "Zhang San, 8002 (WxPusher)": {
            "uids": [UID_ZHANG],
            "topics": [8002],
            "format": "markdown",
            "when_down": "keep",
        }
    }
    assert "next_flow" not in result
    await send(hass, "Someone is there.")
    assert UID_ZHANG in {each.recipient for each in official_wxpusher.notifications}


async def test_settings(hass: HomeAssistant, official_wxpusher: WxPusher) -> None:
    """Test that what every address of Apprise can say becomes settings."""
    arguments = (
        "format=markdown&overflow=upstream&emojis=yes&retry=3&wait=1.5&optional=yes"
        "&verify=no&redirect=yes&cto=2.5&rto=30&tz=asia/shanghai"
    )
    text = f"wxpusher://{APP_TOKEN}/{UID_ZHANG}?{arguments}"
    form = await paste(hass, text)
    assert form["description_placeholders"]["accounts"].endswith("| – |")
    await go_on(hass, form, {})
    (entry,) = entries(hass).values()
    account = {
        "verify_ssl": False,
        "follow_redirects": True,
        "connect_timeout": 2.5,
        "read_timeout": 30,
        "time_zone": "Asia/Shanghai",
    }
    assert entry.data.items() >= account.items()
    (recipient,) = recipients(entry).values()
    assert recipient == {
        "uids": [UID_ZHANG],
        "topics": [],
        "format": "markdown",
        "overflow": "refuse",
        "emojis": True,
        "retries": 3,
        "retry_wait": 1.5,
        "optional": True,
        "when_down": "keep",
    }


async def test_same_as_typed(hass: HomeAssistant, pushjet: Pushjet) -> None:
    """Test that the form of a service knows what was imported."""
    result = await add(hass, f"pjet://127.0.0.1:{pushjet.port}/{SECRET}")
    entry = result["result"]
    typed = await add_account(hass, PUSHJET, pushjet)
    assert typed["reason"] == "already_configured"
    again = await add_recipient(hass, entry, {"secret": SECRET})
    assert again["reason"] == "already_configured"
    assert recipients(entry)["Home alarms (Pushjet)"]["public"] == PUBLIC


async def test_several(
    hass: HomeAssistant,
    official_wxpusher: WxPusher,
    official_wecom: WeCom,
    official_pushplus: PushPlus,
    pushjet: Pushjet,
) -> None:
    """Test that each account is added, and lines of one account are joined."""
    text = f"""
        wechat://{CORP_ID}:{CORP_SECRET}@1000002/@lisi
        wechat://{CORP_ID}:{OTHER_SECRET}@{OTHER_AGENT_ID}/@all
        pjet://127.0.0.1:{pushjet.port}/{SECRET}, wxpusher://{APP_TOKEN}/{UID_LI}
        pushplus://{TOKEN}/%23family
        pushplus://{TOKEN}/@{FRIEND}
        mailto://user:pass@example.com
    """
    form = await paste(hass, text)
    shown = form["description_placeholders"]
    assert shown["accounts"].splitlines() == [
        r"| WeCom · 1000002 | \@lisi | – |",
        rf"| WeCom · {OTHER_AGENT_ID} | \@all | – |",
        f"| {escaped(pushjet)} | {SECRET[:4]}… | – |",
        rf"| WxPusher · …0000 | UID\_{UID_LI[4:]} | – |",
        "| PushPlus · …abcd | family, Friends | – |",
    ]
    assert shown["not_added"] == (
        "Cannot be added:\n\n- mailto\\://user…: This service is not supported."
    )
    result = await go_on(hass, form, {"send_test": False})
    assert result["title"] == "WeCom · Home alarms"
    assert result["description_placeholders"]["added"].count("\n- ") == 4
    assert {title: [*recipients(entry)] for title, entry in entries(hass).items()} == {
        "WeCom · Home alarms": ["李四 (WeCom)"],
        "WeCom · Office": ["Everyone (WeCom · Office)"],
        PUSHJET.title_at(pushjet): ["Home alarms (Pushjet)"],
        "WxPusher · Home alarms": [f"{UID_LI} (WxPusher)"],
        "PushPlus · …abcd": ["family (PushPlus)", "Friends (PushPlus)"],
    }
    assert {entry.state for entry in entries(hass).values()} == {
        ConfigEntryState.LOADED
    }
    assert official_pushplus.notifications == []
    assert hass.config_entries.flow.async_progress() == []


async def test_same_names(
    hass: HomeAssistant, official_wxpusher: WxPusher, pushjet: Pushjet
) -> None:
    """Test that what the services call the same gets titles of its own."""
    apps = official_wxpusher.apps
    apps["AT_Other000"] = apps[APP_TOKEN]
    pushjet.services.append(
        Service(secret="a" * 32, public="aaaa-1", name="Home alarms")
    )
    text = (
        f"wxpusher://{APP_TOKEN}/1 wxpusher://AT_Other000/2 "
        f"pjet://127.0.0.1:{pushjet.port}/{SECRET} "
        f"pjet://127.0.0.1:{pushjet.port}/{'a' * 32}"
    )
    await add(hass, text)
    assert {title: [*recipients(entry)] for title, entry in entries(hass).items()} == {
        "WxPusher · Home alarms": ["1 (WxPusher)"],
        "WxPusher · Home alarms 2": ["2 (WxPusher · Home alarms 2)"],
        PUSHJET.title_at(pushjet): ["Home alarms (Pushjet)", "Home alarms (Pushjet) 2"],
    }


async def test_wework_notify(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that a notify platform goes on under its name, by its relay."""
    wecom.prefix = "/relay"
    wecom.basic_auth = ("user", "ProxyPassword1")
    text = f"""
notify:
  - platform: wework_notify
    name: family
    corpid: {CORP_ID}
    agentId: {AGENT_ID}
    secret: {CORP_SECRET}
    touser: ZhangSan|lisi
    resource: {wecom.url}/relay/cgi-bin
    resource_username: user
    resource_password: ProxyPassword1
    timeout: 5
"""
    form = await paste(hass, text)
    assert form["description_placeholders"]["accounts"] == (
        "| WeCom · 1000002 | family | timeout |"
    )
    result = await go_on(hass, form, {})
    assert recipients(result["result"]).keys() == {"family"}
    assert entity_ids(hass) == ["notify.family"]
    await send(hass, "Someone is there.")
    assert {each.recipient for each in wecom.notifications} == {"zhangsan", "lisi"}


async def test_existing_account(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that an account that was added keeps its settings and gets recipients."""
    entry = await set_up(hass, WECOM, wecom)
    before = dict(entry.data)
    text = (
        f"wechat://{CORP_ID}:forgotten@{AGENT_ID}/@all?verify=no\n"
        f"wechat://{CORP_ID}:forgotten@{AGENT_ID}/@lisi?verify=no"
    )
    form = await paste(hass, text)
    assert form["description_placeholders"]["accounts"] == (
        r"| WeCom · Home alarms (already added) | \@all, \@lisi | – |"
    )
    result = await go_on(hass, form, {})
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "imported"
    assert result["description_placeholders"] == {
        "added": "- WeCom · Home alarms: 李四 (WeCom)"
    }
    assert entry.data == before
    assert [*recipients(entry)] == ["Everyone (WeCom)", "李四 (WeCom)"]
    assert len(entity_ids(hass)) == 2
    again = await add(hass, text)
    assert again["step_id"] == "apprise_failed"
    assert again["menu_options"] == ["apprise_check"]
    assert again["description_placeholders"]["reasons"] == (
        "- WeCom · Home alarms: The account and its recipients have already been added."
    )


async def test_unloaded_account(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that an account that does not run gets recipients as well."""
    entry = await set_up(hass, WECOM, wecom)
    await hass.config_entries.async_unload(entry.entry_id)
    await add(hass, f"wechat://{CORP_ID}:x@{AGENT_ID}/@lisi")
    assert [*recipients(entry)] == ["Everyone (WeCom)", "李四 (WeCom)"]


async def test_failure(
    hass: HomeAssistant, official_wxpusher: WxPusher, pushjet: Pushjet
) -> None:
    """Test that what fails is named, and the rest is added."""
    text = (
        f"wxpusher://AT_Wrong000/{UID_LI}\n"
        f"pjet://127.0.0.1:{pushjet.port}/{SECRET}\n"
        f"pjet://127.0.0.1:{pushjet.port}/{'0' * 32}"
    )
    menu = await add(hass, text)
    assert menu["type"] is FlowResultType.MENU
    assert menu["menu_options"] == ["apprise_check", "apprise_add"]
    first, second = menu["description_placeholders"]["reasons"].splitlines()
    assert first.startswith("- WxPusher · …g000: WxPusher refused the app token (")
    assert second == (
        f"- {escaped(pushjet)}, 0000…: The server has no service with this secret key. "
        "Check the key and the server address."
    )
    assert entries(hass) == {}
    result = await go_on(hass, menu, {"next_step_id": "apprise_add"})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert {title: [*recipients(entry)] for title, entry in entries(hass).items()} == {
        PUSHJET.title_at(pushjet): ["Home alarms (Pushjet)"]
    }


async def test_check_again(
    hass: HomeAssistant, official_pushplus: PushPlus, pushjet: Pushjet
) -> None:
    """Test that only what failed is checked again."""
    pushjet.always(BAD_ANSWERS["error_500"])
    text = f"pushplus://{TOKEN}\npjet://127.0.0.1:{pushjet.port}/{SECRET}"
    menu = await add(hass, text, send_test=True)
    assert menu["menu_options"] == ["apprise_check", "apprise_add"]
    assert len(official_pushplus.notifications) == 1
    pushjet.reset()
    result = await go_on(hass, menu, {"next_step_id": "apprise_check"})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert entries(hass).keys() == {"PushPlus · …abcd", PUSHJET.title_at(pushjet)}
    assert len(official_pushplus.notifications) == 1


async def test_nobody_left(hass: HomeAssistant, official_wxpusher: WxPusher) -> None:
    """Test that an account is not added without any of its recipients."""
    menu = await add(hass, f"wxpusher://{APP_TOKEN}/{UID_WANG}")
    assert menu["menu_options"] == ["apprise_check"]
    assert "do not follow" in menu["description_placeholders"]["reasons"]


async def test_time_out(
    hass: HomeAssistant, pushjet: Pushjet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Test that a server that does not answer is not waited for."""
    monkeypatch.setattr(import_check, "CHECK_SECONDS", 0)
    pushjet.always(BAD_ANSWERS["hang"])
    menu = await add(hass, f"pjet://127.0.0.1:{pushjet.port}/{SECRET}")
    assert "did not respond in time" in menu["description_placeholders"]["reasons"]


@pytest.mark.parametrize("send_test", [True, False])
async def test_proof(
    hass: HomeAssistant, official_pushplus: PushPlus, send_test: bool
) -> None:
    """Test that a token is proved by a message if a person wants that."""
    form = await paste(hass, f"pushplus://{TOKEN}/family?channel=app")
    assert form["data_schema"]({}) == {"send_test": True}
    result = await go_on(hass, form, {"send_test": send_test})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert len(official_pushplus.notifications) == send_test
    (recipient,) = recipients(result["result"]).values()
    assert recipient["topic"] == "family"
    # Only new accounts are proved.
    form = await paste(hass, f"pushplus://{TOKEN}")
    assert form["data_schema"].schema == {}


async def test_group_robot(
    hass: HomeAssistant, official_servers: dict[str, Simulator], wecom: WeCom
) -> None:
    """Test that a robot is added with its group, where the proof shows."""
    official_servers["wecom_robot"] = wecom
    text = f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={ROBOT_KEY}"
    result = await add(hass, text, send_test=True)
    assert recipients(result["result"]).keys() == {"Group (WeCom group robot)"}
    assert len(wecom.notifications) == 1
    await send(hass, "Someone is there.")
    assert len(wecom.notifications) == 2


async def test_wrong_token(hass: HomeAssistant, official_pushplus: PushPlus) -> None:
    """Test a token that its proof shows to be wrong; it is not disclosed."""
    wrong = "f" * 32
    menu = await add(hass, f"pushplus://{wrong}", send_test=True)
    assert menu["menu_options"] == ["apprise_check"]
    reasons = menu["description_placeholders"]["reasons"]
    assert reasons.startswith("- PushPlus · …ffff: PushPlus refused the token")
    assert wrong not in reasons


async def test_no_recipient(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that the form of the first recipient follows where an address has none."""
    text = f"""
platform: wework_notify
corpid: {CORP_ID}
agentId: {AGENT_ID}
secret: {CORP_SECRET}
touser: " "
resource: {wecom.url}
"""
    result = await add(hass, text)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["next_flow"]


async def test_no_recipients(
    hass: HomeAssistant, official_wxpusher: WxPusher, pushjet: Pushjet
) -> None:
    """Test that one form opens for the first account, and none that nobody sees."""
    text = f"pjet://127.0.0.1:{pushjet.port}\nwxpusher://{APP_TOKEN}"
    result = await add(hass, text)
    assert result["description_placeholders"]["added"] == (
        f"- {escaped(pushjet)}: –\n- WxPusher · Home alarms: –"
    )
    assert len(entries(hass)) == 2
    (form,) = hass.config_entries.subentries.async_progress()
    assert form["flow_id"] == result["next_flow"][1]


async def test_unchecked(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test a relay that passes on what sending needs, and nothing else."""
    forward_only_sending(wecom, BAD_ANSWERS["not_found_404"])
    text = f"""
platform: wework_notify
corpid: {CORP_ID}
agentId: {AGENT_ID}
secret: {CORP_SECRET}
resource: {wecom.url}/cgi-bin
"""
    result = await add(hass, text)
    assert result["description_placeholders"] == {
        "added": "- WeCom · 1000002: Everyone (WeCom) "
        "(the agent ID could not be checked)"
    }


@pytest.mark.parametrize(
    ("text", "error", "reasons"),
    [
        (" \n", "secret_missing", ""),
        (
            "hello",
            "import_nothing",
            "- hell…: This is not an Apprise address.",
        ),
        (
            "notify:\n  platform: smtp\n  password: !secret x",
            "import_nothing",
            "- YAML: This YAML cannot be read. Check the indentation, and replace "
            "references such as !secret with their values.",
        ),
        (
            "wecom://Tok",
            "import_nothing",
            "- wecom\\://Tok…: Enter the configuration code. The channels "
            "third-party webhook and WeCom application require it.",
        ),
    ],
    ids=["empty", "no-address", "yaml", "option"],
)
async def test_nothing(
    hass: HomeAssistant, text: str, error: str, reasons: str
) -> None:
    """Test that a text of which nothing can be added can be corrected."""
    form = await paste(hass, text)
    assert form["step_id"] == "apprise"
    assert form["errors"] == {"addresses": error}
    assert form["description_placeholders"] == {"reasons": reasons}
    assert suggested(form) == {"addresses": text}
    form = dict(
        await hass.config_entries.flow.async_configure(
            form["flow_id"], {"addresses": "pjet://127.0.0.1"}
        )
    )
    assert form["step_id"] == "apprise_confirm"


async def test_closed(hass: HomeAssistant, pushjet: Pushjet) -> None:
    """Test that closing the form in any step leaves nothing behind."""
    flows = hass.config_entries.flow
    pushjet.always(BAD_ANSWERS["hang"])
    form = await paste(hass, f"pjet://127.0.0.1:{pushjet.port}/{SECRET}")
    progress = await flows.async_configure(form["flow_id"], {})
    assert progress["type"] is FlowResultType.SHOW_PROGRESS
    assert progress["progress_action"] == "apprise_check"
    await arrival(pushjet, "/service")
    flows.async_abort(form["flow_id"])
    await hass.async_block_till_done()
    # The answer of a check that nobody asks for adds nothing either.
    pushjet.reset()
    form = await paste(hass, f"pjet://127.0.0.1:{pushjet.port}/{SECRET}")
    await flows.async_configure(form["flow_id"], {})
    await hass.async_block_till_done()
    flows.async_abort(form["flow_id"])
    await hass.async_block_till_done()
    assert entries(hass) == {}


async def test_submitted_twice(
    hass: HomeAssistant, official_pushplus: PushPlus, pushjet: Pushjet
) -> None:
    """Test that impatience adds and sends nothing twice."""
    flows = hass.config_entries.flow
    text = f"pushplus://{TOKEN}\npjet://127.0.0.1:{pushjet.port}/{SECRET}"
    form = await paste(hass, text)
    results = await asyncio.gather(
        *(flows.async_configure(form["flow_id"], {"send_test": True}) for _ in "12")
    )
    assert {each["type"] for each in results} == {FlowResultType.SHOW_PROGRESS}
    await hass.async_block_till_done()
    first, second = await asyncio.gather(
        *(flows.async_configure(form["flow_id"]) for _ in "12"), return_exceptions=True
    )
    await hass.async_block_till_done()
    assert not isinstance(first, BaseException)
    assert first["type"] is FlowResultType.CREATE_ENTRY
    assert isinstance(second, UnknownFlow)
    assert {title: [*recipients(entry)] for title, entry in entries(hass).items()} == {
        "PushPlus · …abcd": ["Me (PushPlus)"],
        PUSHJET.title_at(pushjet): ["Home alarms (Pushjet)"],
    }
    assert len(official_pushplus.notifications) == 1


async def test_added_meanwhile(hass: HomeAssistant, pushjet: Pushjet) -> None:
    """Test that an account that is added elsewhere during the check gets recipients."""
    flows = hass.config_entries.flow
    text = f"pjet://127.0.0.1:{pushjet.port}/{SECRET}"
    form = await paste(hass, text)
    await flows.async_configure(form["flow_id"], {})
    await hass.async_block_till_done()
    entry = (await add_account(hass, PUSHJET, pushjet))["result"]
    result = await flows.async_configure(form["flow_id"])
    assert result["reason"] == "imported"
    assert [*recipients(entry)] == ["Home alarms (Pushjet)"]
    # The same recipient, twice.
    pushjet.services.append(Service(secret="a" * 32, public="aaaa-1", name="Garage"))
    form = await paste(hass, f"pjet://127.0.0.1:{pushjet.port}/{'a' * 32}")
    await flows.async_configure(form["flow_id"], {})
    await hass.async_block_till_done()
    await add_recipient(hass, entry, {"secret": "a" * 32})
    result = await flows.async_configure(form["flow_id"])
    assert result["description_placeholders"] == {"added": f"- {escaped(pushjet)}: –"}
    assert len(recipients(entry)) == 2


async def test_secrets(
    hass: HomeAssistant,
    official_pushplus: PushPlus,
    wecom: WeCom,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Test that no secret is shown, logged or kept by the flow."""
    caplog.set_level(logging.DEBUG)
    text = f"""
notify:
  - platform: apprise
    url: pushplus://{TOKEN}/@{FRIEND}
  - platform: wework_notify
    corpid: {CORP_ID}
    agentId: {AGENT_ID}
    secret: {CORP_SECRET}
    resource: {wecom.url}
"""
    form = await paste(hass, text)
    menu = await go_on(hass, form, {"send_test": False})
    assert menu["type"] is FlowResultType.CREATE_ENTRY
    shown = f"{form['description_placeholders']} {menu['description_placeholders']}"
    for secret in (TOKEN, FRIEND, CORP_SECRET):
        assert secret not in shown
        assert secret not in caplog.text


async def test_chinese(hass: HomeAssistant, pushjet: Pushjet) -> None:
    """Test that what is put together reads well in Chinese, too."""
    hass.config.language = "zh-Hans"
    form = await paste(hass, f"pjet://127.0.0.1:{pushjet.port}/{SECRET}\nhello")
    assert form["description_placeholders"]["not_added"] == (
        "无法添加：\n\n- hell…：不是 Apprise 地址。"
    )
