"""Permissions of the users who call actions."""

from collections.abc import Callable

from homeassistant.auth.permissions.const import POLICY_CONTROL
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import Unauthorized, UnknownUser


async def async_controls(
    hass: HomeAssistant, context: Context
) -> Callable[[str], bool]:
    """Return what tells whether the caller may control an entity.

    Args:
        hass: Home Assistant.
        context: of the call; what Home Assistant itself calls has no user.

    Raises:
        UnknownUser: the user is gone.

    """
    if not context.user_id:
        return lambda entity_id: True
    if (user := await hass.auth.async_get_user(context.user_id)) is None:
        raise UnknownUser(context=context)
    check = user.permissions.check_entity
    return lambda entity_id: check(entity_id, POLICY_CONTROL)


async def async_check_control(
    hass: HomeAssistant, entity_id: str, context: Context
) -> None:
    """Check that the caller may control an entity.

    Args:
        hass: Home Assistant.
        entity_id: of the entity.
        context: of the call.

    Raises:
        Unauthorized: the user may not.
        UnknownUser: the user is gone.

    """
    if not (await async_controls(hass, context))(entity_id):
        raise Unauthorized(
            context=context, entity_id=entity_id, permission=POLICY_CONTROL
        )
