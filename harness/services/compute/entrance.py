"""Where a token of home opens a computing element."""

from __future__ import annotations

from collections.abc import Iterator

from harness.engine.containment import Entrance
from harness.kinds import Fixture
from harness.model import Site
from harness.services.compute.fixtures import ComputingElements
from harness.services.compute.kind import ARC, HTCONDOR
from harness.services.issuer.tokens import Token


def entrances(site: Site, *, fixture: Fixture) -> Iterator[Entrance[Token]]:
    """Yield the computing elements of a site: the list of one's own jobs opens."""
    for service in site.services:
        if service.type in (ARC, HTCONDOR):
            compute: ComputingElements = fixture("compute")
            element = compute.at(site.only(service, of=(ARC, HTCONDOR)))
            yield Entrance(service, element.SCOPE, element.listing)
