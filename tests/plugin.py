"""An early pytest plugin: mends what the test package of 2026.10 lacks for 2026.11."""

# To be dropped when a release of pytest-homeassistant-custom-component for 2026.11 is
# out. The order of the imports is the point: Home Assistant 2026.11 gives httpx2 the name
# httpx, which must happen before respx imports httpx; and the patches must be in place
# before anything imports the functions that they replace.
# isort: off
import homeassistant  # noqa: F401
from pytest_homeassistant_custom_component import patch_json  # noqa: F401
from pytest_homeassistant_custom_component import patch_recorder  # noqa: F401
from pytest_homeassistant_custom_component import patch_time  # noqa: F401
from homeassistant.components import logger
from homeassistant.components.logger import helpers
# isort: on

# 2026.11 has moved it to the helpers; the test package still wants it in the old place.
_MOVED = "_clear_logger_overwrites"
if not hasattr(logger, _MOVED):
    setattr(logger, _MOVED, getattr(helpers, _MOVED))
