"""The matrix at any size: a grid of homes and resources, and under each of its cells the requirements.

A page is drawn whole by the server and stays small: where the routes are too many for a column each,
infrastructures stand for their sites, and a row of requirements counts its verdicts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from harness.conformance.catalogue import Requirement
from harness.conformance.runs import RunRoute
from harness.conformance.statement import RequirementStatement
from harness.conformance.verdicts import Verdict
from harness.names import slug
from harness.report.addresses import pair_page, route_page
from harness.report.site.groups import Group, grouped
from harness.report.site.night import RECENT, Night, packed

SITES = 12
"""Sites, or routes, up to which each has a column of its own."""
_ELEMENTS = 4_000
"""HTML elements of a page's table, of the 5,000 that a page may have."""
_OF_ROW = 6
"""Elements of a row beside its cells, each of which has two."""
_LISTED = 400
"""Sites of a page that are listed, the worst first."""

COUNTED = tuple(sorted((v for v in Verdict if v is not Verdict.NOT_OFFERED), key=lambda v: -v.rank))
"""The verdicts that a row counts where its routes have no columns."""


@dataclass(frozen=True)
class Tile:
    """A cell of the grid, a direction of the map or a site of a list: routes, and what came of them."""

    title: str
    page: str
    groups: dict[Group, list[str]]
    control: bool

    @property
    def worst(self) -> Group:
        """The worst group of its requirements."""
        return next(iter(self.groups), Group.ABSENT)

    @property
    def number(self) -> int:
        """How many requirements are in that group."""
        return len(self.groups.get(self.worst, ()))

    @property
    def counts(self) -> list[tuple[Group, int]]:
        """How many requirements each group has, the worst first."""
        return [(group, len(ids)) for group, ids in self.groups.items()]


@dataclass(frozen=True)
class Row:
    """A requirement; of each route its verdict and history, or how many routes have each verdict."""

    requirement: Requirement
    cells: Sequence[tuple[RequirementStatement | None, str]]
    counts: Sequence[int]


@dataclass(frozen=True)
class Block:
    """Requirements by group, the worst first, over some routes."""

    routes: Sequence[RunRoute]
    columns: Sequence[RunRoute]
    """The routes with a column each; none where there are too many."""
    sections: Sequence[tuple[Group, Sequence[Row]]]

    @property
    def number(self) -> int:
        """How many requirements it has."""
        return sum(len(rows) for _, rows in self.sections)


@dataclass(frozen=True)
class Below:
    """A page below the grid: whose users, at which site or infrastructure, on which routes."""

    page: str
    home: str
    resource: str
    routes: Sequence[RunRoute]


class Matrix:
    """The grid, its cells and the blocks of a night."""

    def __init__(self, night: Night) -> None:
        self._night = night
        self._of_route: dict[str, list[RequirementStatement]] = {}
        for one in night.statement.requirements:
            self._of_route.setdefault(one.route, []).append(one)
        self.by_pair: dict[tuple[str, str], list[RunRoute]] = {}
        for route in night.statement.routes:
            self.by_pair.setdefault((route.home, route.resource), []).append(route)

    @property
    def homes(self) -> list[str]:
        """The infrastructures of users."""
        return list(dict.fromkeys(route.home for route in self._night.statement.routes))

    @property
    def resources(self) -> list[str]:
        """The infrastructures of sites."""
        return list(dict.fromkeys(route.resource for route in self._night.statement.routes))

    def tile(self, title: str, routes: Sequence[RunRoute], page: str) -> Tile:
        """Return what came of some routes."""
        found = [one for route in routes for one in self._of_route.get(route.id, ())]
        return Tile(title, page, grouped(found), all(route.control for route in routes))

    def pair(self, home: str, resource: str) -> Tile | None:
        """Return what came of the way of one infrastructure's users to another; None without a route."""
        routes = self.by_pair.get((home, resource))
        if not routes:
            return None
        page = pair_page(home, resource) if len(routes) > 1 else route_page(routes[0].id)
        return self.tile(f"{home} → {resource}", routes, page)

    def grid(self) -> dict[str, Any]:
        """Return the columns' titles, and of each home its tiles; None where no route leads."""
        sites = list(dict.fromkeys(route.site for route in self._night.statement.routes))
        if len(sites) > SITES:
            rows = [(home, [self.pair(home, to) for to in self.resources]) for home in self.homes]
            return {"columns": self.resources, "rows": rows, "links": {}}
        found = {(route.home, route.site): route for route in self._night.statement.routes}
        return {
            "columns": sites,
            "rows": [
                (home, [self._site(found.get((home, s))) for s in sites]) for home in self.homes
            ],
            "links": {site: f"sites/{slug(site)}.html" for site in sites},
        }

    def _site(self, route: RunRoute | None) -> Tile | None:
        if route is None:
            return None
        return self.tile(f"{route.home} → {route.site}", [route], route_page(route.id))

    def below(self) -> Iterator[Below]:
        """Return the pages below the grid: one for each route, and for each pair with several."""
        for (home, resource), routes in self.by_pair.items():
            if len(routes) > 1:
                yield Below(pair_page(home, resource), home, resource, routes)
            for route in routes:
                yield Below(route_page(route.id), home, route.site, [route])

    def sites(self, routes: Iterable[RunRoute]) -> list[Tile]:
        """Return a tile for each route, the worst first."""
        tiles = [self.tile(route.site, [route], route_page(route.id)) for route in routes]
        groups = list(Group)
        return sorted(tiles, key=lambda one: (groups.index(one.worst), -one.number, one.title))[
            :_LISTED
        ]

    def block(self, routes: Sequence[RunRoute], *, beside: int = 0) -> Block:
        """Return the requirements of some routes; `beside` is how many elements the page has beside."""
        night = self._night
        statements = [one for route in routes for one in self._of_route.get(route.id, ())]
        groups = grouped(statements)
        many = sum(map(len, groups.values()))
        fits = beside + many * (_OF_ROW + 2 * len(routes)) <= _ELEMENTS and len(routes) <= SITES
        columns = routes if fits else ()
        found: dict[str, Counter[Verdict]] = {}
        for one in statements:
            found.setdefault(one.id, Counter())[one.verdict] += 1
        sections = []
        for group, ids in groups.items():
            rows = []
            for id_ in ids:
                cells = [
                    (night.verdicts.get((id_, route.id)), self._history(id_, route.id))
                    for route in columns
                ]
                counts = [] if fits else [found[id_][verdict] for verdict in COUNTED]
                rows.append(Row(night.catalogue[id_], cells, counts))
            sections.append((group, _worst_first(rows)))
        return Block(routes, columns, sections)

    def _history(self, requirement: str, route: str) -> str:
        return packed(self._night.grid.strip("requirement", requirement, route)[-RECENT:])

    def words(self, routes: Sequence[RunRoute], *, beside: int = 0) -> dict[str, Any]:
        """Return what the template of a matrix needs."""
        block = self.block(routes, beside=beside)
        rows = [row for _, found in block.sections for row in found]
        return {
            "block": block,
            "counted": COUNTED,
            "levels": list(dict.fromkeys(row.requirement.level for row in rows)),
            "families": list(dict.fromkeys(row.requirement.family for row in rows)),
            "columns": {
                "nights": min(RECENT, len(self._night.grid.nights)),
                "routes": [
                    {"id": r.id, "home": r.home, "resource": r.resource, "site": r.site}
                    for r in block.columns
                ],
                "counted": [verdict.letter for verdict in COUNTED],
            },
        }


def _worst_first(rows: list[Row]) -> list[Row]:
    """Sort the rows of a group: what is not on the list of known deviations first, then the widest."""

    def key(row: Row) -> tuple[int, int]:
        if row.counts:
            worst = next((n for n, number in enumerate(row.counts) if number), len(COUNTED))
            return worst, -max(row.counts[worst : worst + 1], default=0)
        ranks = [one.verdict.rank for one, _ in row.cells if one]
        return -max(ranks, default=0), -ranks.count(max(ranks, default=0))

    return sorted(rows, key=key)
