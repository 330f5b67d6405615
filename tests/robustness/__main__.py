"""Try the faults and ends on the twin testbed, and write what came of each as a table.

`make robustness` starts the twin and runs all; names of trials as arguments choose some.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from harness import files
from harness import inventory as inventories
from harness.errors import TestbedError
from tests.robustness import inputs
from tests.robustness.bed import SOME, Bed
from tests.robustness.ends import ENDS
from tests.robustness.faults import BROKEN_PLAY, FAULTS, STANDING
from tests.robustness.inputs import Tried
from tests.robustness.trials import (
    try_end,
    try_fault,
    try_full_disk,
    try_play,
    try_standing,
    undisturbed,
)

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "robustness.md"
Trial = tuple[str, Callable[[], Iterator[str]]]
"""Its name, and what tries it."""


@dataclass(frozen=True)
class Row:
    """What came of one trial."""

    name: str
    cells: str
    """How many changed, of how many; and into which verdicts."""
    flaws: tuple[str, ...]
    seconds: float

    @property
    def result(self) -> str:
        """What is said in the table."""
        return "as required" if not self.flaws else f"{len(self.flaws)} wrong"


def main() -> int:
    """Try them; return 1 where one did not come out as it must."""
    parser = argparse.ArgumentParser(prog="python -m tests.robustness", description=__doc__)
    parser.add_argument("--inventory", type=Path, default=ROOT / "inventories" / "twin")
    parser.add_argument(
        "--write", action="store_true", help=f"write the tables of what was tried into {PAGE.name}"
    )
    parser.add_argument("names", nargs="*", metavar="WORDS", help="only trials whose name has them")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="robustness-") as name:
        bed = Bed(asked.inventory.resolve(), inventories.load(asked.inventory), Path(name))
        up = bed.command("up")
        if up.code:
            raise TestbedError(f"`testbed up` ended with {up.code}: {up.last_line}")
        before = undisturbed(bed)
        tried = {} if asked.names else _damaged(bed)
        trials: list[Trial] = [
            *((one.name, lambda one=one: try_fault(bed, one, before)) for one in FAULTS),
            *((one.name, lambda one=one: try_end(bed, one, before)) for one in ENDS),
            (BROKEN_PLAY.name, lambda: try_play(bed, BROKEN_PLAY, before)),
            ("the disk of the runs fills up", lambda: try_full_disk(bed, before)),
        ]
        all_night: list[Trial] = [
            (f"all night: {one.fault.name}", lambda one=one: try_standing(bed, one))
            for one in STANDING
        ]

        def chosen(among: list[Trial]) -> list[Row]:
            named = [
                one
                for one in among
                if not asked.names or any(word in one[0] for word in asked.names)
            ]
            return [_tried(title, trial, bed) for title, trial in named]

        rows, sentences = chosen(trials), chosen(all_night)
    if asked.write:
        if rows:
            _write("trouble", _trouble(rows, len(before.scenarios)))
        if sentences:
            _write("readers", _readers(sentences))
        if tried:
            _write("files", _files(tried))
    flaws = [one for ones in tried.values() for one in ones if one.flaw]
    return int(bool(flaws) or any(row.flaws for row in (*rows, *sentences)))


def _damaged(bed: Bed) -> dict[str, list[Tried]]:
    """Try every damaged file; tell each flaw."""
    run = bed.newest()
    assert run is not None
    tried = {
        "of an inventory": list(inputs.inventories_damaged(bed.inventory)),
        "of a run": list(inputs.runs_damaged(run)),
    }
    for what, ones in tried.items():
        print(f"{len(ones)} damaged files {what}", flush=True)
        for one in ones:
            if one.flaw:
                print(f"    {one.what}: {one.flaw}", flush=True)
    return tried


def _tried(name: str, trial: Callable[[], Iterator[str]], bed: Bed) -> Row:
    begun = time.monotonic()
    try:
        cells, *flaws = trial()
    except (RuntimeError, subprocess.CalledProcessError) as error:
        cells, flaws = "not tried", [f"the trial itself broke: {error}"]
    row = Row(name, cells, tuple(flaws), time.monotonic() - begun)
    print(f"{row.name}: {row.cells}; {row.result} ({row.seconds:.0f} s)", flush=True)
    for flaw in row.flaws:
        print(f"    {flaw}", flush=True)
    if row.flaws:
        print("\n".join(bed.log[-3:]), file=sys.stderr)
    return row


def _trouble(rows: list[Row], cells: int) -> list[str]:
    return [
        f"Each run has {cells} cells; the trouble begins when {SOME} of them have been seen.",
        "",
        "| trouble in mid-run | cells whose verdict changed | result |",
        "|---|---|---|",
        *(f"| {row.name} | {row.cells} | {row.result} |" for row in rows),
    ]


def _readers(rows: list[Row]) -> list[str]:
    return [
        "| all night | what the front page says first | result |",
        "|---|---|---|",
        *(
            f"| {row.name.removeprefix('all night: ')} | {row.cells} | {row.result} |"
            for row in rows
        ),
    ]


def _files(tried: dict[str, list[Tried]]) -> list[str]:
    return [
        "| files | inputs | accepted | refused | flaws |",
        "|---|---|---|---|---|",
        *(f"| {what} | {' | '.join(map(str, _counts(ones)))} |" for what, ones in tried.items()),
    ]


def _counts(ones: list[Tried]) -> tuple[int, int, int, int]:
    flaws = sum(bool(one.flaw) for one in ones)
    taken = sum(one.taken for one in ones)
    return len(ones), taken, len(ones) - taken - flaws, flaws


def _write(section: str, lines: list[str]) -> None:
    """Put lines between the marks of a section of the page."""
    begin, end = f"<!-- {section} -->", f"<!-- end of {section} -->"
    head, _, rest = PAGE.read_text(encoding="utf-8").partition(begin)
    tail = rest.partition(end)[2]
    files.replace(PAGE, "\n".join([head + begin, *lines, end + tail]))


if __name__ == "__main__":
    sys.exit(main())
