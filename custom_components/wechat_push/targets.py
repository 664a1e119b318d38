"""Targets of actions: the recipients that a call names, groups included."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import voluptuous as vol

from homeassistant.auth.permissions.const import POLICY_CONTROL
from homeassistant.components.notify import DOMAIN as NOTIFY_DOMAIN
from homeassistant.const import ATTR_ENTITY_ID, ENTITY_MATCH_ALL, ENTITY_MATCH_NONE
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import Unauthorized
from homeassistant.helpers import config_validation as cv, entity_registry as er
from homeassistant.helpers.entity_platform import DATA_DOMAIN_PLATFORM_ENTITIES
from homeassistant.helpers.target import (
    TargetSelection,
    async_extract_referenced_entity_ids,
)

from .const import DOMAIN
from .errors import not_reached, validation_error
from .fields import clean
from .notify import RecipientNotifyEntity
from .permission import async_controls

# Only newer versions of Home Assistant have it.
_EXCLUDE: Final = "exclude"
_METADATA: Final = "metadata"
# Integrations whose notify entities lead to recipients.
_LEADING: Final = frozenset({DOMAIN, "group"})
TARGET_FIELDS: Final = frozenset(
    {*(str(key) for key in cv.ENTITY_SERVICE_FIELDS), _METADATA}
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Targets:
    """The targets of a call.

    Args:
        entities: the recipients, by entity ID and in its order.
        unreached: entities, devices and so on that were named in vain.

    """

    entities: Mapping[str, RecipientNotifyEntity]
    unreached: tuple[str, ...]


@dataclass(kw_only=True, slots=True)
class _Named:
    """What a selection names, with the members of groups.

    Args:
        members: of each entity, the entity itself if it is no group.
        listed: entities that were named themselves.
        missing: what else was named and does not exist.

    """

    members: dict[str, list[str]] = field(default_factory=dict)
    listed: set[str] = field(default_factory=set)
    missing: set[str] = field(default_factory=set)
    touched: set[str] = field(default_factory=set)


async def async_resolve_targets(
    hass: HomeAssistant, target: Mapping[str, Any], context: Context
) -> Targets:
    """Return the recipients that a call names, as Home Assistant resolves targets.

    Unlike there, groups of notify entities stand for their members.

    Args:
        hass: Home Assistant.
        target: of the call.
        context: of the call; its user needs the permission to control all of it.

    Raises:
        ServiceValidationError: the target is invalid, or names no recipient.
        Unauthorized: the user may not control something that is named.

    """
    given = _checked(target)
    ours = _recipients(hass)
    allowed = await async_controls(hass, context)
    excluded = _named(hass, given[_EXCLUDE]).touched if _EXCLUDE in given else set()
    if given.get(ATTR_ENTITY_ID) == ENTITY_MATCH_ALL:
        reached = {
            entity_id
            for entity_id, entity in ours.items()
            if entity_id not in excluded and entity.available and allowed(entity_id)
        }
        unreached: set[str] = set()
    else:
        named = _named(hass, given)
        for entity_id in sorted(named.touched - excluded):
            if not allowed(entity_id):
                raise Unauthorized(
                    context=context, entity_id=entity_id, permission=POLICY_CONTROL
                )
        reached, unreached = _sort(hass, ours, named, excluded)
    if not reached and given.get(ATTR_ENTITY_ID) != ENTITY_MATCH_NONE:
        raise (
            not_reached(sorted(unreached))
            if unreached
            else validation_error("no_recipient", {})
        )
    return Targets(
        entities={entity_id: ours[entity_id] for entity_id in sorted(reached)},
        unreached=tuple(sorted(unreached)),
    )


def _checked(target: Mapping[str, Any]) -> dict[str, Any]:
    """Return a target that Home Assistant understands.

    Raises:
        ServiceValidationError: it is invalid.

    """
    given = {
        key: each
        for key, value in target.items()
        if key != _METADATA and (each := clean(key, value)) is not None
    }
    if not given:
        raise validation_error("target_missing", {})
    try:
        checked: dict[str, Any] = cv.make_entity_service_schema(None)(given)
    except (vol.Invalid, LookupError, TypeError, ValueError) as err:
        raise validation_error("target_invalid", {}) from err
    return checked


def _recipients(hass: HomeAssistant) -> dict[str, RecipientNotifyEntity]:
    """Return the entities of all recipients."""
    entities = hass.data.get(DATA_DOMAIN_PLATFORM_ENTITIES, {})
    return {
        entity_id: entity
        for entity_id, entity in entities.get((NOTIFY_DOMAIN, DOMAIN), {}).items()
        if isinstance(entity, RecipientNotifyEntity)
    }


def _named(hass: HomeAssistant, selection: Mapping[str, Any]) -> _Named:
    """Return what a selection names."""
    selected = async_extract_referenced_entity_ids(
        hass, TargetSelection(dict(selection)), expand_group=False
    )
    named = _Named(
        listed={*selected.referenced},
        missing={
            *selected.missing_devices,
            *selected.missing_areas,
            *selected.missing_floors,
            *selected.missing_labels,
        },
    )
    for entity_id in selected.referenced | selected.indirectly_referenced:
        seen: dict[str, bool] = {}
        _expand(hass, entity_id, seen)
        named.members[entity_id] = [
            each for each, is_group in seen.items() if not is_group
        ]
        named.touched.update(seen)
    return named


def _expand(hass: HomeAssistant, entity_id: str, seen: dict[str, bool]) -> None:
    """Note an entity and, if it is a group, its members; tell which are groups."""
    if entity_id in seen:
        return
    state = hass.states.get(entity_id)
    members: Any = None if state is None else state.attributes.get(ATTR_ENTITY_ID)
    seen[entity_id] = isinstance(members, list | tuple)
    for member in members if seen[entity_id] else ():
        _expand(hass, str(member), seen)


def _sort(
    hass: HomeAssistant,
    ours: Mapping[str, RecipientNotifyEntity],
    named: _Named,
    excluded: set[str],
) -> tuple[set[str], set[str]]:
    """Return the recipients that can be reached, and what was named in vain."""
    reached: set[str] = set()
    unreached = {*named.missing}
    for entity_id, members in named.members.items():
        if entity_id in excluded:
            continue
        wanted = [each for each in members if each not in excluded]
        found = {
            each for each in wanted if (entity := ours.get(each)) and entity.available
        }
        lost = {each for each in wanted if each not in found and _is_lost(hass, each)}
        reached |= found
        unreached |= lost
        if entity_id in named.listed and not found and not lost:
            unreached.add(entity_id)
    return reached, unreached


def _is_lost(hass: HomeAssistant, entity_id: str) -> bool:
    """Return if an entity is missing, or one of ours or a group that is unavailable."""
    registered = er.async_get(hass).async_get(entity_id)
    if registered is None:
        return hass.states.get(entity_id) is None
    return (
        registered.domain == NOTIFY_DOMAIN
        and registered.platform in _LEADING
        and registered.disabled_by is None
    )
