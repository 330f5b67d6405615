"""Service levels: the months of a testbed's services, from the history and the inventory's agreement."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness import inventory
from harness.conformance import agreement, downtimes, history, ola, runs
from harness.conformance.availability import Month
from harness.conformance.history import History
from harness.conformance.ola import Line, MonthlyReport, Result
from harness.conformance.statement import RunStatement
from harness.errors import BadInput
from harness.inventory import Inventory

MAX_AGE = dt.timedelta(hours=26)
"""How long what a night saw holds: nights begin each day, and not to the minute."""
_YEAR = 12
"""Months that are reported."""


def months(store: History, run: RunStatement) -> list[MonthlyReport]:
    """Return the months up to a run, newest first; none where its inventory is not there any more.

    Raises
    ------
    BadInput
        where the inventory, the agreement or the list of downtimes is broken.
    """
    if not Path(run.inventory).exists():
        return []
    found = inventory.load(Path(run.inventory))
    end = dt.datetime.fromisoformat(run.end or run.start)
    nights = [night for night in store.nights(run.testbed) if night.start <= run.start]
    return _months(store, found, first=nights[0].began, end=end)


def _months(
    store: History, found: Inventory, *, first: dt.datetime, end: dt.datetime
) -> list[MonthlyReport]:
    agreed = agreement.load(found.folder / agreement.FILE, found.testbed)
    down = downtimes.load(found.folder / downtimes.FILE, found.testbed)
    samples = store.samples(found.testbed.name, until=end.isoformat())
    month = Month(end.year, end.month)
    listed: list[MonthlyReport] = []
    while month.period.end > first and len(listed) < _YEAR:
        listed.append(
            ola.report(
                agreed,
                samples,
                down,
                month,
                services=tuple(found.testbed.services()),
                now=end,
                max_age=MAX_AGE,
            )
        )
        month = month.previous
    return listed


def show(
    found: Inventory, month: Month | None, *, console: Console, folder: Path = runs.RUNS
) -> bool:
    """Print a month, the newest where none is named; tell whether no target was missed.

    Raises
    ------
    BadInput
        where there are no nights, or none of that month.
    """
    name = found.testbed.name
    with History.open(folder / history.FILE) as store:
        nights = store.nights(name)
        if not nights:
            raise BadInput(f"there are no nights of {name} yet; `testbed nightly` makes one.")
        last = dt.datetime.now(dt.UTC)
        listed = _months(store, found, first=nights[0].began, end=last)
    chosen = [one for one in listed if month in (None, one.month)]
    if not chosen:
        known = ", ".join(str(one.month) for one in listed)
        raise BadInput(f"there are no nights of {month}; there are those of {known}.")
    console.print(_table(chosen[0]))
    return all(line.result is not Result.MISSED for line in chosen[0].lines)


def _table(report: MonthlyReport) -> Table:
    title = f"{report.month}{'' if report.complete else ', under way'}"
    agreed = report.agreement.title if report.agreement else "no agreement in force"
    table = Table(title=f"{title}: {agreed}", title_justify="left")
    table.add_column("site, service, endpoint", overflow="fold")
    for heading in ("availability", "reliability", "unknown", "targets"):
        table.add_column(heading, justify="right")
    table.add_column("")
    for line in report.lines:
        table.add_row(*words(line), style="bold" if line.subject.service is None else "")
    return table


def words(line: Line) -> tuple[Text, ...]:
    """Return a line's cells: name, figures, targets, and what came of them."""
    subject, figures, targets = line.subject, line.figures, line.targets
    depth = sum(part is not None for part in (subject.service, subject.endpoint))
    result = line.result
    style = {Result.MISSED: "bold red", Result.MET: "green"}.get(result, "") if result else ""
    said = "suspension" if line.suspension else result.value if result else ""
    return (
        Text("  " * depth + str(subject.endpoint or subject.service or subject.site)),
        Text(percent(figures.availability)),
        Text(percent(figures.reliability)),
        Text(percent(figures.unknown_share)),
        Text(f"{targets.availability:g} / {targets.reliability:g}" if targets else ""),
        Text(said, style=style),
    )


def percent(figure: float | None) -> str:
    """Return a figure in per cent; `no data` where there is none."""
    return "no data" if figure is None else f"{figure:.2f} %"
