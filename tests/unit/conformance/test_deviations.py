"""Known deviations: what is read, what is refused, and what they change of a judgement."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from harness.conformance import deviations
from harness.conformance.catalogue import Catalogue
from harness.conformance.deviations import DeviationsError, KnownDeviation
from harness.conformance.judge import judge
from harness.conformance.verdicts import Judgement, Verdict
from harness.errors import ExitCode
from tests.unit.routes import CROSS, HOMES, RESOURCE

SCENARIO = "auth/test_tokens.py::test_it"
LAST = dt.date(2027, 1, 31)

GOOD = """\
known_deviations:
  - requirement: AUTH-017
    scenario: auth/test_tokens.py::test_it
    routes: [egi:CSTCLOUD-TWIN]
    owner: cloud group
    reason: The server does not look at it.
    link: https://example.org/1
    since: 2026-01-01
    expires: 2027-01-31
"""


def entry(**fields: Any) -> KnownDeviation:
    known = {
        "requirement": "AUTH-017",
        "owner": "cloud group",
        "reason": "The server does not look at it.",
        "link": "https://example.org/1",
        "since": dt.date(2026, 1, 1),
        "expires": LAST,
        "place": "known-deviations.yaml:2",
    }
    return KnownDeviation(**(known | fields))


@pytest.fixture
def judged(requirements: Catalogue) -> Any:
    def make(*outcomes: Any, known: Any = (), day: dt.date = LAST) -> Judgement:
        options = {"catalogue": requirements, "known": known, "day": day, "homes": HOMES}
        return judge(outcomes, outcomes, **options)

    return make


def verdict(judgement: Judgement, route: str) -> Verdict:
    return next(cell.verdict for cell in judgement.scenarios if cell.route == route)


def fault(folder: Path, text: str) -> str:
    (folder / deviations.FILE).write_text(text)
    with pytest.raises(DeviationsError) as caught:
        deviations.load(folder / deviations.FILE)
    return str(caught.value)


def test_an_entry_is_read_with_its_place(tmp_path: Path) -> None:
    (tmp_path / deviations.FILE).write_text(GOOD)
    (found,) = deviations.load(tmp_path / deviations.FILE)
    assert found == entry(scenario=SCENARIO, routes=(CROSS,))


def test_no_file_is_no_entry(tmp_path: Path) -> None:
    assert deviations.load(tmp_path / deviations.FILE) == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOD.replace("2027-01-31", "soon"), ".yaml:2: AUTH-017: expires: "),
        (GOOD.replace("2027-01-31", "2027-02-30"), ".yaml:9: 2027-02-30 is no date: day is out"),
        (GOOD.replace("2027-01-31", "2025-01-01"), "expires on 2025-01-01, before or on its start"),
        (GOOD.replace("    owner: cloud group\n", ""), ".yaml:2: AUTH-017: owner: Field required"),
        (GOOD.replace("https://example.org/1", "ask him"), "link: String should match"),
        (GOOD + "    colour: red\n", "colour: Extra inputs are not permitted"),
        (GOOD + GOOD.partition("\n")[2], ".yaml:10: AUTH-017"),
        (GOOD + "    owner: another\n", ".yaml:10: the key 'owner' appears twice"),
        (GOOD + "  - none\n", ".yaml:10: an entry is a mapping, not 'none'"),
        (GOOD.replace("known_deviations", "deviations"), ".yaml:1: the one key `known_deviations`"),
        (GOOD + "colour: red\n", ".yaml:10: the one key `known_deviations`"),
        ("known_deviations:\n", ".yaml:1: the one key `known_deviations` (a list)"),
        ("known_deviations: [\n", ".yaml:2: "),
        ("- a list\n", ".yaml:1: a mapping is expected, not list"),
    ],
)
def test_what_is_broken_is_refused_with_file_and_line(tmp_path: Path, text: str, said: str) -> None:
    message = fault(tmp_path, text)
    assert str(tmp_path / deviations.FILE) in message
    assert said in message


@pytest.mark.parametrize(
    ("fields", "covered"),
    [
        ({}, True),
        ({"requirement": "AUTH-018"}, False),
        ({"scenario": SCENARIO}, True),
        ({"scenario": f"{SCENARIO}[expired]"}, True),
        ({"scenario": f"{SCENARIO}[altered]"}, False),
        ({"scenario": "auth/test_tokens.py::test_i"}, False),
        ({"routes": (RESOURCE, CROSS)}, True),
        ({"routes": (RESOURCE,)}, False),
        ({"routes": ("egi:cstcloud",)}, True),
        ({"routes": ("*:CSTCLOUD-TWIN",)}, True),
        ({"routes": ("egi:*",)}, True),
        ({"routes": ("*:egi", "ska:*")}, False),
        ({"site": "CSTCLOUD-TWIN"}, True),
        ({"site": "EGI-TWIN"}, False),
        ({"scenario": f"{SCENARIO}[expired-xrootd]"}, True),
        ({"implementation": "xrootd"}, True),
        ({"implementation": "dcache"}, False),
    ],
)
def test_an_entry_covers_what_it_names(cell: Any, fields: dict[str, Any], covered: bool) -> None:
    """A scenario may be named with the service that it tests, and without."""
    shown = cell(
        CROSS,
        scenario=f"{SCENARIO}[expired-xrootd]",
        test=f"{SCENARIO}[expired]",
        implementation="xrootd",
    )
    assert entry(**fields).covers(shown) is covered


def test_an_entry_of_an_infrastructure_covers_all_of_its_sites(cell: Any) -> None:
    found = entry(routes=("cstcloud:egi",))
    assert all(found.covers(cell(f"cstcloud:{site}")) for site in ("EGI-TWIN", "EGI-SECOND"))
    assert not found.covers(cell("cstcloud:CSTCLOUD-TWIN"))


def test_an_entry_of_one_software_leaves_the_other_service_of_the_site_alone(
    judged: Any, outcome: Any
) -> None:
    failed = [
        outcome(CROSS, "failed", scenario=f"{SCENARIO}[{one}]", test=SCENARIO, implementation=one)
        for one in ("xrootd", "dcache")
    ]
    judgement = judged(*failed, known=[entry(scenario=SCENARIO, implementation="xrootd")])
    assert {cell.implementation: cell.verdict for cell in judgement.scenarios} == {
        "xrootd": Verdict.KNOWN_DEVIATION,
        "dcache": Verdict.DEVIATION,
    }


def test_names_that_are_not_known_are_told_with_what_is_near(
    cell: Any, requirements: Catalogue
) -> None:
    wrong = [
        entry(requirement="AUTH-17"),
        entry(scenario="auth/test_tokens.py::test_its"),
        entry(routes=("egi:cstclud",)),
        entry(site="CSTCLOUD"),
        entry(requirement="AUTH-018"),
        entry(implementation="xrotd"),
        entry(routes=("*:CSTCLOUD-TWIN",), implementation="xrootd"),
    ]
    cells = [cell(CROSS, implementation="xrootd")]
    said = deviations.faults(wrong, catalogue=requirements, cells=cells)
    assert len(said) == 6
    assert "known-deviations.yaml:2: AUTH-17: unknown requirement 'AUTH-17'; similar: " in said[0]
    assert f"unknown scenario 'auth/test_tokens.py::test_its'; similar: {SCENARIO}" in said[1]
    assert "unknown route 'egi:cstclud'" in said[2]
    assert "unknown site 'CSTCLOUD'; similar: CSTCLOUD-TWIN" in said[3]
    assert "no scenario there shows AUTH-018" in said[4]
    assert "unknown implementation 'xrotd'; similar: xrootd" in said[5]


def test_an_unknown_route_is_told_with_what_is_near(cell: Any, requirements: Catalogue) -> None:
    wrong = [entry(routes=("egi:CSTCLOUD-TWYN",))]
    (said,) = deviations.faults(wrong, catalogue=requirements, cells=[cell(CROSS)])
    assert f"unknown route 'egi:CSTCLOUD-TWYN'; similar: {CROSS}" in said


@pytest.mark.parametrize("control", ["passed", "failed"])
def test_a_failure_that_is_known_breaks_nothing(judged: Any, outcome: Any, control: str) -> None:
    """A deviation and a site fault alike; owner, date and what was seen are told."""
    outcomes = [outcome(CROSS, "failed"), outcome(RESOURCE, control)]
    known = [entry(routes=(CROSS,)), entry(routes=(RESOURCE,))][: 1 + (control == "failed")]
    judgement = judged(*outcomes, known=known)
    assert verdict(judgement, CROSS) is Verdict.KNOWN_DEVIATION
    assert judgement.exit_code is ExitCode.AS_EXPECTED
    (found,) = (cell for cell in judgement.scenarios if cell.route == CROSS)
    assert found.known == known[0]
    for word in ("cloud group", str(LAST), "does not look at it", "it is not"):
        assert word in found.reason


def test_an_entry_changes_its_own_cells_only(judged: Any, outcome: Any) -> None:
    outcomes = [outcome(CROSS, "failed"), outcome(RESOURCE, "failed")]
    judgement = judged(*outcomes, known=[entry(routes=(CROSS,))])
    assert verdict(judgement, CROSS) is Verdict.KNOWN_DEVIATION
    assert verdict(judgement, RESOURCE) is Verdict.SITE_FAULT
    assert judgement.exit_code is ExitCode.DEVIATIONS


def test_the_requirement_is_known_to_deviate_too(judged: Any, outcome: Any) -> None:
    judgement = judged(outcome(CROSS, "failed"), known=[entry()])
    assert {r.verdict for r in judgement.requirements} == {Verdict.KNOWN_DEVIATION}


@pytest.mark.parametrize("status", ["error", "not offered", "passed"])
def test_only_failures_are_excused(judged: Any, outcome: Any, status: str) -> None:
    judgement = judged(outcome(CROSS, status), outcome(RESOURCE, "failed"), known=[entry()])
    assert verdict(judgement, CROSS) is not Verdict.KNOWN_DEVIATION


def test_an_entry_that_passes_breaks_the_run(judged: Any, outcome: Any) -> None:
    judgement = judged(outcome(CROSS), outcome(RESOURCE, "not offered"), known=[entry()])
    assert judgement.exit_code is ExitCode.DEVIATIONS
    assert judgement.complaints == (
        "known-deviations.yaml:2: AUTH-017: the known deviation now passes. Remove the entry.",
    )


@pytest.mark.parametrize("other", ["failed", "error"])
def test_an_entry_with_a_cell_that_does_not_pass_stays(
    judged: Any, outcome: Any, other: str
) -> None:
    assert judged(outcome(CROSS), outcome(RESOURCE, other), known=[entry()]).complaints == ()


def test_an_entry_counts_until_its_last_day(judged: Any, outcome: Any) -> None:
    failed = outcome(CROSS, "failed")
    assert judged(failed, known=[entry()], day=LAST).complaints == ()
    judgement = judged(failed, known=[entry()], day=LAST + dt.timedelta(days=1))
    assert verdict(judgement, CROSS) is Verdict.DEVIATION
    assert judgement.exit_code is ExitCode.DEVIATIONS
    assert "expired on 2027-01-31; cloud group must fix it" in judgement.complaints[0]


@pytest.mark.parametrize("expires", [LAST, dt.date(2026, 2, 1)])
def test_an_entry_that_the_run_does_not_touch_is_left_alone(
    judged: Any, outcome: Any, expires: dt.date
) -> None:
    judgement = judged(outcome(CROSS), known=[entry(routes=(RESOURCE,), expires=expires)])
    assert judgement.complaints == ()
    assert judgement.exit_code is ExitCode.AS_EXPECTED


def test_a_judgement_with_known_deviations_survives_its_file(judged: Any, outcome: Any) -> None:
    judgement = judged(outcome(CROSS, "failed"), known=[entry()])
    assert Judgement.model_validate_json(judgement.model_dump_json()) == judgement


def test_nothing_is_known_before_its_day(tmp_path: Path) -> None:
    path = tmp_path / deviations.FILE
    path.write_text(GOOD)
    assert len(deviations.load(path, today=dt.date(2026, 1, 1))) == 1
    with pytest.raises(DeviationsError) as caught:
        deviations.load(path, today=dt.date(2025, 12, 31))
    assert str(caught.value) == (
        f"{path}:2: AUTH-017 auth/test_tokens.py::test_it egi:CSTCLOUD-TWIN: `since` is "
        "2026-01-01, a day in the future. Write the day on which the deviation was first seen."
    )


def test_by_this_machines_clock_unless_told(tmp_path: Path) -> None:
    path = tmp_path / deviations.FILE
    path.write_text(GOOD.replace("2026-01-01", "9998-01-01").replace("2027-01-31", "9999-01-31"))
    with pytest.raises(DeviationsError, match="a day in the future"):
        deviations.load(path)
