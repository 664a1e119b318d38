"""Make the pictures of the documents: python -m tests.e2e.screenshots."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from io import BytesIO
import json
from pathlib import Path
import sys
import tempfile
from typing import Any, Final
from zoneinfo import ZoneInfo

from PIL import Image
from playwright.async_api import Locator, Page, Route, ViewportSize, expect
import yaml

from ..demo import DOMAIN
from ..demo.accounts import DemoAccount
from ..demo.api import Api
from ..demo.config import PICTURE
from ..demo.house.drawing import draw_front_door
from ..demo.terminal import say, step
from ..demo.walk import add
from ..simulators import PushPlus, WeCom, WxPusher
from ..simulators.wecom_accounts import AGENT_ID
from ..simulators.wxpusher_accounts import APP_TOKEN, UID_ZHANG
from .accounts import demo_account
from .dialogs import FlowDialog, add_integration
from .house import TIME_ZONE, House, Screen, running_browser, running_house
from .pages import Activity

_ROOT: Final = Path(__file__).resolve().parents[2]
_FOLDER: Final = _ROOT / "docs" / "pictures"
_SERVICES: Final = _ROOT / "custom_components" / DOMAIN / "services.yaml"
_MAX_BYTES: Final = 150_000
_SETTLE: Final = (Path(__file__).parent / "settle.js").read_text(encoding="utf-8")

# What every clock shows.
_NOW: Final = datetime(2026, 11, 20, 18, 42, 7, tzinfo=ZoneInfo(TIME_ZONE))
# Pixels around what a picture is about.
_MARGIN: Final = 24
_SCALE: Final = 1.5
# Where what matters ends.
_DEVICE_HEIGHT: Final = 630
_ACTIVITY_HEIGHT: Final = 200
# For the longest form.
_DIALOG_SIZE: Final = ViewportSize(width=1100, height=1080)
_HIDE_PAGE: Final = """() => {
  const root = document.querySelector("home-assistant").shadowRoot;
  root.querySelector("home-assistant-main").style.visibility = "hidden";
}"""
# For all phones in a row, and their messages.
_PHONES_SIZE: Final = ViewportSize(width=1240, height=720)


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """What people of one language call things and write."""

    application: str
    recipients: Mapping[str, str]
    door: str
    at_door: str
    laundry: str
    done: str
    card: Mapping[str, Any]
    energy: str
    markdown: str
    leak: str
    in_cellar: str
    # Of the activity, from the newest to the oldest.
    times: tuple[str, ...]


_ENGLISH: Final = Words(
    application="Home",
    recipients={
        "wxpusher": "Anna",
        "wecom": "Family",
        "pushplus": "Me",
        "pushjet": "Alarms",
    },
    door="Doorbell",
    at_door="Somebody is at the front door.",
    laundry="Washing machine",
    done="The laundry is done.",
    card={
        "source": "Home Assistant",
        "emphasis": {"title": "54 min", "description": "Cotton, 60 °C"},
        "items": [
            {"name": "Energy", "value": "1.2 kWh"},
            {"name": "Water", "value": "48 L"},
        ],
    },
    energy="Energy today",
    markdown="**Solar** 14.2 kWh\n\n- Used at home: 9.8 kWh\n- Fed in: 4.4 kWh",
    leak="Water in the cellar",
    in_cellar="Check the cellar at once.",
    times=("6:42:07 PM", "6:31:15 PM"),
)
_CHINESE: Final = Words(
    application="我的家",
    recipients={
        "wxpusher": "小明",
        "wecom": "家人",
        "pushplus": "自己",
        "pushjet": "报警",
    },
    door="门铃",
    at_door="前门有人。",
    laundry="洗衣机",
    done="衣服洗好了。",
    card={
        "source": "Home Assistant",
        "emphasis": {"title": "54 分钟", "description": "棉织物，60 °C"},
        "items": [
            {"name": "用电", "value": "1.2 kWh"},
            {"name": "用水", "value": "48 L"},
        ],
    },
    energy="今日用电",
    markdown="**光伏** 14.2 kWh\n\n- 自用：9.8 kWh\n- 上网：4.4 kWh",
    leak="地下室漏水",
    in_cellar="请立即检查。",
    times=("18:42:07", "18:31:15"),
)
_SCREEN: Final = Screen(
    language="en",
    locale="en-US",
    width=1100,
    height=820,
    scale=_SCALE,
    has_sidebar=False,
)
_LANGUAGES: Final = (
    (_SCREEN, _ENGLISH),
    (replace(_SCREEN, language="zh-Hans", locale="zh-CN"), _CHINESE),
)


class Painter:
    """Makes the pictures in one language."""

    def __init__(self, house: House, words: Words) -> None:
        self._house = house
        self._person = house.person
        self._words = words
        self._entities: dict[str, str] = {}
        self._folder = _FOLDER / house.person.texts.language

    async def paint(self) -> None:
        """Make all pictures."""
        self._name_things()
        for paint in (
            self._choice,
            self._untrusted_address,
            self._add_accounts,
            self._device,
            self._activity,
            self._action,
            self._phones,
        ):
            with step(f"{self._folder.name}: {paint.__name__.lstrip('_')}"):
                await paint()

    def _name_things(self) -> None:
        """Call the applications at the services as people of the language do."""
        simulators = self._house.simulators
        simulators[WeCom].agents[AGENT_ID].name = self._words.application
        simulators[PushPlus].account.nick_name = self._words.recipients["pushplus"]
        wxpusher = simulators[WxPusher].apps[APP_TOKEN]
        wxpusher.name = self._words.application
        wxpusher.followers[UID_ZHANG].nickname = self._words.recipients["wxpusher"]

    async def _choice(self) -> None:
        """Show the choice of services."""
        dialog = await add_integration(self._person)
        await dialog.expect_title("config.step.user.title")
        await self._keep_dialog("choice", dialog)

    async def _untrusted_address(self) -> None:
        """Show what WeCom's form says while the IP address that it names is not trusted."""
        wecom = self._house.simulators[WeCom]
        wecom.trusted_ips = set()
        dialog = await add_integration(self._person)
        await dialog.choose("config.step.user.menu_options.wecom")
        await dialog.fill("config.step.wecom", self._account("wecom").account)
        await dialog.submit()
        await dialog.expect_title("config.step.wecom_untrusted_ip.title")
        await dialog.submit()
        await dialog.expect_text("config.error.still_there")
        await self._keep_dialog("form_error", dialog)
        wecom.trusted_ips = None

    def _account(self, provider: str) -> DemoAccount:
        """Return the account that the demo uses."""
        return demo_account(self._house, provider)

    async def _add_accounts(self) -> None:
        """Add all accounts, without a picture."""
        for provider, name in self._words.recipients.items():
            account = self._account(provider)
            named = replace(account, recipient={**account.recipient, "name": name})
            self._entities[provider] = await add(self._house.api, named)

    async def _send(self, provider: str, **data: Any) -> None:
        """Send a message."""
        await self._house.api.post(
            f"/api/services/{DOMAIN}/send_message",
            {"entity_id": self._entities[provider], **data},
        )

    async def _device(self) -> None:
        """Show the device of a recipient."""
        await self._send("wecom", message=self._words.at_door)
        device = (await _beside(self._house.api, self._entities["wecom"]))["device_id"]
        page = self._person.page
        await self._person.go(f"/config/devices/device/{device}")
        name = self._person.texts.ours("entity.button.test_message.name")
        await expect(page.get_by_text(name).first).to_be_visible()
        # What the service said, and that the entity was used.
        await expect(page.locator("ha-logbook-renderer .entry")).to_have_count(2)
        await self._keep(
            "device",
            page.locator("ha-config-device-page"),
            times=self._words.times,
            height=_DEVICE_HEIGHT,
        )

    async def _activity(self) -> None:
        """Show how a message waits for a service, and goes out late."""
        house, words = self._house, self._words
        delivery = await _beside(house.api, self._entities["wxpusher"])
        activity = Activity(self._person)
        await self._person.go(f"/logbook?entity_id={delivery['entity_id']}")
        await house.simulators[WxPusher].stop()
        await self._send("wxpusher", title=words.door, message=words.at_door)
        await activity.expect_delivery("queued")
        await house.simulators[WxPusher].start(port=house.simulators[WxPusher].port)
        await activity.expect_delivery("delivered_late")
        await self._keep(
            "activity",
            self._person.page.locator("ha-logbook-renderer"),
            times=words.times,
            height=_ACTIVITY_HEIGHT,
        )

    async def _action(self) -> None:
        """Show the form of the action with a card."""
        person, words = self._person, self._words
        filled = {
            "action": f"{DOMAIN}.send_message",
            "target": {"entity_id": [self._entities["wecom"]]},
            "data": {
                "message": words.done,
                "title": words.laundry,
                "card_type": "text_notice",
                **words.card,
            },
        }
        # The tool keeps there what was last filled in.
        key = "panel-dev-action-state-service-data"
        await person.page.evaluate(
            "([key, value]) => localStorage.setItem(key, value)",
            [key, json.dumps(filled)],
        )
        await person.go("/config/tools/action")
        form = person.page.locator("ha-service-control")
        section = f"services.send_message.sections.{_section_of('card_type')}.name"
        panel = form.locator("ha-expansion-panel").filter(
            has_text=person.texts.ours(section)
        )
        await panel.locator("[role=button]").first.click()
        await panel.scroll_into_view_if_needed()
        await self._keep("action_card", panel, sides=_MARGIN)

    async def _phones(self) -> None:
        """Show the phones, with a message of each kind."""
        house, words = self._house, self._words
        for simulator in house.simulators.all:
            simulator.notifications.clear()
        media = house.folder / "config" / "media" / PICTURE
        media.write_bytes(draw_front_door(_NOW))
        await self._send(
            "wxpusher",
            title=words.door,
            message=words.at_door,
            image=f"media-source://media_source/local/{PICTURE}",
        )
        await self._send(
            "wecom",
            title=words.laundry,
            message=words.done,
            card_type="text_notice",
            url="https://www.home-assistant.io",
            **words.card,
        )
        await self._send(
            "pushplus", title=words.energy, message=words.markdown, format="markdown"
        )
        await self._send("pushjet", title=words.leak, message=words.in_cellar, level=5)
        page = await self._person.page.context.new_page()
        await page.set_viewport_size(_PHONES_SIZE)
        await page.clock.set_fixed_time(_NOW)
        await page.route("**/notifications.json", _at_one_time)
        await page.goto(f"{house.simulators.page_url}?theme=light")
        for provider in self._entities:
            await expect(page.locator(f"#{provider} .bubble").last).to_be_visible()
        await self._keep("phones", page.locator("body"))
        await page.close()

    async def _keep_dialog(self, name: str, dialog: FlowDialog) -> None:
        """Keep a picture of a whole dialog, with nothing behind it."""
        page = self._person.page
        before = page.viewport_size
        assert before is not None
        await page.set_viewport_size(_DIALOG_SIZE)
        await page.evaluate(_HIDE_PAGE)
        await self._keep(name, dialog.surface, sides=_MARGIN, above=_MARGIN)
        await page.set_viewport_size(before)

    async def _keep(
        self,
        name: str,
        subject: Locator,
        *,
        times: tuple[str, ...] = (),
        sides: int = 0,
        above: int = 0,
        height: float | None = None,
    ) -> None:
        """Keep a picture of a part of the page.

        Args:
            name: of the picture.
            subject: what it shows.
            times: that its clocks show, from the top.
            sides: pixels left and right of it that are shown as well.
            above: pixels above and below it.
            height: of the subject, if not all of it is shown.

        """
        page = subject.page
        await page.evaluate(_SETTLE, times)
        await page.mouse.move(0, 0)
        await page.wait_for_load_state("networkidle")
        await _wait_for_animations(page)
        box = await subject.bounding_box()
        assert box is not None
        left, top = max(box["x"] - sides, 0), max(box["y"] - above, 0)
        size = page.viewport_size
        assert size is not None
        right = min(box["x"] + box["width"] + sides, size["width"])
        bottom = min(box["y"] + (height or box["height"]) + above, size["height"])
        shot = await page.screenshot(
            clip={"x": left, "y": top, "width": right - left, "height": bottom - top},
            animations="disabled",
            caret="hide",
        )
        self._folder.mkdir(parents=True, exist_ok=True)
        picture = _small(shot)
        path = self._folder / f"{name}.png"
        path.write_bytes(picture)
        say(f"{path.relative_to(_ROOT)}: {len(picture) / 1000:.0f} kB")
        assert len(picture) <= _MAX_BYTES, path


async def _at_one_time(route: Route) -> None:
    """Show the phones with messages, which have arrived when the clock shows it."""
    answer = await route.fetch()
    page = await answer.json()
    page["services"] = [each for each in page["services"] if each["notifications"]]
    for service in page["services"]:
        for notification in service["notifications"]:
            notification["received"] = _NOW.timestamp()
    await route.fulfill(response=answer, json=page)


async def _wait_for_animations(page: Page) -> None:
    """Wait until nothing moves any more."""
    await page.evaluate(
        "Promise.all(document.getAnimations().map((each) => each.finished))"
    )


async def _beside(api: Api, entity_id: str) -> Mapping[str, Any]:
    """Return the event entity of the recipient that a notify entity is of."""
    entities = await api.command("config/entity_registry/list")
    devices = [
        entity["device_id"] for entity in entities if entity["entity_id"] == entity_id
    ]
    found: Mapping[str, Any] = next(
        entity
        for entity in entities
        if entity["device_id"] in devices and entity["entity_id"].startswith("event.")
    )
    return found


def _section_of(field: str) -> str:
    """Return the section of the action's form that has a field."""
    actions: Mapping[str, Any] = yaml.safe_load(_SERVICES.read_text(encoding="utf-8"))
    fields: Mapping[str, Mapping[str, Any]] = actions["send_message"]["fields"]
    return next(
        name for name, part in fields.items() if field in part.get("fields", ())
    )


def _small(shot: bytes) -> bytes:
    """Return a picture with no more colours than it needs to be small."""
    image = Image.open(BytesIO(shot), formats=["PNG"]).convert("RGB")
    output = BytesIO()
    image.quantize(256, dither=Image.Dither.NONE).save(output, "PNG", optimize=True)
    return output.getvalue()


async def _main() -> None:
    """Make the pictures of all languages."""
    async with running_browser() as browser:
        for screen, words in _LANGUAGES:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder).resolve()
                async with running_house(browser, path, screen) as house:
                    await Painter(house, words).paint()


if __name__ == "__main__":
    sys.exit(asyncio.run(_main()))
