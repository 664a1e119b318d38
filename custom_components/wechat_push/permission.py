"""Permissions of the users who call actions."""

from collections.abc import Callable

from homeassistant.auth.models import User
from homeassistant.auth.permissions.const import POLICY_CONTROL, POLICY_READ
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import Unauthorized, UnknownUser

from .clients.errors import ContentError
from .clients.message import shortened
from .const import PROBLEM_MEDIA_NO_PERMISSION


async def async_caller(hass: HomeAssistant, context: Context) -> User | None:
    """Return the user who calls; None if Home Assistant itself does, as automations.

    Args:
        hass: Home Assistant.
        context: of the call.

    Raises:
        UnknownUser: the user is gone.

    """
    if not context.user_id:
        return None
    if (user := await hass.auth.async_get_user(context.user_id)) is None:
        raise UnknownUser(context=context)
    return user


async def async_controls(
    hass: HomeAssistant, context: Context
) -> Callable[[str], bool]:
    """Return what tells whether the caller may control an entity.

    Args:
        hass: Home Assistant.
        context: of the call.

    Raises:
        UnknownUser: the user is gone.

    """
    if (user := await async_caller(hass, context)) is None:
        return lambda entity_id: True
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


async def async_check_read(
    hass: HomeAssistant, entity_id: str, context: Context
) -> None:
    """Check that the caller may read an entity whose picture is attached.

    Args:
        hass: Home Assistant.
        entity_id: of a camera, an image or a media player.
        context: of the call.

    Raises:
        ContentError: the user may not.
        UnknownUser: the user is gone.

    """
    user = await async_caller(hass, context)
    if user is not None and not user.permissions.check_entity(entity_id, POLICY_READ):
        raise ContentError(PROBLEM_MEDIA_NO_PERMISSION, name=shortened(entity_id))


async def async_refresh_token_id(hass: HomeAssistant, context: Context) -> str | None:
    """Return a refresh token of the caller; None if Home Assistant itself calls.

    Args:
        hass: Home Assistant.
        context: of the call.

    Raises:
        ContentError: the user has none.
        UnknownUser: the user is gone.

    """
    if (user := await async_caller(hass, context)) is None:
        return None
    for token_id in user.refresh_tokens:
        return token_id
    raise ContentError(PROBLEM_MEDIA_NO_PERMISSION, name="?")
