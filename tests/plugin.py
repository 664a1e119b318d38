"""Early pytest plugin: options, and fixes for the test package on Home Assistant 2026.11."""

# Drop the fixes when a release of pytest-homeassistant-custom-component for 2026.11 is
# out. The order of the imports matters: Home Assistant 2026.11 gives httpx2 the name
# httpx, which must happen before respx imports httpx; and the patches must be in place
# before anything imports the functions that they replace.
# isort: off
import homeassistant  # noqa: F401
from pytest_homeassistant_custom_component import patch_json  # noqa: F401
from pytest_homeassistant_custom_component import patch_recorder  # noqa: F401
from pytest_homeassistant_custom_component import patch_time  # noqa: F401
from homeassistant.components import logger
from homeassistant.components.logger import helpers
import pytest
# isort: on

# 2026.11 moved it to the helpers; the test package imports it from the old place.
_MOVED = "_clear_logger_overwrites"
if not hasattr(logger, _MOVED):
    setattr(logger, _MOVED, getattr(helpers, _MOVED))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of this suite."""
    parser.addoption(
        "--loop-debug",
        action="store_true",
        help="run every event loop in asyncio's debug mode, which doubles the CPU time",
    )
