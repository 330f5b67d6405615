"""Which failures count as kills, and which show nothing."""

from __future__ import annotations

from typing import Any

import pytest

from harness.conformance.outcomes import Cell, Outcome
from harness.errors import ExitCode
from harness.proof import judgement
from harness.proof.judgement import Proof, Result

ROUTE = {"home": "egi", "resource": "cstcloud", "site": "CSTCLOUD-TWIN"}
TIMES = {"start": "2026-01-01T00:00:00+00:00", "stop": "2026-01-01T00:00:01+00:00"}


def cell(mutant: str, scenario: str = "auth/test_a.py::test_a", *, refusal: bool = True) -> Cell:
    return Cell(
        scenario=scenario,
        title="It is so",
        family="auth",
        requirements=("AUTH-017",),
        refusal=refusal,
        mutant=mutant,
        **ROUTE,
    )


PASSED: dict[str, Any] = {"status": "passed"}
FAILED: dict[str, Any] = {"status": "failed", "stage": "assert", "error": "assertion"}
CONTROL: dict[str, Any] = FAILED | {"stage": "control"}
UNREACHABLE: dict[str, Any] = {"status": "failed", "stage": "act", "error": "unreachable"}
SET_UP: dict[str, Any] = {"status": "error", "stage": "setup", "error": "assertion"}
IDLE: dict[str, Any] = FAILED | {"acted": False}
BROKEN: dict[str, Any] = {"status": "error", "stage": "setup", "error": "crash"}
CRASHED: dict[str, Any] = {"status": "failed", "stage": "act", "error": "crash"}


def outcome(cell: Cell, fields: dict[str, Any], attempt: int = 1) -> Outcome:
    return Outcome(**cell.model_dump(), message="said", attempt=attempt, **TIMES, **fields)


def prove(*pairs: tuple[Cell, dict[str, Any]], **options: Any) -> Proof:
    plan = [one for one, _ in pairs]
    defaults = {
        "everything": [one.model_copy(update={"mutant": ""}) for one in plan],
        "excused": {},
        "partial": False,
    }
    return judgement.judge(
        plan, [outcome(one, seen) for one, seen in pairs], **(defaults | options)
    )


def result_of(mutant: str, seen: dict[str, Any], sound: dict[str, Any] = PASSED) -> Result:
    proof = prove((cell("faultless"), sound), (cell(mutant), seen))
    return proof.pairs[1].result


@pytest.mark.parametrize(
    ("mutant", "seen", "result"),
    [
        ("ignores-expiry", FAILED, Result.KILLED),
        ("ignores-expiry", PASSED, Result.SURVIVED),
        ("ignores-expiry", CONTROL, Result.VOID),
        ("ignores-expiry", IDLE, Result.INCONCLUSIVE),
        ("ignores-expiry", UNREACHABLE, Result.INCONCLUSIVE),
        ("ignores-expiry", SET_UP, Result.INCONCLUSIVE),
        ("ignores-expiry", CRASHED, Result.INCONCLUSIVE),
        ("open", FAILED, Result.KILLED),
        ("open", CONTROL, Result.VOID),
        ("closed", CONTROL, Result.KILLED),
        ("closed", SET_UP, Result.KILLED),
        ("closed", BROKEN, Result.INCONCLUSIVE),
        ("closed", CRASHED, Result.INCONCLUSIVE),
        ("closed", PASSED, Result.SURVIVED),
    ],
)
def test_what_a_failure_counts_as(mutant: str, seen: dict[str, Any], result: Result) -> None:
    assert result_of(mutant, seen) is result


@pytest.mark.parametrize(
    ("sound", "result"),
    [
        (FAILED, Result.VOID),
        (BROKEN, Result.INCONCLUSIVE),
        (UNREACHABLE, Result.INCONCLUSIVE),
    ],
)
def test_what_does_not_pass_without_the_fault_shows_nothing(
    sound: dict[str, Any], result: Result
) -> None:
    assert result_of("ignores-expiry", FAILED, sound) is result


def test_where_the_faultless_site_was_not_asked_nothing_is_shown() -> None:
    proof = prove((cell("ignores-expiry"), FAILED))
    assert proof.pairs[0].result is Result.INCONCLUSIVE


@pytest.mark.parametrize(
    ("sound", "result"),
    [(PASSED, Result.PASSED), (FAILED, Result.VOID), (BROKEN, Result.INCONCLUSIVE)],
)
def test_the_faultless_site_must_pass(sound: dict[str, Any], result: Result) -> None:
    assert prove((cell("faultless"), sound)).pairs[0].result is result


def test_a_pair_without_an_outcome_is_inconclusive() -> None:
    proof = judgement.judge(
        [cell("open")], [], everything=[cell("")], excused={}, partial=False, interrupted=True
    )
    assert proof.pairs[0].result is Result.INCONCLUSIVE


def test_the_last_attempt_counts() -> None:
    one, sound = cell("open"), cell("faultless")
    proof = judgement.judge(
        [sound, one],
        [outcome(sound, PASSED), outcome(one, FAILED, 2), outcome(one, UNREACHABLE, 1)],
        everything=[cell("")],
        excused={},
        partial=False,
    )
    assert proof.pairs[1].result is Result.KILLED
    assert proof.exit_code is ExitCode.AS_EXPECTED


def test_a_refusal_that_a_closed_site_alone_kills_is_unproven() -> None:
    proof = prove((cell("faultless"), PASSED), (cell("closed"), CONTROL))
    assert [one.scenario for one in proof.unproven] == ["auth/test_a.py::test_a"]
    assert proof.exit_code is ExitCode.DEVIATIONS


def test_a_grant_is_proven_by_a_closed_site() -> None:
    grant = {"refusal": False}
    proof = prove((cell("faultless", **grant), PASSED), (cell("closed", **grant), FAILED))
    assert proof.unproven == ()
    assert proof.exit_code is ExitCode.AS_EXPECTED


def test_a_scenario_that_no_pair_runs_is_unproven_unless_excused() -> None:
    pairs = [(cell("faultless"), PASSED), (cell("open"), FAILED)]
    other = cell("", "auth/test_b.py::test_b")
    everything = [cell(""), other]
    assert prove(*pairs, everything=everything).exit_code is ExitCode.DEVIATIONS
    excused = {other.scenario: "known to fail"}
    assert prove(*pairs, everything=everything, excused=excused).unproven == ()
    # Whoever asks for a part is told of that part alone.
    assert prove(*pairs, everything=everything, partial=True).unproven == ()


def test_a_survivor_outweighs_what_is_inconclusive() -> None:
    proof = prove(
        (cell("faultless"), PASSED), (cell("open"), PASSED), (cell("ignores-expiry"), UNREACHABLE)
    )
    assert proof.exit_code is ExitCode.DEVIATIONS
    proof = prove(
        (cell("faultless"), PASSED), (cell("open"), FAILED), (cell("ignores-expiry"), UNREACHABLE)
    )
    assert proof.exit_code is ExitCode.INCONCLUSIVE


def test_a_proof_of_nothing_is_no_proof() -> None:
    assert prove().exit_code is ExitCode.DEVIATIONS


@pytest.mark.parametrize(
    ("mutant", "seen", "again"),
    [
        ("faultless", PASSED, False),
        ("faultless", FAILED, True),
        ("faultless", UNREACHABLE, True),
        ("open", PASSED, False),
        ("open", FAILED, False),
        ("open", CONTROL, True),
        ("open", UNREACHABLE, True),
        ("open", CRASHED, True),
        ("open", SET_UP, True),
        ("open", IDLE, True),
        ("closed", CONTROL, False),
        ("closed", SET_UP, False),
        ("closed", BROKEN, True),
    ],
)
def test_what_shows_nothing_is_worth_a_second_attempt(
    mutant: str, seen: dict[str, Any], again: bool
) -> None:
    assert judgement.shows_nothing(outcome(cell(mutant), seen)) is again
