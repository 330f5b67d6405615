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
from harness.model import Testbed


def cells(inventory: Inventory, choice: Choice = EVERYTHING) -> tuple[Cell, ...]:
    """Return every scenario that is asked for, on every route.

    Raises
    ------
    BadInput
        where a scenario is broken.
    """
    return session.collect(Selection(inventory=inventory.path, choice=choice)).cells


def show(
    inventory: Inventory,
    *,
    choice: Choice = EVERYTHING,
    every: bool = False,
    console: Console,
) -> None:
    """Print infrastructures, sites, services, routes, and the scenarios.

    Where nothing narrows them, scenarios are counted by family, because there are hundreds; those that a
    choice asks for are listed, and with `every` all are.

    Raises
    ------
    BadInput
        where a scenario is broken, or none is what is asked for.
    """
    found = cells(inventory, choice)
    if not found:
        raise BadInput(f"no scenario matches {choice}; `testbed list --all` shows all.")
    testbed = inventory.testbed
    console.print(_services(testbed))
    console.print(_routes(testbed))
    if choice or every:
        console.print(_scenarios(found))
        return
    console.print(_families(found))
    console.print(
        f"{len(set(map(_function, found)))} scenarios, {len(found)} cells. A scenario that shows "
        "requirements of two families counts in both. List scenarios with --family, --requirement or "
        "-k, and all of them with --all.",
        highlight=False,
        soft_wrap=True,
    )


def _services(testbed: Testbed) -> Table:
    table = Table(title=f"testbed {testbed.name}", title_justify="left")
    for column in ("infrastructure", "site", "service", "implementation", "endpoint"):
        table.add_column(column, overflow="fold")
    for one in testbed.services():
        table.add_row(one.infrastructure, one.site, one.type, one.implementation, one.endpoint)
    return table


def _routes(testbed: Testbed) -> Table:
    table = Table(title="routes", title_justify="left")
    for column in ("route", "from the users of", "to the site", "kind"):
        table.add_column(column)
    for route in testbed.routes:
        kind = "control" if route.is_control else "cross"
        table.add_row(route.id, route.home.title, route.resource.name, kind)
    return table


def _families(found: Iterable[Cell]) -> Table:
    """Count scenarios by the families of their requirements, as `--family` selects them."""
    families: dict[str, list[Cell]] = {}
    for cell in found:
        for name in {id_.rpartition("-")[0] for id_ in cell.requirements}:
            families.setdefault(name, []).append(cell)
    table = Table(title="scenarios by family", title_justify="left")
    table.add_column("family")
    for column in ("files", "scenarios", "cells", "requirements"):
        table.add_column(column, justify="right")
    for name, cells_ in sorted(families.items()):
        functions = set(map(_function, cells_))
        ids = {id_ for cell in cells_ for id_ in cell.requirements if id_.startswith(f"{name}-")}
        files = {function.partition("::")[0] for function in functions}
        counts = len(files), len(functions), len(cells_), len(ids)
        table.add_row(name, *map(str, counts))
    return table


def _scenarios(found: Iterable[Cell]) -> Table:
    table = Table(title="scenarios", title_justify="left", show_lines=True)
    table.add_column("scenario", overflow="fold", ratio=1)
    table.add_column("requirements", overflow="fold")
    for name, group in _by_function(found):
        several = {cell.scenario for cell in group}
        times = f" ({len(several)} times)" if len(several) > 1 else ""
        ids = dict.fromkeys(id_ for cell in group for id_ in cell.requirements)
        title = Text.assemble(group[0].title, (times, "dim"), "\n", (name, "dim"))
        table.add_row(title, "\n".join(ids))
    return table


def _function(cell: Cell) -> str:
    """Return the scenario of a cell, whatever its parameters."""
    return cell.scenario.partition("[")[0]


def _by_function(cells: Iterable[Cell]) -> Iterator[tuple[str, list[Cell]]]:
    """Return the cells of every scenario, whatever its parameters."""
    found: dict[str, list[Cell]] = {}
    for cell in cells:
        found.setdefault(_function(cell), []).append(cell)
    yield from found.items()
