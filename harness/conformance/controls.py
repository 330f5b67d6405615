"""The routes to which a failure is compared: the site's own users, and the home's users at home."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from harness import routes
from harness.conformance.outcomes import Asked, Cell
from harness.model import ISSUER
from harness.routes import Side


class Controls:
    """Finds the cell that runs the same test for users whom a failure does not concern.

    Parameters
    ----------
    homes
        infrastructure -> the site where its users' data lie.
    """

    def __init__(self, cells: Iterable[Cell], homes: Mapping[str, str]) -> None:
        self._keys: dict[tuple[str, str], list[Cell]] = {}
        self._of_users: dict[tuple[str, str], list[Cell]] = {}
        self._at_service: dict[tuple[str, str], list[Cell]] = {}
        self._owner = {site: infrastructure for infrastructure, site in homes.items()}
        for cell in cells:
            self._keys.setdefault((cell.test_name, cell.route), []).append(cell)
            self._of_users.setdefault((cell.test_name, cell.home), []).append(cell)
            self._at_service.setdefault((cell.scenario, cell.site), []).append(cell)
            self._owner[cell.site] = cell.resource
        first = {owner: site for site, owner in reversed(self._owner.items())}
        self._homes = first | dict(homes)

    def home_of(self, infrastructure: str) -> str:
        """Return the home site of an infrastructure; its name where no site of it takes part."""
        return self._homes.get(infrastructure, infrastructure)

    def route(self, cell: Cell, side: Side) -> str:
        """Return the route that shows whether one side fails its own users."""
        if side == "resource":
            return routes.name(cell.resource, cell.site)
        return routes.name(cell.home, self.home_of(cell.home))

    def of(self, cell: Cell, side: Side) -> tuple[str, str]:
        """Return the key of the cell with the same test on that route.

        At the site it is of the same service. At home it is of the same software, where there is a choice.
        """
        route = self.route(cell, side)
        if side == "resource":
            return cell.scenario, route
        there = self._keys.get((cell.test_name, route), ())
        alike = [one for one in there if one.implementation == cell.implementation]
        chosen = next(iter([*alike, *there]), None)
        return chosen.key if chosen else (cell.scenario, route)

    def of_users(self, test: str, home: str) -> list[Cell]:
        """Return the cells of a test for the users of an infrastructure, at each service."""
        return self._of_users.get((test, home), [])

    def beside(self, cell: Cell) -> list[Cell]:
        """Return the same test of the same service for the users of other infrastructures."""
        there = self._at_service.get((cell.scenario, cell.site), ())
        return [other for other in there if other.home != cell.home]

    def is_at_home(self, cell: Cell, asked: Asked) -> bool:
        """Tell whether a service is the home's: its issuer, or what stands at a site of its own."""
        if self._owner.get(asked.site) != cell.home:
            return False
        return asked.site != cell.site or asked.type == ISSUER
