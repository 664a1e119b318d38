"""Templates of PushPlus that a person has chosen."""

import pytest

from custom_components.wechat_push.clients.errors import ContentError, Problem
from custom_components.wechat_push.clients.message import Format, Message
from custom_components.wechat_push.clients.pushplus.client import (
    PushPlusClient,
    PushPlusTarget,
)
from tests.simulators import PushPlus

from ..common import body_of, send
from .common import PICTURE


@pytest.mark.parametrize(
    ("template", "message", "content"),
    [
        pytest.param(
            "json", Message(text='{"a": 1}', format=Format.HTML), '{"a": 1}', id="json"
        ),
        pytest.param(
            "html",
            Message(text="<b>\n", url="https://b.c"),
            '<b>\n<br/><a href="https://b.c">https://b.c</a>',
            id="html",
        ),
        pytest.param(
            "txt",
            Message(text="**a**", format=Format.MARKDOWN, url="https://b.c"),
            "**a**\nhttps://b.c",
            id="text",
        ),
        pytest.param(
            "markdown",
            Message(text="**a**", url="https://b.c"),
            "**a**\n\n[https://b.c](https://b.c)",
            id="markdown",
        ),
        pytest.param(
            "form", Message(text="a", options={"push_id": "f"}), "a", id="form"
        ),
    ],
)
async def test_templates(
    pushplus: PushPlus,
    client: PushPlusClient,
    template: str,
    message: Message,
    content: str,
) -> None:
    """A template gets the text as it is, and a link where it shows one."""
    await send(client, message, PushPlusTarget(template=template))
    assert body_of(pushplus)["template"] == template
    assert body_of(pushplus)["content"] == content


@pytest.mark.parametrize(
    ("template", "message", "problem", "details"),
    [
        pytest.param(
            "json",
            Message(text="{}", url="https://b.c"),
            Problem.OPTION_NOT_SUPPORTED,
            {"option": "url (json)", "instead": "html, markdown, txt"},
            id="link_in_json",
        ),
        pytest.param(
            "json",
            Message(text="{}", attachments=(PICTURE,)),
            Problem.OPTION_NOT_SUPPORTED,
            {"option": "image, file (json)", "instead": "html, markdown, txt"},
            id="picture_in_json",
        ),
        pytest.param(
            "form",
            Message(text="a"),
            Problem.OPTION_MISSING,
            {"option": "push_id"},
            id="form_without_a_form",
        ),
        pytest.param(
            "json",
            Message(text="x" * 20_001),
            Problem.MESSAGE_TOO_LONG,
            {"limit": "20000"},
            id="json_is_not_split",
        ),
    ],
)
async def test_templates_that_do_not_fit(
    client: PushPlusClient,
    template: str,
    message: Message,
    problem: Problem,
    details: dict[str, str],
) -> None:
    """What a template cannot show is refused before anything is sent."""
    with pytest.raises(ContentError) as caught:
        client.prepare(message, PushPlusTarget(template=template))
    assert (caught.value.problem, caught.value.details) == (problem, details)
