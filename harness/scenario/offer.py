"""`needs`: a scenario does not run where the site does not offer what it needs.

`@pytest.mark.needs("egi.aai.oidc", "device")` asks the issuer of the user's home, every other service
type the site of the resource. What counts is what the inventory declares. Declared but refused is a
failure; not declared, but there all the same, is told as a warning.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, get_args

import pytest
from _pytest.outcomes import Skipped

from harness.clients.http import Http
from harness.errors import NoIssuerKey, TestbedError
from harness.model import Route, Service, ServiceType, Site, Testbed
from harness.scenario.plugin import Workstations, testbed_of

MARK = "needs"
ISSUER: ServiceType = "egi.aai.oidc"

WARNING = pytest.StashKey[str]()
"""What the report must say beside a scenario that is not offered."""

_GRANT = "urn:ietf:params:oauth:grant-type"
_GRANTS = {
    "password": "password",
    "client-credentials": "client_credentials",
    "authorization-code": "authorization_code",
    "refresh": "refresh_token",
    "device": f"{_GRANT}:device_code",
    "token-exchange": f"{_GRANT}:token-exchange",
}
"""Capability -> grant type in the issuer's metadata (RFC 8414, section 2)."""

_ENDPOINTS = {
    "device": "device_authorization_endpoint",
    "introspection": "introspection_endpoint",
    "revocation": "revocation_endpoint",
}
"""Capability -> endpoint in the issuer's metadata (RFC 8414, section 2; RFC 8628, section 4)."""

KNOWN = frozenset(
    {*_GRANTS, *_ENDPOINTS}
    | {"read", "write", "checksum", "third-party-copy"}
    | {"submit", "cancel", "output"}
)
"""Capabilities that a scenario may need, beside those that the inventory itself declares."""


class NotOffered(Skipped):
    """The site does not declare what the scenario needs."""


class NotRun(Skipped):
    """The testbed by its nature lacks what the scenario needs."""


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


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, None, None]:
    """Tell apart what a fixture cannot have, whatever the sites do."""
    with _as_not_run(testbed_of(item.config)):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Tell apart what a scenario cannot have, whatever the sites do."""
    with _as_not_run(testbed_of(item.config)):
        return (yield)


@contextmanager
def _as_not_run(testbed: Testbed) -> Iterator[None]:
    """Turn the want of a real issuer's key into an outcome; that of a key of our own is a fault."""
    try:
        yield
    except NoIssuerKey as error:
        if testbed.host(testbed.issuer_service(error.infrastructure).host).roles:
            raise
        raise NotRun(str(error)) from error


def needs_of(item: pytest.Item) -> list[Need]:
    """Return what the marks of a test ask for."""
    return [Need(*mark.args, **mark.kwargs) for mark in item.iter_markers(MARK)]


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


@pytest.fixture(autouse=True)
def _offered(
    request: pytest.FixtureRequest, route: Route, testbed: Testbed, workstations: Workstations
) -> None:
    """Run the scenario only where all that it needs is declared."""
    for need in needs_of(request.node):
        site = need.site(route, testbed)
        if need.declared(site):
            continue
        if advertised := _advertised(need, site, workstations):
            request.node.stash[WARNING] = advertised
        raise NotOffered(f"{site.name} does not declare {need}")


def _advertised(need: Need, site: Site, workstations: Workstations) -> str:
    """Return how an issuer advertises a capability that its site does not declare; else nothing."""
    if need.service != ISSUER or need.capability is None:
        return ""
    for service in need.services(site):
        metadata = _metadata(service.endpoint, workstations.http(service.infrastructure))
        endpoint, grant = _ENDPOINTS.get(need.capability), _GRANTS.get(need.capability)
        if endpoint in metadata or grant in metadata.get("grant_types_supported", ()):
            return f"not declared, but advertised by {service.endpoint}: {need.capability}"
    return ""


@cache
def _metadata(issuer: str, http: Http) -> Mapping[str, Any]:
    """Return the issuer's metadata; nothing where it cannot be read, which others find out."""
    try:
        answer = http.request("GET", f"{issuer}/.well-known/openid-configuration")
        document = json.loads(answer.text)
    except (TestbedError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}
