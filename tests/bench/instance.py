"""A real Home Assistant in this process."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
import logging
import os
from pathlib import Path
import sys

import custom_components
from homeassistant.bootstrap import async_setup_hass
from homeassistant.core import HomeAssistant
from homeassistant.runner import RuntimeConfig

from ..demo import stand_ins
from ..demo.config import create
from .errors import BenchError

_COMPONENTS = Path(__file__).parent / "components"
_ANY_PORT = 0


@asynccontextmanager
async def running_home_assistant(folder: Path) -> AsyncGenerator[HomeAssistant]:
    """Start Home Assistant with a configuration of its own, and end it.

    Args:
        folder: is emptied first.

    """
    create(folder, _ANY_PORT)
    (stand_ins_folder,) = stand_ins.__path__
    sys.path.insert(0, stand_ins_folder)
    os.environ["PATH"] += os.pathsep + stand_ins_folder
    custom_components.__path__.append(str(_COMPONENTS))
    # Home Assistant logs to the terminal unless somebody took care of the log before.
    logging.getLogger().addHandler(logging.NullHandler())
    hass = await async_setup_hass(
        RuntimeConfig(
            config_dir=str(folder),
            log_file=str(folder / "home-assistant.log"),
            log_no_color=True,
            skip_pip=True,
        )
    )
    # Home Assistant has put its log there as well.
    sys.excepthook = sys.__excepthook__
    if hass is None or hass.config.recovery_mode:
        raise BenchError(f"Home Assistant did not start; see {folder}")
    try:
        await hass.async_start()
        await hass.async_block_till_done()
        yield hass
    finally:
        await hass.async_stop()
