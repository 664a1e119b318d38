"""Tests of what the stories judge by: a page with something wrong is not passed over."""

from urllib.parse import quote

from playwright.async_api import Browser
import pytest

from .texts import Texts
from .watch import Watch

_LONG = "x" * 200


@pytest.mark.parametrize(
    ("language", "html", "problem"),
    [
        ("en", "<p>Kept until the service works</p>", None),
        ("en", "<p>收到消息</p>", "Chinese: 收到消息"),
        ("en", "<p hidden>收到消息</p>", None),
        ("en", "<p>Add 203.0.113.7 to 企业可信IP</p>", None),
        ("en", "<p>Sent to 张三</p>", None),
        ("en", "<p>component.wechat_push.title</p>", "raw key or placeholder: "),
        ("en", "<p>wecom_untrusted_ip</p>", "raw key or placeholder: "),
        ("en", "<p>Sent to {recipient}</p>", "raw key or placeholder: "),
        ("en", "<p>notify.home_alarms</p>", None),
        ("zh-Hans", "<p>已发送 Markdown 消息</p>", None),
        ("zh-Hans", "<p>Nothing has arrived</p>", "English: Nothing has arrived"),
        ("zh-Hans", "<p>Sent late</p>", "English: Sent late"),
        ("zh-Hans", "<p>在 WxPusher App 中查看</p>", None),
        ("en", f"<p>{_LONG}</p>", "does not fit: "),
        ("en", f"<div style='overflow: auto'>{_LONG}</div>", "does not fit: "),
        (
            "en",
            "<div style='overflow: hidden; text-overflow: ellipsis'>" + _LONG,
            None,
        ),
        ("en", "<script>console.error('Broken')</script>", "console: Broken"),
        ("en", "<script>undefined.broken</script>", "console: "),
    ],
)
async def test_watch(
    browser: Browser, language: str, html: str, problem: str | None
) -> None:
    """What is wrong is found, also within a component; what is not, is let be."""
    page = await browser.new_page(viewport={"width": 390, "height": 844})
    watch = Watch(Texts(language))
    watch.follow(page)
    watch.quote("张三")
    shadow = f"<div><template shadowrootmode=open>{html}</template></div>"
    await page.goto(f"data:text/html;charset=utf-8,<!doctype html>{quote(shadow)}")
    await watch.look(page, "here")
    await page.close()
    if problem is None:
        assert watch.problems == []
    else:
        assert watch.problems
        assert problem in watch.problems[0]
