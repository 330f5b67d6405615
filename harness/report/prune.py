"""`testbed prune`: the evidence and the pages of old nights go; statements and verdicts stay for ever.

A night of the history keeps what it is judged from, and a note that its evidence was removed on purpose:
it can be judged again, and nobody takes it for damaged. Old runs of a part of a night go as a whole.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from harness import files
from harness.conformance import evidence, history, runs, statement
from harness.conformance.history import History
from harness.conformance.runs import Run
from harness.errors import BadInput
from harness.report import allure
from harness.report import site as sites
from harness.report.site.templating import environment

KEPT = frozenset(
    {statement.FILE, "verdicts.js", "changes.txt", "matrix.csv", "index.html", evidence.PRUNED}
)
"""What stays of a night's pages."""
BULK = (
    evidence.FOLDER,
    evidence.RESULTS,
    allure.RESULTS,
    allure.REPORT,
    allure.HISTORY,
    allure.CONFIGURATION,
)
"""What goes of a night's run; no verdict is judged from it."""


@dataclass(frozen=True)
class Waste:
    """A folder that is no longer needed, or only in part."""

    folder: Path
    size: int
    """Bytes that are won."""
    whole: bool
    """False where the statement in it stays."""
    parts: tuple[Path, ...] = ()
    """What goes of a folder that stays."""


def prune(
    *,
    keep: int,
    dry_run: bool,
    console: Console,
    folder: Path = runs.RUNS,
    site: Path = sites.SITES,
) -> list[Waste]:
    """Remove what is older than the newest `keep` nights of its testbed, and say what goes.

    A run that the history has not, and the newest run, stay whatever their age.

    Raises
    ------
    BadInput
        where `keep` is less than 1.
    """
    if keep < 1:
        raise BadInput(f"--keep {keep}: at least one night is kept.")
    with History.open(folder / history.FILE) as store:
        nights: dict[str, list[str]] = {}
        for night in store.nights():
            nights.setdefault(night.testbed, []).append(night.id)
    waste = [*_runs(folder, nights, keep), *_pages(site, nights, keep)]
    for one in waste:
        if not dry_run:
            _remove(one)
        what = "" if one.whole else " (the statement stays)"
        word = "would go" if dry_run else "gone"
        console.print(
            f"{word}: {one.folder}{what}, {one.size / 2**20:.1f} MiB",
            highlight=False,
            soft_wrap=True,
        )
    console.print(
        f"{len(waste)} folders, {sum(one.size for one in waste) / 2**20:.1f} MiB; "
        f"the newest {keep} nights stay, and every statement",
        highlight=False,
    )
    return waste


def _runs(folder: Path, nights: dict[str, list[str]], keep: int) -> Iterator[Waste]:
    latest = (folder / runs.LATEST).resolve().name
    for path in sorted(folder.glob(f"*/{runs.RECORD}")):
        place = path.parent
        if place.is_symlink() or place.name == latest:
            continue
        run = Run.read(place)
        mine = nights.get(run.testbed, [])
        if run.whole and run.id not in mine:
            continue  # nothing else tells of it
        if len(mine) > keep and run.id < mine[-keep]:
            if not run.whole:
                yield Waste(place, _size(place), whole=True)
            elif parts := tuple(place / name for name in BULK if (place / name).exists()):
                yield Waste(place, sum(map(_size, parts)), whole=False, parts=parts)


def _pages(site: Path, nights: dict[str, list[str]], keep: int) -> Iterator[Waste]:
    for testbed, ids in nights.items():
        for id_ in sites.published(site / testbed):
            if id_ in ids[:-keep]:
                place = site / testbed / id_
                parts = tuple(path for path in place.iterdir() if path.name not in KEPT)
                yield Waste(place, sum(map(_size, parts)), whole=False, parts=parts)


def _size(path: Path) -> int:
    found: Iterable[Path] = path.rglob("*") if path.is_dir() else [path]
    return sum(one.stat().st_size for one in found if one.is_file())


def _remove(waste: Waste) -> None:
    if waste.whole:
        shutil.rmtree(waste.folder)
        return
    # The note and the entry page first: nobody is led to what goes, or takes the rest for damaged.
    day = dt.datetime.now(dt.UTC).date()
    note = (
        f"The evidence was removed on purpose, by `testbed prune` on {day}. The verdicts stand.\n"
    )
    files.replace(waste.folder / evidence.PRUNED, note)
    if not (waste.folder / runs.RECORD).exists():
        gone = environment().get_template("pruned.html").render(id=waste.folder.name)
        files.replace(waste.folder / "index.html", gone)
    for path in waste.parts:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
