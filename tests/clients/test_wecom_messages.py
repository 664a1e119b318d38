"""WeCom's message types: articles, cards with a link, pictures, files and switches."""

import asyncio
from dataclasses import replace
from typing import Any

import aiohttp
from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.wechat_push.clients.errors import (
    ClientError,
    ContentError,
    Problem,
    TemporaryError,
)
from custom_components.wechat_push.clients.message import (
    Attachment,
    AttachmentKind,
    Format,
    Message,
    Overflow,
)
from custom_components.wechat_push.clients.wecom import WeComClient, WeComTarget
from tests.simulators import Answer, Reset, WeCom
from tests.simulators.answers import json_answer

from .common import body_of, endpoint, facts, send, wecom_client

SEND = "/cgi-bin/message/send"
UPLOAD = "/cgi-bin/media/upload"
ZHANG = WeComTarget(users=("zhangsan",))
URL = "https://example.com/door"
PICTURE_URL = "https://example.com/a.jpg"

PICTURE = Attachment(
    kind=AttachmentKind.IMAGE,
    name="门.jpg",
    content_type="image/jpeg",
    content=b"\xff\xd8\xff" + b"x" * 10,
)
LINKED = Attachment(
    kind=AttachmentKind.IMAGE, name="Door", content_type="image/jpeg", url=PICTURE_URL
)
VOICE = Attachment(
    kind=AttachmentKind.VOICE,
    name="a.amr",
    content_type="audio/amr",
    content=b"#!AMR\nxxxx",
)
VIDEO = Attachment(
    kind=AttachmentKind.VIDEO,
    name="a.mp4",
    content_type="video/mp4",
    content=b"\0\0\0\x18ftypmp42",
)
FILE = Attachment(
    kind=AttachmentKind.FILE, name="a.pdf", content_type="", content=b"%PDF-1.7"
)


@pytest.fixture
def client(wecom: WeCom, session: aiohttp.ClientSession) -> WeComClient:
    """Return a client for the simulated application."""
    return wecom_client(session, endpoint(wecom))


def bodies(wecom: WeCom) -> list[dict[str, Any]]:
    """Return what the messages were, without who got them."""
    common = ("touser", "agentid")
    return [
        {key: value for key, value in request.json.items() if key not in common}
        for request in wecom.requests_to(SEND)
    ]


def kinds(wecom: WeCom) -> list[str]:
    """Return the message types that phones have shown, in order."""
    return [each.kind for each in wecom.notifications]


def refusal(client: WeComClient, message: Message) -> ContentError:
    """Return the error of a message that is refused before anything is sent."""
    with pytest.raises(ContentError) as caught:
        client.prepare(message, ZHANG)
    return caught.value


# Text cards and articles


@pytest.mark.parametrize(
    ("message", "content"),
    [
        pytest.param(
            Message(text="a\nb", title="T", url=URL, url_label="More than that"),
            {"title": "T", "description": "a\nb", "url": URL, "btntxt": "Mor…"},
            id="text",
        ),
        pytest.param(
            Message(text="a\nb", url=URL),
            {"title": "a", "description": "a\nb", "url": URL},
            id="no_title",
        ),
        pytest.param(
            Message(text=" ", title="T", url=URL),
            {"title": "T", "description": "T", "url": URL},
            id="title_alone",
        ),
        pytest.param(
            Message(
                text='<div class="gray">a</div><br>b',
                title="T",
                url=URL,
                format=Format.HTML,
            ),
            {"title": "T", "description": '<div class="gray">a</div><br>b', "url": URL},
            id="html_that_cards_show",
        ),
        pytest.param(
            Message(text="<b>a</b><br>b", title="T", url=URL, format=Format.HTML),
            {"title": "T", "description": "a\nb", "url": URL},
            id="other_html",
        ),
        pytest.param(
            Message(text="**a**", url=URL, format=Format.MARKDOWN),
            {"title": "a", "description": "a", "url": URL},
            id="markdown",
        ),
        pytest.param(
            Message(
                text="中" * 200,
                title="题" * 50,
                url=URL,
                overflow=Overflow.TRUNCATE,
            ),
            {"title": "题" * 41 + "…", "description": "中" * 169 + "…", "url": URL},
            id="too_long",
        ),
    ],
)
async def test_text_cards(
    wecom: WeCom, client: WeComClient, message: Message, content: dict[str, Any]
) -> None:
    """A card has a title, a text and a link."""
    message = replace(message, options={"kind": "textcard"})
    await send(client, message, ZHANG)
    assert bodies(wecom) == [{"msgtype": "textcard", "textcard": content}]
    assert kinds(wecom) == ["textcard"]


@pytest.mark.parametrize(
    ("message", "article"),
    [
        pytest.param(
            Message(text="a", title="T", url=URL, attachments=(LINKED,)),
            {"title": "T", "description": "a", "url": URL, "picurl": PICTURE_URL},
            id="picture",
        ),
        pytest.param(
            Message(text="a\nb", attachments=(LINKED,)),
            {
                "title": "a",
                "description": "a\nb",
                "url": PICTURE_URL,
                "picurl": PICTURE_URL,
            },
            id="picture_alone",
        ),
        pytest.param(
            Message(text="a", title="T", url=URL),
            {"title": "T", "description": "a", "url": URL},
            id="no_picture",
        ),
    ],
)
async def test_news(
    wecom: WeCom, client: WeComClient, message: Message, article: dict[str, Any]
) -> None:
    """An article leads to an address, and may show a picture by its own."""
    await send(client, replace(message, options={"kind": "news"}), ZHANG)
    assert bodies(wecom) == [{"msgtype": "news", "news": {"articles": [article]}}]
    assert kinds(wecom) == ["news"]


async def test_mpnews(wecom: WeCom, client: WeComClient) -> None:
    """An article at WeCom has an uploaded picture; further ones follow it."""
    message = Message(
        text="**a**\n\nb",
        title="T",
        format=Format.MARKDOWN,
        url=URL,
        attachments=(FILE, PICTURE, LINKED),
        options={"kind": "mpnews", "author": "作" * 30},
    )
    await send(client, message, ZHANG)
    picture, file = wecom.media
    assert bodies(wecom) == [
        {
            "msgtype": "mpnews",
            "mpnews": {
                "articles": [
                    {
                        "title": "T",
                        "content": "<p><strong>a</strong></p>\n<p>b</p>",
                        "digest": "a\n\nb",
                        "content_source_url": URL,
                        "author": "作" * 20 + "…",
                        "thumb_media_id": picture,
                    }
                ]
            },
        },
        {"msgtype": "file", "file": {"media_id": file}},
    ]
    assert kinds(wecom) == ["mpnews", "file"]


async def test_plain_mpnews(wecom: WeCom, client: WeComClient) -> None:
    """What was not given leaves no field; a long page keeps a short digest."""
    message = Message(
        text="<" * 30_000, attachments=(PICTURE,), options={"kind": "mpnews"}
    )
    await send(client, message, ZHANG)
    (article,) = body_of(wecom)["mpnews"]["articles"]
    assert article.keys() == {"title", "content", "digest", "thumb_media_id"}
    assert article["content"] == "&lt;" * 30_000
    assert article["digest"] == "<" * 509 + "…"


@pytest.mark.parametrize(
    ("message", "problem", "details"),
    [
        pytest.param(
            Message(text="a", options={"kind": "textcard"}),
            Problem.OPTION_MISSING,
            {"option": "url"},
            id="card_without_link",
        ),
        pytest.param(
            Message(text="a", url="x" * 2049, options={"kind": "textcard"}),
            Problem.FIELD_TOO_LONG,
            {"field": "url", "limit": "2048"},
            id="long_link",
        ),
        pytest.param(
            Message(text="x" * 513, url=URL, options={"kind": "textcard"}),
            Problem.FIELD_TOO_LONG,
            {"field": "message", "limit": "512"},
            id="long_card",
        ),
        pytest.param(
            Message(text="a", options={"kind": "news"}),
            Problem.OPTION_MISSING,
            {"option": "url"},
            id="article_without_link",
        ),
        pytest.param(
            Message(
                text="a",
                url=URL,
                attachments=(replace(LINKED, url="x" * 2049),),
                options={"kind": "news"},
            ),
            Problem.FIELD_TOO_LONG,
            {"field": "image", "limit": "2048"},
            id="long_picture_address",
        ),
        pytest.param(
            Message(text="a", attachments=(FILE,), options={"kind": "mpnews"}),
            Problem.OPTION_MISSING,
            {"option": "image"},
            id="article_without_picture",
        ),
        pytest.param(
            Message(
                text="中" * 222_001,
                format=Format.HTML,
                attachments=(PICTURE,),
                options={"kind": "mpnews"},
            ),
            Problem.FIELD_TOO_LONG,
            {"field": "message", "limit": "666000"},
            id="long_page",
        ),
        pytest.param(
            Message(text="a", options={"kind": "image"}),
            Problem.OPTION_MISSING,
            {"option": "image, file"},
            id="no_picture",
        ),
        pytest.param(
            Message(text="a", options={"author": "me"}),
            Problem.OPTION_NOT_SUPPORTED,
            {"option": "author (text)", "instead": "mpnews"},
            id="author_of_a_text",
        ),
        pytest.param(
            Message(text="a", options={"kind": "text", "source": "s", "items": [{}]}),
            Problem.OPTION_NOT_SUPPORTED,
            {"option": "source, items (text)", "instead": "template_card"},
            id="card_of_a_text",
        ),
        pytest.param(
            Message(
                text="a",
                options={"kind": "text", "source": "s", "ordinary_wechat": True},
            ),
            Problem.OPTION_NOT_SUPPORTED,
            {"option": "source (text)", "instead": "textcard"},
            id="card_in_wechat",
        ),
        pytest.param(
            Message(text="a", options={"source": "s", "ordinary_wechat": True}),
            Problem.OPTION_NOT_SUPPORTED,
            {"option": "template_card", "instead": "textcard"},
            id="template_card_in_wechat",
        ),
        pytest.param(
            Message(text="a", url=URL, options={"kind": "news", "safe": True}),
            Problem.OPTION_NOT_SUPPORTED,
            {"option": "safe (news)", "instead": "file, image, mpnews, text, video"},
            id="confidential_article",
        ),
        pytest.param(
            Message(
                text="a", attachments=(replace(FILE, name="a"),), options={"safe": 1}
            ),
            Problem.OPTION_NOT_SUPPORTED,
            {
                "option": "safe (a)",
                "instead": (
                    "bmp, doc, docx, gif, jpeg, jpg, pdf, png, ppt, pptx, txt,"
                    " xls, xlsx, xml"
                ),
            },
            id="confidential_file",
        ),
        pytest.param(
            Message(text="a", format=Format.MARKDOWN, options={"id_translation": True}),
            Problem.OPTION_NOT_SUPPORTED,
            {
                "option": "id_translation (markdown)",
                "instead": "mpnews, news, template_card, text, textcard",
            },
            id="translated_markdown",
        ),
        pytest.param(
            Message(text="", attachments=(PICTURE,), options={"id_translation": 1}),
            Problem.OPTION_NOT_SUPPORTED,
            {
                "option": "id_translation (image)",
                "instead": "mpnews, news, template_card, text, textcard",
            },
            id="translated_picture",
        ),
    ],
)
async def test_refused(
    client: WeComClient, message: Message, problem: Problem, details: dict[str, str]
) -> None:
    """What WeCom would refuse or drop is refused before anything is sent."""
    err = refusal(client, message)
    assert (err.problem, err.details) == (problem, details)


async def test_empty_picture_without_a_text(client: WeComClient) -> None:
    """An attachment that is neither uploaded nor linked says nothing."""
    nothing = replace(PICTURE, content=b"")
    err = refusal(client, Message(text="", attachments=(nothing,)))
    assert err.problem == Problem.MESSAGE_EMPTY


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        pytest.param(
            Message(text="<b>a</b>", format=Format.HTML, options={"kind": "markdown"}),
            {"msgtype": "markdown", "markdown": {"content": "a"}},
            id="html_as_markdown",
        ),
        pytest.param(
            Message(text="**a**", options={"kind": "markdown"}),
            {"msgtype": "markdown", "markdown": {"content": "**a**"}},
            id="text_as_markdown",
        ),
        pytest.param(
            Message(text="**a**", format=Format.MARKDOWN, options={"kind": "text"}),
            {"msgtype": "text", "text": {"content": "a"}},
            id="markdown_as_text",
        ),
        pytest.param(
            Message(
                text="**a**",
                format=Format.MARKDOWN,
                options={"ordinary_wechat": True},
            ),
            {"msgtype": "text", "text": {"content": "a"}},
            id="markdown_in_wechat",
        ),
        pytest.param(
            Message(text=" ", title=" T\n1 "),
            {"msgtype": "text", "text": {"content": "T 1"}},
            id="title_alone",
        ),
        pytest.param(
            Message(text="a", attachments=(LINKED,)),
            {"msgtype": "text", "text": {"content": f"a\nDoor: {PICTURE_URL}"}},
            id="linked_picture",
        ),
        pytest.param(
            Message(text="a", format=Format.MARKDOWN, attachments=(LINKED,)),
            {
                "msgtype": "markdown",
                "markdown": {"content": f"a\n\n![Door]({PICTURE_URL})"},
            },
            id="picture_in_markdown",
        ),
        pytest.param(
            Message(text="a", options={"safe": True, "id_translation": True}),
            {
                "msgtype": "text",
                "text": {"content": "a"},
                "safe": 1,
                "enable_id_trans": 1,
            },
            id="switches",
        ),
        pytest.param(
            Message(text="a", options={"safe": False, "duplicate_check": True}),
            {"msgtype": "text", "text": {"content": "a"}, "enable_duplicate_check": 1},
            id="once",
        ),
        pytest.param(
            Message(text="a", options={"duplicate_check_interval": 60.0}),
            {
                "msgtype": "text",
                "text": {"content": "a"},
                "enable_duplicate_check": 1,
                "duplicate_check_interval": 60,
            },
            id="once_within_a_minute",
        ),
        pytest.param(
            Message(
                text="a",
                options={"duplicate_check": False, "duplicate_check_interval": 60},
            ),
            {"msgtype": "text", "text": {"content": "a"}},
            id="every_time",
        ),
    ],
)
async def test_texts(
    wecom: WeCom, client: WeComClient, message: Message, expected: dict[str, Any]
) -> None:
    """The type that was asked for is sent, and the switches that were set."""
    await send(client, message, ZHANG)
    assert bodies(wecom) == [expected]


async def test_same_message_again(wecom: WeCom, client: WeComClient) -> None:
    """WeCom drops the second of two messages when it is asked to."""
    message = Message(text="a", options={"duplicate_check": True})
    first = await send(client, message, ZHANG)
    assert await send(client, message, ZHANG) == first
    assert len(wecom.notifications) == 1


# Attachments


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
    ("name", "sent"), [('a"b\\c/d\r\ne.jpg', "a_b_c_d__e.jpg"), ("", "")]
)
async def test_name_of_a_file(
    wecom: WeCom, client: WeComClient, name: str, sent: str
) -> None:
    """A name cannot break out of the header that it stands in."""
    message = Message(text="", attachments=(replace(FILE, name=name),))
    client_parts = client.prepare(message, ZHANG)
    wecom.always(json_answer({"errcode": 0, "media_id": "m"}), UPLOAD)
    wecom.always(json_answer({"errcode": 0}), SEND)
    await client.send(client_parts[0])
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
    with pytest.raises(ContentError) as caught:
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
    ("answer", "problem"),
    [
        pytest.param(Answer(status=502), Problem.SERVER_ERROR, id="relay_down"),
        pytest.param(
            Answer(reset=Reset.AFTER), Problem.CONNECTION_LOST, id="connection_lost"
        ),
        pytest.param(
            json_answer({"errcode": 0}), Problem.NOT_THIS_SERVICE, id="no_media_id"
        ),
        pytest.param(
            json_answer({"errcode": 0, "media_id": 7}),
            Problem.NOT_THIS_SERVICE,
            id="number",
        ),
    ],
)
async def test_upload_fails(
    wecom: WeCom, client: WeComClient, answer: Answer, problem: Problem
) -> None:
    """Before its file is uploaded, no message leaves."""
    wecom.always(answer, UPLOAD)
    message = Message(text="", attachments=(PICTURE,))
    with pytest.raises(ClientError) as caught:
        await send(client, message, ZHANG)
    assert facts(caught.value) == (TemporaryError, problem, False)
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
    assert client.uploads(kind, Message(text="a", options=options)) is expected
