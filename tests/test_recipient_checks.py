"""Recipients are looked up at the service: to offer them, and before one is added."""

from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from tests.moments import drain
from tests.samples import (
    PUSHJET,
    PUSHPLUS,
    UID_LI,
    UID_WANG,
    UID_ZHANG,
    WECOM,
    WXPUSHER,
    Sample,
    add_account,
    add_recipient,
    entity_ids,
    send,
    set_up,
)
from tests.simulators import BAD_ANSWERS, Simulator, WeCom, WxPusher
from tests.simulators.pushjet import Service
from tests.simulators.wecom_accounts import AGENT_ID
from tests.simulators.wxpusher_accounts import APP_TOKEN, Follower
from tests.troubles import Cause

NEW_SERVICE = Service(secret="0" * 32, public="-".join("00000"), name="Garage")


def follow(wxpusher: Any) -> None:
    """Let a user scan the code of the application."""
    follower = Follower(record_id=9, uid=UID_WANG, nickname="Wang Wu")
    wxpusher.apps[APP_TOKEN].followers[UID_WANG] = follower


def lift_block(wxpusher: Any) -> None:
    """Lift the block of a user in the console."""
    wxpusher.apps[APP_TOKEN].followers[UID_LI].reject = False


def show_application(wecom: Any) -> None:
    """Make the application visible to a member."""
    wecom.agents[AGENT_ID].users["wangwu"] = "王五"


def make_service(pushjet: Any) -> None:
    """Make a service on the server."""
    pushjet.services.append(NEW_SERVICE)


@pytest.mark.parametrize(
    ("sample", "typed", "errors", "details", "mend", "title"),
    [
        pytest.param(
            WXPUSHER,
            {"targets": [UID_WANG]},
            {"targets": "wxpusher_not_following"},
            {"target": UID_WANG},
            follow,
            "Wang Wu (WxPusher)",
            id="wxpusher-not-following",
        ),
        pytest.param(
            WXPUSHER,
            {"targets": [UID_ZHANG, UID_LI]},
            {"targets": "wxpusher_blocked"},
            {"target": UID_LI},
            lift_block,
            f"{UID_LI}, Zhang San (WxPusher)",
            id="wxpusher-blocked",
        ),
        pytest.param(
            WECOM,
            {"targets": ["@wangwu"]},
            {"targets": "wecom_member_not_found"},
            {"target": "wangwu"},
            show_application,
            "王五 (WeCom)",
            id="wecom-not-visible",
        ),
        pytest.param(
            PUSHJET,
            {"secret": NEW_SERVICE.secret},
            {"secret": "pushjet_unknown_secret"},
            {},
            make_service,
            "Garage (Pushjet)",
            id="pushjet-unknown",
        ),
    ],
)
async def test_mended(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    typed: dict[str, Any],
    errors: dict[str, str],
    details: dict[str, str],
    mend: Cause,
    title: str,
) -> None:
    """Test that whom nothing would reach is refused until that is mended."""
    entry = await set_up(hass, sample, simulator)
    block(simulator)
    form = await add_recipient(hass, entry, typed)
    assert form["type"] is FlowResultType.FORM
    assert form["errors"] == errors
    assert form["description_placeholders"].items() >= details.items()
    assert len(entry.subentries) == 1
    mend(simulator)
    recipients = hass.config_entries.subentries
    created = await recipients.async_configure(form["flow_id"], typed)
    await hass.async_block_till_done()
    assert created["type"] is FlowResultType.CREATE_ENTRY
    assert created["title"] == title
    assert len(entity_ids(hass)) == 2


def block(simulator: Any) -> None:
    """Block a user of WxPusher; other services have nobody of that name."""
    for app in getattr(simulator, "apps", {}).values():
        app.followers[UID_LI].reject = True


async def offered(hass: HomeAssistant, sample: Sample, simulator: Simulator) -> Any:
    """Return what the form of an account's first recipient offers as targets."""
    result = await add_account(hass, sample, simulator)
    form = await hass.config_entries.subentries.async_configure(result["next_flow"][1])
    assert form["data_schema"] is not None
    return form["data_schema"].schema["targets"].config["options"]


async def test_followers_offered(hass: HomeAssistant, wxpusher: WxPusher) -> None:
    """Test that unblocked followers of the application and its topics can be chosen."""
    follow(wxpusher)
    wxpusher.apps[APP_TOKEN].followers[UID_WANG].reject = True
    assert await offered(hass, WXPUSHER, wxpusher) == [
        {"value": UID_ZHANG, "label": f"Zhang San ({UID_ZHANG})"},
        {"value": UID_LI, "label": UID_LI},
        {"value": "8001", "label": "Family (8001)"},
    ]


DEPARTMENTS = [
    {"value": "#1", "label": "Home (#1)"},
    {"value": "#2", "label": "Garage (#2)"},
]
TAGS = [
    {"value": "+1", "label": "Adults (+1)"},
    {"value": "+2", "label": "Children (+2)"},
]
MEMBERS = [
    {"value": "@zhangsan", "label": "张三 (@zhangsan)"},
    {"value": "@lisi", "label": "李四 (@lisi)"},
]


@pytest.mark.parametrize(
    ("failing", "options"),
    [
        ([], [*MEMBERS, *DEPARTMENTS, *TAGS]),
        (
            ["user/simplelist"],
            [
                {"value": "@zhangsan", "label": "@zhangsan"},
                {"value": "@lisi", "label": "@lisi"},
                *DEPARTMENTS,
                *TAGS,
            ],
        ),
        (
            ["department/list", "tag/list"],
            [
                *MEMBERS,
                {"value": "#1", "label": "#1"},
                {"value": "#2", "label": "#2"},
                {"value": "+1", "label": "+1"},
                {"value": "+2", "label": "+2"},
            ],
        ),
    ],
    ids=["all", "no-members", "no-departments-nor-tags"],
)
async def test_directory_offered(
    hass: HomeAssistant, wecom: WeCom, failing: list[str], options: list[dict[str, str]]
) -> None:
    """Test that those who see the application can be chosen; names are worth a try."""
    for path in failing:
        wecom.always(BAD_ANSWERS["error_500"], f"/cgi-bin/{path}")
    everyone = {"value": "@all", "label": "Everyone (@all)"}
    assert await offered(hass, WECOM, wecom) == [everyone, *options]


async def test_large_directory(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that a large corporation costs no request for each of its departments."""
    agent = wecom.agents[AGENT_ID]
    agent.departments = {number: f"Floor {number}" for number in range(1, 101)}
    options = await offered(hass, WECOM, wecom)
    assert len(wecom.requests_to("/cgi-bin/user/simplelist")) <= 5
    assert {"value": "#100", "label": "Floor 100 (#100)"} in options


@pytest.mark.parametrize(
    ("sample", "path", "target"),
    [
        (WXPUSHER, "/api/fun/wxuser/v2", "8001"),
        (WECOM, "/cgi-bin/agent/get", "#1"),
    ],
    ids=["wxpusher", "wecom"],
)
async def test_nothing_offered(
    hass: HomeAssistant, sample: Sample, simulator: Simulator, path: str, target: str
) -> None:
    """Test that a recipient can be typed where the service lists none."""
    entry = await set_up(hass, sample, simulator)
    simulator.always(BAD_ANSWERS["error_500"], path)
    recipients = hass.config_entries.subentries
    form = await recipients.async_init(
        (entry.entry_id, "recipient"), context={"source": "user"}
    )
    assert form["errors"] == {}
    assert form["data_schema"] is not None
    assert form["data_schema"].schema["targets"].config["options"] == []
    simulator.always(None, path)
    typed = {"targets": [target]}
    created = await recipients.async_configure(form["flow_id"], typed)
    assert created["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize("sample", [PUSHPLUS, PUSHJET], ids=["pushplus", "pushjet"])
async def test_not_asked(
    hass: HomeAssistant, sample: Sample, simulator: Simulator
) -> None:
    """Test that a service that lists nobody is not asked."""
    entry = await set_up(hass, sample, simulator)
    simulator.requests.clear()
    form = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "recipient"), context={"source": "user"}
    )
    assert form["errors"] == {}
    assert simulator.requests == []


@pytest.mark.parametrize(
    ("sample", "typed"),
    [
        pytest.param(WXPUSHER, {"targets": [UID_ZHANG]}, id="wxpusher"),
        pytest.param(WECOM, {"targets": ["@lisi"]}, id="wecom"),
        pytest.param(PUSHJET, PUSHJET.recipient, id="pushjet"),
    ],
)
async def test_service_down(
    hass: HomeAssistant,
    sample: Sample,
    simulator: Simulator,
    freezer: FrozenDateTimeFactory,
    typed: dict[str, Any],
) -> None:
    """Test that a recipient added while the service is down is told so, and works later."""
    result = await add_account(hass, sample, simulator)
    entry: ConfigEntry = result["result"]
    await simulator.stop()
    await hass.config_entries.async_reload(entry.entry_id)
    form = await add_recipient(hass, entry, typed)
    assert form["type"] is FlowResultType.FORM
    assert form["errors"] == {"base": "cannot_connect"}
    await simulator.start(port=simulator.port)
    recipients = hass.config_entries.subentries
    created = await recipients.async_configure(form["flow_id"], typed)
    assert created["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    await send(hass, "Someone is there.")
    await drain(hass, freezer, entry)
    assert len(simulator.notifications) == 1


async def test_secret_refused(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that the form says what is wrong with the account, and asks no second time."""
    entry = await set_up(hass, WECOM, wecom)
    wecom.secret = "RenewedSecret"
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    wecom.gettoken_count = 0
    typed = {"targets": ["@lisi"]}
    form = await add_recipient(hass, entry, typed)
    assert form["errors"] == {"base": "wecom_secret"}
    recipients = hass.config_entries.subentries
    form = dict(await recipients.async_configure(form["flow_id"], typed))
    assert form["errors"] == {"base": "wecom_secret"}
    # A wrong secret tried again and again gets the address banned.
    assert wecom.gettoken_count == 0
