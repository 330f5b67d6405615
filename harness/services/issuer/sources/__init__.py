"""Sources of credentials: how a member's tokens are had, one module each, chosen in the inventory.

A module of this folder with the name `SOURCE` is a source; nothing else lists it.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any

from harness.kinds import unknown
from harness.model import Member, Service
from harness.services.issuer.sources.base import Place, Settings, Source
from harness.services.issuer.sources.holding import Holding


@cache
def sources() -> Mapping[str, type[Source]]:
    """Return all sources by their names."""
    modules = [import_module(f"{__name__}.{one.name}") for one in pkgutil.iter_modules(__path__)]
    found = [module.SOURCE for module in modules if hasattr(module, "SOURCE")]
    return {one.name: one for one in sorted(found, key=lambda one: one.name)}


def settings_of(source: str, keys: Mapping[str, Any]) -> Settings:
    """Return the keys of a source as the inventory writes them.

    Raises
    ------
    LookupError
        where there is no such source; says which is near.
    pydantic.ValidationError
        where a key is unknown, missing or wrong.
    """
    if source not in sources():
        raise LookupError(unknown("source", source, sources()))
    return sources()[source].keys.model_validate(dict(keys))


def settings(member: Member) -> Settings:
    """Return the keys of a member's source."""
    return settings_of(member.held_by.source, member.held_by.data)


def holding(member: Member, issuer: Service) -> Holding:
    """Return what a member's source gives at an issuer."""
    return sources()[member.held_by.source].held(settings(member), issuer)


def source_of(place: Place, issuer: Service) -> Source:
    """Return the source of a member's tokens."""
    made = sources()[place.member.held_by.source]
    return made(place, settings(place.member), holding(place.member, issuer))
