"""Constants of WeChat Push."""

from typing import Final

DOMAIN: Final = "wechat_push"

CONF_CHANNEL: Final = "channel"
CONF_CONNECT_TIMEOUT: Final = "connect_timeout"
CONF_FORMAT: Final = "format"
CONF_PROVIDER: Final = "provider"
CONF_READ_TIMEOUT: Final = "read_timeout"
CONF_TARGETS: Final = "targets"

SECTION_CONNECTION: Final = "connection"

SUBENTRY_TYPE_RECIPIENT: Final = "recipient"
