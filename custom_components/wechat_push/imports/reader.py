"""Read what a person has pasted: addresses, or the YAML of notify platforms."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import yaml

from .address import Address, AddressError, parse_address, shown, split_addresses

_APPRISE: Final = "apprise"
_WEWORK: Final = "wework_notify"
# Bound of what is looked at: nobody has so many accounts.
_MAX_FOUND: Final = 50
_MAX_LENGTH: Final = 20_000


@dataclass(frozen=True, kw_only=True, slots=True)
class NotRead:
    """Something that could not be read.

    Args:
        text: as much of it as can be shown.
        reason: key of the text that says why.

    """

    text: str
    reason: str


type Found = Address | NotRead


def read(text: str) -> list[Found]:
    """Return the addresses in a text, and what of it is none."""
    if len(text) > _MAX_LENGTH:
        return [NotRead(text=text[:4], reason="import_too_long")]
    try:
        parsed = yaml.safe_load(text)
    except yaml.YAMLError:
        # Addresses may hold what YAML does not know. Only whole documents have keys.
        parsed = None
        if "platform:" in text:
            return [NotRead(text="YAML", reason="import_yaml")]
    found = _from_yaml(parsed) if isinstance(parsed, dict | list) else _from_lines(text)
    return list(_bounded(found))


def _bounded(found: Iterator[Found]) -> Iterator[Found]:
    for number, each in enumerate(found):
        if number == _MAX_FOUND:
            yield NotRead(text="…", reason="import_too_long")
            return
        yield each


def _from_lines(text: str) -> Iterator[Found]:
    for address in split_addresses(text):
        yield _parse(address)


def _parse(text: str) -> Found:
    try:
        return parse_address(text)
    except AddressError as err:
        return NotRead(text=err.text, reason="import_no_address")


def _from_yaml(parsed: Any) -> Iterator[Found]:
    """Read the configuration of Home Assistant, of a platform, or Apprise's own."""
    match parsed:
        case {"notify": platforms}:
            yield from _from_yaml(platforms)
        case {"platform": "apprise"}:
            yield from _from_apprise(parsed)
        case {"platform": "wework_notify"}:
            yield _from_wework(parsed)
        case {"platform": platform}:
            yield NotRead(text=str(platform)[:40], reason="import_other_platform")
        case {"urls": urls}:
            yield from _from_urls(urls)
        case list():
            for each in parsed:
                yield from _from_yaml(each)
        case str() if "://" in parsed:
            yield from _from_lines(parsed)
        case dict() if any("://" in str(key) for key in parsed):
            yield from _from_urls(parsed)
        case _:
            yield NotRead(text=shown(str(parsed)), reason="import_no_address")


def _from_apprise(platform: dict[Any, Any]) -> Iterator[Found]:
    """Read a notify platform of Apprise."""
    urls = platform.get("url") or []
    found = [
        each
        for url in ([urls] if isinstance(urls, str) else urls)
        for each in _from_lines(str(url))
    ]
    match found:
        case [Address() as address]:
            # The notifier is this one; several of them are a group.
            yield replace(address, name=_name(platform))
        case _:
            yield from found
    if path := platform.get("config"):
        # Its content has to be pasted: it may lie on another machine.
        yield NotRead(text=str(path)[-40:], reason="import_config_file")


def _from_urls(urls: Any) -> Iterator[Found]:
    """Read the addresses of Apprise's YAML, each with arguments of its own or none."""
    match urls:
        case str():
            yield from _from_lines(urls)
        case list():
            for each in urls:
                yield from _from_urls(each)
        case dict():
            for url, variants in urls.items():
                address = _parse(str(url))
                if isinstance(address, NotRead):
                    yield address
                    continue
                if not isinstance(variants, list):
                    variants = [variants]
                for arguments in variants:
                    named = arguments if isinstance(arguments, dict) else {}
                    yield address.with_arguments(named)


def _from_wework(platform: dict[Any, Any]) -> Found:
    """Read a notify platform of ha-wework_notify."""
    fields = {
        str(key).lower(): "|".join(map(str, value))
        if isinstance(value, list)
        else str(value)
        for key, value in platform.items()
        if value is not None
    }
    if any(not fields.get(key) for key in ("corpid", "agentid", "secret")):
        return NotRead(text=_WEWORK, reason="import_incomplete")
    known = {"platform", "name", "corpid", "agentid", "secret", "touser"}
    targets = fields.get("touser", "@all").split("|")
    return Address(
        schema=_WEWORK,
        user=fields["corpid"],
        password=fields["secret"],
        host=fields["agentid"],
        path=tuple(target.strip() for target in targets if target.strip()),
        arguments={key: value for key, value in fields.items() if key not in known},
        name=_name(platform),
    )


def _name(platform: dict[Any, Any]) -> str:
    """Return the name of a notify platform; empty if it has none."""
    return str(platform.get("name") or "")
