"""Pictures that PushPlus keeps, for accounts that have its open interface."""

from dataclasses import replace
import logging
from pathlib import Path
import traceback

from freezegun.api import FrozenDateTimeFactory
import pytest

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from tests.messages import PUSHPLUS_BATCH, PUSHPLUS_SEND, tell
from tests.pictures import failure, noise, opened, picture
from tests.samples import FAILS, PUSHPLUS, Sample, add_recipient, set_up
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


async def test_upload(hass: HomeAssistant, pushplus: PushPlus, image: str) -> None:
    """Test that a picture is uploaded, and shown in the message, without any address."""
    await set_up(hass, OPEN, pushplus)
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
    assert content.endswith('.jpg" alt="前门.jpg"/>')
    assert sent.json["template"] == "html"


async def test_picture_that_is_too_large(
    hass: HomeAssistant, pushplus: PushPlus, folder: Path
) -> None:
    """Test that a large picture is made smaller before it is uploaded."""
    await set_up(hass, OPEN, pushplus)
    (folder / "x.png").write_bytes(noise("PNG", (1600, 900)))
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
    entry = await set_up(hass, OPEN, pushplus)
    for name in ("one", "two"):
        fields = {"kind": "self", "channel": "wechat", "format": "text", "name": name}
        await add_recipient(hass, entry, fields)
    pushplus.requests.clear()
    await tell(hass, "x", image=image)
    await tell(hass, "y", image=image)
    assert len(pushplus.requests_to(ACCESS_KEY)) == 1
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
    await set_up(hass, OPEN, pushplus)
    pushplus.requests.clear()
    await tell(hass, "one", image=image)
    freezer.tick(6000)
    await tell(hass, "two", image=image)
    assert len(pushplus.requests_to(ACCESS_KEY)) == 1
    freezer.tick(1199)
    await tell(hass, "three", image=image)
    assert len(pushplus.requests_to(ACCESS_KEY)) == 2
    assert len(pushplus.requests_to(UPLOAD_TOKEN)) == 3
    assert len(pushplus.requests_to(PUSHPLUS_SEND)) == 3


@pytest.mark.parametrize("code", [401, 302])
async def test_key_that_is_refused(
    hass: HomeAssistant, pushplus: PushPlus, image: str, code: int
) -> None:
    """Test that a key that another program made useless is renewed, once."""
    await set_up(hass, OPEN, pushplus)
    pushplus.requests.clear()
    await tell(hass, "one", image=image)
    pushplus.expire_access_keys()
    refused = json_answer({"code": code, "msg": "请求未授权", "data": None})
    pushplus.script(refused, path=UPLOAD_TOKEN)
    await tell(hass, "two", image=image)
    assert len(pushplus.requests_to(ACCESS_KEY)) == 2
    assert len(pushplus.requests_to(PUSHPLUS_SEND)) == 2
    # With no key taken at all it is not asked for ever.
    pushplus.always(refused, UPLOAD_TOKEN)
    error = await failure(hass, message="three", image=image)
    assert error.translation_key == "pushplus_open_api"
    assert len(pushplus.requests_to(ACCESS_KEY)) == 3


@pytest.mark.parametrize(
    ("attribute", "value", "code"),
    [
        ("open_api", False, "401"),
        ("ip_allowed", False, "403"),
        ("secret_key", "x", "401"),
    ],
)
async def test_open_interface_that_refuses(
    hass: HomeAssistant,
    pushplus: PushPlus,
    image: str,
    attribute: str,
    value: object,
    code: str,
) -> None:
    """Test that a person reads what to change at PushPlus, and nothing is sent."""
    await set_up(hass, OPEN, pushplus)
    setattr(pushplus.accounts[TOKEN], attribute, value)
    error = await failure(hass, message="x", image=image)
    assert error.translation_key == "pushplus_open_api"
    assert error.translation_placeholders is not None
    assert error.translation_placeholders["code"] == code
    assert not pushplus.requests_to(PUSHPLUS_SEND)
    # Text alone needs none of this.
    await tell(hass, "x")
    assert len(pushplus.requests_to(PUSHPLUS_SEND)) == 1


async def test_token_that_is_refused(
    hass: HomeAssistant, pushplus: PushPlus, image: str
) -> None:
    """Test that a refused token is not repeated, here no more than elsewhere."""
    await set_up(hass, OPEN, pushplus)
    del pushplus.accounts[TOKEN]
    error = await failure(hass, message="x", image=image)
    assert error.translation_key == "pushplus_token"
    await failure(hass, message="x", image=image)
    assert len(pushplus.requests) == 1
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
    path: str,
    answer: dict[str, object],
) -> None:
    """Test that a bad answer on the way is an error without secrets, and passes."""
    caplog.set_level(logging.DEBUG)
    await set_up(hass, OPEN, pushplus, recipient={**OPEN.recipient, **FAILS})
    pushplus.script(json_answer(answer), path=path)
    error = await failure(hass, message="x", image=image)
    told = "".join((caplog.text, *traceback.format_exception(error)))
    secrets = (TOKEN, SECRET_KEY, *pushplus.access_keys, *pushplus.upload_tokens)
    assert not [secret for secret in secrets if secret in told]
    assert not pushplus.requests_to(PUSHPLUS_SEND)
    await tell(hass, "x", image=image)
    assert len(pushplus.requests_to(PUSHPLUS_SEND)) == 1


@pytest.mark.parametrize(
    "fields", [{"url": KEPT}, {"data": {"url": KEPT}}, {"data": KEPT}]
)
async def test_address_of_the_storage(
    hass: HomeAssistant, pushplus: PushPlus, image: str, fields: dict[str, object]
) -> None:
    """Test that the address of a picture is found wherever the storage puts it."""
    await set_up(hass, OPEN, pushplus)
    pushplus.script(json_answer({"errno": 0, **fields}), path=STORAGE)
    await tell(hass, "x", image=image)
    (sent,) = pushplus.requests_to(PUSHPLUS_SEND)
    assert f'<img src="{KEPT}"' in sent.json["content"]
