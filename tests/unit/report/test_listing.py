"""What `testbed catalogue` prints."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from harness.conformance import catalogue
from harness.conformance.catalogue import Requirement
from harness.conformance.outcomes import Cell
from harness.conformance.runs import Run
from harness.conformance.verdicts import Judgement, RequirementVerdict, Verdict
from harness.errors import BadInput
from harness.report import listing
from tests.unit.routes import BACK, HOME, ends

COMMON = {"level": "MUST", "source": "RFC 7519", "polarity": "positive"}


def requirement(id_: str, **fields: Any) -> Requirement:
    known = COMMON | {"id": id_, "statement": f"statement of {id_}", "check": ("automatic",)}
    return Requirement(**(known | fields))


CHOSEN = [
    requirement("AUTH-001"),
    requirement("AUTH-002"),
    requirement("AUTH-003", check=("drill",), unshown="a drill: not held yet"),
    requirement("AUTH-004", state="deprecated", profile="rfc9068"),
]


def cell(route: str, scenario: str) -> Cell:
    return Cell(
        scenario=scenario,
        title="t",
        family="auth",
        requirements=("AUTH-001",),
        **ends(route),  # type: ignore[arg-type]
    )


CELLS = [
    cell(HOME, "auth/a.py::test_x[1]"),
    cell(HOME, "auth/a.py::test_x[2]"),
    cell(BACK, "auth/a.py::test_y"),
]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    Run(
        id="a-run",
        start="2026-01-01T00:00:00+00:00",
        testbed="u",
        inventory="i",
        harness="0",
        routes=(),
    ).write(tmp_path)
    verdict = RequirementVerdict(
        id="AUTH-001",
        level="MUST",
        confirmed=True,
        route=BACK,
        verdict=Verdict.SITE_FAULT,
        scenarios=("auth/a.py::test_y",),
    )
    Judgement(
        scenarios=(), requirements=(verdict,), totals={}, executed=0, covered=1, catalogue=4
    ).write(tmp_path)
    return tmp_path


def coverage(run: Path | None) -> str:
    page = io.StringIO()
    listing.coverage(CHOSEN, cells=CELLS, run=run, console=Console(file=page, width=120))
    return page.getvalue()


def test_a_list_names_id_level_statement_and_number() -> None:
    page = io.StringIO()
    listing.requirements(CHOSEN, of=219, console=Console(file=page, width=120))
    assert "statement of AUTH-002" in page.getvalue()
    assert "automatic, deprecated, profile rfc9068" in " ".join(page.getvalue().split())
    assert "4 of 219 requirements" in page.getvalue()


def test_coverage_names_each_scenario_once_and_the_verdict_by_route(run: Path) -> None:
    said = coverage(run)
    assert said.count("auth/a.py::test_x") == 1
    assert f"AUTH-001  MUST  {HOME} no verdict, {BACK} site fault\n" in said
    assert "verdicts of a-run" in said


def test_coverage_tells_what_has_no_scenario_and_why(run: Path) -> None:
    lines = coverage(run).splitlines()
    for why, id_ in (("no reason is given", "AUTH-002"), ("a drill: not held yet", "AUTH-003")):
        assert lines[lines.index(f"without a scenario: {why}: 1") + 1].strip() == id_


def test_what_is_withdrawn_is_not_counted() -> None:
    *_, scope, withdrawn = coverage(None).splitlines()
    assert scope == "1 of 3 requirements have a scenario"
    assert withdrawn == "1 deprecated are not counted"
    assert "AUTH-004" not in coverage(None)


def test_a_reason_that_holds_no_more_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "CHOSEN", [requirement("AUTH-001", unshown="no scenario yet")])
    assert "shown by now, so `unshown` says nothing: AUTH-001" in coverage(None)


def test_coverage_needs_no_run() -> None:
    said = coverage(None)
    assert "no run yet" in said
    assert "AUTH-001  MUST  no verdict on every route\n" in said


def test_a_run_that_was_not_judged_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"has no verdicts\.json"):
        coverage(tmp_path)


def test_broken_verdicts_are_told(run: Path) -> None:
    (run / "verdicts.json").write_text(json.dumps({"scenarios": 1}))
    with pytest.raises(BadInput, match=r"verdicts\.json"):
        coverage(run)


@pytest.mark.parametrize(
    ("conditions", "number"),
    [
        ({}, 233),
        ({"family": "auth", "text": "nbf"}, 1),
        ({"level": "must not", "family": "XFER"}, None),
        ({"check": "drill"}, None),
        ({"text": "no such words"}, 0),
    ],
)
def test_requirements_are_chosen(conditions: dict[str, str], number: int | None) -> None:
    found = catalogue.load().select(**conditions)
    assert len(found) == number if number is not None else 0 < len(found) < 233


@pytest.mark.parametrize(
    ("conditions", "said"),
    [
        ({"family": "AUHT"}, "unknown family 'AUHT'; there are ACC, AUTH"),
        ({"level": "OUGHT"}, "unknown level 'OUGHT'; there are"),
        ({"check": "guess"}, "unknown check 'guess'; there are"),
    ],
)
def test_a_condition_that_nothing_can_meet_is_refused(
    conditions: dict[str, str], said: str
) -> None:
    with pytest.raises(BadInput, match=said):
        catalogue.load().select(**conditions)
