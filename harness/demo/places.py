"""The map: the infrastructures of a route, with what of each takes part, and which of it a step asks."""

from __future__ import annotations

from collections.abc import Iterator

from harness.conformance.outcomes import Cell
from harness.demo.events import Land, Place
from harness.engine.attribution import Attribution
from harness.evidence import Step
from harness.kinds import registry
from harness.model import ISSUER, Infrastructure, Route, Service, Testbed
from harness.narration import Translate

USER = "user"
"""Id of the place where the user is."""


class Map:
    """The map of one route."""

    def __init__(self, testbed: Testbed, route: Route, tr: Translate) -> None:
        self._testbed, self._route, self._tr = testbed, route, tr
        self._attribution = Attribution(testbed)
        self.lands = tuple(self._land(one) for one in self._infrastructures())
        self._places = {place.id: place for land in self.lands for place in land.places}

    def of_step(self, step: Step, cell: Cell) -> Place | None:
        """Return whom a step asks, the title first; None where that is not on the map."""
        return self._found([step.whole_title], cell, names_alone=False) or self._found(
            [step.whole_sent], cell, names_alone=True
        )

    def of_url(self, url: str, cell: Cell) -> Place | None:
        """Return the place of a URL."""
        return self._found([url], cell, names_alone=True)

    def of_kind(self, kind: str, cell: Cell) -> Place | None:
        """Return the place of a kind at the site of the resource, or at home."""
        sites = (cell.site, self._testbed.home_site(cell.home).name)
        return next((p for site in sites if (p := self._places.get(_id(site, kind)))), None)

    def home_storage(self, cell: Cell) -> Place | None:
        """Return the storage at the user's home."""
        return self._places.get(_id(self._testbed.home_site(cell.home).name, "storage"))

    def _found(self, texts: list[str], cell: Cell, *, names_alone: bool) -> Place | None:
        for asked in self._attribution.services(texts, cell, names_alone=names_alone):
            if place := self._places.get(_id(asked.site, registry().of(asked.type).name)):
                return place
        return None

    def _infrastructures(self) -> list[Infrastructure]:
        home = self._route.home
        other = self._testbed.infrastructure(self._route.resource.infrastructure)
        return [home] if home == other else [home, other]

    def _land(self, infrastructure: Infrastructure) -> Land:
        return Land(
            name=infrastructure.name,
            title=infrastructure.title,
            home=infrastructure == self._route.home,
            places=tuple(self._places_in(infrastructure)),
        )

    def _places_in(self, infrastructure: Infrastructure) -> Iterator[Place]:
        """Yield the user, the issuer, and a place for each kind of service of the sites of the route."""
        is_home = infrastructure == self._route.home
        if is_home:
            workstation = self._testbed.workstation(infrastructure.name)
            yield Place(id=USER, title=self._tr("The user"), note=workstation.name, kind="user")
        found: dict[str, list[Service]] = {}
        for service in self._services(infrastructure, is_home=is_home):
            found.setdefault(_id(service.site, registry().of(service.type).name), []).append(
                service
            )
        for id_, services in found.items():
            kind = registry().of(services[0].type)
            makes = dict.fromkeys(service.implementation for service in services)
            yield Place(id=id_, title=self._tr(kind.title), note=", ".join(makes), kind=kind.name)

    def _services(self, infrastructure: Infrastructure, *, is_home: bool) -> Iterator[Service]:
        yield self._testbed.issuer_service(infrastructure.name)
        sites = {self._testbed.home_site(infrastructure.name).name} if is_home else set()
        if self._route.resource.infrastructure == infrastructure.name:
            sites.add(self._route.resource.name)
        for name in sorted(sites):
            for service in self._testbed.site(name).services:
                if service.type != ISSUER and registry().of(service.type).story:
                    yield service


def _id(site: str, kind: str) -> str:
    return f"{site}/{kind}"
