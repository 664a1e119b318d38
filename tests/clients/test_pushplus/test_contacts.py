"""Who and what messages can be sent to, by name; needs a secret key."""

import aiohttp
import pytest

from custom_components.wechat_push.clients.errors import (
    ActionNeededError,
    EndpointError,
)
from custom_components.wechat_push.clients.pushplus.open_api import PushPlusOpenApi
from tests.simulators import PushPlus
from tests.simulators.answers import json_answer
from tests.simulators.pushplus_accounts import (
    CP,
    FRIEND_TOKEN,
    MAIL,
    QQ,
    SECRET_KEY,
    TOKEN,
    TOPIC,
    WEBHOOK,
    Topic,
)

from ..common import endpoint


@pytest.fixture
def open_api(pushplus: PushPlus, session: aiohttp.ClientSession) -> PushPlusOpenApi:
    """Return the open interface of the simulated account."""
    return PushPlusOpenApi(
        session, endpoint(pushplus), token=TOKEN, secret_key=SECRET_KEY
    )


async def test_contacts(pushplus: PushPlus, open_api: PushPlusOpenApi) -> None:
    """Groups, friends and configurations are told by name, without foreign keys."""
    account = pushplus.accounts[TOKEN]
    account.joined["theirs"] = Topic(topic_id=9, name="Their group")
    contacts = await open_api.contacts()
    assert contacts.groups == {TOPIC: "Family"}
    assert contacts.group_ids == {TOPIC: 2}
    assert contacts.joined_groups == {"theirs": "Their group"}
    assert contacts.friends == {FRIEND_TOKEN: "Li Si"}
    assert contacts.channels == {
        "webhook": {WEBHOOK: "Bark on the phone"},
        "cp": {CP: "WeCom at home"},
        "mail": {MAIL: "Mail at home"},
        "qq": {QQ: "QQ of the family"},
    }
    assert "ForeignKey" not in repr(contacts)
    assert FRIEND_TOKEN not in repr(contacts)


async def test_many(pushplus: PushPlus, open_api: PushPlusOpenApi) -> None:
    """Lists are read page by page, up to a bound."""
    account = pushplus.accounts[TOKEN]
    account.friends = {f"{number:032}": "" for number in range(1234)}
    friends = await open_api.friends()
    assert len(friends) == 500
    assert friends[f"{1:032}"] == f"{1:032}"
    assert len(pushplus.requests_to("/api/open/friend/list")) == 10


async def test_list_that_is_refused(
    pushplus: PushPlus, open_api: PushPlusOpenApi
) -> None:
    """A list that the account may not see is empty."""
    pushplus.always(
        json_answer({"code": 999, "msg": "服务端验证错误"}), "/api/open/qqBot/list"
    )
    assert (await open_api.contacts()).channels["qq"] == {}


async def test_no_permission(pushplus: PushPlus, open_api: PushPlusOpenApi) -> None:
    """An address that is not listed is told as such."""
    pushplus.accounts[TOKEN].ip_allowed = False
    with pytest.raises(ActionNeededError):
        await open_api.contacts()


async def test_qr_codes(pushplus: PushPlus, open_api: PushPlusOpenApi) -> None:
    """A friend or a member of a group comes by a QR code of WeChat."""
    assert (await open_api.qr_code()).startswith(f"{pushplus.url}/cgi-bin/showqrcode")
    assert (await open_api.qr_code(2)).startswith(f"{pushplus.url}/cgi-bin/showqrcode")
    (request,) = pushplus.requests_to("/api/open/topic/qrCode")
    assert request.query == {"topicId": "2", "second": "600"}
    assert await open_api.subscribers(2) == ("Zhang San", "Wang Wu", "Zhao Liu")
    pushplus.scan_friend(TOKEN, "n" * 32, "New")
    assert (await open_api.friends())["n" * 32] == "New"


@pytest.mark.parametrize("data", [None, {}, {"qrCodeImgUrl": "javascript:x"}, "x"])
async def test_no_qr_code(
    pushplus: PushPlus, open_api: PushPlusOpenApi, data: object
) -> None:
    """An answer without a picture is none of the service."""
    pushplus.always(
        json_answer({"code": 200, "msg": "ok", "data": data}),
        "/api/open/friend/getQrCode",
    )
    with pytest.raises(EndpointError):
        await open_api.qr_code()
