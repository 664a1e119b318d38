"""A Home Assistant in a process of its own, which can be killed.

It tells on its standard output, line by line, what its accounts do.
"""

import argparse
import asyncio
import logging
from pathlib import Path
import sys

from custom_components.wechat_push.const import DOMAIN
from homeassistant import bootstrap, loader
from homeassistant.config_entries import ConfigEntries
from homeassistant.core import HomeAssistant
from homeassistant.core_config import async_process_ha_core_config
from homeassistant.helpers.signal import async_register_signal_handling
from homeassistant.setup import async_setup_component
from tests.samples import entity_ids, send

# Begin lines; a number follows.
SENT = "sent"
WAITING = "waiting"

# So many messages are sent to each recipient at the same time.
_AT_ONCE = 50


def tell(what: str, number: int) -> None:
    """Write a line that is read even if this is the last one."""
    sys.stdout.write(f"{what} {number}\n")
    sys.stdout.flush()


async def started(folder: Path, port: int) -> HomeAssistant:
    """Return a Home Assistant that has what the accounts need, and no more."""
    hass = HomeAssistant(str(folder))
    hass.config.skip_pip = True
    loader.async_setup(hass)
    hass.config_entries = ConfigEntries(hass, {})
    await bootstrap.async_load_base_functionality(hass)
    await async_process_ha_core_config(hass, {})
    http = {"server_host": "127.0.0.1", "server_port": port}
    for component in ("homeassistant", "http", DOMAIN):
        assert await async_setup_component(hass, component, {"http": http})
    async_register_signal_handling(hass)
    await hass.async_start()
    return hass


async def send_one(hass: HomeAssistant, entity_id: str, number: int) -> None:
    """Send one message, and tell when it is taken care of."""
    await send(hass, f"Message {number}.", entity_id=entity_id)
    tell(SENT, number)


async def live(folder: Path, port: int, messages: int) -> None:
    """Send messages to each recipient, then live until somebody ends it."""
    hass = await started(folder, port)
    (entry,) = hass.config_entries.async_loaded_entries(DOMAIN)
    delivery = entry.runtime_data.delivery
    tell(WAITING, delivery.queued)
    delivery.async_listen(lambda: tell(WAITING, delivery.queued))
    for start in range(0, messages, _AT_ONCE):
        await asyncio.gather(
            *(
                send_one(hass, entity_id, number)
                for number in range(start, min(start + _AT_ONCE, messages))
                for entity_id in entity_ids(hass)
            )
        )
    await hass.async_block_till_done()
    stopped = asyncio.Event()
    hass.bus.async_listen_once("homeassistant_close", lambda _: stopped.set())
    await stopped.wait()


def main() -> None:
    """Read the command line and live."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("port", type=int, help="for its web server, which nobody asks")
    parser.add_argument("messages", type=int)
    chosen = parser.parse_args()
    logging.basicConfig(level=logging.WARNING)
    asyncio.run(live(chosen.folder, chosen.port, chosen.messages))


if __name__ == "__main__":
    main()
