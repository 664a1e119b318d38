"""The clients are a library: they run where there is no Home Assistant."""

import ast
import asyncio
from pathlib import Path
import subprocess
import sys
import textwrap
from typing import Any

import aiohttp
import pytest

from custom_components.wechat_push import clients
from custom_components.wechat_push.clients import (
    Client,
    Message,
    PushjetTarget,
    PushPlusClient,
    PushPlusTarget,
    UnreachableError,
    WeComClient,
    WeComTarget,
    WxPusherClient,
    WxPusherTarget,
)
from tests.simulators import WxPusher
from tests.simulators.wxpusher_accounts import APP_TOKEN, UID_ZHANG

from .common import Service, endpoint

ROOT = Path(clients.__file__).parents[3]
FOLDER = Path(clients.__file__).parent

# Lets nobody import Home Assistant, and the library be imported by its own name.
WITHOUT_HOME_ASSISTANT = """
import sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("homeassistant", "custom_components"):
            raise ModuleNotFoundError(f"there is no {name} here")

sys.meta_path.insert(0, Refuse())
sys.path.insert(0, sys.argv[1])
"""
# The example speaks to the official address, which a test cannot reach.
ELSEWHERE = """
import clients.wxpusher.client
clients.wxpusher.client.DEFAULT_URL = sys.argv[2]
"""


async def run(program: str, *arguments: str) -> str:
    """Run a program in a Python of its own; return what it prints."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        program,
        *arguments,
        cwd="/",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    printed, _ = await process.communicate()
    assert process.returncode == 0, printed.decode()
    return printed.decode()


def example() -> str:
    """Return the example of the documentation, as it stands there."""
    blocks = (clients.__doc__ or "").partition("A first message:\n\n")[2]
    lines = blocks.splitlines()
    end = next(
        number for number, line in enumerate(lines) if line and not line[0].isspace()
    )
    return textwrap.dedent("\n".join(lines[:end])).strip()


async def test_example(wxpusher: WxPusher) -> None:
    """The example of the documentation sends a message."""
    wxpusher.apps["AT_..."] = wxpusher.apps[APP_TOKEN]
    wxpusher.apps["AT_..."].followers["UID_..."] = wxpusher.apps[APP_TOKEN].followers[
        UID_ZHANG
    ]
    program = WITHOUT_HOME_ASSISTANT + ELSEWHERE + example()
    printed = await run(program, str(FOLDER.parent), wxpusher.url)
    assert printed.startswith("Receipt(accepted=(Accepted(target='UID_...'")
    (shown,) = wxpusher.notifications
    assert (shown.recipient, shown.text) == ("UID_...", "Hello")


def test_example_is_short() -> None:
    """A first message takes eight lines."""
    assert len([line for line in example().splitlines() if line]) <= 8


async def test_every_module_without_home_assistant() -> None:
    """No module of the library needs Home Assistant, wherever it imports it."""
    modules = [
        ".".join(path.relative_to(FOLDER.parent).with_suffix("").parts)
        for path in FOLDER.rglob("*.py")
    ]
    assert len(modules) > 20
    program = f"{WITHOUT_HOME_ASSISTANT}\nimport importlib\n" + "\n".join(
        f"importlib.import_module({name.removesuffix('.__init__')!r})"
        for name in modules
    )
    await run(program, str(FOLDER.parent))


def test_nothing_imported_from_above() -> None:
    """No module of the library imports what is not in it, not even in a function."""
    for path in FOLDER.rglob("*.py"):
        depth = len(path.relative_to(FOLDER).parts)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                assert node.level <= depth, path
                assert not (node.module or "").startswith("homeassistant"), path
            if isinstance(node, ast.Import):
                assert not any(
                    each.name.startswith("homeassistant") for each in node.names
                ), path


async def test_nothing_to_install() -> None:
    """Markdown and characters are read without a package that has to be installed."""
    program = f"""{WITHOUT_HOME_ASSISTANT}
import sys
from clients import Endpoint, Format, Message, PushjetClient, PushjetTarget
client = PushjetClient(None, Endpoint(url="http://127.0.0.1"))
message = Message(text="**\u0e19\u0e49\u0e33** " * 10_000, format=Format.MARKDOWN)
print(len(client.prepare(message, PushjetTarget(secret="s"))))
print({{"markdown_it", "regex"}} & {{*sys.modules}})
"""
    assert await run(program, str(FOLDER.parent)) == "2\nset()\n"


@pytest.mark.parametrize(
    ("client", "target", "address"),
    [
        (
            WxPusherClient(app_token="a"),
            WxPusherTarget.of("u"),
            "https://wxpusher.zjiecode.com/",
        ),
        (
            WeComClient(corp_id="c", agent_id=1, secret="s"),
            WeComTarget.of("u"),
            "https://qyapi.weixin.qq.com/",
        ),
        (PushPlusClient(token="t"), PushPlusTarget(), "https://www.pushplus.plus/"),
    ],
    ids=["wxpusher", "wecom", "pushplus"],
)
async def test_default_endpoints(
    client: Client[Any],
    target: object,
    address: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where a service has an official address, it need not be given."""
    asked: list[str] = []

    def request(
        session: aiohttp.ClientSession, method: str, url: str, **_: object
    ) -> None:
        asked.append(url)
        raise aiohttp.InvalidURL(url)

    monkeypatch.setattr(aiohttp.ClientSession, "request", request)
    with pytest.raises(UnreachableError):
        await client.deliver(Message(text="a"), target)
    assert asked[0].startswith(address)


async def test_session_is_closed(
    service: Service, wxpusher: WxPusher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A session that was opened for a request is closed after it."""
    opened: list[aiohttp.ClientSession] = []
    create = aiohttp.ClientSession.__init__

    def note(session: aiohttp.ClientSession, *args: object, **kwargs: object) -> None:
        opened.append(session)
        create(session, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(aiohttp.ClientSession, "__init__", note)
    await service.connect(None, endpoint(wxpusher)).reach()
    assert [session.closed for session in opened] == [True]


@pytest.mark.parametrize(
    ("target", "same"),
    [
        (WxPusherTarget.of("UID_a"), WxPusherTarget(uids=("UID_a",))),
        (
            WxPusherTarget.of("UID_a", 1, "UID_b", 2),
            WxPusherTarget(uids=("UID_a", "UID_b"), topic_ids=(1, 2)),
        ),
        (WeComTarget.of("zhangsan"), WeComTarget(users=("zhangsan",))),
        (
            WeComTarget.of("zhangsan", "#1", "+2"),
            WeComTarget(users=("zhangsan",), departments=(1,), tags=(2,)),
        ),
        (WeComTarget.of("@all"), WeComTarget(everyone=True)),
        (WeComTarget.of(), WeComTarget()),
        (PushPlusTarget(), PushPlusTarget(topic=None, friends=())),
        (PushjetTarget(secret="s"), PushjetTarget(secret="s", public="service")),
    ],
)
def test_short_targets(target: object, same: object) -> None:
    """A target is written as people write it."""
    assert target == same
