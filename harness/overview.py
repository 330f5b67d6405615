"""What a testbed has, and what would run on it: `testbed list`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness.conformance.outcomes import Cell
from harness.engine import session
from harness.engine.choice import EVERYTHING, Choice
from harness.engine.session import Selection
from harness.errors import BadInput
from harness.inventory import Inventory


def cells(inventory: Inventory, choice: Choice = EVERYTHING) -> tuple[Cell, ...]:
    """Return every scenario that is asked for, on every route.

    Raises
    ------
    BadInput
        where a scenario is broken.
    """
    return session.collect(Selection(inventory=inventory.path, choice=choice)).cells


def show(inventory: Inventory, *, choice: Choice = EVERYTHING, console: Console) -> None:
    """Print infrastructures, sites, services, routes, and the scenarios that are asked for.

    Raises
    ------
    BadInput
        where a scenario is broken, or none is what is asked for.
    """
    found = cells(inventory, choice)
    if not found:
        raise BadInput(f"no scenario matches {choice}; `testbed list` shows all.")
    testbed = inventory.testbed
    services = Table(title=f"testbed {testbed.name}", title_justify="left")
    for column in ("infrastructure", "site", "service", "implementation", "endpoint"):
        services.add_column(column, overflow="fold")
    for service in testbed.services():
        services.add_row(
            service.infrastructure,
            service.site,
            service.type,
            service.implementation,
            service.endpoint,
        )
    console.print(services)
    routes = Table(title="routes", title_justify="left")
    for column in ("route", "from the users of", "to the site", "kind"):
        routes.add_column(column)
    for route in testbed.routes:
        kind = "control" if route.is_control else "cross"
        routes.add_row(route.id, route.home.title, route.resource.name, kind)
    console.print(routes)
    scenarios = Table(title="scenarios", title_justify="left", show_lines=True)
    scenarios.add_column("scenario", overflow="fold", ratio=1)
    scenarios.add_column("requirements", overflow="fold")
    for name, group in _by_function(found):
        several = {cell.scenario for cell in group}
        times = f" ({len(several)} times)" if len(several) > 1 else ""
        ids = dict.fromkeys(id_ for cell in group for id_ in cell.requirements)
        title = Text.assemble(group[0].title, (times, "dim"), "\n", (name, "dim"))
        scenarios.add_row(title, "\n".join(ids))
    console.print(scenarios)


def _by_function(cells: Iterable[Cell]) -> Iterator[tuple[str, list[Cell]]]:
    """Return the cells of every scenario, whatever its parameters."""
    found: dict[str, list[Cell]] = {}
    for cell in cells:
        found.setdefault(cell.scenario.partition("[")[0], []).append(cell)
    yield from found.items()
