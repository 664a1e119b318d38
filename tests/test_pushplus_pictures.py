"""Pictures that PushPlus keeps, for accounts that have its open interface."""

from dataclasses import replace
import logging
from pathlib import Path

from freezegun.api import FrozenDateTimeFactory
import pytest

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
from tests.issues import issues
from tests.messages import PUSHPLUS_BATCH, PUSHPLUS_SEND, recall, say, tell
from tests.moments import drain
from tests.pictures import noise, opened, picture
from tests.samples import PUSHPLUS, Sample, add_recipient, set_up
from tests.simulators.base import json_answer
from tests.simulators.pushplus import PushPlus
from tests.simulators.pushplus_accounts import SECRET_KEY, TOKEN

ACCESS_KEY = "/api/common/openApi/getAccessKey"
UPLOAD_TOKEN = "/api/open/userImage/uploadToken"
STORAGE = "/qiniu/upload"
# Where the storage keeps a picture.
KEPT = "https://img.example.com/1.jpg"

OPEN = replace(PUSHPLUS, account={**PUSHPLUS.account, "secret_key": SECRET_KEY})


@pytest.fixture(autouse=True)
def folder(hass: HomeAssistant, tmp_path: Path) -> Path:
    """Return a folder that Home Assistant may show, with a picture."""
    hass.config.allowlist_external_dirs = {str(tmp_path)}
    (tmp_path / "前门.jpg").write_bytes(picture())
    return tmp_path


@pytest.fixture
def image(folder: Path) -> str:
    """Return the path of the picture."""
    return str(folder / "前门.jpg")


async def set_up_member(hass: HomeAssistant, pushplus: PushPlus) -> ConfigEntry:
    """Set up the account of a member with the open interface."""
    pushplus.accounts[TOKEN].member = True
    entry = await set_up(hass, OPEN, pushplus)
    # PushPlus is asked for the membership.
    await hass.async_block_till_done(wait_background_tasks=True)
    return entry


async def left_out(hass: HomeAssistant, message: str, image: str) -> list[str]:
    """Send a message; return which pictures it went without."""
    (answer,) = (await say(hass, message, image=image)).values()
    assert answer["status"] == "sent"
    names: list[str] = answer["left_out"]
    return names


async def test_upload(hass: HomeAssistant, pushplus: PushPlus, image: str) -> None:
    """Test that a picture is uploaded, and shown in the message, without any address."""
    await set_up_member(hass, pushplus)
    await tell(hass, "Somebody rings.", image=image)
    # The first one is that of the set-up.
    _, asked = pushplus.requests_to(ACCESS_KEY)
    assert asked.json == {"token": TOKEN, "secretKey": SECRET_KEY}
    (permit,) = pushplus.requests_to(UPLOAD_TOKEN)
    _, key = pushplus.access_keys
    assert permit.headers["access-key"] == key
    (stored,) = pushplus.requests_to(STORAGE)
    assert "access-key" not in stored.headers
    token, file = stored.parts
    assert (token.name, file.name) == ("token", "file")
    assert (file.filename, file.content_type) == ("前门.jpg", "image/jpeg")
    assert file.data == picture()
    (sent,) = pushplus.requests_to(PUSHPLUS_SEND)
    content = sent.json["content"]
    assert content.startswith(f'Somebody rings.<br/><img src="{pushplus.url}/image/')
    assert content.endswith('.jpg@p" alt="前门.jpg"/>')
    assert sent.json["template"] == "html"


async def test_picture_that_is_too_large(
    hass: HomeAssistant, pushplus: PushPlus, folder: Path
) -> None:
    """Test that a large picture is made smaller before it is uploaded."""
    await set_up_member(hass, pushplus)
    (folder / "x.png").write_bytes(noise("PNG", (2100, 1800)))
    await tell(hass, "x", image=str(folder / "x.png"))
    (stored,) = pushplus.requests_to(STORAGE)
    assert len(stored.parts[1].data) <= 2 * 1024 * 1024
    assert opened(stored.parts[1].data).format == "JPEG"


@pytest.mark.parametrize("account", [OPEN, PUSHPLUS])
async def test_link(
    hass: HomeAssistant, pushplus: PushPlus, folder: Path, account: Sample
) -> None:
    """Test that what is not uploaded is linked: files, and pictures without the key."""
    hass.config.external_url = "https://ha.example.com"
    await set_up(hass, account, pushplus)
    pushplus.requests.clear()
    (folder / "x.txt").write_bytes(b"a long text")
    await tell(hass, "x", file=str(folder / "x.txt"))
    (sent,) = pushplus.requests_to(PUSHPLUS_SEND)
    assert "https://ha.example.com/api/wechat_push/media/" in sent.json["content"]
    assert not pushplus.requests_to(ACCESS_KEY)


async def test_picture_is_linked_without_the_key(
    hass: HomeAssistant, pushplus: PushPlus, image: str
) -> None:
    """Test that without the open interface a picture has Home Assistant's address."""
    hass.config.external_url = "https://ha.example.com"
    await set_up(hass, PUSHPLUS, pushplus)
    await tell(hass, "x", image=image)
    (sent,) = pushplus.requests_to(PUSHPLUS_SEND)
    shown = '<img src="https://ha.example.com/api/wechat_push/media/'
    assert shown in sent.json["content"]
    assert not pushplus.requests_to(ACCESS_KEY)


async def test_key_is_shared(
    hass: HomeAssistant, pushplus: PushPlus, image: str
) -> None:
    """Test that all who need the access key at once, or later, fetch it once."""
    entry = await set_up_member(hass, pushplus)
    for name in ("one", "two"):
        fields = {"kind": "self", "channel": "wechat", "format": "text", "name": name}
        await add_recipient(hass, entry, fields)
    await tell(hass, "x", image=image)
    await tell(hass, "y", image=image)
    # The first one is that of the set-up.
    assert len(pushplus.requests_to(ACCESS_KEY)) == 2
    assert len(pushplus.requests_to(PUSHPLUS_SEND)) + len(
        pushplus.requests_to(PUSHPLUS_BATCH)
    ) == 2 * len(entry.subentries)


async def test_key_ends(
    hass: HomeAssistant,
    pushplus: PushPlus,
    image: str,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Test that the access key is renewed before its end, and nothing refused."""
    await set_up_member(hass, pushplus)
    await tell(hass, "one", image=image)
    freezer.tick(6000)
    await tell(hass, "two", image=image)
    # The first one is that of the set-up.
    assert len(pushplus.requests_to(ACCESS_KEY)) == 2
    freezer.tick(1199)
    await tell(hass, "three", image=image)
    assert len(pushplus.requests_to(ACCESS_KEY)) == 3
    assert len(pushplus.requests_to(UPLOAD_TOKEN)) == 3
    assert len(pushplus.requests_to(PUSHPLUS_SEND)) == 3


@pytest.mark.parametrize("code", [401, 302])
async def test_key_that_is_refused(
    hass: HomeAssistant, pushplus: PushPlus, image: str, code: int
) -> None:
    """Test that a key that another program made useless is renewed, once."""
    await set_up_member(hass, pushplus)
    pushplus.requests.clear()
    await tell(hass, "one", image=image)
    pushplus.expire_access_keys()
    refused = json_answer({"code": code, "msg": "请求未授权", "data": None})
    pushplus.script(refused, path=UPLOAD_TOKEN)
    await tell(hass, "two", image=image)
    assert len(pushplus.requests_to(ACCESS_KEY)) == 1
    assert len(pushplus.requests_to(PUSHPLUS_SEND)) == 2
    # With no key taken at all it is not asked for ever.
    pushplus.always(refused, UPLOAD_TOKEN)
    assert await left_out(hass, "three", image) == ["前门.jpg"]
    assert len(pushplus.requests_to(ACCESS_KEY)) == 2


@pytest.mark.parametrize(
    ("attribute", "value", "problem"),
    [
        ("open_api", False, "pushplus_open_api_off"),
        ("ip_allowed", False, "pushplus_open_api_ip"),
        ("secret_key", "x", "pushplus_open_api_off"),
    ],
)
async def test_open_interface_that_refuses(
    hass: HomeAssistant,
    pushplus: PushPlus,
    image: str,
    attribute: str,
    value: object,
    problem: str,
) -> None:
    """Test that a person reads what to change at PushPlus, and the text arrives."""
    await set_up_member(hass, pushplus)
    setattr(pushplus.accounts[TOKEN], attribute, value)
    pushplus.expire_access_keys()
    assert await left_out(hass, "Someone is there.", image) == ["前门.jpg"]
    (shown,) = pushplus.notifications
    assert "Someone is there." in shown.text
    assert "前门.jpg" in shown.text
    (issue,) = issues(hass)
    assert issue.translation_key == problem


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, "expired token"),
        (403, "limited mimeType"),
        (400, "incorrect zone"),
        (413, "request entity too large"),
    ],
)
@pytest.mark.parametrize("external_url", [None, "https://ha.example.com"])
async def test_storage_that_refuses(
    hass: HomeAssistant,
    pushplus: PushPlus,
    image: str,
    status: int,
    error: str,
    external_url: str | None,
) -> None:
    """Test that a picture that is not stored is linked, or left out, and no more."""
    hass.config.external_url = external_url
    entry = await set_up_member(hass, pushplus)
    pushplus.always(json_answer({"error": error}, status=status), STORAGE)
    names = await left_out(hass, "Someone is there.", image)
    (shown,) = pushplus.notifications
    assert "Someone is there." in shown.text
    link = '<img src="https://ha.example.com/api/wechat_push/media/'
    assert (link in shown.text, names) == (
        (True, []) if external_url else (False, ["前门.jpg"])
    )
    assert entry.state is ConfigEntryState.LOADED
    assert not hass.config_entries.flow.async_progress()
    await tell(hass, "Someone is still there.")
    assert len(pushplus.notifications) == 2


@pytest.mark.parametrize("channel", ["mail", "wechat"])
async def test_channels(
    hass: HomeAssistant, pushplus: PushPlus, image: str, channel: str
) -> None:
    """Test that a picture is linked where PushPlus opens no page."""
    hass.config.external_url = "https://ha.example.com"
    await set_up_member(hass, pushplus)
    await tell(hass, "x", image=image, channel=channel)
    assert len(pushplus.requests_to(STORAGE)) == (channel == "wechat")
    (sent,) = pushplus.requests_to(PUSHPLUS_SEND)
    assert ("ha.example.com" in sent.json["content"]) == (channel == "mail")


async def test_no_member(hass: HomeAssistant, pushplus: PushPlus, image: str) -> None:
    """Test that a picture of an ordinary account is linked."""
    hass.config.external_url = "https://ha.example.com"
    await set_up(hass, OPEN, pushplus)
    await tell(hass, "x", image=image)
    (sent,) = pushplus.requests_to(PUSHPLUS_SEND)
    assert "ha.example.com" in sent.json["content"]
    assert not pushplus.requests_to(STORAGE)


async def test_recall(hass: HomeAssistant, pushplus: PushPlus) -> None:
    """Test that a message is taken back with the open interface."""
    await set_up_member(hass, pushplus)
    await tell(hass, "Someone is there.")
    (short_code,) = pushplus.messages
    await recall(hass)
    assert short_code not in pushplus.messages


async def test_token_that_is_refused(
    hass: HomeAssistant, pushplus: PushPlus, image: str
) -> None:
    """Test that a refused token is not repeated, here no more than elsewhere."""
    await set_up_member(hass, pushplus)
    del pushplus.accounts[TOKEN]
    (answer,) = (await say(hass, "x", image=image)).values()
    assert (answer["status"], answer["reason"]) == ("queued", "pushplus_token")
    pushplus.requests.clear()
    (answer,) = (await say(hass, "x", image=image)).values()
    assert (answer["status"], answer["reason"]) == ("queued", "pushplus_token")
    assert pushplus.requests == []
    await hass.async_block_till_done()
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["context"]["source"] == "reauth"


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        (ACCESS_KEY, {"code": 401, "msg": f"{TOKEN} {SECRET_KEY}", "data": None}),
        (ACCESS_KEY, {"code": 200, "msg": "ok", "data": {"expiresIn": 7200}}),
        (ACCESS_KEY, {"code": 200, "msg": "ok", "data": None}),
        (UPLOAD_TOKEN, {"code": 500, "msg": f"{TOKEN} {SECRET_KEY}", "data": None}),
        (UPLOAD_TOKEN, {"code": 200, "msg": "ok", "data": "https://example.com"}),
        (STORAGE, {"errno": 1, "message": "bad token"}),
        (STORAGE, {"errno": 0}),
        (STORAGE, {"errno": 0, "data": ["x"]}),
        (STORAGE, {"error": "expired"}),
    ],
)
async def test_no_secret_is_told(
    hass: HomeAssistant,
    pushplus: PushPlus,
    image: str,
    caplog: pytest.LogCaptureFixture,
    freezer: FrozenDateTimeFactory,
    path: str,
    answer: dict[str, object],
) -> None:
    """Test that a bad answer on the way costs no more than the picture, and no secret."""
    caplog.set_level(logging.DEBUG)
    entry = await set_up_member(hass, pushplus)
    pushplus.script(json_answer(answer), path=path)
    said = await say(hass, "x", image=image)
    told = f"{caplog.text} {said}"
    secrets = (TOKEN, SECRET_KEY, *pushplus.access_keys, *pushplus.upload_tokens)
    assert not [secret for secret in secrets if secret in told]
    await drain(hass, freezer, entry)
    assert len(pushplus.requests_to(PUSHPLUS_SEND)) == 1
    await tell(hass, "y", image=image)
    assert len(pushplus.requests_to(PUSHPLUS_SEND)) == 2


@pytest.mark.parametrize(
    "fields", [{"url": KEPT}, {"data": {"url": KEPT}}, {"data": KEPT}]
)
async def test_address_of_the_storage(
    hass: HomeAssistant, pushplus: PushPlus, image: str, fields: dict[str, object]
) -> None:
    """Test that the address of a picture is found wherever the storage puts it."""
    await set_up_member(hass, pushplus)
    pushplus.script(json_answer({"errno": 0, **fields}), path=STORAGE)
    await tell(hass, "x", image=image)
    (sent,) = pushplus.requests_to(PUSHPLUS_SEND)
    assert f'<img src="{KEPT}"' in sent.json["content"]
