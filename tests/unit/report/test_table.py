"""The table is read on terminals of 80 columns, and in a file."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from harness.conformance.runs import Run, RunRoute
from harness.conformance.verdicts import (
    Attempt,
    CellVerdict,
    Judgement,
    Origin,
    RequirementVerdict,
    Verdict,
)
from harness.report import table
from harness.report.table import rows
from harness.translation import Speaker
from tests.unit.routes import BACK, CROSS, HOME, RESOURCE, TWIN, ends

RUN = Run(
    id="20260101T000000Z-abcd",
    start="2026-01-01T00:00:00+00:00",
    end="2026-01-01T00:06:00+00:00",
    testbed="unit",
    inventory="inventories/unit",
    harness="0",
    routes=tuple(RunRoute(id=route, **ends(route), control=False) for route in TWIN),
)
IDS = {verdict: f"AUTH-{100 + verdict.rank}" for verdict in Verdict}
"""Verdict -> the requirement that has it in these tests."""


def cell(route: str, verdict: Verdict, scenario: str = "auth/test_a.py::test_x") -> CellVerdict:
    return CellVerdict(
        scenario=scenario,
        title="The remote storage refuses what it must refuse, and serves what it must serve",
        family="auth",
        requirements=(IDS[verdict],),
        verdict=verdict,
        reason=f"because of {verdict.name}",
        evidence="evidence/x.json",
        **ends(route),  # type: ignore[arg-type]
    )


def requirement(id_: str, route: str, verdict: Verdict, **fields: Any) -> RequirementVerdict:
    fixed = {"level": "MUST", "confirmed": True, "scenarios": ("auth/test_a.py::test_x",)}
    return RequirementVerdict(**fixed | {"id": id_, "route": route, "verdict": verdict} | fields)


@pytest.fixture
def judgement() -> Judgement:
    """Every verdict there is, one a scenario and requirement, on all routes but one."""
    cells = [
        cell(route, verdict, f"auth/test_a.py::test_x[{verdict.value} of a rather long parameter]")
        for verdict in Verdict
        for route in TWIN[:3]
    ]
    return Judgement(
        scenarios=tuple(cells),
        requirements=tuple(
            requirement(id_, route, verdict) for verdict, id_ in IDS.items() for route in TWIN[:3]
        ),
        totals=dict.fromkeys(Verdict, 3),
        executed=12,
        covered=1,
        catalogue=217,
    )


def test_the_summary_is_in_the_language_of_the_reader(judgement: Judgement) -> None:
    page = io.StringIO()
    console = Console(file=page, width=140)
    table.show(RUN, judgement, console=console, tr=Speaker("zh"))
    said = page.getvalue()
    for words in ("中不符合的要求", "已知偏差", "合计：3 偏差", "24 项检查中有 12 项访问了站点"):
        assert words in said
    assert "totals" not in said


def printed(judgement: Judgement, width: int, run: Run = RUN) -> list[str]:
    page = io.StringIO()
    table.show(run, judgement, console=Console(file=page, width=width))
    return page.getvalue().splitlines()


def rows_of(lines: list[str]) -> dict[str, list[str]]:
    """Return the rows of a printed table by their ids, each as its parts, put together again."""
    found: dict[str, list[list[str]]] = {}
    id_ = ""
    for line in lines:
        if not line.startswith("│"):
            continue
        first, *rest = (part.strip() for part in line.strip("│").split("│"))
        id_ = first or id_
        found.setdefault(id_, []).append(rest)
    return {
        id_: ["".join(parts) for parts in zip(*rows, strict=True)] for id_, rows in found.items()
    }


@pytest.mark.parametrize("width", [80, 100, 119, 120, 200])
def test_a_requirement_that_is_not_conformant_has_one_row_and_no_column_is_cut(
    judgement: Judgement, width: int
) -> None:
    lines = printed(judgement, width)
    assert max(map(len, lines)) <= width
    assert sum(all(word in line for word in ("requirement", "arises from")) for line in lines) == 1
    found = rows_of(lines)
    quiet = {Verdict.CONFORMANT, Verdict.NOT_OFFERED}
    assert list(found) == [IDS[verdict] for verdict in reversed(Verdict) if verdict not in quiet]
    for row in found.values():
        word, origin, routes = row
        assert word
        assert origin == ""
        assert routes.replace(" ", "") == ",".join(TWIN[:3])
    assert not any("…" in line for line in lines)


@pytest.mark.parametrize("width", [80, 140])
def test_the_table_has_a_row_a_requirement_however_many_routes_there_are(
    judgement: Judgement, width: int
) -> None:
    """Twelve infrastructures, of one site each."""
    names = [f"infrastructure-{number:02}" for number in range(12)]
    routes = [f"{home}:{name.upper()}" for home in names for name in names]
    run = RUN.model_copy(
        update={
            "routes": tuple(
                RunRoute(id=route, home="h", resource="r", site="S", control=False)
                for route in routes
            )
        }
    )
    many = judgement.model_copy(
        update={
            "scenarios": (),
            "requirements": (
                *(requirement("AUTH-017", route, Verdict.DEVIATION) for route in routes),
                *(requirement("AUTH-018", route, Verdict.WARNING) for route in routes[:100]),
                *(requirement("AUTH-019", route, Verdict.CONFORMANT) for route in routes),
            ),
        }
    )
    lines = printed(many, width, run)
    assert max(map(len, lines)) <= width
    assert len(lines) < 25
    found = rows_of(lines)
    assert list(found) == ["AUTH-017", "AUTH-018"]
    assert found["AUTH-017"][-1] == "all 144"
    assert found["AUTH-018"][-1].replace(" ", "") == f"{','.join(routes[:3])}and97more"


def test_a_row_says_where_a_failure_arises_and_at_which_sites(judgement: Judgement) -> None:
    crossing = {"origin": Origin.CROSSING}
    fails = {"origin": Origin.RESOURCE}
    at_home = {"origin": Origin.HOME, "responsible": "CSTCLOUD-TWIN"}
    found = rows(
        judgement.model_copy(
            update={
                "requirements": (
                    requirement("AUTH-001", HOME, Verdict.WARNING),
                    requirement("AUTH-037", BACK, Verdict.SITE_FAULT, **at_home),
                    requirement("AUTH-047", CROSS, Verdict.DEVIATION, **crossing),
                    requirement(
                        "AUTH-047", BACK, Verdict.SITE_FAULT, responsible="EGI-TWIN", **fails
                    ),
                    requirement(
                        "AUTH-047", HOME, Verdict.SITE_FAULT, responsible="EGI-TWIN", **fails
                    ),
                    requirement("AUTH-047", RESOURCE, Verdict.CONFORMANT),
                )
            }
        )
    )
    assert [(row.requirement, row.whose(), row.routes) for row in found] == [
        ("AUTH-047", "crossing", (CROSS,)),
        ("AUTH-037", "home: CSTCLOUD-TWIN", (BACK,)),
        ("AUTH-047", "resource: EGI-TWIN", (BACK, HOME)),
        ("AUTH-001", "", (HOME,)),
    ]


def test_a_run_in_which_all_is_conformant_has_no_table(judgement: Judgement) -> None:
    good = judgement.model_copy(
        update={
            "scenarios": (),
            "requirements": (requirement("AUTH-017", CROSS, Verdict.CONFORMANT),),
        }
    )
    assert not any("│" in line for line in printed(good, 80))


def test_a_narrow_table_explains_its_words(judgement: Judgement) -> None:
    text = "\n".join(printed(judgement, 80))
    for verdict in Verdict:
        assert verdict.value in text


def test_a_wide_table_says_verdicts_in_full(judgement: Judgement) -> None:
    found = rows_of(printed(judgement, 150))
    assert found[IDS[Verdict.SITE_FAULT]][0] == "site fault"


def test_what_is_not_as_it_should_be_is_explained_worst_first(judgement: Judgement) -> None:
    """Once a scenario on the terminal, whatever its parameters and routes."""
    lines = printed(judgement, 150)
    told = [line.strip() for line in lines if "because of" in line]
    assert told == [
        f"because of {name}" for name in ("DEVIATION", "SITE_FAULT", "INCONCLUSIVE", "NOT_RUN")
    ]
    (first,) = (line for line in lines if line.startswith("deviation "))
    assert first == f"deviation  auth/test_a.py::test_x  {BACK}, {CROSS}, {HOME}"


def test_what_is_expected_is_explained_in_the_file_alone(
    judgement: Judgement, tmp_path: Path
) -> None:
    table.write(tmp_path, RUN, judgement)
    text = (tmp_path / "verdicts.txt").read_text()
    said = "\n".join(printed(judgement, 150))
    for verdict in (Verdict.KNOWN_DEVIATION, Verdict.WARNING):
        assert f"because of {verdict.name}" not in said
        assert f"because of {verdict.name}" in text


def test_the_terminal_is_spared_a_long_list(judgement: Judgement) -> None:
    cells = [cell(HOME, Verdict.DEVIATION, f"a.py::test_{n:02}") for n in range(40)]
    lines = printed(judgement.model_copy(update={"scenarios": tuple(cells)}), 150)
    assert sum("because of" in line for line in lines) == 25
    assert "... and more, in verdicts.txt" in lines


def test_what_was_tried_twice_is_told_with_the_evidence_of_both(
    judgement: Judgement, tmp_path: Path
) -> None:
    first = Attempt(
        number=1, status="error", stage="setup", message="not yet", evidence="evidence/x.json"
    )
    twice = cell(HOME, Verdict.CONFORMANT).model_copy(
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
    assert scope == ("12 of 24 checks asked the sites; 1 of 217 requirements have a scenario")


def test_totals_say_first_what_arises_from_crossing(judgement: Judgement) -> None:
    origins = [Origin.RESOURCE, Origin.RESOURCE, Origin.CROSSING, Origin.HOME]
    cells = [
        cell(CROSS, Verdict.KNOWN_DEVIATION).model_copy(update={"origin": origin})
        for origin in origins
    ]
    told = judgement.model_copy(update={"scenarios": tuple(cells)})
    assert (
        "of those that do not pass: 1 arise from crossing, 2 fail for the site's own users too, "
        "1 fail for the home's users at home too"
    ) in printed(told, 200)


def test_the_file_holds_it_all(judgement: Judgement, tmp_path: Path) -> None:
    """A reason of what was not tried stands once, above the scenarios and routes that it holds for."""
    table.write(tmp_path, RUN, judgement)
    text = (tmp_path / "verdicts.txt").read_text()
    assert text.count("because of") == 5 * 3 + 2
    for verdict in (Verdict.NOT_RUN, Verdict.NOT_OFFERED):
        (_, after) = text.split(f"{verdict.value}  because of {verdict.name}\n")
        scenario = f"auth/test_a.py::test_x[{verdict.value} of a rather long parameter]"
        assert after.splitlines()[:3] == [f"    {route}  {scenario}" for route in TWIN[:3]]
    assert "\x1b" not in text


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"interrupted": True}, "the run was interrupted"),
        ({"end": None}, "the run has not ended, or was killed"),
    ],
)
def test_what_an_unfinished_run_did_not_come_to_is_one_line(
    judgement: Judgement, tmp_path: Path, changes: dict[str, Any], why: str
) -> None:
    """What cannot be run at all is told as ever."""
    by_nature = cell(BACK, Verdict.NOT_RUN, "auth/test_a.py::test_forged").model_copy(
        update={"attempts": 1, "requirements": ("AUTH-002",)}
    )
    left = [cell(route, Verdict.NOT_RUN, f"a.py::test_{n}") for route in TWIN for n in range(100)]
    told = judgement.model_copy(
        update={
            "scenarios": (by_nature, *left),
            "requirements": (
                requirement("AUTH-002", BACK, Verdict.NOT_RUN),
                *(requirement(IDS[Verdict.NOT_RUN], route, Verdict.NOT_RUN) for route in TWIN),
                requirement("AUTH-017", CROSS, Verdict.DEVIATION),
            ),
        }
    )
    run = RUN.model_copy(update=changes)
    table.write(tmp_path, run, told)
    for lines in (printed(told, 200, run), (tmp_path / "verdicts.txt").read_text().splitlines()):
        text = " ".join(lines)
        assert len(lines) < 20
        assert f"400 of 401 checks have no result: {why}. An interrupted run cannot be" in text
        assert list(rows_of(lines)) == ["AUTH-017", "AUTH-002"]
        assert "auth/test_a.py::test_forged" in text
        assert "test_99" not in text
    whole = printed(told, 200)
    assert set(rows_of(whole)) == {"AUTH-017", "AUTH-002", IDS[Verdict.NOT_RUN]}
    assert not any("have no result" in line for line in whole)


def test_what_is_wrong_with_the_known_deviations_is_told(judgement: Judgement) -> None:
    told = judgement.model_copy(update={"complaints": ("it passes now: remove it.",)})
    assert "it passes now: remove it." in printed(told, 80)
