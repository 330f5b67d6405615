"""Service levels: the months of a testbed's services, from the history and a run's agreement and downtimes.

What a month is reported by is what the run had before it when it began: a report can be made again, on
any machine, and says the same. What a site declares afterwards counts from the next run on, for every
month that is reported then; so a downtime that is declared late is never lost.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness import files, inventory
from harness.conformance import agreement, downtimes, history, inputs, ola, runs
from harness.conformance.availability import Month
from harness.conformance.history import History
from harness.conformance.ola import Line, MonthlyReport, Result
from harness.conformance.runs import RECORD, Run
from harness.conformance.statement import RunStatement
from harness.errors import BadInput
from harness.model import Testbed

MAX_AGE = dt.timedelta(hours=26)
"""How long what a night saw holds: nights begin each day, and not to the minute."""
_YEAR = 12
"""Months that are reported."""


@dataclass(frozen=True)
class _Terms:
    """The services of a testbed, and the folder with what was agreed and declared of them."""

    testbed: Testbed
    folder: Path


def _terms(folder: Path, run: Run) -> _Terms | None:
    """Return a run's own; today's of a run of a former version; None where its inventory is gone."""
    if run.alone:
        return _Terms(inputs.read_testbed(folder), folder)
    if not Path(run.inventory).exists():
        return None
    found = inventory.load(Path(run.inventory))
    return _Terms(found.testbed, found.folder)


def months(store: History, run: RunStatement, *, folder: Path) -> list[MonthlyReport]:
    """Return the months up to a run, newest first, by what its folder holds.

    None of a run of a former version whose inventory is not there any more.

    Raises
    ------
    BadInput
        where the inventory, the agreement or the list of downtimes is broken.
    """
    terms = _terms(folder, Run.read(folder))
    if terms is None:
        return []
    end = dt.datetime.fromisoformat(run.end or run.start)
    nights = [night for night in store.nights(run.testbed) if night.start <= run.start]
    return _months(store, terms, first=nights[0].began, end=end)


def _months(
    store: History, terms: _Terms, *, first: dt.datetime, end: dt.datetime
) -> list[MonthlyReport]:
    testbed = terms.testbed
    agreed = inputs.read_agreement(terms.folder, testbed)
    down = downtimes.load(terms.folder / downtimes.FILE, testbed)
    samples = store.samples(testbed.name, until=end.isoformat())
    month = Month(end.year, end.month)
    listed: list[MonthlyReport] = []
    while month.period.end > first and len(listed) < _YEAR:
        listed.append(
            ola.report(
                agreed,
                samples,
                down,
                month,
                services=tuple(testbed.services()),
                now=end,
                max_age=MAX_AGE,
            )
        )
        month = month.previous
    return listed


def show(where: Path, month: Month | None, *, console: Console, folder: Path = runs.RUNS) -> bool:
    """Print a month, the newest where none is named; tell whether no target was missed.

    The newest run of the inventory `where` says what was agreed and declared; the inventory itself is
    asked only of a run of a former version, and for its name where no run is of this path.

    Raises
    ------
    BadInput
        where there are no nights, or none of that month; where a copy in the run's folder is broken.
    """
    place, run = _newest(folder, where)
    terms = _terms(place, run)
    if terms is None:
        raise BadInput(
            f"{place}: {_OLD} And its inventory, {run.inventory}, is not there any more."
        )
    with History.open(folder / history.FILE) as store:
        nights = store.nights(run.testbed)
        if not nights:
            raise BadInput(
                f"there are no nights of {run.testbed} yet; `testbed nightly` makes one."
            )
        last = dt.datetime.now(dt.UTC)
        listed = _months(store, terms, first=nights[0].began, end=last)
    chosen = [one for one in listed if month in (None, one.month)]
    if not chosen:
        known = ", ".join(str(one.month) for one in listed)
        raise BadInput(f"there are no nights of {month}; there are those of {known}.")
    console.print(_table(chosen[0]))
    for remark in _remarks(run):
        console.print(remark, highlight=False, soft_wrap=True, markup=False)
    return all(line.result is not Result.MISSED for line in chosen[0].lines)


_OLD = (
    "it was made by a former version, which kept no copy of inventory, agreement and downtimes: "
    "those of today are used."
)


def _newest(folder: Path, where: Path) -> tuple[Path, Run]:
    """Return the newest run of an inventory: of this path, or else of the testbed that it describes."""
    places = [path.parent for path in folder.glob(f"*/{RECORD}") if not path.parent.is_symlink()]
    found = [(place, Run.read(place)) for place in sorted(places, reverse=True)]
    for place, run in found:
        if Path(run.inventory).resolve() == where.resolve():
            return place, run
    name = inventory.load(where).testbed.name
    for place, run in found:
        if run.testbed == name:
            return place, run
    raise BadInput(f"{folder}: there is no run of {name} yet; `testbed nightly` makes one.")


def _remarks(run: Run) -> Iterator[str]:
    """Say by what the month is reported, and what was declared too late for it."""
    if not run.alone:
        yield f"{run.id}: {_OLD}"
        return
    yield f"by what was agreed and declared when the run {run.id} began"
    beside = Path(run.inventory)
    for name in (agreement.FILE, downtimes.FILE):
        today = (beside if beside.is_dir() else beside.parent) / name
        if today.exists() and files.digest(today) != run.files.get(name):
            yield f"{today} is another today; it counts from the next run on."


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
