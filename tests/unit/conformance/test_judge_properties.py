"""What holds of every judgement, whatever was seen: tried on made-up runs of all kinds."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import Counter
from dataclasses import dataclass
from typing import Any, get_args

from hypothesis import given
from hypothesis import strategies as st

from harness.conformance.catalogue import Catalogue, Requirement
from harness.conformance.deviations import KnownDeviation
from harness.conformance.judge import judge
from harness.conformance.outcomes import Asked, Cell, ErrorClass, Outcome, Stage, Status
from harness.conformance.verdicts import HostFault, Judgement, Origin, Verdict, worst
from harness.errors import ExitCode
from harness.model import ISSUER
from tests.unit.routes import HOMES, OWNERS, TWIN, ends

ROUTES = tuple(f"{home}:{site}" for home in HOMES for site in OWNERS)
"""Three infrastructures, one of which has two sites."""
SECOND = ("egi:EGI-SECOND", "cstcloud:EGI-SECOND", "egi:EGI-TWIN", "cstcloud:CSTCLOUD-TWIN")
CONTROLS = [route for route in ROUTES if OWNERS[route.split(":")[1]] == route.split(":")[0]]
HOSTS = ("se.egi.test", "wan")
DAY = dt.date(2026, 6, 1)


def requirement(id_: str, **fields: Any) -> Requirement:
    fixed = {"id": id_, "statement": "s", "source": "s", "polarity": "positive"}
    return Requirement(**fixed | {"level": "MUST", "check": ("automatic",)} | fields)


CATALOGUE = Catalogue(
    [
        requirement("AUTH-001"),
        requirement("AUTH-002", level="SHOULD"),
        requirement("AUTH-003", state="draft"),
        requirement("AUTH-004", state="deprecated"),
        requirement("AUTH-005", profile="rfc9068"),
    ]
)
SCENARIOS = {
    "a.py::must": ("AUTH-001",),
    "a.py::must_and_should": ("AUTH-001", "AUTH-002"),
    "a.py::draft[1]": ("AUTH-003", "AUTH-004"),
    "a.py::profile": ("AUTH-005",),
    "a.py::profile_and_should": ("AUTH-005", "AUTH-002"),
}
KEYS = [(scenario, route) for scenario in SCENARIOS for route in ROUTES]
PAIRS = [*itertools.combinations(SCENARIOS, 2), ()]
"""What a run may consist of; with nothing at all."""


@dataclass(frozen=True)
class Case:
    """A run: what it set out to do, what was seen, and what was known."""

    plan: tuple[Cell, ...]
    outcomes: tuple[Outcome, ...]
    faults: tuple[HostFault, ...]
    known: tuple[KnownDeviation, ...]

    def judged(self, **changes: Any) -> Judgement:
        given_ = {"outcomes": self.outcomes, "faults": self.faults, "known": self.known} | changes
        plan = given_.pop("plan", self.plan)
        fixed = {"catalogue": CATALOGUE, "day": DAY, "homes": HOMES}
        return judge(plan, given_.pop("outcomes"), **fixed, **given_)

    def last(self, key: tuple[str, str]) -> Outcome | None:
        """Return the outcome that counts of a cell; None where it has none, or several that may."""
        attempts = [one for one in self.outcomes if one.key == key]
        newest = [o for o in attempts if o.attempt == max(a.attempt for a in attempts)]
        return newest[0] if len(newest) == 1 else None


def cell(key: tuple[str, str], profiles: dict[str, tuple[str, ...]]) -> Cell:
    scenario, route = key
    led = ends(route)
    return Cell(
        scenario=scenario,
        title="t",
        family="auth",
        requirements=SCENARIOS[scenario],
        profiles=profiles[led["site"]],
        side="home" if "profile" in scenario else "resource",
        **led,  # type: ignore[arg-type]
    )


def services_of(planned: Cell) -> list[Asked]:
    """Return what a scenario may ask on its route: the site's storage and both issuers, and the home's."""
    return [
        *(
            Asked(site=site, type="webdav", endpoint=f"https://se.{site.lower()}.test/vo")
            for site in dict.fromkeys((planned.site, HOMES[planned.home]))
        ),
        *(
            Asked(site=HOMES[owner], type=ISSUER, endpoint=f"https://aai.{owner}.test")
            for owner in dict.fromkeys((planned.home, planned.resource))
        ),
    ]


@st.composite
def outcomes_of(draw: st.DrawFn, planned: Cell) -> Outcome:
    # Failures are what most rules speak of, so they come more often.
    status = draw(st.sampled_from(["failed", "failed", "failed", "passed", *get_args(Status)]))
    wrong = status in ("failed", "error")
    places = st.sampled_from(services_of(planned))
    asked = tuple(draw(st.lists(places, unique=True, max_size=3)))
    return Outcome(
        **planned.model_dump(),
        status=status,
        stage=draw(st.sampled_from(get_args(Stage))) if wrong else None,
        error=draw(st.sampled_from(get_args(ErrorClass))) if wrong else None,
        message=draw(st.sampled_from(["", "it is not", "nobody there"])),
        warning=draw(st.sampled_from(["", "it is there"])) if status == "not offered" else "",
        hosts=draw(st.sampled_from([(), (), HOSTS[:1], HOSTS])),
        services=asked,
        failed_at=asked[-1:] if wrong and draw(st.booleans()) else (),
        acted=bool(asked) or draw(st.sampled_from([True, True, False])),
        start="2026-06-01T00:00:00+00:00",
        stop=f"2026-06-01T00:00:0{draw(st.integers(0, 3))}+00:00",
        attempt=draw(st.sampled_from([1, 2])),
        evidence=draw(st.sampled_from([None, "evidence/x.json"])),
    )


@st.composite
def entries(draw: st.DrawFn) -> KnownDeviation:
    names = [*SCENARIOS, "a.py::draft"]
    return KnownDeviation(
        requirement=draw(st.sampled_from(["AUTH-001", *(one.id for one in CATALOGUE)])),
        scenario=draw(st.none() | st.sampled_from(names)),
        routes=draw(st.sampled_from([(), (), TWIN[:1], TWIN[2:], ("egi:*", "*:EGI-SECOND")])),
        site=draw(st.sampled_from([None, None, *OWNERS])),
        owner="group",
        reason="so it is",
        link="https://example.org/1",
        since=dt.date(2026, 1, 1),
        expires=DAY - dt.timedelta(days=draw(st.sampled_from([0, 0, 1]))),
    )


@st.composite
def cases(draw: st.DrawFn) -> Case:
    sites = st.sampled_from([("rfc9068",), ("rfc9068",), ("wlcg",), ("rfc9068", "wlcg"), ()])
    profiles = {name: draw(sites) for name in OWNERS}
    scenarios = draw(st.sampled_from(PAIRS))
    routes = draw(st.sampled_from([TWIN, TWIN[::3], TWIN[:1], SECOND, ROUTES]))
    plan = tuple(cell((scenario, route), profiles) for scenario in scenarios for route in routes)
    attempts = st.sampled_from([0, 1, 1, 1, 2])
    seen = [draw(outcomes_of(c)) for c in plan for _ in range(draw(attempts))]
    faults = st.builds(
        HostFault,
        host=st.sampled_from(HOSTS),
        when=st.sampled_from(["before", "after"]),
        what=st.just("port 443"),
    )
    return Case(
        plan,
        tuple(seen),
        tuple(draw(faults) for _ in range(draw(st.sampled_from([0, 0, 0, 1, 3])))),
        tuple(draw(entries()) for _ in range(draw(st.sampled_from([0, 0, 1, 2])))),
    )


@given(cases(), st.data())
def test_the_order_of_outcomes_and_of_faults_changes_nothing(
    case: Case, data: st.DataObject
) -> None:
    again = case.judged(
        outcomes=data.draw(st.permutations(case.outcomes)),
        faults=data.draw(st.permutations(case.faults)),
    )
    assert again == case.judged()


@given(cases())
def test_every_planned_cell_and_requirement_has_one_verdict_and_a_reason(case: Case) -> None:
    """Whatever the status, stage and class of error: the judge is total."""
    judgement = case.judged()
    assert [c.key for c in judgement.scenarios] == [c.key for c in case.plan]
    named = Counter((i, c.route) for c in case.plan for i in set(c.requirements))
    assert {(r.id, r.route): len(r.scenarios) for r in judgement.requirements} == named
    assert sum(judgement.totals.values()) == len(case.plan)
    assert judgement.executed <= len({o.key for o in case.outcomes if o.executed})
    for found in judgement.scenarios:
        if found.verdict not in (Verdict.CONFORMANT, Verdict.NOT_OFFERED, Verdict.NOT_RUN):
            assert found.reason
    assert Judgement.model_validate_json(judgement.model_dump_json()) == judgement


@given(cases())
def test_a_verdict_says_what_was_seen_last(case: Case) -> None:
    """The table of verdicts, read from right to left."""
    for found in case.judged().scenarios:
        attempts = [o for o in case.outcomes if o.key == found.key]
        last = {o.status for o in attempts if o.attempt == max(a.attempt for a in attempts)}
        crossing = found.home != found.resource
        if not any(CATALOGUE[i].held_by(found.profiles) for i in found.requirements):
            assert found.verdict is Verdict.NOT_OFFERED
            continue
        match found.verdict:
            case Verdict.CONFORMANT:
                assert "passed" in last
            case Verdict.DEVIATION:
                assert "failed" in last
                assert crossing
            case Verdict.SITE_FAULT:
                assert "failed" in last
                assert found.responsible
                assert found.reason.startswith(f"{found.responsible} fails ")
            case Verdict.KNOWN_DEVIATION:
                assert "failed" in last
                assert found.known in case.known
            case Verdict.INCONCLUSIVE:
                idle = any(o.status == "passed" and not o.acted for o in attempts)
                assert last & {"error", "failed"} or idle
            case Verdict.WARNING:
                assert last & {"failed", "not offered"}
            case Verdict.NOT_OFFERED:
                assert "not offered" in last
            case Verdict.NOT_RUN:
                assert "not run" in last or not attempts


def controls_of(found: Cell) -> set[tuple[str, str]]:
    """Return the cells by which a failure may be judged: the site's own users, and the home's at home."""
    at_site = f"{found.resource}:{found.site}"
    at_home = f"{found.home}:{HOMES[found.home]}"
    return {(found.scenario, at_site), (found.scenario, at_home)}


@given(cases(), st.data())
def test_what_is_seen_elsewhere_changes_nothing_but_by_the_same_test_of_a_failure(
    case: Case, data: st.DataObject
) -> None:
    profiles = dict.fromkeys(OWNERS, ("wlcg",)) | {c.site: c.profiles for c in case.plan}
    controls = [(scenario, route) for scenario, route in KEYS if route in CONTROLS]
    other = cell(data.draw(st.sampled_from([*KEYS, *controls, *controls])), profiles)
    more = (*case.outcomes, data.draw(outcomes_of(other)))
    pairs = zip(case.judged().scenarios, case.judged(outcomes=more).scenarios, strict=True)
    for before, after in pairs:
        same = other.scenario == before.scenario and before.verdict is not Verdict.CONFORMANT
        if not same and other.key != before.key:
            assert after == before


FAILING = (Verdict.DEVIATION, Verdict.SITE_FAULT, Verdict.KNOWN_DEVIATION, Verdict.WARNING)


@given(cases())
def test_only_a_failure_has_an_origin_and_only_one_of_a_side_somebody_who_is_responsible(
    case: Case,
) -> None:
    judgement = case.judged()
    for found in (*judgement.scenarios, *judgement.requirements):
        if found.origin is not None:
            assert found.verdict in FAILING
        assert bool(found.responsible) is (found.origin in (Origin.HOME, Origin.RESOURCE))
    for cell_ in judgement.scenarios:
        if cell_.verdict is Verdict.SITE_FAULT:
            assert cell_.origin in (Origin.HOME, Origin.RESOURCE)
        match cell_.origin:
            case Origin.RESOURCE:
                assert cell_.responsible == cell_.site
            case Origin.HOME:
                assert OWNERS[cell_.responsible] == cell_.home
            case Origin.CROSSING:
                assert not cell_.is_control


@given(cases())
def test_a_failure_that_neither_side_s_own_users_see_arises_from_crossing(case: Case) -> None:
    healthy = case.judged(faults=())
    for found in healthy.scenarios:
        outcome = case.last(found.key)
        if outcome is None or found.is_control or found.verdict is Verdict.NOT_OFFERED:
            continue
        if outcome.status != "failed" or outcome.error == "crash" or not outcome.acted:
            continue
        controls = [case.last(key) for key in controls_of(found)]
        if all(one is not None and one.status == "passed" and one.acted for one in controls):
            assert found.origin is Origin.CROSSING, found
            assert found.verdict in FAILING


@given(cases())
def test_a_failure_is_nobody_s_unless_a_control_shows_it(case: Case) -> None:
    """Whoever is named responsible fails their own users too."""
    for found in case.judged().scenarios:
        if found.is_control or not found.responsible:
            continue
        assert any(_failed(case, key) for key in controls_of(found)), found


def _failed(case: Case, key: tuple[str, str]) -> bool:
    return any(one.key == key and one.status == "failed" for one in case.outcomes)


@given(cases())
def test_a_crash_and_one_that_asked_nobody_decide_nothing(case: Case) -> None:
    for found in case.judged().scenarios:
        outcome = case.last(found.key)
        if outcome is None or found.verdict is Verdict.NOT_OFFERED:
            continue
        idle = outcome.status in ("passed", "failed") and not outcome.acted
        if outcome.error == "crash" or idle:
            assert found.verdict is Verdict.INCONCLUSIVE


@given(cases())
def test_a_requirement_gets_the_worst_that_its_scenarios_show_of_it(case: Case) -> None:
    """Each scenario judged as if it showed this requirement alone."""
    for found in case.judged(known=()).requirements:
        alone = {"requirements": (found.id,)}
        shown = case.judged(
            plan=[c.model_copy(update=alone) for c in case.plan if c.scenario in found.scenarios],
            known=(),
        )
        verdicts = [c.verdict for c in shown.scenarios if c.route == found.route]
        assert found.verdict is worst(verdicts)


@given(cases())
def test_the_exit_code_agrees_with_the_verdicts(case: Case) -> None:
    judgement = case.judged()
    verdicts = {found.verdict for found in judgement.scenarios}
    broken = bool(verdicts & {Verdict.DEVIATION, Verdict.SITE_FAULT} or judgement.complaints)
    tried = {o.key for o in case.outcomes}
    missing = any(c.verdict is Verdict.NOT_RUN and c.key not in tried for c in judgement.scenarios)
    if broken:
        assert judgement.exit_code is ExitCode.DEVIATIONS
    elif missing or Verdict.INCONCLUSIVE in verdicts:
        assert judgement.exit_code is ExitCode.INCONCLUSIVE
    elif judgement.executed:
        assert judgement.exit_code is ExitCode.AS_EXPECTED
    else:
        assert judgement.exit_code is ExitCode.DEVIATIONS


@given(cases(), entries())
def test_a_known_deviation_changes_only_failures_that_it_covers(
    case: Case, entry: KnownDeviation
) -> None:
    without, with_it = case.judged(known=()), case.judged(known=(entry,))
    for before, after in zip(without.scenarios, with_it.scenarios, strict=True):
        if after == before:
            continue
        assert entry.covers(before)
        assert not entry.expired(DAY)
        assert before.verdict in (Verdict.DEVIATION, Verdict.SITE_FAULT)
        assert after.verdict is Verdict.KNOWN_DEVIATION
