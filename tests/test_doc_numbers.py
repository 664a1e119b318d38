"""The numbers that the pages tell are those of the code."""

from collections.abc import Sequence
from pathlib import Path
import re
from typing import Final

import pytest

from custom_components.wechat_push.clients.fitting import MAX_PARTS
from custom_components.wechat_push.clients.message import MAX_TEXT
from custom_components.wechat_push.clients.pushplus.limits import MEMBER, ORDINARY
from custom_components.wechat_push.delivery.capacity import MAX_BYTES, MAX_MESSAGES
from custom_components.wechat_push.delivery.engine import PATIENCE
from custom_components.wechat_push.delivery.outbox_message import MAX_LIFE
from custom_components.wechat_push.media.readers import MAX_BYTES as MAX_MEDIA_BYTES
from custom_components.wechat_push.options import AccountOptions

DOCS: Final = Path(__file__).parent.parent / "docs"
LANGUAGES: Final = ("en", "zh-Hans")
MIB: Final = 1024 * 1024
DAY: Final = 24 * 3600
HOUR: Final = 3600

# By page: what stands there in English and in Chinese.
SENTENCES: Final = (
    (
        "limitations",
        f"{MAX_MESSAGES:,} messages and {MAX_BYTES // MIB} MiB for each account,"
        f" and {MAX_LIFE // DAY:.0f} days",
        f"每个账号最多 {MAX_MESSAGES:,} 条消息、{MAX_BYTES // MIB} MiB，"
        f"最多保留 {MAX_LIFE // DAY:.0f} 天",
    ),
    (
        "limitations",
        f"{MAX_TEXT:,} characters at most, and is split into {MAX_PARTS} parts at most",
        f"最多 {MAX_TEXT:,} 个字符，最多拆分为 {MAX_PARTS} 条",
    ),
    (
        "delivery",
        f"at most {PATIENCE:.0f} seconds after the hand-over",
        f"动作最多等待 {PATIENCE:.0f} 秒",
    ),
    (
        "setup",
        f"| {AccountOptions().expires_after // HOUR} hour | How long a message",
        f"| {AccountOptions().expires_after // HOUR} 小时 | 消息最多",
    ),
    (
        "messages",
        f"At most {MAX_MEDIA_BYTES // MIB} MB are read",
        f"最多读取 {MAX_MEDIA_BYTES // MIB} MB",
    ),
)
# The rows of PushPlus' quotas, in their order.
CHANNELS: Final = (
    ("wechat", "app"),
    ("mail", "qq"),
    ("webhook", "cp", "extension", "clawbot"),
)


def page(language: str, name: str) -> str:
    """Return a page on one line."""
    return " ".join((DOCS / language / f"{name}.md").read_text("utf-8").split())


@pytest.mark.parametrize("sentence", SENTENCES, ids=lambda each: str(each[0]))
def test_sentence(sentence: Sequence[str]) -> None:
    """Test that a sentence has the number of the code."""
    name, *told = sentence
    for language, words in zip(LANGUAGES, told, strict=True):
        assert words in page(language, name)


@pytest.mark.parametrize("language", LANGUAGES)
def test_quotas(language: str) -> None:
    """Test that the table of PushPlus has all quotas."""
    rows = re.findall(
        r"\| (?:each |各 )?([\d,]+)(?: each)? \| (?:各 )?([\d,]+)(?: each)? \|",
        page(language, "pushplus"),
    )
    assert rows == [
        (f"{ORDINARY.quotas[channels[0]]:,}", f"{MEMBER.quotas[channels[0]]:,}")
        for channels in CHANNELS
    ]
    for limits in (ORDINARY, MEMBER):
        assert limits.quotas.keys() == {name for row in CHANNELS for name in row}
        for row in CHANNELS:
            assert len({limits.quotas[name] for name in row}) == 1
