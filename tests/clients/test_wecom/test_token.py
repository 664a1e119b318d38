"""WeCom's access token: one for all who need it, renewed once and in time."""

import asyncio
from dataclasses import replace
from typing import Any

import aiohttp
from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.wechat_push.clients.errors import (
    ClientError,
    ContentError,
    CredentialsError,
    EndpointError,
    LimitError,
    Problem,
    TemporaryError,
)
from custom_components.wechat_push.clients.wecom.client import WeComClient
from custom_components.wechat_push.clients.wecom.codes import WeComProblem
from tests.simulators import Answer, Reset, WeCom, arrival
from tests.simulators.answers import json_answer
from tests.simulators.wecom_accounts import AGENT_ID, CORP_ID

from ..common import SHORT, endpoint, facts, wecom_client
from .common import ALL_MANY, GETTOKEN, MANY, SEND, SOME, refusal, say, say_many, texts


async def test_cold_start(wecom: WeCom, patient_client: WeComClient) -> None:
    """Many messages at once ask for one token, and all arrive once."""
    await say_many(patient_client)
    assert wecom.gettoken_count == 1
    assert texts(wecom) == ALL_MANY


async def test_token_is_kept(wecom: WeCom, client: WeComClient) -> None:
    """One message after the other uses the same token."""
    for number in range(3):
        await say(client, f"message {number}")
    assert [each.path for each in wecom.requests] == [GETTOKEN, SEND, SEND, SEND]
    tokens = {each.query["access_token"] for each in wecom.requests_to(SEND)}
    assert tokens == {*wecom.tokens}


@pytest.mark.parametrize("code", [40014, 41001, 42001, 42007, 42009, 40001])
async def test_token_dies_on_the_way(
    wecom: WeCom, client: WeComClient, code: int
) -> None:
    """The token is renewed once, and the message arrives exactly once."""
    await say(client, "before")
    wecom.revoke_tokens()
    wecom.script(refusal(code), path=SEND)
    receipt = await say(client, "after")
    assert [each.target for each in receipt.accepted] == ["zhangsan"]
    assert wecom.gettoken_count == 2
    assert texts(wecom) == ["after", "before"]


@pytest.mark.parametrize("end", [WeCom.expire_tokens, WeCom.revoke_tokens])
async def test_token_dies_under_many(
    wecom: WeCom, patient_client: WeComClient, end: Any
) -> None:
    """All messages whose token died share one new token, and arrive once each."""
    await say(patient_client, "before")
    end(wecom)
    await say_many(patient_client)
    assert wecom.gettoken_count == 2
    assert texts(wecom) == ["before", *ALL_MANY]


async def test_question_renews_the_token(wecom: WeCom, client: WeComClient) -> None:
    """Questions renew the token as messages do."""
    await client.agent()
    wecom.expire_tokens()
    assert (await client.agent()).name == "Home alarms"
    assert wecom.gettoken_count == 2


@pytest.mark.parametrize("code", [40014, 41001, 42001, 42007, 42009])
async def test_new_token_is_refused_too(
    wecom: WeCom, client: WeComClient, code: int
) -> None:
    """A message is tried with one new token, not with more."""
    wecom.always(refusal(code), SEND)
    with pytest.raises(ClientError) as caught:
        await say(client)
    assert facts(caught.value) == (TemporaryError, WeComProblem.TOKEN_REFUSED, False)
    assert [each.path for each in wecom.requests] == [GETTOKEN, SEND, GETTOKEN, SEND]
    # It may mend by itself: the next message is not held back.
    wecom.always(None, SEND)
    await say(client, "later")
    assert texts(wecom) == ["later"]


async def test_same_token_again(wecom: WeCom, patient_client: WeComClient) -> None:
    """Whoever gets the dead token again does not make the others ask, too."""
    wecom.always(json_answer({"errcode": 0, "access_token": "a" * 64}), GETTOKEN)
    wecom.always(refusal(42001), SEND)
    results = await say_many(patient_client)
    assert {type(result) for result in results} == {TemporaryError}
    assert len(wecom.requests_to(GETTOKEN)) == 2
    assert len(wecom.requests_to(SEND)) == 2 * MANY


async def test_late_refusal_of_the_same_token(
    wecom: WeCom, client: WeComClient
) -> None:
    """Who hears late that the token died uses what others have fetched since."""
    dead, ok = refusal(42001), json_answer({"errcode": 0})
    wecom.always(json_answer({"errcode": 0, "access_token": "a" * 64}), GETTOKEN)
    fetched = asyncio.Event()
    wecom.script(replace(dead, after=fetched), dead, ok, ok, path=SEND)
    late = asyncio.create_task(say(client))
    await arrival(wecom, SEND)
    await say(client)
    fetched.set()
    await late
    assert len(wecom.requests_to(GETTOKEN)) == 2
    assert len(wecom.requests_to(SEND)) == 4


# Tokens that cannot be had


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param(
            Answer(status=502, body="Bad Gateway"),
            (TemporaryError, Problem.SERVER_ERROR, False),
            id="relay_down",
        ),
        pytest.param(
            Answer(reset=Reset.AFTER),
            (TemporaryError, Problem.CONNECTION_LOST, False),
            id="connection_lost",
        ),
        pytest.param(
            refusal(-1, "system busy"),
            (TemporaryError, Problem.SERVER_ERROR, False),
            id="busy",
        ),
        pytest.param(
            refusal(45009, "api freq out of limit"),
            (LimitError, WeComProblem.TOO_FREQUENT, False),
            id="banned",
        ),
        pytest.param(
            refusal(99999, "what?"),
            (ContentError, Problem.SERVICE_REFUSED, False),
            id="unknown",
        ),
        pytest.param(
            Answer(body="<html>Welcome</html>"),
            (EndpointError, Problem.NOT_THIS_SERVICE, False),
            id="page",
        ),
        *(
            pytest.param(
                json_answer({"errcode": 0, "errmsg": "ok", **fields}),
                (EndpointError, Problem.NOT_THIS_SERVICE, False),
                id=f"success_with_{name}",
            )
            for name, fields in (
                ("no_token", {}),
                ("empty_token", {"access_token": ""}),
                ("number", {"access_token": 5}),
            )
        ),
    ],
)
async def test_no_token_to_be_had(
    wecom: WeCom,
    patient_client: WeComClient,
    answer: Answer,
    expected: tuple[type[ClientError], str, bool],
) -> None:
    """Many messages at once share one failing attempt; a later one tries again."""
    wecom.always(answer, GETTOKEN)
    results = await say_many(patient_client, SOME)
    assert [facts(each) for each in results if isinstance(each, ClientError)] == [
        expected
    ] * SOME
    attempts = len(wecom.requests_to(GETTOKEN))
    # aiohttp itself repeats a GET once when the connection breaks.
    assert attempts == 1 + (answer.reset is not None)
    assert not wecom.requests_to(SEND)
    wecom.always(None, GETTOKEN)
    await say(patient_client, "later")
    assert texts(wecom) == ["later"]


async def test_token_does_not_come(
    wecom: WeCom, session: aiohttp.ClientSession
) -> None:
    """Who waits for a token that does not come does not wait for a second one."""
    wecom.always(Answer(hang=True), GETTOKEN)
    client = wecom_client(session, endpoint(wecom, **SHORT))
    async with asyncio.timeout(5):
        results = await say_many(client, SOME)
    assert {type(result) for result in results} == {TemporaryError}
    assert len(wecom.requests) == 1


async def test_errors_are_not_shared(wecom: WeCom, patient_client: WeComClient) -> None:
    """Each message has an error of its own, so that no traceback grows on and on."""
    wecom.always(Answer(status=502), GETTOKEN)
    results = await say_many(patient_client, SOME)
    assert len({id(each) for each in results}) == SOME
    contexts = [each.__context__ for each in results if isinstance(each, Exception)]
    assert contexts == [None] * SOME


async def test_first_message_is_given_up(
    wecom: WeCom, patient_client: WeComClient
) -> None:
    """When the one who fetches the token is cancelled, the next one fetches it."""
    wecom.script(Answer(hang=True), path=GETTOKEN)
    first = asyncio.create_task(say(patient_client, "given up"))
    others = asyncio.create_task(say_many(patient_client))
    while not wecom.requests:
        await asyncio.sleep(0)
    first.cancel()
    await others
    assert texts(wecom) == ALL_MANY
    assert len(wecom.requests_to(GETTOKEN)) == 2


# Time


@pytest.mark.parametrize(
    ("lifetime", "kept", "renewed"),
    [
        pytest.param(7200, 6899, 6900, id="usual"),
        pytest.param(1000, 699, 700, id="short"),
        pytest.param(400, 199, 200, id="very_short"),
        pytest.param(None, 6899, 6900, id="untold"),
        pytest.param(0, 6899, 6900, id="none"),
        pytest.param(-5, 6899, 6900, id="negative"),
        pytest.param("7200", 6899, 6900, id="text"),
        pytest.param(True, 6899, 6900, id="truth"),
    ],
)
async def test_token_is_renewed_in_time(
    wecom: WeCom,
    client: WeComClient,
    freezer: FrozenDateTimeFactory,
    lifetime: Any,
    kept: int,
    renewed: int,
) -> None:
    """A token is renewed a while before it ends, whatever its lifetime."""
    for number in range(2):
        wecom.script(
            json_answer(
                {"errcode": 0, "access_token": f"t{number}", "expires_in": lifetime}
            ),
            path=GETTOKEN,
        )
    wecom.always(json_answer({"errcode": 0}), SEND)
    await say(client)
    freezer.tick(kept)
    await say(client)
    freezer.tick(renewed - kept)
    await say(client)
    used = [each.query["access_token"] for each in wecom.requests_to(SEND)]
    assert used == ["t0", "t0", "t1"]


async def test_expired_tokens_are_never_used(
    wecom: WeCom, client: WeComClient, freezer: FrozenDateTimeFactory
) -> None:
    """After a long silence, no request is wasted on an old token."""
    await say(client, "before")
    freezer.tick(24 * 3600)
    await say(client, "after")
    assert [each.path for each in wecom.requests] == [GETTOKEN, SEND, GETTOKEN, SEND]


async def test_ban_passes(
    wecom: WeCom,
    session: aiohttp.ClientSession,
    client: WeComClient,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A ban of the address is waited out; it is no fault of the credentials."""
    wecom.ban_after = 1
    stranger = WeComClient(
        session,
        endpoint(wecom),
        corp_id=CORP_ID,
        agent_id=AGENT_ID,
        secret="SomebodyElsesWrongSecret",
    )
    with pytest.raises(CredentialsError):
        await say(stranger)
    with pytest.raises(LimitError):
        await say(client)
    freezer.tick(3601)
    await say(client, "later")
    assert texts(wecom) == ["later"]
