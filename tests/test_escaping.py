"""What others wrote becomes no link, picture or line of ours."""

import logging
import re

import pytest

from custom_components.wechat_push.clients.access_token import Token
from custom_components.wechat_push.clients.message import (
    Attachment,
    AttachmentKind,
    Message,
)
from custom_components.wechat_push.clients.pushjet import PushjetTarget
from custom_components.wechat_push.delivery.outbox_message import Content, Requests
from homeassistant.core import HomeAssistant
from homeassistant.core_config import async_process_ha_core_config
from homeassistant.exceptions import HomeAssistantError
from tests.issues import issues, title_of, titles
from tests.messages import PUSHPLUS_SEND, WECOM_SEND, body, tell
from tests.samples import PUSHPLUS, WECOM, WXPUSHER, set_up
from tests.simulators import PushPlus, WeCom, WxPusher
from tests.texts import ENGLISH
from tests.troubles import leave

NASTY = (
    "![x](https://evil.cn/x.png) <img src=x> [click](http://evil.cn) www.evil.cn *b*"
)


def description_of(hass: HomeAssistant) -> str:
    """Return the Markdown that the only repair issue shows."""
    (issue,) = issues(hass)
    texts = ENGLISH["issues"][issue.translation_key]
    text: str = texts["fix_flow"]["step"]["confirm"]["description"]
    return text.format(**(issue.translation_placeholders or {}))


async def test_repair_issue(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that a nickname is text in a repair issue, and as it is in its title."""
    recipient = {**WECOM.recipient, "targets": ["@lisi"], "name": f"{NASTY}\nLi"}
    await set_up(hass, WECOM, wecom, recipient=recipient)
    leave(wecom)
    with pytest.raises(HomeAssistantError):
        await tell(hass, "Hello.")
    (issue,) = issues(hass)
    assert title_of(issue) == f"{NASTY} Li: app not visible"
    shown = description_of(hass)
    for raw in ("![", "](http", "<img", "https:", "http:", "www.evil", "*b*"):
        assert not re.search(
            rf"(?<!\\){re.escape(raw)}", shown.replace("(https:", "", 1)
        )
    # Without the escapes, nothing is missing.
    assert f"{NASTY} Li" in re.sub(r"\\(.)", r"\1", shown)


async def test_wrong_target_of_one_call(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that a target of one message is nothing to repair at the recipient."""
    await set_up(hass, WECOM, wecom)
    leave(wecom)
    with pytest.raises(HomeAssistantError):
        await tell(hass, "Hello.", targets=["@lisi"])
    assert not titles(hass)


async def test_name_of_an_application(hass: HomeAssistant, wxpusher: WxPusher) -> None:
    """Test that a name with line breaks is one line in titles and logs."""
    (app,) = wxpusher.apps.values()
    app.name = "Home\nalarms\r\nERROR"
    entry = await set_up(hass, WXPUSHER, wxpusher)
    assert entry.title == "WxPusher · Home alarms ERROR"


async def test_log(
    hass: HomeAssistant, wxpusher: WxPusher, caplog: pytest.LogCaptureFixture
) -> None:
    """Test that a key with line breaks makes no lines in the log."""
    caplog.set_level(logging.INFO)
    await set_up(hass, WXPUSHER, wxpusher)
    await hass.services.async_call(
        "notify",
        "zhang_san_wxpusher",
        {"message": "Hello.", "data": {"a\n2026-11-27 ERROR gone": 1}},
        blocking=True,
    )
    assert not any("\n" in record.getMessage() for record in caplog.records)


@pytest.mark.parametrize("fields", [{}, {"format": "html"}, {"format": "markdown"}])
async def test_link_in_plain_text(
    hass: HomeAssistant, wecom: WeCom, fields: dict[str, str]
) -> None:
    """Test that what WeCom shows as a link in plain text is shown as it is."""
    await set_up(hass, WECOM, wecom)
    quoted = '<a href="https://evil.cn">Bank</A>'
    await tell(hass, quoted, title='< A href="x">', kind="text", **fields)
    text = body(wecom, WECOM_SEND)["text"]["content"]
    assert not re.search(r"<\s*a\s", text, re.IGNORECASE)


async def test_link_is_readable(hass: HomeAssistant, wecom: WeCom) -> None:
    """Test that nothing of the text is lost."""
    await set_up(hass, WECOM, wecom)
    await tell(hass, '<a href="https://evil.cn">Bank</a> 1 < a')
    text = body(wecom, WECOM_SEND)["text"]["content"]
    assert text.replace("\u200b", "") == '<a href="https://evil.cn">Bank</a> 1 < a'


def test_repr() -> None:
    """Test that nothing secret, and no text, is in what a log might show."""
    secret = "s3cret"
    message = Message(
        text=secret,
        title=secret,
        url=secret,
        url_label=secret,
        options={"x": secret},
        attachments=(
            Attachment(
                kind=AttachmentKind.FILE,
                name="x",
                content_type="text/plain",
                content=secret.encode(),
                url=secret,
            ),
        ),
    )
    for each in (
        Token(value=secret, renew_at=0),
        message,
        Content(message=message, override={"targets": [secret]}),
        Requests(parts=({"secret": secret},), uploads={0: secret}),
        PushjetTarget(secret=secret),
    ):
        assert secret not in repr(each)


async def test_external_address_changes(
    hass: HomeAssistant, pushplus: PushPlus
) -> None:
    """Test that the callback address follows the external URL without a reload."""
    await async_process_ha_core_config(hass, {"external_url": "https://old.example"})
    entry = await set_up(hass, PUSHPLUS, pushplus)
    form = await hass.config_entries.options.async_init(entry.entry_id)
    await hass.config_entries.options.async_configure(
        form["flow_id"], {"listen_results": True}
    )
    await hass.async_block_till_done()
    await tell(hass, "One")
    await hass.config.async_update(external_url="https://new.example")
    await hass.async_block_till_done()
    await tell(hass, "Two")
    urls = [each.json["callbackUrl"] for each in pushplus.requests_to(PUSHPLUS_SEND)]
    assert [url.partition("/api")[0] for url in urls] == [
        "https://old.example",
        "https://new.example",
    ]
