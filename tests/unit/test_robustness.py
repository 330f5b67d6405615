"""The rules by which a struck run is held against an undisturbed one."""

from __future__ import annotations

from typing import Any

import pytest

from harness.conformance.verdicts import CellVerdict, Judgement, Origin, Verdict
from tests.robustness.comparison import compare
from tests.unit.routes import CROSS, ends

HOST = "se.cstcloud.test"


def judged(*cells: CellVerdict) -> Judgement:
    return Judgement(
        scenarios=cells, requirements=(), totals={}, executed=0, covered=0, catalogue=0
    )


def cell(verdict: Verdict, name: str = "a.py::test_a", **fields: Any) -> CellVerdict:
    fixed = {"title": "t", "family": "auth", "requirements": ("AUTH-001",), "attempts": 1}
    return CellVerdict(
        scenario=name, verdict=verdict, **fixed | {"reason": "it is not"} | ends(CROSS) | fields
    )


CALM = judged(cell(Verdict.CONFORMANT))
STRUCK = {"hosts": (HOST,), "stage": "act"}


@pytest.mark.parametrize(
    ("found", "flaw"),
    [
        (cell(Verdict.INCONCLUSIVE, **STRUCK), ""),
        (cell(Verdict.SITE_FAULT, origin=Origin.RESOURCE, **STRUCK), ""),
        (cell(Verdict.INCONCLUSIVE, stage="act", reason=f"{HOST}: port 443"), ""),
        (cell(Verdict.INCONCLUSIVE, stage="act"), f"it did not ask {HOST}"),
        (cell(Verdict.INCONCLUSIVE, hosts=(HOST,)), "no stage"),
        (cell(Verdict.DEVIATION, origin=Origin.CROSSING, **STRUCK), "as something else"),
        (cell(Verdict.NOT_RUN, hosts=(HOST,)), "the run was not ended"),
    ],
)
def test_what_a_fault_of_a_host_may_change(found: CellVerdict, flaw: str) -> None:
    seen = compare(CALM, judged(found), host=HOST)
    assert len(seen.changed) == 1
    assert len(seen.wrong) == bool(flaw)
    assert flaw in "".join(seen.wrong)


@pytest.mark.parametrize(
    ("found", "flaw"),
    [
        (cell(Verdict.NOT_RUN), ""),
        (cell(Verdict.INCONCLUSIVE, stage="act"), ""),
        (cell(Verdict.SITE_FAULT, origin=Origin.RESOURCE, **STRUCK), "a site is blamed"),
    ],
)
def test_what_the_end_of_a_run_may_change(found: CellVerdict, flaw: str) -> None:
    seen = compare(CALM, judged(found), ended=True)
    assert len(seen.wrong) == bool(flaw)
    assert flaw in "".join(seen.wrong)


def test_a_cell_that_is_gone_is_wrong_and_one_that_is_the_same_is_not() -> None:
    other = cell(Verdict.CONFORMANT, "a.py::test_b")
    seen = compare(judged(*CALM.scenarios, other), CALM, host=HOST)
    assert seen.summary == "none"
    assert seen.wrong == (f"a.py::test_b [{CROSS}]: it is gone",)
