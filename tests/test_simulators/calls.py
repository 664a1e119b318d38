"""Calls to the simulators."""

import json
from typing import Any

import aiohttp
from yarl import URL

from tests.simulators import WeCom, WxPusher
from tests.simulators.wecom_accounts import AGENT_ID, CORP_ID, SECRET
from tests.simulators.wxpusher_accounts import APP_TOKEN, UID_ZHANG

SEND = "/api/send/message"


async def call(
    client: aiohttp.ClientSession, method: str, url: str | URL, **options: Any
) -> Any:
    """Send a request; return the JSON of the answer, whatever its label."""
    async with client.request(method, url, **options) as response:
        return json.loads(await response.read())


async def push(client: aiohttp.ClientSession, sim: WxPusher, **changes: Any) -> Any:
    """Send a message through WxPusher."""
    body = {"appToken": APP_TOKEN, "content": "Hi", "uids": [UID_ZHANG], **changes}
    return await call(client, "POST", sim.url + SEND, json=body)


async def token_of(
    client: aiohttp.ClientSession, sim: WeCom, *, method: str = "GET"
) -> dict[str, str]:
    """Return a query with an access token of WeCom."""
    params = {"corpid": CORP_ID, "corpsecret": SECRET}
    url = f"{sim.url}/cgi-bin/gettoken"
    answer = await call(client, method, url, params=params)
    return {"access_token": answer["access_token"]}


async def tell(
    client: aiohttp.ClientSession,
    sim: WeCom,
    query: dict[str, str] | None = None,
    **changes: Any,
) -> Any:
    """Send a message of the WeCom application, in raw UTF-8."""
    body: dict[str, Any] = {
        "touser": "lisi",
        "msgtype": "text",
        "text": {"content": "门铃"},
    }
    body |= {"agentid": AGENT_ID, **changes}
    return await call(
        client,
        "POST",
        f"{sim.url}/cgi-bin/message/send",
        params=query or await token_of(client, sim),
        data=json.dumps(body, ensure_ascii=False).encode(),
    )
