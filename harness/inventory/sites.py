"""The sites of an inventory and their services, and which site is whose home."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from harness import kinds, names
from harness.budget import Budget
from harness.errors import InventoryError
from harness.inventory.records import listed, mapping, parse, shown, told
from harness.model import ISSUER, Infrastructure, Service, Settings, Site

_COMMON_KEYS = frozenset({"type", "endpoint", "implementation", "audience", "capabilities"})
"""The inventory keys of every service; others are its kind's."""


def sites_of(
    path: Path,
    hosts: Mapping[str, Mapping[str, Any]],
    infrastructures: Sequence[Infrastructure],
) -> tuple[Site, ...]:
    """Return the sites, in the order in which the inventory names them.

    Raises
    ------
    InventoryError
        where a service belongs to no site, a site to two infrastructures, a site lists a service twice,
        or it is not clear which site is the home of an infrastructure's users.
    """
    found: dict[str, _Found] = {}
    for host, fields in hosts.items():
        site = _site_of(path, host, fields, infrastructures)
        if site is not None:
            known = found.setdefault(site.name, site)
            known.add(path, site)
    homes = {_home(path, one.name, list(found.values())) for one in infrastructures}
    return tuple(
        Site(
            name=one.name,
            infrastructure=one.owner,
            services=tuple(one.services.values()),
            budget=one.budget or Budget(),
            home=one.name in homes,
        )
        for one in found.values()
    )


@dataclass
class _Found:
    """A site as one host tells of it, to which other hosts add."""

    name: str
    owner: str
    """Its infrastructure."""
    host: str
    is_home: bool
    budget: Budget | None = None
    services: dict[tuple[str, str], Service] = field(default_factory=dict)
    """By type and endpoint."""

    def add(self, path: Path, more: _Found) -> None:
        """Take over what another host tells of the site."""
        if more is self:
            return
        if more.owner != self.owner:
            raise InventoryError(
                f"{path}: the site {self.name} belongs to two infrastructures: {self.owner} "
                f"(host {self.host}) and {more.owner} (host {more.host}). Give each its own name."
            )
        self.is_home |= more.is_home
        if None not in (self.budget, more.budget) and self.budget != more.budget:
            raise InventoryError(
                f"{path}: the site {self.name} has two budgets: at host {self.host} and at host "
                f"{more.host}. Write one only, in the `vars` of the site's group."
            )
        self.budget = self.budget or more.budget
        for service in more.services.values():
            self.offer(path, service)

    def offer(self, path: Path, service: Service) -> None:
        """Take a service over; no two are the same."""
        key = (service.type, service.endpoint.rstrip("/").lower())
        if other := self.services.get(key):
            raise InventoryError(
                f"{path}: the site {self.name} lists {service.type} {service.endpoint} twice: at host "
                f"{other.host} and at host {service.host}. Remove one."
            )
        self.services[key] = service


def _site_of(
    path: Path,
    host: str,
    fields: Mapping[str, Any],
    infrastructures: Sequence[Infrastructure],
) -> _Found | None:
    """Return the site of a host, with the host's services; None of a host that belongs to none."""
    site, offered = (
        fields.get("site"),
        listed(path, f"host {host}: services", fields.get("services")),
    )
    if site is None:
        if offered:
            raise InventoryError(
                f"{path}: host {host}: it offers services but belongs to no site. Set `site` for the host "
                "or for its group."
            )
        return None
    known = [one.name for one in infrastructures]
    owner = fields.get("infrastructure_name")
    if owner not in known:
        raise InventoryError(
            f"{path}: host {host}: `infrastructure_name` is {owner!r}; known are {', '.join(known)}. "
            "Set it for the group of the infrastructure."
        )
    try:
        site = names.SITE.checked(site)
    except ValueError as error:
        raise InventoryError(f"{path}: host {host}: {error}") from error
    if site in known:
        raise InventoryError(
            f"{path}: host {host}: the site {site} has the name of an infrastructure, so a route to it "
            "could mean either. Rename the site."
        )
    given = fields.get("budget")
    found = _Found(
        site,
        str(owner),
        host,
        is_home=truth(path, host, "home", fields.get("home")),
        budget=None
        if given is None
        else parse(path, f"host {host}: budget", Budget, mapping(path, "budget", given)),
    )
    for number, service in enumerate(offered):
        found.offer(path, _service(path, f"host {host}: services[{number}]", service, host, fields))
    return found


def truth(path: Path, host: str, key: str, value: Any) -> bool:
    """Return `home` or `disturb`, which an INI file has as a word; false where there is none.

    Raises
    ------
    InventoryError
        where it is neither true nor false.
    """
    try:
        return value is not None and TypeAdapter(bool).validate_python(value)
    except ValidationError as error:
        raise InventoryError(
            f"{path}: host {host}: {key}: true or false is expected (found {shown(value)})."
        ) from error


def _service(path: Path, where: str, given: Any, host: str, fields: Mapping[str, Any]) -> Service:
    """Return a service; what its kind alone knows is checked by the kind."""
    keys = mapping(path, where, given)
    try:
        kind = kinds.registry().of(str(keys.get("type")))
    except LookupError as error:
        raise InventoryError(f"{path}: {where}: {error}.") from error
    place = {
        "host": host,
        "site": fields.get("site"),
        "infrastructure": fields.get("infrastructure_name"),
        "token_profile": fields.get("token_profile"),
    }
    common = {key: value for key, value in keys.items() if key in _COMMON_KEYS}
    if common.get("capabilities", ()) is None:
        del common["capabilities"]
    made = parse(path, where, Service, common | place)
    own = {key: value for key, value in keys.items() if key not in _COMMON_KEYS}
    known = kind.keys(made.type)
    for word in sorted(own.keys() - known):
        said = kinds.unknown("key", word, {*known, *_COMMON_KEYS})
        raise InventoryError(f"{path}: {where} ({made.type}): {said}.")
    try:
        endpoint = kind.endpoint(made.type, made.endpoint)
    except ValueError as error:
        raise InventoryError(f"{path}: {where} ({made.type}): endpoint: {error}.") from error
    made = made.model_copy(update={"endpoint": endpoint})
    with told(path, f"{where} ({made.type})"):
        settings = kind.check(made.type, own, endpoint=made.endpoint)
    for word in sorted(made.capabilities - kind.capabilities.keys()):
        said = kinds.unknown("capability", word, kind.capabilities)
        raise InventoryError(f"{path}: {where} ({made.type}): {said}.")
    data = settings.model_dump(mode="json", exclude_unset=True)
    return made.model_copy(
        update={
            "settings": Settings.model_validate(data),
            "capabilities": made.capabilities | settings.implied,
        }
    )


def _home(path: Path, infrastructure: str, sites: Iterable[_Found]) -> str:
    """Return the name of the site that holds the data of an infrastructure's users.

    It is the one that says `home: true`; where none does, the site of the infrastructure's issuer.
    """
    own = [site for site in sites if site.owner == infrastructure]
    named = [site.name for site in own if site.is_home]
    if len(named) > 1:
        raise InventoryError(
            f"{path}: infrastructure {infrastructure}: the sites {' and '.join(named)} all have "
            "`home: true`, but users have only one home. Keep the key at one of them."
        )
    issuing = [one.name for one in own if any(type_ == ISSUER for type_, _ in one.services)]
    for candidates in (named, [one.name for one in own], issuing):
        if len(candidates) == 1:
            return candidates[0]
    listed = ", ".join(one.name for one in own)
    raise InventoryError(
        f"{path}: infrastructure {infrastructure}: "
        + (
            f"no site has `home: true`. Set it at the site that holds the users' data: {listed}."
            if own
            else "it has no site. Give one of its hosts a `site`, or remove the infrastructure."
        )
    )
