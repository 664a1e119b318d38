"""A secret that WeCom refuses is never shown again."""

import asyncio
from dataclasses import replace

import pytest

from custom_components.wechat_push.clients.errors import (
    ClientError,
    CredentialsError,
    EndpointError,
    Problem,
)
from custom_components.wechat_push.clients.wecom.client import WeComClient
from custom_components.wechat_push.clients.wecom.codes import WeComProblem
from tests.simulators import BAD_ANSWERS, Answer, WeCom, arrival

from ..common import facts
from .common import GETTOKEN, MANY, SEND, refusal, say, say_many, texts


async def test_wrong_secret_is_shown_once(
    wecom: WeCom, patient_client: WeComClient
) -> None:
    """A refused secret is never shown again: that gets the address banned."""
    wecom.secret = "AnotherOne"
    results = await say_many(patient_client)
    assert [facts(each) for each in results if isinstance(each, ClientError)] == [
        (CredentialsError, WeComProblem.SECRET, False)
    ] * MANY
    for _ in range(3):
        with pytest.raises(CredentialsError):
            await say(patient_client)
        with pytest.raises(CredentialsError):
            await patient_client.agent()
    assert wecom.gettoken_count == 1
    assert not wecom.requests_to(SEND)


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        (40001, WeComProblem.SECRET),
        (40091, WeComProblem.SECRET),
        (41004, WeComProblem.SECRET),
        (40013, WeComProblem.CORP_ID),
        (41002, WeComProblem.CORP_ID),
        (2000002, WeComProblem.CORP_ID),
    ],
)
async def test_credentials_are_refused(
    wecom: WeCom, client: WeComClient, code: int, problem: WeComProblem
) -> None:
    """All codes that mean wrong credentials stop the client."""
    wecom.always(refusal(code, "wrong, hint: [1], more info at https://…"), GETTOKEN)
    for _ in range(3):
        with pytest.raises(CredentialsError) as caught:
            await say(client)
        assert caught.value.problem == problem
        assert caught.value.details == {"code": str(code), "text": "wrong"}
    assert len(wecom.requests) == 1


async def test_secret_is_refused_in_use(wecom: WeCom, client: WeComClient) -> None:
    """40001 can mean the token or the secret: one new token tells, and no more."""
    wecom.always(refusal(40001), SEND)
    for _ in range(3):
        with pytest.raises(CredentialsError) as caught:
            await say(client)
        assert caught.value.problem == WeComProblem.SECRET
    assert [each.path for each in wecom.requests] == [GETTOKEN, SEND, GETTOKEN, SEND]


async def test_secret_is_refused_under_many(
    wecom: WeCom, patient_client: WeComClient
) -> None:
    """Many messages at once find out together that the secret is refused."""
    wecom.always(refusal(40001), SEND)
    results = await say_many(patient_client)
    assert {type(result) for result in results} == {CredentialsError}
    assert len(wecom.requests_to(GETTOKEN)) == 2


async def test_refusal_outlives_a_renewal(wecom: WeCom, client: WeComClient) -> None:
    """A token that comes late does not make a refused secret good again."""
    refused = refusal(40001)
    genuine = Answer(genuine=True)
    asked, is_final = asyncio.Event(), asyncio.Event()
    wecom.script(genuine, genuine, replace(genuine, after=is_final), path=GETTOKEN)
    wecom.script(refused, replace(refused, after=asked), path=SEND)
    wecom.always(refused, SEND)
    first = asyncio.create_task(say(client))
    await arrival(wecom, SEND, count=2)
    second = asyncio.create_task(say(client))
    await arrival(wecom, GETTOKEN, count=3)
    # The first message is refused for good while the second waits for a token.
    asked.set()
    await asyncio.wait([first])
    is_final.set()
    results = await asyncio.gather(first, second, return_exceptions=True)
    with pytest.raises(CredentialsError):
        await say(client)
    assert {type(result) for result in results} == {CredentialsError}
    assert len(wecom.requests_to(GETTOKEN)) == 3
    assert len(wecom.requests_to(SEND)) == 3


async def test_secret_is_reset(wecom: WeCom, patient_client: WeComClient) -> None:
    """A secret that is reset later kills the token, and is shown once more at most."""
    await say(patient_client, "before")
    wecom.secret = "AnotherOne"
    results = await say_many(patient_client)
    assert {type(result) for result in results} == {CredentialsError}
    assert wecom.gettoken_count == 2
    assert texts(wecom) == ["before"]


async def test_behind_a_relay(wecom: WeCom, client: WeComClient) -> None:
    """Where a relay passes on messages alone, the secret is checked by its token."""
    wecom.always(BAD_ANSWERS["not_found_404"], "/cgi-bin/agent/get")
    with pytest.raises(EndpointError) as caught:
        await client.agent()
    assert facts(caught.value) == (EndpointError, Problem.NOT_THIS_SERVICE, False)
    await client.check_secret()
    await say(client, "a")
    assert texts(wecom) == ["a"]
    assert wecom.gettoken_count == 1


async def test_wrong_secret_is_found(wecom: WeCom, client: WeComClient) -> None:
    """A wrong secret is found without any other request."""
    wecom.secret = "AnotherOne"
    with pytest.raises(CredentialsError) as caught:
        await client.check_secret()
    assert caught.value.problem == WeComProblem.SECRET
    assert [each.path for each in wecom.requests] == [GETTOKEN]
