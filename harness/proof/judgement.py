"""Which scenario was killed by which mutant: a pure function of what a proof recorded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from harness import files
from harness.conformance.outcomes import OURS, Cell, Outcome
from harness.errors import ExitCode
from harness.mutants.catalogue import CLOSED, FAULTLESS

RECORD = "proof.json"


class Result(StrEnum):
    """What became of a scenario against a mutant."""

    KILLED = "killed"
    """It failed, as it must."""
    SURVIVED = "survived"
    """It passed although the site is broken."""
    PASSED = "passed"
    """It passed against the faultless site, as it must."""
    VOID = "void"
    """It fails without the fault too, or for another reason, so its failing shows nothing."""
    INCONCLUSIVE = "inconclusive"
    """Set-up failed, or a host did not answer."""


class Pair(BaseModel):
    """A scenario against a mutant, over a route."""

    model_config = ConfigDict(frozen=True)

    scenario: str
    subject: str = ""
    """What the pair proves (`subjects`): the scenario, with the software where a site has several."""
    route: str
    mutant: str
    refusal: bool
    result: Result
    reason: str = ""
    baseless: bool = False
    """True where it was not seen passing without the fault, which is told of the faultless site."""
    evidence: str | None = None

    def __str__(self) -> str:
        return f"{self.scenario} [{self.route}] against {self.mutant}"


class Remark(BaseModel):
    """What must be known of a scenario that no mutant killed."""

    model_config = ConfigDict(frozen=True)

    scenario: str
    refusal: bool
    reason: str


class Proof(BaseModel):
    """All pairs of a proof."""

    model_config = ConfigDict(frozen=True)

    pairs: tuple[Pair, ...]
    unproven: tuple[Remark, ...]
    """Scenarios that nothing shows able to fail."""
    excused: tuple[Remark, ...]
    """Scenarios that no pair can show able to fail: they do fail, at the real service, or have none."""
    scenarios: int
    refusals: int
    partial: bool
    """True where only some scenarios or mutants were asked for."""
    interrupted: bool = False

    @property
    def totals(self) -> Mapping[Result, int]:
        """Pairs by result."""
        return Counter(pair.result for pair in self.pairs)

    def of(self, result: Result) -> tuple[Pair, ...]:
        """Return the pairs of one result."""
        return tuple(pair for pair in self.pairs if pair.result is result)

    @property
    def exit_code(self) -> ExitCode:
        """What the command tells its caller."""
        if self.of(Result.SURVIVED) or self.of(Result.VOID) or self.unproven:
            return ExitCode.DEVIATIONS
        if self.of(Result.INCONCLUSIVE) or self.interrupted:
            return ExitCode.INCONCLUSIVE
        return ExitCode.AS_EXPECTED if self.pairs else ExitCode.DEVIATIONS

    def write(self, folder: Path) -> None:
        """Write `proof.json`, never half of it."""
        files.replace(folder / RECORD, self.model_dump_json(indent=1) + "\n")


def judge(
    plan: Sequence[Cell],
    outcomes: Iterable[Outcome],
    *,
    everything: Iterable[Cell],
    excused: Mapping[str, str],
    partial: bool,
    interrupted: bool = False,
) -> Proof:
    """Judge every planned pair.

    Parameters
    ----------
    everything
        the cells of an ordinary run: the scenarios that have to be proven.
    excused
        subject -> why no pair of it can run.
    partial
        whether the plan leaves out some scenarios or mutants.
    """
    cells = tuple(everything)
    subject = subjects(cells)
    last: dict[tuple[str, str], Outcome] = {}
    for outcome in outcomes:
        before = last.get(outcome.key)
        if before is None or outcome.attempt >= before.attempt:
            last[outcome.key] = outcome
    sound = {
        (cell.scenario, cell.route): last.get(cell.key) for cell in plan if cell.mutant == FAULTLESS
    }
    pairs = tuple(
        _pair(cell, last.get(cell.key), sound.get((cell.scenario, cell.route)), subject(cell))
        for cell in plan
    )
    scenarios = {subject(cell): cell.refusal for cell in cells}
    planned = {subject(cell) for cell in plan}
    asked = {name: refusal for name, refusal in scenarios.items() if not partial or name in planned}
    return Proof(
        pairs=pairs,
        unproven=tuple(_unproven(asked, pairs, excused)),
        excused=tuple(
            Remark(scenario=name, refusal=asked[name], reason=reason)
            for name, reason in excused.items()
            if name in asked
        ),
        scenarios=len(asked),
        refusals=sum(asked.values()),
        partial=partial,
        interrupted=interrupted,
    )


def subjects(everything: Iterable[Cell]) -> Callable[[Cell], str]:
    """Return what has to be proven, for each cell: its scenario, whatever the site.

    Where a site has several services that the scenario tests, each software has to be proven.
    """
    several = {cell.test_name for cell in everything if cell.scenario != cell.test_name}

    def subject(cell: Cell) -> str:
        if cell.test_name not in several:
            return cell.test_name
        return f"{cell.test_name} at {cell.implementation}"

    return subject


def shows_nothing(outcome: Outcome) -> bool:
    """Tell whether an attempt at a pair is worth another one: it neither saw nor missed the fault."""
    result, _ = _seen(outcome, outcome)
    return result in (Result.VOID, Result.INCONCLUSIVE)


def _pair(cell: Cell, outcome: Outcome | None, sound: Outcome | None, subject: str) -> Pair:
    """Judge one pair; `sound` is what the scenario did where there was no fault."""
    baseless = cell.mutant != FAULTLESS and (sound is None or sound.status != "passed")
    result, reason = _seen(cell, outcome)
    if baseless and result in (Result.KILLED, Result.SURVIVED):
        result, reason = _of_sound(sound)
    return Pair(
        scenario=cell.scenario,
        subject=subject,
        route=cell.route,
        mutant=cell.mutant,
        refusal=cell.refusal,
        result=result,
        reason=reason,
        baseless=baseless,
        evidence=outcome.evidence if outcome else None,
    )


def _seen(cell: Cell, outcome: Outcome | None) -> tuple[Result, str]:
    """Return what one attempt shows, whatever the scenario did where there was no fault."""
    if outcome is None:
        return Result.INCONCLUSIVE, "no outcome was recorded"
    if outcome.error == "unreachable":
        return Result.INCONCLUSIVE, outcome.message
    if outcome.error in OURS:
        # It was not the scenario that saw the fault: the same crash at a real site is no failure of it.
        return Result.INCONCLUSIVE, f"{OURS[outcome.error]}: {outcome.message}"
    judge_one = _of_faultless if cell.mutant == FAULTLESS else _of_broken
    return judge_one(cell, outcome)


def _of_faultless(_: Cell, outcome: Outcome) -> tuple[Result, str]:
    if outcome.status == "passed":
        return Result.PASSED, ""
    if outcome.status == "failed":
        return Result.VOID, f"it fails although the site has no fault: {outcome.message}"
    return Result.INCONCLUSIVE, _said(outcome)


def _of_sound(sound: Outcome | None) -> tuple[Result, str]:
    """Return what to say of a pair whose scenario did not pass against the faultless site."""
    if sound is not None and sound.status == "failed" and sound.error != "unreachable":
        return Result.VOID, "it fails without the fault too"
    return Result.INCONCLUSIVE, "it was not seen passing without the fault"


def _of_broken(cell: Cell, outcome: Outcome) -> tuple[Result, str]:
    if outcome.status == "passed":
        return Result.SURVIVED, "it passed, and has not seen the fault"
    if _is_kill(cell, outcome):
        return Result.KILLED, outcome.message
    if outcome.stage == "control":
        return Result.VOID, f"its control failed, so no refusal was tested: {outcome.message}"
    return Result.INCONCLUSIVE, _said(outcome)


def _said(outcome: Outcome) -> str:
    return f"{outcome.stage or outcome.status}: {outcome.message}"


def _is_kill(cell: Cell, outcome: Outcome) -> bool:
    """Tell whether the scenario failed for the fault's sake.

    A refusal must fail where it asserts the refusal, not in its control; but a closed site has no more
    than the control to show, and nothing can be prepared there either. One that asked nobody saw no fault.
    """
    if not outcome.acted:
        return False
    if cell.mutant == CLOSED:
        return outcome.status == "failed" or (
            outcome.status == "error" and outcome.stage == "setup" and outcome.error == "assertion"
        )
    return outcome.status == "failed" and outcome.stage != "control"


def _unproven(
    scenarios: Mapping[str, bool], pairs: Iterable[Pair], excused: Mapping[str, str]
) -> Iterable[Remark]:
    """Yield the scenarios that no mutant killed; for a refusal, a closed site is no such mutant."""
    killed = {
        pair.subject
        for pair in pairs
        if pair.result is Result.KILLED and not (pair.refusal and pair.mutant == CLOSED)
    }
    for scenario, refusal in scenarios.items():
        if scenario not in killed and scenario not in excused:
            reason = "no mutant that it names kills it"
            yield Remark(scenario=scenario, refusal=refusal, reason=reason)
