"""Whether a run's folder is still what the run left: what is damaged is told, never silently judged.

`run.json` has the digests of the plan, the copies, the outcomes and the list of evidence, and that list
has those of the evidence. Damage that makes verdicts impossible is refused; where only evidence is gone,
the run is judged, and its judgement says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from harness import files
from harness.conformance import evidence, inputs, outcomes, statement
from harness.conformance.outcomes import OUTCOMES, PLAN, Cell, Outcome
from harness.conformance.runs import RECORD, Run
from harness.conformance.statement import Statement
from harness.errors import BadInput

_MOST = 3
"""Files that a sentence names."""


@dataclass(frozen=True)
class Record:
    """What a run set out to do and saw, as far as it can be trusted."""

    plan: tuple[Cell, ...]
    outcomes: tuple[Outcome, ...]
    damage: tuple[str, ...]
    """What of the evidence is gone or was changed, in sentences; not what was pruned."""


def read(folder: Path, run: Run) -> Record:
    """Read the plan and the outcomes of a run, and look after its evidence.

    Raises
    ------
    BadInput
        where damage makes verdicts impossible; names the file, and the line where there is one.
    """
    if faults := [text for name, text in _unsealed(folder, run) if name not in inputs.LISTS]:
        raise BadInput("\n".join(faults) + _REMEDY)
    plan = outcomes.read_plan(folder)
    _check_ended(folder, run, plan)
    seen = outcomes.read(folder) if (folder / OUTCOMES).exists() else ()
    _check_strangers(folder, run, plan, seen)
    _check_shared(folder, run, seen)
    return Record(plan, seen, tuple(_in_brief(folder, seen)))


_REMEDY = (
    "\n  Nothing was judged, and the verdicts and pages are as they were. Restore the file from "
    f"a backup (or {RECORD}, if that is another run's). Without a backup, run again: `testbed run`."
)


def edited(folder: Path, run: Run) -> list[str]:
    """Return which lists beside the inventory are not as they were when the run began.

    People may edit them in a run's folder, to see what it would be judged by them.
    """
    found = [text for name, text in _unsealed(folder, run) if name in inputs.LISTS]
    if run.alone:
        found += [
            f"{folder / name}: did not exist when the run began"
            for name in inputs.LISTS
            if name not in run.files and (folder / name).exists()
        ]
    return found


def _unsealed(folder: Path, run: Run) -> Iterator[tuple[str, str]]:
    """Yield each file that is not as `run.json` has it, and what is wrong; not what was pruned."""
    sealed = dict(run.files)
    if run.alone:
        sealed = {PLAN: "", inputs.INVENTORY: ""} | sealed
        there = (folder / inputs.CATALOGUE).glob("*.yaml"), (folder / inputs.FRAMEWORK).glob("*.md")
        for path in sorted(chain(*there)):
            if f"{path.parent.name}/{path.name}" not in sealed:
                yield path.name, f"{path}: did not exist when the run began"
    pruned = evidence.pruned(folder)
    for name, digest in sealed.items():
        path = folder / name
        if pruned and name.startswith(f"{evidence.RESULTS}/") and not path.exists():
            continue
        found = files.digest(path)
        if found is None:
            yield name, f"{path}: is missing or cannot be read"
        elif found != digest:
            yield name, f"{path}: {_changed(path, run)}"


def _changed(path: Path, run: Run) -> str:
    if path.name == PLAN:
        lines = files.content(path).count(b"\n")
        if lines != run.planned:
            return f"has {lines} cells, and {RECORD} says that {run.planned} were planned"
    return f"does not have the SHA-256 that {RECORD} records: it was changed, or belongs to another run"


def _check_ended(folder: Path, run: Run, plan: Sequence[Cell]) -> None:
    """Refuse a run that has ended, and whose files are lost or cut: all of it would be *not run*.

    One that was killed or interrupted, or could not run anything, is judged by what it has.
    """
    if run.end is None or run.not_run:
        return
    path = folder / OUTCOMES
    content = files.content(path) if path.exists() else None
    if not plan:
        what = f"{folder / PLAN} is empty"
    elif content is None:
        what = f"{path} is not there"
    elif not content:
        what = f"{path} is empty"
    elif not content.endswith(b"\n"):
        what = f"{path} ends in the middle of a line"
    else:
        return
    raise BadInput(f"{what}, although the run ended ({run.end})." + _REMEDY)


def _check_strangers(folder: Path, run: Run, plan: Sequence[Cell], seen: Sequence[Outcome]) -> None:
    """Refuse outcomes of cells that were not planned, and cells of routes that are not the run's."""
    routes = {(route.home, route.resource, route.site) for route in run.routes}
    for number, cell in enumerate(plan, start=1):
        if (cell.home, cell.resource, cell.site) not in routes:
            raise BadInput(
                f"{folder / PLAN}:{number}: {cell} at {cell.site} is on no route of the run "
                f"({RECORD}): one of the two files belongs to another run.{_REMEDY}"
            )
    planned = {cell.key for cell in plan}
    for number, outcome in enumerate(seen, start=1):
        if outcome.key not in planned:
            raise BadInput(
                f"{folder / OUTCOMES}:{number}: {outcome} is not in {PLAN}: a line is missing "
                f"there, or one of the two files belongs to another run.{_REMEDY}"
            )


def _check_shared(folder: Path, run: Run, seen: Sequence[Outcome]) -> None:
    """Refuse outcomes that name one file of evidence; runs of form 1 have such (see `shared`)."""
    names: dict[str, int] = {}
    for number, outcome in enumerate(seen, start=1) if run.alone else ():
        if outcome.evidence and outcome.evidence in names:
            raise BadInput(
                f"{folder / OUTCOMES}:{number}: {outcome.evidence} is already the evidence of "
                f"line {names[outcome.evidence]}.{_REMEDY}"
            )
        names[outcome.evidence or ""] = number


def shared(seen: Iterable[Outcome]) -> int:
    """Return how many outcomes name a file of evidence that another one names too."""
    found = Counter(outcome.evidence for outcome in seen if outcome.evidence)
    return sum(number for number in found.values() if number > 1)


def _in_brief(folder: Path, seen: Sequence[Outcome]) -> Iterator[str]:
    """Say in a sentence each what of the evidence is gone, and what was changed."""
    named = [outcome.evidence for outcome in seen if outcome.evidence]
    known = evidence.recorded(folder) or _stated(folder)
    found = evidence.on_disk(folder)
    gone = [name for name in dict.fromkeys(named) if name not in found]
    changed = [name for name in found if found[name] != known.get(name, found[name])]
    for names, what in ((gone, "gone"), (changed, "changed since the run")):
        if names and not (names is gone and evidence.pruned(folder)):
            more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
            yield (
                f"evidence that is {what}: {len(names)} of {len(set(named))} files "
                f"({', '.join(names[:_MOST])}{more}). The verdicts are valid without it; "
                "restore the files from a backup."
            )


def _stated(folder: Path) -> dict[str, str]:
    """Return the digests of a statement that was made before; none where there is none."""
    try:
        return Statement.read(folder).evidence
    except BadInput:
        return {}


def verify(folder: Path) -> list[str]:
    """Return what in the folder of a run, or of a published night, is not as it was left.

    Raises
    ------
    BadInput
        where the folder is neither.
    """
    if not (folder / RECORD).exists():
        return statement.verify(folder)
    try:
        run = Run.read(folder)
    except BadInput as error:
        return [str(error)]
    complaints = [text for name, text in _unsealed(folder, run) if name not in inputs.LISTS]
    complaints += edited(folder, run)
    if not complaints:
        complaints += _unreadable(folder, run)
    return complaints + list(_against_statement(folder, run))


def _unreadable(folder: Path, run: Run) -> Iterator[str]:
    """Yield why the run cannot be judged, or what of its evidence is damaged where nothing states it."""
    try:
        record = read(folder, run)
    except BadInput as error:
        yield str(error).removesuffix(_REMEDY)
    else:
        yield from () if (folder / statement.FILE).exists() else record.damage


def _against_statement(folder: Path, run: Run) -> Iterator[str]:
    """Yield what the statement says otherwise than the folder; a run under way needs none."""
    if not (folder / statement.FILE).exists():
        if run.end:
            yield f"{folder / statement.FILE}: is not there. `testbed judge {folder}` makes it."
        return
    try:
        stated = Statement.read(folder)
        recorded = evidence.recorded(folder)
    except BadInput as error:
        yield str(error)
        return
    if stated.run.id != run.id:
        yield f"{folder / statement.FILE}: is of the run {stated.run.id}, and {RECORD} of {run.id}"
    yield from statement.verify(folder, stated)
    for name, digest in recorded.items():
        if stated.evidence.get(name) != digest:
            yield f"{name}: {statement.FILE} has another SHA-256 than {evidence.DIGESTS}"
