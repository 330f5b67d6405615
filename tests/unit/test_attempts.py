"""What is tried once more."""

from __future__ import annotations

from typing import Any

import pytest

from harness import attempts
from harness.conformance import catalogue
from harness.conformance.judge import judge
from harness.conformance.outcomes import Cell, Outcome
from tests.unit.routes import CROSS, ends

HOME, RESOURCE = "egi:EGI-TWIN", "cstcloud:CSTCLOUD-TWIN"
HOMES = {"egi": "EGI-TWIN", "cstcloud": "CSTCLOUD-TWIN"}


def outcome(route: str, status: str, *, second: int, **more: Any) -> Outcome:
    """An outcome of one scenario that ended at a second of the run."""
    cell = Cell(
        scenario="auth/test_a.py::test_it",
        title="It is so",
        family="auth",
        requirements=("AUTH-017",),
        **ends(route),  # type: ignore[arg-type]
    )
    times = {"start": "2026-01-01T00:00:00+00:00", "stop": f"2026-01-01T00:00:{second:02}+00:00"}
    stage = {"stage": "assert", "error": "assertion"} if status == "failed" else {}
    return Outcome(**cell.model_dump(), status=status, **(times | stage | more))


def stale(*found: Outcome) -> set[str]:
    judgement = judge(found, found, catalogue=catalogue.load(), homes=HOMES)
    return {route for _, route in attempts.stale_controls(judgement, found, HOMES)}


def test_controls_that_passed_before_the_failure_are_asked_again() -> None:
    early, late = outcome(HOME, "passed", second=1), outcome(RESOURCE, "passed", second=9)
    assert stale(early, late, outcome(CROSS, "failed", second=5)) == {HOME}


@pytest.mark.parametrize(
    "controls",
    [
        (outcome(HOME, "passed", second=7), outcome(RESOURCE, "passed", second=8)),
        (outcome(HOME, "failed", second=1), outcome(RESOURCE, "passed", second=1)),
        (
            outcome(HOME, "passed", second=1, attempt=2),
            outcome(RESOURCE, "passed", second=1, attempt=2),
        ),
    ],
    ids=["later ones", "a site that fails its own users", "asked again already"],
)
def test_others_are_not(controls: tuple[Outcome, ...]) -> None:
    assert stale(*controls, outcome(CROSS, "failed", second=5)) == set()


def test_without_a_failure_nothing_is_asked_again() -> None:
    assert stale(*(outcome(route, "passed", second=1) for route in (HOME, CROSS))) == set()
