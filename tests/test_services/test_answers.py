"""Tests for the answer of the action and its errors."""

from typing import Any

import pytest
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
    label_registry as lr,
)
from homeassistant.setup import async_setup_component
from tests.messages import SENT, WXPUSHER_SEND, say, tell
from tests.samples import (
    FAILS,
    PUSHJET,
    PUSHPLUS,
    UID_WANG,
    UID_ZHANG,
    WECOM,
    WXPUSHER,
    add_recipient,
    entity_ids,
    set_up,
)
from tests.simulators import Answer, Pushjet, PushPlus, WeCom, WxPusher


async def test_answer(hass: HomeAssistant, wxpusher: WxPusher, wecom: WeCom) -> None:
    """Test that the answer contains message IDs and failed targets."""
    await set_up(hass, WXPUSHER, wxpusher)
    await set_up(hass, WECOM, wecom)
    zhang, everyone = "notify.zhang_san_wxpusher", "notify.everyone_wecom"
    answer = await say(hass, "Done")
    (content_id,) = wxpusher.contents
    (msgid,) = wecom.messages
    assert answer == {
        everyone: {
            **SENT,
            "accepted": [{"target": "@all", "message_id": msgid}],
            "refused": [],
        },
        zhang: {
            **SENT,
            "accepted": [{"target": UID_ZHANG, "message_id": str(content_id)}],
            "refused": [],
        },
    }
    answer = await say(
        hass, "Done", entity_id=zhang, targets=[UID_ZHANG, UID_WANG, "8009"]
    )
    assert answer[zhang]["accepted"] == [
        {"target": UID_ZHANG, "message_id": str(content_id + 1)}
    ]
    assert answer[zhang]["refused"] == [
        {"target": UID_WANG, "reason": f"用户UID=[{UID_WANG}]未订阅应用"},
        {"target": "8009", "reason": "主题[8009]不存在"},
    ]
    answer = await say(hass, "Done", entity_id=everyone, targets="@lisi #7 +9 @nobody")
    assert answer[everyone] == {
        **SENT,
        "accepted": [{"target": "lisi", "message_id": list(wecom.messages)[-1]}],
        "refused": [
            {"target": "nobody", "reason": "invaliduser"},
            {"target": "#7", "reason": "invalidparty"},
            {"target": "+9", "reason": "invalidtag"},
        ],
    }


async def test_answers_without_message_ids(
    hass: HomeAssistant, pushplus: PushPlus, pushjet: Pushjet
) -> None:
    """Test the answers of services with other message IDs, or none."""
    await set_up(hass, PUSHPLUS, pushplus)
    await set_up(hass, PUSHJET, pushjet)
    answer = await say(hass, "Done")
    (serial,) = pushplus.messages
    assert answer == {
        "notify.family_pushplus": {
            **SENT,
            "accepted": [{"target": "family", "message_id": serial}],
            "refused": [],
        },
        "notify.home_alarms_pushjet": {
            **SENT,
            "accepted": [{"target": PUSHJET.receivers[0], "message_id": None}],
            "refused": [],
        },
    }


async def test_refused_without_asking(hass: HomeAssistant, wxpusher: WxPusher) -> None:
    """Test that a refused target raises if no answer is requested."""
    await set_up(hass, WXPUSHER, wxpusher)
    with pytest.raises(HomeAssistantError) as raised:
        await tell(hass, "Done", targets=[UID_ZHANG, UID_WANG])
    assert str(raised.value) == (
        "The service refused the message for these targets: "
        f"{UID_WANG} (用户UID=[{UID_WANG}]未订阅应用). It was sent to all others"
    )
    assert [shown.recipient for shown in wxpusher.notifications] == [UID_ZHANG]


async def test_refused_by_all(hass: HomeAssistant, wxpusher: WxPusher) -> None:
    """Test that a message without valid target raises, answer or not."""
    await set_up(hass, WXPUSHER, wxpusher)
    with pytest.raises(HomeAssistantError) as raised:
        await say(hass, "Done", targets=UID_WANG)
    assert str(raised.value).startswith(
        "The service refused the message for all targets"
    )


async def test_many_refused(hass: HomeAssistant, wxpusher: WxPusher) -> None:
    """Test that an error names a limited number of targets."""
    await set_up(hass, WXPUSHER, wxpusher)
    strangers = [f"UID_Stranger{number:02d}" for number in range(12)]
    with pytest.raises(HomeAssistantError) as raised:
        await tell(hass, "Done", targets=[UID_ZHANG, *strangers])
    said = str(raised.value)
    assert [stranger in said for stranger in strangers] == [True] * 10 + [False] * 2
    assert "不存在), +2. It was sent to all others" in said


async def test_one_failure_among_many(
    hass: HomeAssistant,
    wxpusher: WxPusher,
    wecom: WeCom,
    pushplus: PushPlus,
    pushjet: Pushjet,
) -> None:
    """Test that other recipients get the message and the error names each failure."""
    await set_up(hass, WXPUSHER, wxpusher)
    await set_up(hass, WECOM, wecom, recipient={**WECOM.recipient, **FAILS})
    await set_up(hass, PUSHPLUS, pushplus, recipient={**PUSHPLUS.recipient, **FAILS})
    await set_up(hass, PUSHJET, pushjet)
    wecom.agents[1000002].closed = True
    pushplus.account.verified = False
    with pytest.raises(HomeAssistantError) as raised:
        await say(hass, "Done")
    assert not isinstance(raised.value, ServiceValidationError)
    assert str(raised.value) == (
        "Failed for 2 of 4 recipients:\n"
        "Everyone (WeCom): The application is disabled. Enable it in the WeCom admin console. /\n"
        "family (PushPlus): PushPlus sends only for verified accounts. Complete the identity "
        "verification (实名认证) on the PushPlus website."
    )
    assert len(wxpusher.notifications) == len(pushjet.notifications) == 1


async def test_failures_of_the_same_name(
    hass: HomeAssistant, wxpusher: WxPusher
) -> None:
    """Test that both failures of recipients with the same name are named."""
    mum = {**WXPUSHER.recipient, **FAILS, "name": "Mum"}
    entry = await set_up(hass, WXPUSHER, wxpusher, recipient=mum)
    await add_recipient(hass, entry, {**mum, "targets": ["8001"]})
    wxpusher.always(Answer(status=500), WXPUSHER_SEND)
    with pytest.raises(HomeAssistantError) as raised:
        await tell(hass, "Done")
    assert str(raised.value).count("Mum: ") == 2


async def test_failures_in_chinese(
    hass: HomeAssistant, wxpusher: WxPusher, wecom: WeCom
) -> None:
    """Test that the failures within an error are translated."""
    await hass.config.async_update(language="zh-Hans")
    await set_up(hass, WXPUSHER, wxpusher)
    await set_up(hass, WECOM, wecom)
    with pytest.raises(HomeAssistantError) as raised:
        await tell(hass, "", title="")
    assert raised.value.translation_placeholders == {
        "failed": "2",
        "total": "2",
        "failures": "所有人（企业微信）：消息内容为空，请填写内容。 /\n"
        "Zhang San（WxPusher）：消息内容为空，请填写内容。",
    }


@pytest.mark.parametrize("target", ["device_id", "area_id", "label_id"])
async def test_other_kinds_of_targets(
    hass: HomeAssistant,
    wxpusher: WxPusher,
    wecom: WeCom,
    pushjet: Pushjet,
    device_registry: dr.DeviceRegistry,
    entity_registry: er.EntityRegistry,
    target: str,
) -> None:
    """Test sending by device, by area and by label."""
    await set_up(hass, WXPUSHER, wxpusher)
    await set_up(hass, WECOM, wecom)
    await set_up(hass, PUSHJET, pushjet)
    chosen = {"notify.zhang_san_wxpusher", "notify.home_alarms_pushjet"}
    area = ar.async_get(hass).async_create("Hall").id
    label = lr.async_get(hass).async_create("Family").label_id
    entities = [entity_registry.async_get(entity_id) for entity_id in chosen]
    devices = [str(entity.device_id) for entity in entities if entity is not None]
    for device_id in devices:
        device_registry.async_update_device(device_id, area_id=area, labels={label})
    ids = {"device_id": devices, "area_id": area, "label_id": [label]}
    answer = await say(hass, "Done", **{target: ids[target]})
    assert answer.keys() == chosen
    assert len(wxpusher.notifications) == len(pushjet.notifications) == 1
    assert not wecom.notifications


async def test_script(
    hass: HomeAssistant,
    wxpusher: WxPusher,
    wecom: WeCom,
    hass_ws_client: WebSocketGenerator,
) -> None:
    """Test a script with templates that uses the answer, and its trace."""
    await set_up(hass, WXPUSHER, wxpusher)
    await set_up(hass, WECOM, wecom)
    hass.states.async_set("sensor.hall", "21.5")
    sequence = [
        {
            "action": "wechat_push.send_message",
            "target": {"entity_id": entity_ids(hass)},
            "data": {
                "message": "{{ states('sensor.hall') }} °C",
                "title": "{{ area }}",
                "expires_after": {"minutes": "{{ 2 * 5 }}"},
                "extra_targets": "{{ [8001, 8002] }}",
            },
            "response_variable": "sent",
        },
        {
            "action": "wechat_push.recall_message",
            "target": {"entity_id": "notify.everyone_wecom"},
            "data": {
                "message_id": "{{ sent['notify.everyone_wecom'].accepted[0].message_id }}"
            },
        },
        {"stop": "Done", "response_variable": "sent"},
    ]
    assert await async_setup_component(
        hass, "script", {"script": {"climate": {"sequence": sequence}}}
    )
    answer = await hass.services.async_call(
        "script", "climate", {"area": "Hall"}, blocking=True, return_response=True
    )
    await hass.async_block_till_done()
    assert isinstance(answer, dict)
    ((msgid, message),) = wecom.messages.items()
    assert message.recalled
    assert answer["notify.everyone_wecom"] == {
        **SENT,
        "accepted": [{"target": "@all", "message_id": msgid}],
        "refused": [],
    }
    shown = {each.recipient: each.text for each in wxpusher.notifications}
    assert shown == dict.fromkeys([UID_ZHANG, "8001", "8002"], "Hall\n21.5 °C")

    client = await hass_ws_client()
    await client.send_json_auto_id(
        {"type": "trace/list", "domain": "script", "item_id": "climate"}
    )
    (run,) = (await client.receive_json())["result"]
    await client.send_json_auto_id(
        {
            "type": "trace/get",
            "domain": "script",
            "item_id": "climate",
            "run_id": run["run_id"],
        }
    )
    trace: dict[str, Any] = (await client.receive_json())["result"]["trace"]
    (step,) = trace["sequence/0"]
    assert step["result"]["params"]["service_data"] == {
        "message": "21.5 °C",
        "title": "Hall",
        "expires_after": {"minutes": 10},
        "extra_targets": [8001, 8002],
        "entity_id": ["notify.everyone_wecom", "notify.zhang_san_wxpusher"],
    }
    assert step["changed_variables"]["sent"] == answer
