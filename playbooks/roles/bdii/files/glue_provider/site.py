"""A site: what it is, and all of its services."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from glue_provider import web
from glue_provider.directory import below
from glue_provider.entries import Settings, entry, life

_RESOURCE = "GLUE2GroupID=resource,o=glue"
_SERVICES = "GLUE2GroupID=services,o=glue"
"""Where ARC has its services (NorduGrid technical report 8, "The ARC information system")."""


def publish(settings: Settings) -> Iterator[str]:
    """Yield the site's domain, place and contacts, then its services."""
    name = settings["site"]
    domain = f"GLUE2DomainID={name},o=glue"
    common = life(settings)
    yield entry(
        domain,
        ["GLUE2Domain", "GLUE2AdminDomain"],
        DomainID=name,
        EntityName=name,
        EntityOtherInfo=f"GRID={settings['infrastructure']}",
        DomainDescription=f"Test site of {settings['infrastructure']}",
        AdminDomainOwner=settings["contacts"]["general"],
        **common,
    )
    yield entry(
        f"GLUE2LocationID=location.{name},{domain}",
        ["GLUE2Location"],
        LocationID=f"location.{name}",
        LocationCountry=settings["country"],
        LocationLatitude=settings["latitude"],
        LocationLongitude=settings["longitude"],
        LocationDomainForeignKey=name,
        **common,
    )
    for kind, address in settings["contacts"].items():
        contact = f"contact.{kind}.{name}"
        yield entry(
            f"GLUE2ContactID={contact},{domain}",
            ["GLUE2Contact"],
            ContactID=contact,
            ContactDetail=f"mailto:{address}",
            ContactType=kind,
            ContactDomainForeignKey=name,
            **common,
        )
    group = f"GLUE2GroupID=resource,{domain}"
    # A group is no entity of GLUE 2: the schema gives it no life.
    yield entry(group, ["GLUE2Group"], GroupID="resource")
    with ThreadPoolExecutor() as pool:
        asked = list(pool.map(web.ask, settings["services"]))
    for service, answer in zip(settings["services"], asked, strict=True):
        yield from web.entries(service, answer, group=group, settings=settings)
    for server in settings["sources"]:
        yield from below(server, "o=glue", under=group, instead_of=(_RESOURCE, _SERVICES))
