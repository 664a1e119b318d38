"""WeCom's message types: texts, text cards, articles, and their switches."""

from dataclasses import replace
from typing import Any

import pytest

from custom_components.wechat_push.clients.errors import ContentError, Problem
from custom_components.wechat_push.clients.message import Format, Message, Overflow
from custom_components.wechat_push.clients.wecom.client import WeComClient
from tests.simulators import WeCom

from ..common import body_of, send
from .common import FILE, LINKED, PICTURE, PICTURE_URL, URL, ZHANG, bodies, kinds


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
            Problem.FIELD_TOO_LARGE,
            {"field": "url", "limit": "2048"},
            id="long_link",
        ),
        pytest.param(
            Message(text="x" * 513, url=URL, options={"kind": "textcard"}),
            Problem.FIELD_TOO_LARGE,
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
            Problem.FIELD_TOO_LARGE,
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
                # Three characters of a table become twenty-one of HTML.
                text="|a|\n|-|\n" + "|b\n" * 33_000,
                format=Format.MARKDOWN,
                attachments=(PICTURE,),
                options={"kind": "mpnews"},
            ),
            Problem.FIELD_TOO_LARGE,
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
            {"option": "author (kind=text)", "instead": "kind=mpnews"},
            id="author_of_a_text",
        ),
        pytest.param(
            Message(text="a", options={"kind": "text", "source": "s", "items": [{}]}),
            Problem.OPTION_NOT_SUPPORTED,
            {"option": "source, items (kind=text)", "instead": "kind=template_card"},
            id="card_of_a_text",
        ),
        pytest.param(
            Message(
                text="a",
                options={"kind": "text", "source": "s", "ordinary_wechat": True},
            ),
            Problem.OPTION_NOT_SUPPORTED,
            {"option": "source (kind=text)", "instead": "kind=textcard"},
            id="card_in_wechat",
        ),
        pytest.param(
            Message(text="a", options={"source": "s", "ordinary_wechat": True}),
            Problem.OPTION_NOT_SUPPORTED,
            {"option": "kind=template_card", "instead": "kind=textcard"},
            id="template_card_in_wechat",
        ),
        pytest.param(
            Message(text="a", url=URL, options={"kind": "news", "safe": True}),
            Problem.OPTION_NOT_SUPPORTED,
            {
                "option": "safe (kind=news)",
                "instead": "kind=file, kind=image, kind=mpnews, kind=text, kind=video",
            },
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
                "option": "id_translation (kind=markdown)",
                "instead": "kind=mpnews, kind=news, kind=template_card, kind=text, kind=textcard",
            },
            id="translated_markdown",
        ),
        pytest.param(
            Message(text="", attachments=(PICTURE,), options={"id_translation": 1}),
            Problem.OPTION_NOT_SUPPORTED,
            {
                "option": "id_translation (kind=image)",
                "instead": "kind=mpnews, kind=news, kind=template_card, kind=text, kind=textcard",
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
    nothing = replace(PICTURE, content=b"", size=0)
    err = refusal(client, Message(text="", attachments=(nothing,)))
    assert err.problem == Problem.MESSAGE_EMPTY


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        pytest.param(
            Message(text="<b>a</b>", format=Format.HTML, options={"kind": "markdown"}),
            {"msgtype": "markdown", "markdown": {"content": "**a**"}},
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
                "markdown": {"content": f"a\n\n[Door]({PICTURE_URL})"},
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
            {
                "msgtype": "text",
                "text": {"content": "a"},
                "enable_duplicate_check": 0,
            },
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


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(Message(text="a"), id="text"),
        pytest.param(Message(text="# a", format=Format.MARKDOWN), id="markdown"),
        pytest.param(Message(text="", attachments=(PICTURE,)), id="picture"),
        pytest.param(
            Message(text="a", url=URL, options={"kind": "textcard"}), id="textcard"
        ),
        pytest.param(
            Message(text="a", title="T", url=URL, options={"kind": "news"}), id="news"
        ),
        pytest.param(
            Message(text="a", attachments=(PICTURE,), options={"kind": "mpnews"}),
            id="mpnews",
        ),
        pytest.param(
            Message(text="a", title="T", url=URL, options={"kind": "template_card"}),
            id="card",
        ),
    ],
)
async def test_late(wecom: WeCom, client: WeComClient, message: Message) -> None:
    """Every type of message can say that it comes late."""
    await send(client, client.delayed(message, ZHANG, "[14:05]"), ZHANG)
    first = wecom.notifications[0]
    assert (first.title + first.text).startswith("[14:05]")
