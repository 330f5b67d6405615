"""A run in parts: each part has some of the sites, and `testbed merge` judges all parts as one run.

The unit is a site, so that what one site bears at once holds in each part. A part is a run with its own
folder, on any machine that has the same checkout, inventory and secrets.
"""

from __future__ import annotations

import os
import re
import shutil
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from harness import files, report
from harness.conformance import evidence, inputs, judging, outcomes, runs, verification
from harness.conformance.outcomes import Cell
from harness.conformance.runs import Run
from harness.errors import BadInput
from harness.model import Route
from harness.report import allure
from harness.science import records

_SHAPE = re.compile(r"([1-9]\d{0,3})/([1-9]\d{0,3})")

_ALIKE = (
    "testbed", "inventory", "harness", "commit", "keyword", "requirements", "families", "extent",
    "partial", "infrastructures", "homes", "services",
)  # fmt: skip
"""What parts of one run have in common, beside the files that judge it."""
_OWN = frozenset({outcomes.PLAN, outcomes.OUTCOMES, evidence.DIGESTS})
"""Files in which parts of one run differ."""


@dataclass(frozen=True)
class Shard:
    """The part of a run that `--shard 2/8` asks for."""

    number: int
    of: int

    @classmethod
    def parse(cls, text: str) -> Shard:
        """Read `2/8`.

        Raises
        ------
        BadInput
            where it is no such pair.
        """
        match = _SHAPE.fullmatch(text)
        if match is None or int(match[1]) > int(match[2]):
            raise BadInput(
                f"--shard {text}: write the number of the part and how many there are, from 1/8 to 8/8."
            )
        return cls(int(match[1]), int(match[2]))

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    def take(self, chosen: Iterable[Route]) -> tuple[Route, ...]:
        """Return the routes to the sites of this part: of eight parts, the second has every eighth site.

        Raises
        ------
        BadInput
            where there are fewer sites than parts.
        """
        found = tuple(chosen)
        sites = list(dict.fromkeys(route.resource.name for route in found))
        if self.of > len(sites):
            raise BadInput(
                f"--shard {self}: the routes lead to {len(sites)} sites, and each part needs one. "
                f"Choose at most {len(sites)} parts."
            )
        mine = set(sorted(sites)[self.number - 1 :: self.of])
        return tuple(route for route in found if route.resource.name in mine)


def merge(folders: Sequence[Path], *, console: Console, parent: Path = runs.RUNS) -> int:
    """Join the parts of a run in a folder of its own, judge it, and build its report.

    Return the exit code that the verdicts ask for.

    Raises
    ------
    BadInput
        where a folder is no part, a part is damaged, missing or there twice, or parts are of different
        plans; nothing is written then.
    """
    places = [folder.resolve() for folder in folders]
    parts = [Run.read(place) for place in places]
    _check_numbers(places, parts)
    _check_alike(places, parts)
    cells: dict[tuple[str, str], Path] = {}
    planned: list[Cell] = []
    for place, part in zip(places, parts, strict=True):
        for cell in verification.read(place, part).plan:
            if cell.key in cells:
                raise BadInput(f"{place}: the cell {cell} is in {cells[cell.key]} too.")
            cells[cell.key] = place
            planned.append(cell)
    folder = runs.make_folder(parent)
    outcomes.write_plan(folder, planned)
    _join(places, folder)
    _copy_inputs(places[0], parts[0], folder)
    record = _record(folder, parts, len(planned))
    record.write(folder)
    judgement = judging.judge(folder, record)
    record = record.model_copy(update={"exit_code": int(judgement.exit_code)})
    record.write(folder)
    runs.point_latest(folder)
    console.print(
        f"run {record.id}: {len(parts)} parts, {len(record.routes)} routes, {len(planned)} cells",
        highlight=False,
    )
    report.build(folder, console=console)
    return int(judgement.exit_code)


def _check_numbers(places: Sequence[Path], parts: Sequence[Run]) -> None:
    """Refuse parts that are not all of one run, each once."""
    found: dict[Shard, Path] = {}
    for place, part in zip(places, parts, strict=True):
        if not part.shard:
            raise BadInput(f"{place} is no part of a run: `testbed run --shard 2/8` makes parts.")
        if part.end is None:
            raise BadInput(f"{place}: this part has not ended. Wait for it, or run it again.")
        shard = Shard.parse(part.shard)
        if shard in found:
            raise BadInput(f"{place}: the part {shard} is given twice, also as {found[shard]}.")
        found[shard] = place
    if not found:
        raise BadInput("no part is named. Name the folders that `testbed run --shard` has made.")
    sizes = Counter(shard.of for shard in found)
    if len(sizes) > 1:
        raise BadInput(f"parts of different plans: {', '.join(map(str, sorted(map(str, found))))}.")
    of = next(iter(sizes))
    if missing := [str(Shard(n, of)) for n in range(1, of + 1) if Shard(n, of) not in found]:
        raise BadInput(
            f"parts are missing: {', '.join(missing)}. Run them (`testbed run --shard {missing[0]}`), "
            "then merge all."
        )


def _check_alike(places: Sequence[Path], parts: Sequence[Run]) -> None:
    """Refuse parts that were not planned alike."""
    first = parts[0]
    for place, part in zip(places, parts, strict=True):
        differing = [name for name in _ALIKE if getattr(part, name) != getattr(first, name)]
        names = {name for name in (*part.files, *first.files) if not _is_own(name)}
        differing += sorted(n for n in names if part.files.get(n) != first.files.get(n))
        if differing:
            raise BadInput(
                f"{place} is of another plan than {places[0]}: they differ in {', '.join(differing)}. "
                "Run all parts with the same checkout, inventory and options."
            )


def _join(places: Iterable[Path], folder: Path) -> None:
    """Put what the parts saw into one folder."""
    for name in (evidence.FOLDER, allure.RESULTS, records.FOLDER):
        (folder / name).mkdir()
    for name in (outcomes.OUTCOMES, evidence.DIGESTS):
        whole = b"".join(_lines(place / name) for place in places)
        files.replace(folder / name, whole)
    for place in places:
        for name in (evidence.FOLDER, allure.RESULTS, records.FOLDER):
            for path in (place / name).glob("*"):
                _link(path, folder / name / path.name)
        shutil.copytree(place / runs.LOGS, folder / runs.LOGS / place.name, dirs_exist_ok=True)


def _is_own(name: str) -> bool:
    """Tell whether a file is of what one part alone has seen."""
    return name in _OWN or name.startswith(f"{records.FOLDER}/")


def _lines(path: Path) -> bytes:
    """Return the whole lines of a file; what a killed process left of the last one is no line."""
    content = files.content(path) if path.exists() else b""
    return content[: content.rfind(b"\n") + 1]


def _link(path: Path, place: Path) -> None:
    """Bring a file along, as a link to the same content where the disk can."""
    try:
        os.link(path, place)
    except OSError:
        files.copy(path, place)


def _copy_inputs(source: Path, part: Run, folder: Path) -> None:
    """Copy what judges a run; all parts have the same."""
    for name in filter(lambda name: not _is_own(name), part.files):
        (folder / name).parent.mkdir(exist_ok=True)
        files.copy(source / name, folder / name)


def _record(folder: Path, parts: Sequence[Run], planned: int) -> Run:
    """Return the record of the run that the parts make."""
    first = parts[0]
    versions = {host: found for part in parts for host, found in part.versions.items()}
    own = [outcomes.PLAN, outcomes.OUTCOMES, evidence.DIGESTS, *records.names(folder)]
    seen = inputs.digests(folder, own)
    reasons = dict.fromkeys(part.not_run for part in parts if part.not_run)
    return first.model_copy(
        update={
            "id": folder.name,
            "start": min(part.start for part in parts),
            "end": max(part.end or part.start for part in parts),
            "routes": tuple(sorted((r for p in parts for r in p.routes), key=lambda r: r.control)),
            "versions": versions,
            "faults": tuple(dict.fromkeys(fault for part in parts for fault in part.faults)),
            "interrupted": any(part.interrupted for part in parts),
            "not_run": "; ".join(reasons),
            "shard": "",
            "parts": tuple(part.id for part in parts),
            "planned": planned,
            "files": {n: d for n, d in first.files.items() if not _is_own(n)} | seen,
            "exit_code": None,
        }
    )
