"""`testbed history`: the nights as a table, what changed between two, and entries put in or taken out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from harness.conformance import changes, history, runs, stability
from harness.conformance.history import History
from harness.conformance.statement import Statement
from harness.conformance.verdicts import Verdict
from harness.errors import BadInput
from harness.printable import storable
from harness.report.site import machine

_FLAKES = 10


def show(*, testbed: str, console: Console, folder: Path = runs.RUNS) -> None:
    """Print the nights of a testbed, newest last, and what flips."""
    with History.open(folder / history.FILE) as store:
        grid = store.grid(testbed)
    shown = [verdict for verdict in reversed(Verdict) if verdict is not Verdict.NOT_OFFERED]
    table = Table(title=f"nights of {testbed}: verdicts on requirements", title_justify="left")
    table.add_column("run", no_wrap=True)
    for heading in ("exit", *(verdict.letter for verdict in shown)):
        table.add_column(heading, justify="right")
    numbers = {number for (kind, *_), number in grid.cells.items() if kind == "requirement"}
    for night, column in zip(grid.nights, grid.columns, strict=True):
        counts = Counter(letter for number, letter in enumerate(column) if number in numbers)
        found = (str(counts[verdict.letter] or "") for verdict in shown)
        table.add_row(night.id, str(night.exit_code), *found)
    console.print(table)
    console.print("  ".join(f"{verdict.letter} {verdict.value}" for verdict in shown), style="dim")
    for flake in stability.flakes(grid)[:_FLAKES]:
        console.print(
            f"flips: {flake.scenario} {flake.flips} of {flake.nights} verdicts ({flake.rate:.1%})",
            highlight=False,
            soft_wrap=True,
        )


def compare(before: str, after: str, *, console: Console, folder: Path = runs.RUNS) -> None:
    """Print what changed from one run of the history to another."""
    with History.open(folder / history.FILE) as store:
        found = changes.compare(store.statement(before), store.statement(after))
    told = storable(machine.told(found))
    console.print(told, highlight=False, markup=False, soft_wrap=True)


def add(
    folders: Sequence[Path], *, dry_run: bool, console: Console, folder: Path = runs.RUNS
) -> None:
    """Enter the statements of folders (a run's, or a published night's).

    Raises
    ------
    BadInput
        where one has no statement, or speaks of a part of a night; then none is entered.
    """
    statements = [Statement.read(one) for one in folders]
    for place, one in zip(folders, statements, strict=True):
        if not one.scope.whole:
            raise BadInput(f"{place}: it is a part of a night only, and no night of the history.")
    with History.open(folder / history.FILE) as store:
        known = {night.id for night in store.nights()}
        for one in statements:
            entered = one.run.id not in known if dry_run else store.add(one)
            word = (
                "is there already" if not entered else "would be entered" if dry_run else "entered"
            )
            console.print(f"{one.run.id}: {word}", highlight=False)


def remove(
    ids: Iterable[str], *, dry_run: bool, console: Console, folder: Path = runs.RUNS
) -> None:
    """Take runs out of the history; their folders stay.

    Raises
    ------
    BadInput
        where there is none of an id.
    """
    with History.open(folder / history.FILE) as store:
        known = {night.id for night in store.nights()}
        for id_ in ids:
            if id_ not in known:
                raise BadInput(
                    f"there is no run {id_} in the history; `testbed history` lists them."
                )
            if not dry_run:
                store.remove(id_)
            console.print(
                f"{id_}: {'would be taken out' if dry_run else 'taken out'}", highlight=False
            )
