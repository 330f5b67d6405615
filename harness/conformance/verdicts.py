"""The judge: from recorded outcomes to verdicts, after the run and never inline.

A pure function of what a run's folder holds, so an old run can be judged again. The rules stand in the
order in which they apply, from `_judge_cell` on.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from harness.conformance.catalogue import Catalogue, Level, Requirement, not_held
from harness.conformance.deviations import KnownDeviation
from harness.conformance.outcomes import Cell, ErrorClass, Measurement, Outcome, Stage, Status
from harness.errors import BadInput, ExitCode

VERDICTS = "verdicts.json"


class Verdict(StrEnum):
    """What is published of a scenario or a requirement on a route, from best to worst.

    The worst of a requirement's scenarios counts. What is not offered ranks below what conforms: a
    requirement that one service meets, and another is not held to, is met. A warning is a SHOULD, MAY
    or draft that was missed, or a capability that is there and not declared.
    """

    NOT_OFFERED = "not offered"
    CONFORMANT = "conformant"
    WARNING = "warning"
    KNOWN_DEVIATION = "known deviation"
    NOT_RUN = "not run"
    INCONCLUSIVE = "inconclusive"
    SITE_FAULT = "site fault"
    DEVIATION = "deviation"

    @property
    def rank(self) -> int:
        """0 for the best."""
        return list(Verdict).index(self)

    @property
    def letter(self) -> str:
        """The letter that stands for it in matrices and histories."""
        return "OCWKNISD"[self.rank]


class HostFault(BaseModel):
    """A host that failed its health check, before or after the scenarios."""

    model_config = ConfigDict(frozen=True)

    host: str
    when: str
    """`before`, `after`, or, of one that is told once for both, `before and after`."""
    what: str

    def __str__(self) -> str:
        return f"{self.host} failed its health check {self.when} the run ({self.what})"


def told_once(faults: Iterable[HostFault]) -> list[HostFault]:
    """Return the faults, with what was found before and after the run as one."""
    times: dict[tuple[str, str], set[str]] = {}
    for fault in faults:
        times.setdefault((fault.host, fault.what), set()).add(fault.when)
    return [
        HostFault(host=host, when=" and ".join(sorted(when, reverse=True)), what=what)
        for (host, what), when in sorted(times.items())
    ]


class Attempt(BaseModel):
    """An attempt at a cell that showed nothing, so that it was tried once more."""

    model_config = ConfigDict(frozen=True)

    number: int
    status: Status
    stage: Stage | None = None
    error: ErrorClass | None = None
    message: str = ""
    evidence: str | None = None

    def __str__(self) -> str:
        what = f"{self.stage} failed" if self.stage else self.status
        return f"attempt {self.number}: {what}: {self.message}"


class CellVerdict(Cell):
    """The verdict on a scenario over a route, and why."""

    verdict: Verdict
    reason: str = ""
    stage: Stage | None = None
    error: ErrorClass | None = None
    attempts: int = 0
    """Number of the attempt that counts, which is the last."""
    earlier: tuple[Attempt, ...] = ()
    """The attempts before it."""
    evidence: str | None = None
    measurements: tuple[Measurement, ...] = ()
    """What the attempt that counts has measured."""
    known: KnownDeviation | None = None
    """The entry by which the failure is known."""

    @property
    def missing(self) -> bool:
        """True where the run has no outcome of it: it was interrupted, or broke down.

        What the testbed by its nature cannot run has one, which says so; no other run would do better.
        """
        return self.verdict is Verdict.NOT_RUN and not self.attempts

    @property
    def is_control(self) -> bool:
        """True where user and resource belong to the same infrastructure."""
        return self.home == self.resource


class RequirementVerdict(BaseModel):
    """The verdict on a requirement over a route: the worst of its scenarios'."""

    model_config = ConfigDict(frozen=True)

    id: str
    level: Level
    confirmed: bool
    """False where the requirement's source has not been opened yet."""
    route: str
    verdict: Verdict
    scenarios: tuple[str, ...]


class Judgement(BaseModel):
    """All verdicts of a run."""

    model_config = ConfigDict(frozen=True)

    scenarios: tuple[CellVerdict, ...]
    requirements: tuple[RequirementVerdict, ...]
    totals: dict[Verdict, int]
    """Scenarios times routes, by verdict."""
    executed: int
    """Cells that really acted on the sites."""
    covered: int
    """Requirements that a scenario of this run names."""
    catalogue: int
    """Requirements of the catalogue but those withdrawn: the scope that `covered` is a part of."""
    complaints: tuple[str, ...] = ()
    """What is wrong with the list of known deviations: entries that expired, or that pass now."""

    @property
    def exit_code(self) -> ExitCode:
        """What the command tells its caller."""
        found = set(self.totals)
        if found & {Verdict.DEVIATION, Verdict.SITE_FAULT} or self.complaints:
            return ExitCode.DEVIATIONS
        if Verdict.INCONCLUSIVE in found or any(cell.missing for cell in self.scenarios):
            return ExitCode.INCONCLUSIVE
        # A run that acted on nothing shows nothing, whatever its cells say.
        return ExitCode.AS_EXPECTED if self.executed else ExitCode.DEVIATIONS

    def write(self, folder: Path) -> None:
        """Write `verdicts.json` into a run's folder."""
        (folder / VERDICTS).write_text(self.model_dump_json(indent=1) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Judgement:
        """Read the `verdicts.json` of a run's folder.

        Raises
        ------
        BadInput
            where there is none, or it is broken.
        """
        path = folder / VERDICTS
        try:
            return cls.model_validate_json(path.read_text(encoding="utf-8"))
        except (FileNotFoundError, NotADirectoryError):
            raise BadInput(
                f"{folder} has no {VERDICTS}. `testbed judge {folder}` makes it of a run."
            ) from None
        except ValidationError as error:
            raise BadInput(f"{path}: {error}") from error


def judge(
    plan: Iterable[Cell],
    outcomes: Iterable[Outcome],
    *,
    catalogue: Catalogue,
    faults: Iterable[HostFault] = (),
    why_not_run: str = "no outcome was recorded",
    known: Iterable[KnownDeviation] = (),
    day: dt.date = dt.date.min,
) -> Judgement:
    """Judge every planned cell, and every requirement over every route.

    `why_not_run` is said of cells that have no outcome: the run was interrupted, or its tool crashed.
    `day` is the run's, by which deviations that are `known` count or have expired.
    """
    cells, known = tuple(plan), tuple(known)
    judge_cell = _Bench(
        outcomes=outcomes,
        catalogue=catalogue,
        faults=faults,
        why_not_run=why_not_run,
        known=[entry for entry in known if not entry.expired(day)],
    )
    verdicts = tuple(judge_cell(cell) for cell in cells)
    return Judgement(
        scenarios=verdicts,
        requirements=tuple(_requirements(cells, catalogue, judge_cell)),
        totals=dict(Counter(verdict.verdict for verdict in verdicts)),
        executed=sum(judge_cell.executed(cell) for cell in cells),
        covered=len({i for cell in cells for i in cell.requirements if catalogue[i].in_scope}),
        catalogue=sum(requirement.in_scope for requirement in catalogue),
        complaints=tuple(_complaints(known, verdicts, day)),
    )


def _complaints(
    known: Iterable[KnownDeviation], verdicts: Iterable[CellVerdict], day: dt.date
) -> Iterator[str]:
    """Say which entries must be removed or renewed; those that the run did not touch are left alone."""
    cells = tuple(verdicts)
    for entry in known:
        touched = [cell for cell in cells if entry.covers(cell)]
        found = {cell.verdict for cell in touched}
        if touched and entry.expired(day):
            yield (
                f"{entry}: the known deviation has expired on {entry.expires}; "
                f"{entry.owner} mends it, or gives it a new date and the reason."
            )
        elif Verdict.CONFORMANT in found and found <= {Verdict.CONFORMANT, Verdict.NOT_OFFERED}:
            yield f"{entry}: the known deviation passes now: remove it."


class _Bench:
    """The outcomes at hand, and the rules that turn one cell's into a verdict."""

    def __init__(
        self,
        *,
        outcomes: Iterable[Outcome],
        catalogue: Catalogue,
        faults: Iterable[HostFault],
        why_not_run: str,
        known: Sequence[KnownDeviation],
    ) -> None:
        self._catalogue, self._why_not_run, self._known = catalogue, why_not_run, known
        self._faults: dict[str, list[str]] = {}
        for fault in told_once(faults):
            self._faults.setdefault(fault.host, []).append(str(fault))
        self._attempts: dict[tuple[str, str], list[Outcome]] = {}
        for outcome in sorted(outcomes, key=_age):
            self._attempts.setdefault(outcome.key, []).append(outcome)
        self._last = {key: attempts[-1] for key, attempts in self._attempts.items()}

    def executed(self, cell: Cell) -> bool:
        """Tell whether the cell acted on the sites."""
        outcome = self._last.get(cell.key)
        return outcome is not None and outcome.executed

    def __call__(self, cell: Cell, *, by: Requirement | None = None) -> CellVerdict:
        """Judge a cell by all that it shows, or by one requirement alone."""
        shown = [self._catalogue[id_] for id_ in cell.requirements]
        held = [one for one in ([by] if by else shown) if one.held_by(cell.profiles)]
        outcome = self._last.get(cell.key)
        earlier = tuple(map(_attempt, self._attempts.get(cell.key, ())[:-1]))
        known = None
        if held:
            binding = any(requirement.binding for requirement in held)
            verdict, reason = self._judge_cell(cell, outcome, binding=binding)
            if verdict in (Verdict.DEVIATION, Verdict.SITE_FAULT):
                known = self._entry(cell)
            if known is not None:
                verdict, reason = Verdict.KNOWN_DEVIATION, _excused(known, reason)
        else:
            verdict, reason = Verdict.NOT_OFFERED, not_held(cell.site, cell.profiles, shown)
        return CellVerdict(
            **{name: getattr(cell, name) for name in Cell.model_fields},
            known=known,
            verdict=verdict,
            reason=_joined(reason, *map(str, earlier)),
            stage=outcome.stage if outcome else None,
            error=outcome.error if outcome else None,
            attempts=outcome.attempt if outcome else 0,
            earlier=earlier,
            evidence=outcome.evidence if outcome else None,
            measurements=outcome.measurements if outcome else (),
        )

    def _entry(self, cell: Cell) -> KnownDeviation | None:
        """Return the entry that covers the cell by a requirement that the site is held to."""
        held = [i for i in cell.requirements if self._catalogue[i].held_by(cell.profiles)]
        narrowed = cell.model_copy(update={"requirements": tuple(held)})
        return next((entry for entry in self._known if entry.covers(narrowed)), None)

    def _judge_cell(
        self, cell: Cell, outcome: Outcome | None, *, binding: bool
    ) -> tuple[Verdict, str]:
        if outcome is None:
            return Verdict.NOT_RUN, self._why_not_run
        if outcome.status == "not run":
            return Verdict.NOT_RUN, outcome.message
        if outcome.status == "not offered":
            verdict = Verdict.WARNING if outcome.warning else Verdict.NOT_OFFERED
            return verdict, _joined(outcome.message, outcome.warning)
        if outcome.status == "passed":
            return Verdict.CONFORMANT, outcome.warning
        return self._judge_failed(cell, outcome, binding=binding)

    def _judge_failed(self, cell: Cell, outcome: Outcome, *, binding: bool) -> tuple[Verdict, str]:
        if cause := self._inconclusive(outcome):
            return Verdict.INCONCLUSIVE, cause
        if not binding:
            return Verdict.WARNING, f"not required, but missed: {_said(outcome)}"
        if cell.home == cell.resource:
            return Verdict.SITE_FAULT, f"{cell.site} fails its own users: {_said(outcome)}"
        return self._judge_failed_crossing(cell, outcome)

    def _judge_failed_crossing(self, cell: Cell, outcome: Outcome) -> tuple[Verdict, str]:
        """Hold a failure on a cross route against the resource site's own control."""
        route = f"{cell.resource}:{cell.resource}"
        control = self._last.get((cell.scenario, route))
        if control is None:
            return Verdict.DEVIATION, _joined(_said(outcome), f"the control {route} was not run")
        if control.status == "not run":
            return Verdict.DEVIATION, _joined(_said(outcome), f"the control {route} was not run")
        if control.status == "not offered":
            return Verdict.DEVIATION, _joined(_said(outcome), f"the control {route} has it not")
        if control.status == "passed":
            return Verdict.DEVIATION, _joined(_said(outcome), self._at_home(cell))
        if cause := self._inconclusive(control):
            return (
                Verdict.INCONCLUSIVE,
                f"failed ({_said(outcome)}), and the control {route} shows nothing: {cause}",
            )
        return (
            Verdict.SITE_FAULT,
            f"{cell.site} fails its own users too: {_said(outcome)}",
        )

    def _at_home(self, cell: Cell) -> str:
        """Say so where the scenario fails at the user's home as well."""
        route = f"{cell.home}:{cell.home}"
        home = self._last.get((cell.scenario, route))
        failed = home is not None and home.status == "failed"
        return f"it fails on {route} as well, so look at {cell.home} first" if failed else ""

    def _inconclusive(self, outcome: Outcome) -> str:
        """Return why this outcome shows nothing; empty where it does show something."""
        ill = [fault for host in outcome.hosts for fault in self._faults.get(host, ())]
        if outcome.status == "error":
            return _joined(f"{outcome.stage} failed: {_said(outcome)}", *ill)
        if outcome.status == "failed" and ill:
            return _joined(*ill, f"{outcome.stage} failed: {_said(outcome)}")
        return ""


def _requirements(
    cells: tuple[Cell, ...], catalogue: Catalogue, judge_cell: Callable[..., CellVerdict]
) -> Iterable[RequirementVerdict]:
    """Judge each requirement by its own level: one scenario may show a MUST and a SHOULD."""
    showing: dict[tuple[str, str], list[Cell]] = {}
    for cell in cells:
        for id_ in cell.requirements:
            showing.setdefault((id_, cell.route), []).append(cell)
    for (id_, route), shown_by in sorted(showing.items()):
        requirement = catalogue[id_]
        verdicts = [judge_cell(cell, by=requirement).verdict for cell in shown_by]
        yield RequirementVerdict(
            id=id_,
            level=requirement.level,
            confirmed=requirement.confirmed,
            route=route,
            verdict=worst(verdicts),
            scenarios=tuple(cell.scenario for cell in shown_by),
        )


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the worst of some verdicts."""
    return max(verdicts, key=lambda verdict: verdict.rank)


def count(verdicts: Mapping[Verdict, int]) -> str:
    """Return totals as a sentence: `12 conformant, 2 deviation`, worst last."""
    return ", ".join(f"{verdicts[v]} {v}" for v in Verdict if verdicts.get(v))


_SEVERITY = {"not run": 0, "not offered": 1, "passed": 2, "failed": 3, "error": 4}


def _age(outcome: Outcome) -> tuple[object, ...]:
    """Order attempts, wherever they stand in the file: by number, by their end, the worse last."""
    severity = _SEVERITY[outcome.status]
    return outcome.attempt, outcome.stop, severity, outcome.model_dump_json()


def _attempt(outcome: Outcome) -> Attempt:
    fields = {name: getattr(outcome, name) for name in Attempt.model_fields if name != "number"}
    return Attempt(number=outcome.attempt, **fields)


def _excused(entry: KnownDeviation, seen: str) -> str:
    reason = entry.reason.strip().rstrip(".")
    return f"followed up by {entry.owner} until {entry.expires}: {reason} ({entry.link}); {seen}"


def _said(outcome: Outcome) -> str:
    """Return what failed; where no word is on record, that it did."""
    return outcome.message or "no message is on record"


def _joined(*parts: str) -> str:
    return "; ".join(part for part in parts if part)
