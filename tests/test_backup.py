"""Backups of Home Assistant hold what waits."""

from contextlib import closing
from pathlib import Path
import sqlite3

from custom_components.wechat_push.backup import async_post_backup, async_pre_backup
from homeassistant.core import HomeAssistant
from tests.messages import say
from tests.samples import WXPUSHER, set_up
from tests.simulators import WxPusher


async def test_backup(hass: HomeAssistant, wxpusher: WxPusher, outboxes: Path) -> None:
    """Test that everything that waits is on disk when a backup begins."""
    entry = await set_up(hass, WXPUSHER, wxpusher)
    await wxpusher.stop()
    (answer,) = (await say(hass, "Someone is there.")).values()
    await async_pre_backup(hass)
    copy = outboxes / "copy.sqlite"
    copy.write_bytes((outboxes / f"{entry.entry_id}.sqlite").read_bytes())
    with closing(sqlite3.connect(copy)) as db:
        assert [*db.execute("SELECT handle FROM messages")] == [(answer["handle"],)]
    await async_post_backup(hass)
