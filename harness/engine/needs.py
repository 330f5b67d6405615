"""`needs`: what a scenario asks of a site, and which of its services declare it.

`@pytest.mark.needs("egi.aai.oidc", "device")` asks the issuer of the user's home, every other service
type the site of the resource.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

import pytest

from harness.kinds import registry, unknown
from harness.model import Route, Service, ServiceType, Site, Testbed

MARK = "needs"


@dataclass(frozen=True)
class Need:
    """What one `needs` mark asks for."""

    service: ServiceType
    capability: str | None = None
    implementation: str | None = None

    def __str__(self) -> str:
        of = f" of {self.implementation}" if self.implementation else ""
        return f"{self.service}{of}" + (f" with {self.capability}" if self.capability else "")

    @property
    def is_of_home(self) -> bool:
        """True where the service of the user's home is meant."""
        return self.service in registry().home_types

    def site(self, route: Route, testbed: Testbed) -> Site:
        """Return the site that is asked: of the home's, the one that has such a service."""
        if not self.is_of_home:
            return route.resource
        own = testbed.sites_of(route.home.name)
        having = (site for site in own if any(s.type == self.service for s in site.services))
        return next(having, testbed.home_site(route.home.name))

    def services(self, site: Site) -> list[Service]:
        """Return the site's services of the type and implementation, whatever they can do."""
        return [
            service
            for service in site.services
            if service.type == self.service
            and self.implementation in (None, service.implementation)
        ]

    def met_by(self, service: Service) -> bool:
        """Tell whether a service declares all of it."""
        return (
            service.type == self.service
            and self.implementation in (None, service.implementation)
            and (self.capability is None or service.offers(self.capability))
        )

    def declared(self, site: Site) -> bool:
        """Tell whether a service of the site declares all of it."""
        return any(self.met_by(service) for service in site.services)


def needs_of(marked: pytest.Item | pytest.Function) -> list[Need]:
    """Return what the marks of a test ask for; one that is no `needs` is told by `faults`."""
    found = []
    for mark in marked.iter_markers(MARK):
        with suppress(TypeError):
            found.append(Need(*mark.args, **mark.kwargs))
    return found


def profiles_of(item: pytest.Item, resource: Site) -> tuple[str, ...]:
    """Return the token profiles of the resource's services that a test asks; of all, if it names none."""
    named = [
        service
        for need in needs_of(item)
        if not need.is_of_home
        for service in need.services(resource)
    ]
    return tuple(sorted({service.token_profile for service in named or resource.services}))


def faults(items: Iterable[pytest.Item]) -> list[str]:
    """Return what is wrong with the `needs` marks: a misspelt word would never be offered or missed."""
    found: dict[str, None] = {}
    for item in items:
        where = item.nodeid.partition("[")[0]
        for mark in item.iter_markers(MARK):
            try:
                said = _misspelt(Need(*mark.args, **mark.kwargs))
            except TypeError as error:
                said = f"needs(service type, capability, implementation=...): {error}"
            if said:
                found[f"{where}: {said}."] = None
    return list(found)


def _misspelt(need: Need) -> str:
    """Say which word of a need no kind of service knows; empty where all are known."""
    try:
        kind = registry().of(need.service)
    except LookupError as error:
        return str(error)
    if need.capability is None or need.capability in kind.capabilities:
        return ""
    return unknown("capability", need.capability, kind.capabilities)
