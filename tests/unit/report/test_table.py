"""The table is read on terminals of 80 columns, and in a file."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from harness.conformance.runs import Run, RunRoute
from harness.conformance.verdicts import Attempt, CellVerdict, Judgement, Verdict
from harness.report import table

IDS = ("egi:cstcloud", "cstcloud:egi", "egi:egi", "cstcloud:cstcloud")
RUN = Run(
    id="20260101T000000Z-abcd",
    start="2026-01-01T00:00:00+00:00",
    testbed="unit",
    inventory="inventories/unit",
    harness="0",
    routes=tuple(
        RunRoute(id=i, home=i.split(":")[0], resource=i.split(":")[1], site="S", control=False)
        for i in IDS
    ),
)


def cell(route: str, verdict: Verdict, scenario: str = "auth/test_a.py::test_x") -> CellVerdict:
    home, resource = route.split(":")
    return CellVerdict(
        scenario=scenario,
        title="The remote storage refuses what it must refuse, and serves what it must serve",
        family="auth",
        requirements=("AUTH-017",),
        home=home,
        resource=resource,
        site="S",
        verdict=verdict,
        reason=f"because of {verdict.name}",
        evidence="evidence/x.json",
    )


@pytest.fixture
def judgement() -> Judgement:
    """Every verdict there is, one a scenario, on all routes but one."""
    cells = [
        cell(route, verdict, f"auth/test_a.py::test_x[{verdict.value} of a rather long parameter]")
        for verdict in Verdict
        for route in IDS[:3]
    ]
    return Judgement(
        scenarios=tuple(cells),
        requirements=(),
        totals=dict.fromkeys(Verdict, 3),
        executed=12,
        covered=1,
        catalogue=217,
    )


def printed(judgement: Judgement, width: int) -> list[str]:
    page = io.StringIO()
    table.show(RUN, judgement, console=Console(file=page, width=width))
    return page.getvalue().splitlines()


@pytest.mark.parametrize("width", [80, 100, 119, 120, 200])
def test_no_line_is_longer_than_the_terminal_and_no_column_is_cut(
    judgement: Judgement, width: int
) -> None:
    lines = printed(judgement, width)
    assert max(map(len, lines)) <= width
    assert sum("┃" in line and "cstcloud" in line for line in lines) == 2
    rows = [line for line in lines if line.startswith("│") and "The remote" in line]
    assert len(rows) == len(Verdict)
    for row in rows:
        *_, first, second, third, fourth, _ = (part.strip() for part in row.split("│"))
        assert first == second == third != ""
        assert fourth == ""


def test_a_narrow_table_explains_its_words(judgement: Judgement) -> None:
    text = "\n".join(printed(judgement, 80))
    for verdict in Verdict:
        assert verdict.value in text


def test_a_wide_table_says_verdicts_in_full(judgement: Judgement) -> None:
    rows = [line for line in printed(judgement, 150) if line.startswith("│")]
    assert sum("site fault" in row.partition("]")[2] for row in rows) == 1


def test_what_is_not_as_it_should_be_is_explained_worst_first(judgement: Judgement) -> None:
    """Once a scenario on the terminal, whatever its parameters and routes."""
    lines = printed(judgement, 150)
    told = [line.strip() for line in lines if "because of" in line]
    assert told == [
        f"because of {name}"
        for name in (
            "DEVIATION",
            "SITE_FAULT",
            "INCONCLUSIVE",
            "NOT_RUN",
            "KNOWN_DEVIATION",
            "WARNING",
        )
    ]
    (first,) = (line for line in lines if line.startswith("deviation "))
    assert first == "deviation  auth/test_a.py::test_x  cstcloud:egi, egi:cstcloud, egi:egi"


def test_the_terminal_is_spared_a_long_list(judgement: Judgement) -> None:
    cells = [cell("egi:egi", Verdict.DEVIATION, f"a.py::test_{n:02}") for n in range(40)]
    lines = printed(judgement.model_copy(update={"scenarios": tuple(cells)}), 150)
    assert sum("because of" in line for line in lines) == 25
    assert "... and more, in verdicts.txt" in lines


def test_what_was_tried_twice_is_told_with_the_evidence_of_both(
    judgement: Judgement, tmp_path: Path
) -> None:
    first = Attempt(
        number=1, status="error", stage="setup", message="not yet", evidence="evidence/x.json"
    )
    twice = cell("egi:egi", Verdict.CONFORMANT).model_copy(
        update={"earlier": (first,), "reason": str(first), "evidence": "evidence/x.2.json"}
    )
    told = judgement.model_copy(update={"scenarios": (twice,)})
    assert "    attempt 1: setup failed: not yet" in printed(told, 150)
    table.write(tmp_path, RUN, told)
    text = (tmp_path / "verdicts.txt").read_text()
    assert "evidence/x.json" in text
    assert "evidence/x.2.json" in text


def test_totals_come_with_their_scope(judgement: Judgement) -> None:
    *_, totals, scope = printed(judgement, 200)
    assert totals.startswith("totals: 3 deviation, 3 site fault, 3 inconclusive")
    assert scope == (
        "12 of 24 cells acted on the sites; scenarios name 1 of the catalogue's 217 requirements"
    )


def test_the_file_holds_it_all(judgement: Judgement, tmp_path: Path) -> None:
    table.write(tmp_path, RUN, judgement)
    text = (tmp_path / "verdicts.txt").read_text()
    assert text.count("because of") == 18
    assert "\x1b" not in text


def test_what_is_wrong_with_the_known_deviations_is_told(judgement: Judgement) -> None:
    told = judgement.model_copy(update={"complaints": ("it passes now: remove it.",)})
    assert "it passes now: remove it." in printed(told, 80)
