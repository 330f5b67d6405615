"""A route whose services have a fault: the same route, by other names of its services."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Literal
from urllib.parse import urlsplit

from harness.model import Host, Route, Service, ServiceType, Site, Testbed
from harness.mutants.catalogue import Mutant

Target = Literal["issuer", "resource"]
"""What a scenario puts to the test: the issuer of the user's home, or the services of the site."""

GATEWAY = "gateway"
"""Role of the hosts that make mutants of web services."""


def broken(
    route: Route,
    mutant: Mutant,
    target: Target,
    testbed: Testbed,
    *,
    at_home: Collection[ServiceType] = (),
) -> Route:
    """Return the route with the mutant's services in the place of the real ones, where they are made.

    Services `at_home` are those of the home site: a scenario uses them there alone.
    """
    if target == "issuer":
        issuer = testbed.issuer_service(route.home.name)
        host = host_of(issuer, mutant, testbed)
        if host is None:
            return route
        real = issuer.host
        home = route.home.model_copy(
            update={
                "address": route.home.issuer.replace(f"//{real}", f"//{host}"),
                "jwks_uri": route.home.jwks_uri.replace(f"//{real}", f"//{host}"),
            }
        )
        return route.model_copy(update={"home": home})
    changes = {"resource": _with_mutant(route.resource, mutant, testbed)}
    if set(at_home) & set(mutant.services):
        home_site = testbed.home_site(route.home.name)
        changes["home_site"] = _with_mutant(home_site, mutant, testbed)
    return route.model_copy(update=changes)


def _with_mutant(site: Site, mutant: Mutant, testbed: Testbed) -> Site:
    services = tuple(_broken(service, mutant, testbed) for service in site.services)
    return site.model_copy(update={"services": services})


def breaks(route: Route, mutant: Mutant, types: Iterable[ServiceType], testbed: Testbed) -> bool:
    """Tell whether the mutant gives a service of these types a fault: at the home's issuer, or the site."""
    issuer = testbed.issuer_service(route.home.name)
    services = [issuer, *(s for s in route.resource.services if s.type != issuer.type)]
    return any(s.type in types and host_of(s, mutant, testbed) for s in services)


def _broken(service: Service, mutant: Mutant, testbed: Testbed) -> Service:
    host = host_of(service, mutant, testbed)
    if host is None or service.type == "egi.aai.oidc":
        return service
    endpoint = service.endpoint.replace(f"//{service.host}", f"//{host}")
    return service.model_copy(update={"endpoint": endpoint})


def host_of(service: Service, mutant: Mutant, testbed: Testbed) -> str | None:
    """Return the name by which the service has the fault; None where nothing makes it so."""
    parts = urlsplit(service.endpoint)
    if service.type not in mutant.services or parts.hostname != service.host:
        return None
    name = f"{mutant.id}.{service.host}"
    own = any(host.name == name for host in testbed.mutants)
    behind = parts.scheme == "https" and gateway(service.infrastructure, testbed) is not None
    return name if own or behind else None


def gateway(infrastructure: str, testbed: Testbed) -> str | None:
    """Return the address of the gateway to an infrastructure's services; None where it has none."""
    for host in testbed.mutants:
        if host.infrastructure == infrastructure and GATEWAY in host.roles:
            return str(host.address)
    return None


def answering(service: Service, testbed: Testbed) -> tuple[Host, ...]:
    """Return the hosts that answer for a service: its own, and in a proof the gateway before it."""
    name = urlsplit(service.endpoint).hostname
    known = {host.name: host for host in (*testbed.hosts, *testbed.mutants)}
    if name in known:
        return (known[name],)
    before = (
        host
        for host in testbed.mutants
        if host.infrastructure == service.infrastructure and GATEWAY in host.roles
    )
    return (testbed.host(service.host), *before)


def addresses(mutants: Iterator[Mutant], testbed: Testbed) -> dict[str, str]:
    """Return every name of a broken service, with the address where it is found."""
    known = {host.name: str(host.address) for host in testbed.mutants if host.address}
    found = {}
    for mutant in mutants:
        for service in testbed.services():
            name = host_of(service, mutant, testbed)
            if name is not None:
                found[name] = known.get(name) or str(gateway(service.infrastructure, testbed))
    return found
