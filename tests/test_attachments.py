"""Pictures and files on their way to WeCom, which takes them as they are."""

from pathlib import Path

from freezegun.api import FrozenDateTimeFactory
import pytest

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from tests.messages import WECOM_SEND, say, tell
from tests.pictures import UPLOAD, failure, picture, uploaded, uploads
from tests.samples import FAILS, WECOM, add_recipient, set_up
from tests.simulators.base import json_answer
from tests.simulators.wecom import WeCom

MIB = 1024 * 1024
AMR = b"#!AMR\n" + bytes(range(200))
MP4 = b"\x00\x00\x00\x18ftypmp42" + bytes(200)


@pytest.fixture(autouse=True)
async def account(hass: HomeAssistant, wecom: WeCom) -> ConfigEntry:
    """Set up an account."""
    recipient = {**WECOM.recipient, **FAILS}
    return await set_up(hass, WECOM, wecom, recipient=recipient)


@pytest.fixture
def folder(hass: HomeAssistant, tmp_path: Path) -> Path:
    """Return a folder that Home Assistant may show."""
    hass.config.allowlist_external_dirs = {str(tmp_path)}
    return tmp_path


def keep(folder: Path, name: str, content: bytes) -> str:
    """Put a file into the folder; return its path."""
    path = folder / name
    path.write_bytes(content)
    return str(path)


def sent_kinds(wecom: WeCom) -> list[str]:
    """Return the message types that arrived, in order."""
    return [request.json["msgtype"] for request in wecom.requests_to(WECOM_SEND)]


@pytest.mark.parametrize("name", ["前门 1.jpg", "it's 100%;x=é.jpg", "😀.jpg"])
async def test_upload_on_the_wire(
    hass: HomeAssistant, wecom: WeCom, folder: Path, name: str
) -> None:
    """Test that WeCom gets name, length and content as it wants them."""
    await tell(hass, image=keep(folder, name, picture()))
    (request,) = uploads(wecom)
    assert request.query["type"] == "image"
    assert request.query["access_token"] in wecom.tokens
    assert request.content_type == "multipart/form-data"
    boundary = request.headers["Content-Type"].partition("boundary=")[2].strip('"')
    head, found, rest = request.body.partition(b"\r\n\r\n")
    assert found
    lines = head.decode().split("\r\n")
    assert lines[0] == f"--{boundary}"
    assert (
        f'Content-Disposition: form-data; name="media"; filename="{name}"; '
        f"filelength={len(picture())}"
    ) in lines
    assert "Content-Type: image/jpeg" in lines
    assert rest == picture() + f"\r\n--{boundary}--\r\n".encode()


async def test_name_that_would_end_the_header(
    hass: HomeAssistant, wecom: WeCom, folder: Path
) -> None:
    """Test that no sign in a name is taken for a part of the header."""
    await tell(hass, file=keep(folder, 'a"; filename="b\\c\nd.txt', b"a long text"))
    assert uploaded(wecom).filename == "a_; filename=_b_c_d.txt"
    assert uploaded(wecom).filelength == len(b"a long text")


async def test_message_and_picture(
    hass: HomeAssistant, wecom: WeCom, folder: Path
) -> None:
    """Test that the text comes first, then the picture, then the file."""
    await tell(
        hass,
        message="Somebody rings.",
        title="Front door",
        image=keep(folder, "x.png", picture("PNG")),
        file=keep(folder, "x.txt", b"a long text"),
    )
    text, image, file = (request.json for request in wecom.requests_to(WECOM_SEND))
    assert text["text"] == {"content": "Front door\nSomebody rings."}
    assert wecom.media[image["image"]["media_id"]].kind == "image"
    assert wecom.media[file["file"]["media_id"]].filename == "x.txt"
    assert all(each["touser"] == "@all" for each in (text, image, file))
    assert all(each["agentid"] == 1_000_002 for each in (text, image, file))


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("x.txt", b"a long text", "file"),
        ("x.bin", bytes(range(256)), "file"),
        ("x", b"a long text", "file"),
        ("x.jpg", picture(), "file"),
        ("x.amr", AMR, "voice"),
        ("x.dat", AMR, "voice"),
        ("x.mp4", MP4, "video"),
        ("x.mp3", b"ID3" + bytes(200), "file"),
        ("x.mp4", MP4 + bytes(10 * MIB), "file"),
        ("x.amr", AMR + bytes(2 * MIB), "file"),
    ],
)
async def test_kind_of_file(
    hass: HomeAssistant,
    wecom: WeCom,
    folder: Path,
    name: str,
    content: bytes,
    kind: str,
) -> None:
    """Test that speech and films play in the chat, unless too large, and all arrives."""
    await tell(hass, file=keep(folder, name, content))
    (request,) = uploads(wecom)
    assert request.query["type"] == kind
    assert uploaded(wecom).data == content
    assert sent_kinds(wecom) == [kind]


async def test_file_of_a_few_bytes(
    hass: HomeAssistant, wecom: WeCom, folder: Path
) -> None:
    """Test that a message goes without a file that WeCom does not take, and says so."""
    path = keep(folder, "x.txt", b"short")
    (answer,) = (await say(hass, "Someone is there.", file=path)).values()
    assert (answer["status"], answer["left_out"]) == ("sent", ["x.txt"])
    shown = [each.text for each in wecom.notifications]
    assert shown[0] == "Someone is there."
    assert "x.txt" in shown[1]
    assert sent_kinds(wecom) == ["text", "text"]


async def test_one_upload_for_two_messages(
    hass: HomeAssistant, wecom: WeCom, folder: Path
) -> None:
    """Test that the same file is not uploaded again, but another one is."""
    path = keep(folder, "x.txt", b"a long text")
    await tell(hass, message="one", file=path)
    await tell(hass, message="two", file=path)
    assert len(uploads(wecom)) == 1
    assert sent_kinds(wecom) == ["text", "file"] * 2
    keep(folder, "x.txt", b"another text")
    await tell(hass, file=path)
    # Readers see the name of a file.
    await tell(hass, file=keep(folder, "y.txt", b"another text"))
    assert [request.parts[0].filename for request in uploads(wecom)] == [
        "x.txt",
        "x.txt",
        "y.txt",
    ]


async def test_one_upload_for_two_recipients(
    hass: HomeAssistant, wecom: WeCom, folder: Path, account: ConfigEntry
) -> None:
    """Test that those who need a file at the same time share its upload."""
    await add_recipient(hass, account, {"targets": ["ZhangSan"], "format": "text"})
    await add_recipient(hass, account, {"targets": ["LiSi"], "format": "text"})
    await tell(hass, file=keep(folder, "x.txt", b"a long text"))
    assert len(uploads(wecom)) == 1
    assert sent_kinds(wecom) == ["file"] * 3


async def test_upload_ends_after_three_days(
    hass: HomeAssistant,
    wecom: WeCom,
    folder: Path,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Test that a file is uploaded again when WeCom has dropped it."""
    path = keep(folder, "x.txt", b"a long text")
    await tell(hass, file=path)
    freezer.tick(2 * 24 * 3600)
    await tell(hass, file=path)
    assert len(uploads(wecom)) == 1
    freezer.tick(24 * 3600)
    await tell(hass, file=path)
    assert len(uploads(wecom)) == 2
    assert [each.text for each in wecom.notifications] == ["x.txt"] * 3
    # Not one attempt went wrong on the way.
    assert sent_kinds(wecom) == ["file"] * 3


async def test_upload_that_wecom_forgot(
    hass: HomeAssistant, wecom: WeCom, folder: Path, account: ConfigEntry
) -> None:
    """Test that a file that WeCom lost is uploaded again, and delivered once."""
    await add_recipient(hass, account, {"targets": ["ZhangSan"], "format": "text"})
    path = keep(folder, "x.txt", b"a long text")
    await tell(hass, file=path)
    wecom.media.clear()
    wecom.notifications.clear()
    await tell(hass, file=path)
    assert len(uploads(wecom)) == 2
    received = [each.recipient for each in wecom.notifications]
    assert sorted(received) == ["@all", "zhangsan"]


async def test_upload_that_is_never_known(
    hass: HomeAssistant, wecom: WeCom, folder: Path
) -> None:
    """Test that a file that WeCom will not know is not uploaded for ever."""
    unknown = json_answer({"errcode": 40007, "errmsg": "invalid media_id"})
    wecom.script(*[unknown] * 3, path=WECOM_SEND)
    path = keep(folder, "x.txt", b"a long text")
    (answer,) = (await say(hass, file=path)).values()
    assert answer["left_out"] == ["x.txt"]
    assert len(uploads(wecom)) == 3
    assert sent_kinds(wecom) == ["file"] * 3 + ["text"]


@pytest.mark.parametrize(
    "answer",
    [
        {"errcode": 45001, "errmsg": "media size out of limit"},
        {"errcode": 0, "errmsg": "ok"},
    ],
)
async def test_upload_that_is_refused(
    hass: HomeAssistant, wecom: WeCom, folder: Path, answer: dict[str, object]
) -> None:
    """Test that a message says what it lacks, and that the next one tries it anew."""
    path = keep(folder, "x.txt", b"a long text")
    wecom.script(json_answer(answer), path=UPLOAD)
    (sent,) = (await say(hass, file=path)).values()
    assert (sent["status"], sent["left_out"]) == ("sent", ["x.txt"])
    assert "x.txt" in wecom.notifications[0].text
    await tell(hass, file=path)
    assert sent_kinds(wecom) == ["text", "file"]


async def test_upload_from_elsewhere(
    hass: HomeAssistant, wecom: WeCom, folder: Path
) -> None:
    """Test that what is wrong with the account does not cost the file alone."""
    path = keep(folder, "x.txt", b"a long text")
    wecom.script(
        json_answer({"errcode": 60020, "errmsg": "from ip: 203.0.113.9"}), path=UPLOAD
    )
    error = await failure(hass, file=path)
    assert error.translation_key == "wecom_untrusted_ip"
    assert not wecom.requests_to(WECOM_SEND)
    await tell(hass, file=path)
    assert sent_kinds(wecom) == ["file"]


async def test_token_that_ends_at_the_upload(
    hass: HomeAssistant, wecom: WeCom, folder: Path
) -> None:
    """Test that an upload renews the access token as any request does."""
    await tell(hass, message="Hello.")
    wecom.tokens.clear()
    await tell(hass, file=keep(folder, "x.txt", b"a long text"))
    assert sent_kinds(wecom) == ["text", "file"]
    assert len(uploads(wecom)) == 2
