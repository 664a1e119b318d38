"""A tour of WeChat Push in a real Home Assistant."""

from typing import Final

# Not imported from the integration, which would bring in all of Home Assistant.
DOMAIN: Final = "wechat_push"
