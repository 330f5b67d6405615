"""Where a job may go: by what is published, and by the downtimes that are declared."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from harness.model import Service
from harness.services.information.registry import Outage
from harness.services.information.tree import Entry, Tree

INTERFACES: Mapping[str, tuple[str, ...]] = {
    "org.nordugrid.arex": ("org.nordugrid.arcrest",),
    "org.opensciencegrid.htcondorce": ("org.opensciencegrid.htcondorce",),
    "webdav": ("webdav", "https", "http"),
}
"""Service type (GOCDB) -> the names of its interface in GLUE 2."""

_REST = "/rest"
"""What ARC publishes beyond the address that its clients are given."""


def published(tree: Tree, service: Service) -> tuple[Entry, ...]:
    """Return the published endpoints by which a service is used, by whatever address.

    They are found by site, interface and implementation, and not by the address.
    """
    found = tree.within(service.site).endpoints(*INTERFACES.get(service.type, (service.type,)))
    same = [
        entry
        for entry in found
        if service.implementation.lower() in entry.one("EndpointImplementationName").lower()
    ]
    return tuple(same)


def address(entry: Entry) -> str:
    """Return the address of an endpoint, as clients of its interface take it."""
    url = entry.one("EndpointURL").rstrip("/")
    if entry.one("EndpointInterfaceName") == "org.nordugrid.arcrest":
        return url.partition(_REST)[0]
    return url


def found(tree: Tree, service: Service) -> Service:
    """Return a service with the address that is published of it in the place of the known one.

    Raises
    ------
    AssertionError
        where none is published.
    """
    entries = published(tree, service)
    assert entries, (
        f"no endpoint of {service.type} ({service.implementation}) is published of {service.site}"
    )
    return service.model_copy(update={"endpoint": address(entries[0])})


def open_to_jobs(
    tree: Tree, downtimes: Iterable[Outage], *, now: dt.datetime | None = None
) -> frozenset[str]:
    """Return the addresses of the computing elements to which a broker sends jobs.

    They are published as serving and not as critical (GLUE 2.0, `ServingState_t` and
    `EndpointHealthState_t`), and in no outage.
    """
    at = now or dt.datetime.now(dt.UTC)
    closed = [one for one in downtimes if one.is_on(at)]
    return frozenset(
        address(entry)
        for entry in tree.of("ComputingEndpoint")
        if entry.one("EndpointServingState") == "production"
        and entry.one("EndpointHealthState") != "critical"
        and not any(_covers(one, entry) for one in closed)
    )


def _covers(outage: Outage, entry: Entry) -> bool:
    interfaces = INTERFACES.get(outage.type, (outage.type,))
    host = urlsplit(entry.one("EndpointURL")).hostname
    return entry.one("EndpointInterfaceName") in interfaces and outage.host == host
