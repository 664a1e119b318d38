"""Permissions of the person who attaches a medium."""

from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.core import Context, HomeAssistant

from ..clients.errors import ContentError
from ..const import PROBLEM_MEDIA_NO_PERMISSION


async def async_check_read(
    hass: HomeAssistant, context: Context | None, entity_id: str
) -> None:
    """Check that the caller of an action may read an entity.

    Args:
        hass: Home Assistant.
        context: of the call; without a user, as in automations, everything is allowed.
        entity_id: of a camera, an image or a media player.

    Raises:
        ContentError: it is not allowed.

    """
    if context is None or context.user_id is None:
        return
    user = await hass.auth.async_get_user(context.user_id)
    if user is None or not user.permissions.check_entity(entity_id, POLICY_READ):
        raise ContentError(PROBLEM_MEDIA_NO_PERMISSION, name=entity_id[:100])


async def async_refresh_token_id(
    hass: HomeAssistant, context: Context | None
) -> str | None:
    """Return a refresh token of the caller; None if no person called.

    Raises:
        ContentError: the caller is unknown, or has none.

    """
    if context is None or context.user_id is None:
        return None
    user = await hass.auth.async_get_user(context.user_id)
    for token_id in user.refresh_tokens if user else ():
        return token_id
    raise ContentError(PROBLEM_MEDIA_NO_PERMISSION, name="?")
