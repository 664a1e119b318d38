"""Messages of a group robot."""

from base64 import b64decode
import hashlib
import io
import json
from typing import Any

from PIL import Image
import pytest

from custom_components.wechat_push.clients.errors import (
    ActionNeededError,
    ClientError,
    ContentError,
    CredentialsError,
    LimitError,
    Problem,
    TemporaryError,
    UploadExpiredError,
)
from custom_components.wechat_push.clients.message import (
    Attachment,
    AttachmentKind,
    Format,
    Message,
    Overflow,
)
from custom_components.wechat_push.clients.wecom.codes import RobotProblem
from custom_components.wechat_push.clients.wecom.robot import (
    RobotClient,
    RobotTarget,
    parse_key,
)
from tests.simulators import WeCom
from tests.simulators.answers import json_answer
from tests.simulators.wecom_accounts import ROBOT_KEY

from ..common import endpoint, facts, send, shown

SEND = "/cgi-bin/webhook/send"
UPLOAD = "/cgi-bin/webhook/upload_media"
GROUP = RobotTarget()
MARKDOWN: dict[str, Any] = {"format": Format.MARKDOWN}


@pytest.fixture
def robot(wecom: WeCom) -> RobotClient:
    """Return a client."""
    return RobotClient(endpoint=endpoint(wecom), key=ROBOT_KEY)


def bodies(wecom: WeCom) -> list[dict[str, Any]]:
    """Return what was sent."""
    return [each.json for each in wecom.requests_to(SEND)]


def picture(kind: str, size: int = 8) -> bytes:
    """Return a picture."""
    buffer = io.BytesIO()
    Image.new("RGB", (size, size), "red").save(buffer, kind)
    return buffer.getvalue()


def attachment(content: bytes, **changes: Any) -> Attachment:
    """Return an attachment, by default a picture."""
    given = {"kind": AttachmentKind.IMAGE, "name": "a.png", "content_type": "image/png"}
    return Attachment(**{**given, "content": content, **changes})


async def test_text(wecom: WeCom, robot: RobotClient) -> None:
    """A text needs the key alone."""
    receipt = await send(robot, Message(text="Door <a href='x'>", title="Home"), GROUP)
    (request,) = wecom.requests_to(SEND)
    assert request.query == {"key": ROBOT_KEY}
    assert request.json == {
        "msgtype": "text",
        "text": {"content": "Home\nDoor <\u200ba href='x'>"},
    }
    assert [each.target for each in receipt.accepted] == ["group"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("**Door** [open](https://a.b)", "markdown"),
        ('<font color="warning">hot</font>\n- one', "markdown"),
        ("<@zhangsan> come\n\n|a|b|\n|-|-|\n|1|2|", "markdown"),
        ("|a|b|\n|-|-|\n|1|2|", "markdown_v2"),
        ("- one\n- two", "markdown_v2"),
        ("1. one", "markdown_v2"),
        ("```\ncode\n```", "markdown_v2"),
        ("![a](https://a.b/c.png)", "markdown_v2"),
    ],
)
async def test_markdown(wecom: WeCom, robot: RobotClient, text: str, kind: str) -> None:
    """The version that shows all of the text is taken; older apps show the first."""
    await send(robot, Message(text=text, **MARKDOWN), GROUP)
    (body,) = bodies(wecom)
    assert body["msgtype"] == kind
    await send(
        robot, Message(text=text, options={"ordinary_wechat": True}, **MARKDOWN), GROUP
    )
    assert bodies(wecom)[-1]["msgtype"] == "text"
    await send(
        robot, Message(text=text, options={"kind": "markdown"}, **MARKDOWN), GROUP
    )
    assert bodies(wecom)[-1]["msgtype"] == "markdown"


@pytest.mark.parametrize("kind", ["markdown", "markdown_v2"])
async def test_page(wecom: WeCom, robot: RobotClient, kind: str) -> None:
    """HTML becomes Markdown that both versions show."""
    page = "<p>Today</p><ul><li>one</li><li>two</li></ul>"
    await send(
        robot, Message(text=page, format=Format.HTML, options={"kind": kind}), GROUP
    )
    (body,) = bodies(wecom)
    assert body[kind]["content"] == "Today\n\n• one\n• two"


@pytest.mark.parametrize(
    ("text_format", "kind", "limit"),
    [(Format.TEXT, "text", 2048), (Format.MARKDOWN, "markdown", 4096)],
)
async def test_long(
    wecom: WeCom, robot: RobotClient, text_format: Format, kind: str, limit: int
) -> None:
    """The service refuses what is too long, so it is split by its own measure."""
    message = Message(text="温度 " * 2000, format=text_format)
    await send(robot, message, GROUP)
    contents = [body[kind]["content"] for body in bodies(wecom)]
    assert len(contents) > 2
    assert all(len(content.encode()) <= limit for content in contents)
    with pytest.raises(ContentError):
        robot.prepare(Message(text="温度 " * 2000, overflow=Overflow.REFUSE), GROUP)


@pytest.mark.parametrize("kind", ["png", "jpeg"])
async def test_picture(wecom: WeCom, robot: RobotClient, kind: str) -> None:
    """A picture is part of its request, after the text."""
    content = picture(kind)
    message = Message(text="Door", attachments=(attachment(content),))
    await send(robot, message, GROUP)
    text, image = bodies(wecom)
    assert text["text"]["content"] == "Door"
    assert b64decode(image["image"]["base64"]) == content
    assert image["image"]["md5"] == hashlib.md5(content).hexdigest()
    assert not wecom.requests_to(UPLOAD)


async def test_picture_is_converted(wecom: WeCom, robot: RobotClient) -> None:
    """What the robot does not take is made into what it does."""
    small = picture("jpeg")
    robot.shrink = lambda each: attachment(small)
    for content in (picture("webp"), b"\x89PNG\r\n\x1a\n" + bytes(3 * 1024 * 1024)):
        await send(robot, Message(text="", attachments=(attachment(content),)), GROUP)
        assert b64decode(bodies(wecom)[-1]["image"]["base64"]) == small
    robot.shrink = None
    with pytest.raises(ContentError):
        await robot.upload(attachment(picture("webp")))


async def test_picture_of_before_a_restart(wecom: WeCom, robot: RobotClient) -> None:
    """A picture that is not at hand any more is asked for again."""
    message = Message(text="", attachments=(attachment(picture("png")),))
    (part,) = robot.prepare(message, GROUP)
    filled = robot.fill(part, {0: "digest"})
    with pytest.raises(UploadExpiredError):
        await robot.send(filled)
    assert not wecom.requests
    digest = await robot.upload(message.attachments[0], part)
    assert (await robot.send(robot.fill(part, {0: digest}))).accepted


async def test_files(wecom: WeCom, robot: RobotClient) -> None:
    """Other files are uploaded, once in three days; a video goes as a file."""
    voice = attachment(b"#!AMR" + bytes(9), kind=AttachmentKind.VOICE, name="a.amr")
    video = attachment(b"1234ftyp" * 9, kind=AttachmentKind.VIDEO, name="a.mp4")
    for _ in range(2):
        await send(robot, Message(text="Hi", attachments=(voice, video)), GROUP)
    assert [each.query["type"] for each in wecom.requests_to(UPLOAD)] == [
        "voice",
        "file",
    ]
    assert [each["msgtype"] for each in bodies(wecom)] == ["text", "voice", "file"] * 2


async def test_file_that_expired(wecom: WeCom, robot: RobotClient) -> None:
    """A file that WeCom does not know any more is uploaded anew."""
    file = attachment(bytes(9), kind=AttachmentKind.FILE, name="a.pdf")
    for _ in range(2):
        await send(robot, Message(text="", attachments=(file,)), GROUP)
        wecom.media.clear()
    assert len(wecom.requests_to(UPLOAD)) == 2


async def test_address_that_is_long(robot: RobotClient) -> None:
    """The address of a file that cannot be uploaded is whole where it fits."""
    url = f"https://a.b/{'c' * 1500}"
    file = attachment(bytes(9), kind=AttachmentKind.FILE, name="a.pdf", url=url)
    (part,) = robot.prepare(Message(text="", attachments=(file,)), GROUP)
    assert robot.without(part, 0, "Missing")["text"]["content"] == f"Missing\n{url}"


async def test_article(wecom: WeCom, robot: RobotClient) -> None:
    """An article shows its picture by its address."""
    shot = attachment(b"", url="https://a.b/c.png")
    message = Message(
        text="Someone is there.",
        title="Door",
        attachments=(shot,),
        options={"kind": "news"},
    )
    await send(robot, message, GROUP)
    (body,) = bodies(wecom)
    assert body["news"]["articles"] == [
        {
            "title": "Door",
            "description": "Someone is there.",
            "url": "https://a.b/c.png",
            "picurl": "https://a.b/c.png",
        }
    ]


async def test_card(wecom: WeCom, robot: RobotClient) -> None:
    """A robot has the two cards without buttons."""
    card = {"card_type": "text_notice", "emphasis": {"title": "21.6", "desc": "°C"}}
    message = Message(text="warm", title="Room", url="https://a.b", options=card)
    await send(robot, message, GROUP)
    (body,) = bodies(wecom)
    assert body["template_card"]["card_type"] == "text_notice"
    for options in (
        {"buttons": [{"text": "Yes", "key": "yes"}]},
        {"card_type": "vote_interaction"},
    ):
        with pytest.raises(ContentError) as caught:
            robot.prepare(Message(text="x", title="y", options=options), GROUP)
        assert caught.value.problem == Problem.OPTION_NOT_SUPPORTED


async def test_mentions(wecom: WeCom, robot: RobotClient) -> None:
    """Members are mentioned by user ID or mobile number, at the end of the message."""
    mention = {"mention": ["zhangsan", "13800138000", "@all"]}
    await send(robot, Message(text="word " * 600, options=mention), GROUP)
    first, last = bodies(wecom)
    assert "mentioned_list" not in first["text"]
    assert last["text"]["mentioned_list"] == ["zhangsan", "@all"]
    assert last["text"]["mentioned_mobile_list"] == ["13800138000"]
    wecom.requests.clear()
    message = Message(text="- a\n- b", title="List", options=mention, **MARKDOWN)
    await send(robot, message, GROUP)
    markdown, text = bodies(wecom)
    assert markdown["msgtype"] == "markdown_v2"
    assert (text["text"]["content"], text["text"]["mentioned_list"]) == (
        "List",
        ["zhangsan", "@all"],
    )


@pytest.mark.parametrize(
    ("code", "kind", "problem"),
    [
        (93000, CredentialsError, RobotProblem.KEY),
        (93004, ActionNeededError, RobotProblem.DISABLED),
        (93008, ActionNeededError, RobotProblem.NOT_IN_GROUP),
        (45009, LimitError, RobotProblem.TOO_FREQUENT),
        (40058, ContentError, Problem.SERVICE_REFUSED),
        (44004, ContentError, Problem.SERVICE_REFUSED),
        (-1, TemporaryError, Problem.SERVER_ERROR),
        (40007, UploadExpiredError, Problem.SERVICE_REFUSED),
    ],
)
async def test_codes(
    wecom: WeCom, robot: RobotClient, code: int, kind: type[ClientError], problem: str
) -> None:
    """Each refusal means what a person can do about it."""
    text = (
        f"refused, hint: [1], from ip: 1.2.3.4, key={ROBOT_KEY}, more info at https://x"
    )
    wecom.always(json_answer({"errcode": code, "errmsg": text}), SEND)
    with pytest.raises(ClientError) as caught:
        await send(robot, Message(text="hi"), GROUP)
    assert facts(caught.value)[:2] == (kind, problem)
    assert ROBOT_KEY not in shown(caught.value)
    if isinstance(caught.value, LimitError):
        assert caught.value.retry_after == 60


async def test_real_refusals(wecom: WeCom, robot: RobotClient) -> None:
    """The simulated service refuses as the sheet says."""
    stranger = RobotClient(endpoint=endpoint(wecom), key="another-key")
    with pytest.raises(CredentialsError):
        await send(stranger, Message(text="hi"), GROUP)
    wecom.enforce_limits()
    for _ in range(20):
        await send(robot, Message(text="hi"), GROUP)
    with pytest.raises(LimitError):
        await send(robot, Message(text="hi"), GROUP)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (ROBOT_KEY, ROBOT_KEY),
        (
            f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={ROBOT_KEY}",
            ROBOT_KEY,
        ),
        (f"https://relay/x?debug=1&key={ROBOT_KEY}&x=y", ROBOT_KEY),
        ("https://qyapi.weixin.qq.com/cgi-bin/webhook/send", None),
        ("short", None),
        ("", None),
    ],
)
def test_key(text: str, key: str | None) -> None:
    """A person pastes the whole address, or the key."""
    assert parse_key(text) == key


def test_secret(robot: RobotClient) -> None:
    """The picture of a request is no part of it that is kept."""
    message = Message(text="", attachments=(attachment(picture("png")),))
    (part,) = robot.prepare(message, GROUP)
    assert json.dumps(robot.without(part, 0, "[a.png]")) == json.dumps(
        {"msgtype": "text", "text": {"content": "[a.png]"}}
    )
    assert robot.without(part, 1, "x") is part
