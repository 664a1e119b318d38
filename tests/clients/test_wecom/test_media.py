"""Pictures and files of WeCom messages: uploaded once, and again in time."""

import asyncio
from dataclasses import replace
import json
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.wechat_push.clients.errors import (
    ClientError,
    ContentError,
    EndpointError,
    Problem,
    TemporaryError,
    UploadExpiredError,
)
from custom_components.wechat_push.clients.message import (
    Attachment,
    AttachmentKind,
    Format,
    Message,
)
from custom_components.wechat_push.clients.wecom.client import WeComClient, WeComTarget
from tests.simulators import BAD_ANSWERS, Answer, Reset, WeCom
from tests.simulators.answers import json_answer

from ..common import facts, send
from .common import (
    FILE,
    LINKED,
    PICTURE,
    SEND,
    UPLOAD,
    URL,
    VIDEO,
    VOICE,
    ZHANG,
    bodies,
    kinds,
)


async def test_upload(wecom: WeCom, client: WeComClient) -> None:
    """A file is uploaded as WeCom wants it, and sent after the text."""
    await send(client, Message(text="a", title="T", attachments=(PICTURE,)), ZHANG)
    (upload,) = wecom.requests_to(UPLOAD)
    assert upload.method == "POST"
    assert upload.query == {"access_token": [*wecom.tokens][0], "type": "image"}
    (part,) = upload.parts
    assert 'name="media"; filename="门.jpg"; filelength=13'.encode() in upload.body
    assert (part.content_type, part.data) == ("image/jpeg", PICTURE.content)
    (media_id,) = wecom.media
    assert bodies(wecom) == [
        {"msgtype": "text", "text": {"content": "T\na"}},
        {"msgtype": "image", "image": {"media_id": media_id}},
    ]


@pytest.mark.parametrize(
    ("attachment", "content_type"),
    [
        (PICTURE, "image/jpeg"),
        (VOICE, "audio/amr"),
        (VIDEO, "video/mp4"),
        (FILE, "application/octet-stream"),
    ],
)
async def test_attachment_alone(
    wecom: WeCom, client: WeComClient, attachment: Attachment, content_type: str
) -> None:
    """An attachment needs no text."""
    await send(client, Message(text="", attachments=(attachment,)), ZHANG)
    assert kinds(wecom) == [attachment.kind]
    assert wecom.requests_to(UPLOAD)[0].parts[0].content_type == content_type


@pytest.mark.parametrize(
    ("name", "sent"), [('a"b\\c/d\r\ne.jpg', "a_b_c_d e.jpg"), ("", "")]
)
async def test_name_of_a_file(
    wecom: WeCom, client: WeComClient, name: str, sent: str
) -> None:
    """A name cannot break out of the header that it stands in."""
    message = Message(text="", attachments=(replace(FILE, name=name),))
    wecom.always(json_answer({"errcode": 0, "media_id": "m"}), UPLOAD)
    wecom.always(json_answer({"errcode": 0}), SEND)
    await send(client, message, ZHANG)
    assert (
        f'filename="{sent}"; filelength=8\r\n'.encode()
        in wecom.requests_to(UPLOAD)[0].body
    )


async def test_kind_of_an_attachment(wecom: WeCom, client: WeComClient) -> None:
    """A picture can be sent as a file; the text goes first."""
    message = Message(text="a", attachments=(PICTURE,), options={"kind": "file"})
    await send(client, message, ZHANG)
    assert kinds(wecom) == ["text", "file"]


@pytest.mark.parametrize(
    ("message", "content"),
    [
        pytest.param(
            Message(text="a\nb", title="T", url=URL),
            {"title": "T", "description": f"a\nb\n{URL}"},
            id="title",
        ),
        pytest.param(
            Message(text="a\nb"), {"title": "a", "description": "a\nb"}, id="no_title"
        ),
        pytest.param(
            Message(text=""), {"title": "a.mp4", "description": ""}, id="no_text"
        ),
    ],
)
async def test_video(
    wecom: WeCom, client: WeComClient, message: Message, content: dict[str, Any]
) -> None:
    """A video has room for the text."""
    message = replace(message, attachments=(VIDEO,), options={"kind": "video"})
    await send(client, message, ZHANG)
    (media_id,) = wecom.media
    assert bodies(wecom) == [
        {"msgtype": "video", "video": {**content, "media_id": media_id}}
    ]


async def test_switches_of_attachments(wecom: WeCom, client: WeComClient) -> None:
    """What follows a text is as confidential, but holds nothing to translate."""
    message = Message(
        text="a",
        attachments=(PICTURE, replace(FILE, name="A.PDF")),
        options={"safe": True, "id_translation": True},
    )
    await send(client, message, ZHANG)
    switches = [
        (body.get("safe"), body.get("enable_id_trans")) for body in bodies(wecom)
    ]
    assert switches == [(1, 1), (1, None), (1, None)]


async def test_uploaded_once(wecom: WeCom, client: WeComClient) -> None:
    """The same file is uploaded once, for many messages and targets at once too."""
    message = Message(text="", attachments=(PICTURE,))
    await asyncio.gather(*(send(client, message, ZHANG) for _ in range(5)))
    await send(client, message, WeComTarget(users=("lisi",)))
    assert len(wecom.requests_to(UPLOAD)) == 1
    assert len(wecom.notifications) == 6


@pytest.mark.parametrize(
    "other",
    [
        replace(PICTURE, name="other.jpg"),
        replace(PICTURE, content=PICTURE.content + b"x"),
        replace(PICTURE, kind=AttachmentKind.FILE),
    ],
)
async def test_other_files(
    wecom: WeCom, client: WeComClient, other: Attachment
) -> None:
    """Another name, content or kind is another file."""
    await send(client, Message(text="", attachments=(PICTURE, other)), ZHANG)
    assert len(wecom.requests_to(UPLOAD)) == 2


async def test_files_live_three_days(
    wecom: WeCom, client: WeComClient, freezer: FrozenDateTimeFactory
) -> None:
    """A file is uploaded again before WeCom forgets it."""
    message = Message(text="", attachments=(PICTURE,))
    await send(client, message, ZHANG)
    freezer.tick(70 * 3600)
    await send(client, message, ZHANG)
    freezer.tick(3600)
    await send(client, message, ZHANG)
    assert len(wecom.requests_to(UPLOAD)) == 2
    assert len(wecom.notifications) == 3


async def test_forgotten_file(wecom: WeCom, client: WeComClient) -> None:
    """A file that WeCom does not know any more is uploaded once again."""
    message = Message(text="", attachments=(PICTURE, FILE))
    await send(client, message, ZHANG)
    (picture, _) = wecom.media
    del wecom.media[picture]
    await send(client, message, ZHANG)
    assert len(wecom.requests_to(UPLOAD)) == 3
    assert kinds(wecom) == ["image", "file"] * 2


async def test_file_is_forgotten_again(wecom: WeCom, client: WeComClient) -> None:
    """A file that is never known is not uploaded on and on."""
    wecom.always(json_answer({"errcode": 40007, "errmsg": "invalid media_id"}), SEND)
    with pytest.raises(UploadExpiredError) as caught:
        await send(client, Message(text="", attachments=(PICTURE,)), ZHANG)
    assert caught.value.details["code"] == "40007"
    assert len(wecom.requests_to(UPLOAD)) == 2


async def test_message_with_a_file_is_refused(
    wecom: WeCom, client: WeComClient
) -> None:
    """Another refusal does not upload the file again."""
    wecom.always(json_answer({"errcode": 40058, "errmsg": "no"}), SEND)
    with pytest.raises(ContentError):
        await send(client, Message(text="", attachments=(PICTURE,)), ZHANG)
    assert len(wecom.requests_to(UPLOAD)) == 1


async def test_most_files_remembered(wecom: WeCom, client: WeComClient) -> None:
    """Of very many files the oldest is forgotten."""
    wecom.always(json_answer({"errcode": 0, "media_id": "m"}), UPLOAD)
    wecom.always(json_answer({"errcode": 0}), SEND)
    files = [replace(FILE, name=f"{number}.pdf") for number in range(101)]
    for file in (*files, files[-1], files[1], files[0]):
        await send(client, Message(text="", attachments=(file,)), ZHANG)
    assert len(wecom.requests_to(UPLOAD)) == 102


@pytest.mark.parametrize(
    ("answer", "kind", "problem"),
    [
        pytest.param(
            Answer(status=502), TemporaryError, Problem.SERVER_ERROR, id="relay_down"
        ),
        pytest.param(
            BAD_ANSWERS["not_found_404"],
            EndpointError,
            Problem.NOT_THIS_SERVICE,
            id="relay_without_uploads",
        ),
        pytest.param(
            Answer(reset=Reset.AFTER),
            TemporaryError,
            Problem.CONNECTION_LOST,
            id="connection_lost",
        ),
        pytest.param(
            json_answer({"errcode": 0}),
            EndpointError,
            Problem.NOT_THIS_SERVICE,
            id="no_media_id",
        ),
        pytest.param(
            json_answer({"errcode": 0, "media_id": 7}),
            EndpointError,
            Problem.NOT_THIS_SERVICE,
            id="number",
        ),
    ],
)
async def test_upload_fails(
    wecom: WeCom,
    client: WeComClient,
    answer: Answer,
    kind: type[ClientError],
    problem: Problem,
) -> None:
    """Before its file is uploaded, no message leaves."""
    wecom.always(answer, UPLOAD)
    message = Message(text="", attachments=(PICTURE,))
    with pytest.raises(ClientError) as caught:
        await send(client, message, ZHANG)
    assert facts(caught.value) == (kind, problem, False)
    wecom.always(None, UPLOAD)
    await send(client, message, ZHANG)
    assert kinds(wecom) == ["image"]


async def test_token_dies_before_an_upload(wecom: WeCom, client: WeComClient) -> None:
    """Uploads renew the token as messages do."""
    await send(client, Message(text="a"), ZHANG)
    wecom.expire_tokens()
    await send(client, Message(text="", attachments=(PICTURE,)), ZHANG)
    assert kinds(wecom) == ["text", "image"]
    assert wecom.gettoken_count == 2


@pytest.mark.parametrize(
    ("kind", "options", "expected"),
    [
        (AttachmentKind.IMAGE, {}, True),
        (AttachmentKind.IMAGE, {"kind": "mpnews"}, True),
        (AttachmentKind.IMAGE, {"kind": "news"}, False),
        (AttachmentKind.IMAGE, {"card_type": "news_notice"}, False),
        (AttachmentKind.FILE, {"kind": "news"}, True),
    ],
)
async def test_what_is_uploaded(
    client: WeComClient, kind: AttachmentKind, options: dict[str, Any], expected: bool
) -> None:
    """Articles and cards show pictures by their address alone."""
    message = Message(text="a", options=options)
    assert client.takes_upload(kind, message, ZHANG) is expected


# Attachments that are left out


@pytest.mark.parametrize(
    ("message", "number", "text"),
    [
        pytest.param(
            Message(text="a", attachments=(PICTURE,)), 1, "missing", id="picture"
        ),
        pytest.param(
            Message(text="", attachments=(replace(FILE, url="https://a.b/c"),)),
            0,
            "missing\nhttps://a.b/c",
            id="file_with_url",
        ),
        pytest.param(
            Message(
                text="a\nb",
                title="T",
                attachments=(VIDEO,),
                options={"kind": "video"},
            ),
            0,
            "T\na\nb\nmissing",
            id="video",
        ),
        pytest.param(
            Message(
                text="<p>a</p><p>b</p>",
                title="T",
                format=Format.HTML,
                url=URL,
                attachments=(PICTURE,),
                options={"kind": "mpnews"},
            ),
            0,
            f"T\na\n\nb\n{URL}\nmissing",
            id="article",
        ),
        pytest.param(
            Message(text="a\nb", attachments=(PICTURE,), options={"kind": "mpnews"}),
            0,
            "a\nb\nmissing",
            id="article_without_title",
        ),
        pytest.param(
            Message(
                text="Alarm",
                title="A",
                attachments=(PICTURE,),
                options={"kind": "mpnews"},
            ),
            0,
            "A\nAlarm\nmissing",
            id="article_with_short_title",
        ),
    ],
)
async def test_without(
    wecom: WeCom, client: WeComClient, message: Message, number: int, text: str
) -> None:
    """A message without its attachment is a text that says so."""
    parts = client.prepare(message, ZHANG)
    part = client.without(parts[number], 0, "missing")
    assert client.pending_uploads(part) == ()
    await client.send(part)
    assert bodies(wecom) == [{"msgtype": "text", "text": {"content": text}}]


async def test_without_but_confidential(wecom: WeCom, client: WeComClient) -> None:
    """What a message is besides stays."""
    options = {"kind": "mpnews", "safe": True, "duplicate_check": True}
    message = Message(
        text="中" * 50_000, title="T", attachments=(PICTURE,), options=options
    )
    (part,) = client.prepare(message, ZHANG)
    await client.send(client.without(part, 0, "missing"))
    (body,) = bodies(wecom)
    assert (body["safe"], body["enable_duplicate_check"]) == (1, 1)
    content = body["text"]["content"]
    assert content.startswith("T\n中")
    assert content.endswith("中…\nmissing")
    assert len(content.encode()) <= 2048


def test_without_another(client: WeComClient) -> None:
    """A request that does not have the attachment stays as it is."""
    text, picture = client.prepare(Message(text="a", attachments=(PICTURE,)), ZHANG)
    assert client.without(text, 0, "missing") == text
    assert client.without(picture, 1, "missing") == picture


def test_parts_are_plain(client: WeComClient) -> None:
    """Requests that wait for an upload hold its number, and no content."""
    message = Message(text="a", attachments=(LINKED, PICTURE))
    text, picture = client.prepare(message, ZHANG)
    assert json.loads(json.dumps(picture)) == picture
    assert client.pending_uploads(picture) == (1,)
    assert client.pending_uploads(text) == ()
    assert client.fill(text, {}) == text


async def test_uploaded_and_not_linked(wecom: WeCom, client: WeComClient) -> None:
    """What is uploaded is not linked as well."""
    picture = replace(PICTURE, url="https://a.b/c")
    await send(client, Message(text="a", attachments=(picture,)), ZHANG)
    assert kinds(wecom) == ["text", "image"]
    assert wecom.notifications[0].text == "a"


def test_prepared_without_the_content(client: WeComClient) -> None:
    """Once its size is known, an attachment is prepared without its bytes."""
    message = Message(text="a", attachments=(PICTURE,))
    light = replace(message, attachments=(replace(PICTURE, content=b""),))
    assert light.attachments[0].size == len(PICTURE.content)
    assert client.prepare(light, ZHANG) == client.prepare(message, ZHANG)
