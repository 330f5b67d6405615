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
        self._tests: dict[str, list[Cell]] = {}
        self._owner = {site: infrastructure for infrastructure, site in homes.items()}
        for cell in cells:
            self._keys.setdefault((cell.test_name, cell.route), []).append(cell)
            self._tests.setdefault(cell.test_name, []).append(cell)
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

    def of_users(self, cell: Cell) -> list[tuple[Cell, list[Cell]]]:
        """Return the same test for the same users at each service, with that of all other users there."""
        mine = [c for c in self._tests.get(cell.test_name, ()) if c.home == cell.home]
        return [
            (one, [c for c in self._tests[cell.test_name] if _is_beside(c, one)]) for one in mine
        ]

    def is_at_home(self, cell: Cell, asked: Asked) -> bool:
        """Tell whether a service is the home's: its issuer, or what stands at a site of its own."""
        if self._owner.get(asked.site) != cell.home:
            return False
        return asked.site != cell.site or asked.type == ISSUER


def _is_beside(cell: Cell, other: Cell) -> bool:
    """Tell whether two cells are of one service, and of users of different infrastructures."""
    return (cell.scenario, cell.site) == (other.scenario, other.site) and cell.home != other.home
