"""`needs`: what a scenario asks of a site, and whether the inventory declares it.

`@pytest.mark.needs("egi.aai.oidc", "device")` asks the issuer of the user's home, every other service
type the site of the resource.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import get_args

import pytest

from harness.model import Route, Service, ServiceType, Site, Testbed

MARK = "needs"
ISSUER: ServiceType = "egi.aai.oidc"

KNOWN = frozenset(
    {
        "password",
        "client-credentials",
        "authorization-code",
        "refresh",
        "refresh-rotation",
        "device",
    }
    | {"token-exchange", "introspection", "revocation", "groups"}
    | {"read", "write", "checksum", "third-party-copy", "scope-prefix"}
    | {"submit", "cancel", "output"}
)
"""Capabilities that a scenario may need, beside those that the inventory itself declares."""


@dataclass(frozen=True)
class Need:
    """What one `needs` mark asks for."""

    service: ServiceType
    capability: str | None = None
    implementation: str | None = None

    def __str__(self) -> str:
        of = f" of {self.implementation}" if self.implementation else ""
        return f"{self.service}{of}" + (f" with {self.capability}" if self.capability else "")

    def site(self, route: Route, testbed: Testbed) -> Site:
        """Return the site that is asked."""
        if self.service == ISSUER:
            return testbed.home_site(route.home.name)
        return route.resource

    def services(self, site: Site) -> list[Service]:
        """Return the site's services of the type and implementation, whatever they can do."""
        return [
            service
            for service in site.services
            if service.type == self.service
            and self.implementation in (None, service.implementation)
        ]

    def declared(self, site: Site) -> bool:
        """Tell whether the site declares all of it."""
        return any(
            self.capability is None or service.offers(self.capability)
            for service in self.services(site)
        )


def needs_of(item: pytest.Item) -> list[Need]:
    """Return what the marks of a test ask for."""
    return [Need(*mark.args, **mark.kwargs) for mark in item.iter_markers(MARK)]


def profiles_of(item: pytest.Item, resource: Site) -> tuple[str, ...]:
    """Return the token profiles of the resource's services that a test asks; of all, if it names none."""
    named = [
        service
        for need in needs_of(item)
        if need.service != ISSUER
        for service in need.services(resource)
    ]
    return tuple(sorted({service.token_profile for service in named or resource.services}))


def faults(items: Iterable[pytest.Item], testbed: Testbed) -> list[str]:
    """Return what is wrong with the `needs` marks: a word misspelt is never offered, and never missed."""
    types = get_args(ServiceType)
    words = KNOWN | {c for service in testbed.services() for c in service.capabilities}
    found: dict[str, None] = {}
    for item in items:
        where = item.nodeid.partition("[")[0]
        try:
            needs = needs_of(item)
        except TypeError as error:
            found[f"{where}: needs(service type, capability, implementation=...): {error}."] = None
            continue
        for need in needs:
            if need.service not in types:
                found[f"{where}: {_unknown('service type', need.service, types)}"] = None
            if need.capability is not None and need.capability not in words:
                found[f"{where}: {_unknown('capability', need.capability, words)}"] = None
    return list(found)


def _unknown(what: str, word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, list(known), n=1)
    hint = f"near it is {near[0]}" if near else f"known are {', '.join(sorted(known))}"
    return f"unknown {what} {word!r}; {hint}."
