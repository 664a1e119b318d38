"""A Home Assistant in a process of its own, which can be killed.

Its standard input takes calls of actions, each a line of JSON with a mark and maybe a file
of its own; a line with a known mark and nothing else cancels the call. Its standard output
tells what becomes of them, and what its accounts do.
"""

import argparse
import asyncio
from collections.abc import Callable
import json
import logging
from pathlib import Path
import sys
from typing import Any, Final

from custom_components.wechat_push.account import Account, async_get_accounts
from custom_components.wechat_push.const import DOMAIN
from homeassistant import bootstrap, loader
from homeassistant.config_entries import ConfigEntries
from homeassistant.const import EVENT_HOMEASSISTANT_STARTED
from homeassistant.core import HomeAssistant, callback
from homeassistant.core_config import async_process_ha_core_config
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.setup import async_setup_component

# The configuration of automations and scripts, in the folder of the house.
CONFIGURATION: Final = "house.json"

# Keys of the lines that are written.
READY: Final = "ready"
ACCOUNT: Final = "account"
QUEUED: Final = "queued"
MARK: Final = "mark"
ANSWER: Final = "answer"
ERROR: Final = "error"
HANDED_OVER: Final = "handed_over"

_MAX_LINE: Final = 1024 * 1024


def tell(**fields: Any) -> None:
    """Write a line that is read even if this is the last one."""
    sys.stdout.write(f"{json.dumps(fields)}\n")
    sys.stdout.flush()


async def prepared(folder: Path, port: int) -> HomeAssistant:
    """Return a Home Assistant that has what the accounts need, and no more."""
    hass = HomeAssistant(str(folder))
    hass.config.skip_pip = True
    loader.async_setup(hass)
    hass.config_entries = ConfigEntries(hass, {})
    await bootstrap.async_load_base_functionality(hass)
    await async_process_ha_core_config(hass, {"allowlist_external_dirs": [str(folder)]})
    file = folder / CONFIGURATION
    config = json.loads(file.read_text()) if file.exists() else {}
    config["http"] = {"server_host": "127.0.0.1", "server_port": port}
    for component in ("homeassistant", "http", DOMAIN, "script", "automation"):
        assert await async_setup_component(hass, component, config)
    return hass


async def call(hass: HomeAssistant, mark: str, action: str, data: Any) -> None:
    """Call an action, and tell what came of it."""
    domain, name = action.split(".")
    answers = domain == DOMAIN
    try:
        answer = await hass.services.async_call(
            domain, name, data, blocking=True, return_response=answers
        )
    except HomeAssistantError as err:
        tell(mark=mark, error=err.translation_key)
    else:
        tell(mark=mark, answer=answer)


async def obey(hass: HomeAssistant) -> None:
    """Do what the standard input says."""
    lines = asyncio.StreamReader(limit=_MAX_LINE)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    calls: dict[str, asyncio.Task[None]] = {}
    while line := await lines.readline():
        order = json.loads(line)
        if (running := calls.pop(order[MARK], None)) is not None:
            running.cancel()
        else:
            calls[order[MARK]] = loop.create_task(call(hass, **order))


def listen(hass: HomeAssistant, account: Account) -> None:
    """Tell how many messages of an account wait, whenever that changes."""

    @callback
    def changed() -> None:
        tell(account=account.entry.entry_id, queued=account.delivery.queued)

    changed()
    async_dispatcher_connect(hass, account.signal_changed, changed)


async def live(folder: Path, port: int) -> None:
    """Live until somebody ends it."""
    hass = await prepared(folder, port)
    for account in async_get_accounts(hass):
        listen(hass, account)

    @callback
    def started(_: object) -> None:
        tell(ready=True)

    hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STARTED, started)
    obeying = asyncio.create_task(obey(hass))
    await hass.async_run()
    obeying.cancel()


def main(loop_factory: Callable[[], asyncio.AbstractEventLoop] | None = None) -> None:
    """Read the command line and live."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("port", type=int, help="for its web server, which nobody asks")
    chosen = parser.parse_args()
    logging.basicConfig(level=logging.ERROR)
    asyncio.run(live(chosen.folder, chosen.port), loop_factory=loop_factory)


if __name__ == "__main__":
    main()
