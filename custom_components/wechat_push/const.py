"""Constants of WeChat Push."""

from typing import Final

DOMAIN: Final = "wechat_push"

CONF_ASK_RESULTS: Final = "ask_results"
CONF_CALLBACK_URL: Final = "callback_url"
CONF_CHANNEL: Final = "channel"
CONF_CONNECT_TIMEOUT: Final = "connect_timeout"
CONF_EMOJIS: Final = "emojis"
CONF_EXPIRES_AFTER: Final = "expires_after"
CONF_FOLLOW_REDIRECTS: Final = "follow_redirects"
CONF_FORMAT: Final = "format"
CONF_LISTEN_RESULTS: Final = "listen_results"
CONF_MEMBER: Final = "member"
CONF_NOTIFY_ACTIONS: Final = "notify_actions"
CONF_OPTIONAL: Final = "optional"
CONF_ORDINARY_WECHAT: Final = "ordinary_wechat"
CONF_OVERFLOW: Final = "overflow"
CONF_PROVIDER: Final = "provider"
CONF_PROXY: Final = "proxy"
CONF_READ_TIMEOUT: Final = "read_timeout"
CONF_REPEAT: Final = "repeat"
CONF_RETRIES: Final = "retries"
CONF_RETRY_WAIT: Final = "retry_wait"
CONF_SUMMARY: Final = "summary"
CONF_TARGETS: Final = "targets"
CONF_WHEN_DOWN: Final = "when_down"

SECTION_CONNECTION: Final = "connection"
SECTION_DEFAULTS: Final = "defaults"

SUBENTRY_TYPE_RECIPIENT: Final = "recipient"

# The keys of texts for what only Home Assistant's side can find wrong.
PROBLEM_MEDIA_NO_PERMISSION: Final = "media_no_permission"
PROBLEM_MEDIA_NOT_ALLOWED: Final = "media_not_allowed"
PROBLEM_MEDIA_NOT_FOUND: Final = "media_not_found"
PROBLEM_MEDIA_SCHEME: Final = "media_scheme"
PROBLEM_NO_EXTERNAL_URL: Final = "no_external_url"
PROBLEM_NOT_A_PICTURE: Final = "not_a_picture"
