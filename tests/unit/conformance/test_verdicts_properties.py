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
from harness.conformance.outcomes import Cell, ErrorClass, Outcome, Stage, Status
from harness.conformance.verdicts import HostFault, Judgement, Verdict, worst
from harness.errors import ExitCode

ROUTES = ("egi:cstcloud", "cstcloud:egi", "egi:egi", "cstcloud:cstcloud")
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
        return judge(plan, given_.pop("outcomes"), catalogue=CATALOGUE, day=DAY, **given_)


def cell(key: tuple[str, str], profiles: dict[str, tuple[str, ...]]) -> Cell:
    scenario, route = key
    home, resource = route.split(":")
    return Cell(
        scenario=scenario,
        title="t",
        family="auth",
        requirements=SCENARIOS[scenario],
        home=home,
        resource=resource,
        site=f"{resource.upper()}-TWIN",
        profiles=profiles[resource],
    )


@st.composite
def outcomes_of(draw: st.DrawFn, planned: Cell) -> Outcome:
    # Failures are what most rules speak of, so they come more often.
    status = draw(st.sampled_from(["failed", "failed", "failed", "passed", *get_args(Status)]))
    wrong = status in ("failed", "error")
    return Outcome(
        **planned.model_dump(),
        status=status,
        stage=draw(st.sampled_from(get_args(Stage))) if wrong else None,
        error=draw(st.sampled_from(get_args(ErrorClass))) if wrong else None,
        message=draw(st.sampled_from(["", "it is not", "nobody there"])),
        warning=draw(st.sampled_from(["", "it is there"])) if status == "not offered" else "",
        hosts=draw(st.sampled_from([(), (), HOSTS[:1], HOSTS])),
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
        routes=draw(st.sampled_from([(), (), ROUTES[:1], ROUTES[2:]])),
        site=draw(st.sampled_from([None, None, "EGI-TWIN", "CSTCLOUD-TWIN"])),
        owner="group",
        reason="so it is",
        link="https://example.org/1",
        since=dt.date(2026, 1, 1),
        expires=DAY - dt.timedelta(days=draw(st.sampled_from([0, 0, 1]))),
    )


@st.composite
def cases(draw: st.DrawFn) -> Case:
    sites = st.sampled_from([("rfc9068",), ("rfc9068",), ("wlcg",), ("rfc9068", "wlcg"), ()])
    profiles = {name: draw(sites) for name in ("egi", "cstcloud")}
    scenarios = draw(st.sampled_from(PAIRS))
    routes = draw(st.sampled_from([ROUTES, ROUTES[::3], ROUTES[:1]]))
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
                assert found.site in found.reason
            case Verdict.KNOWN_DEVIATION:
                assert "failed" in last
                assert found.known in case.known
            case Verdict.INCONCLUSIVE:
                assert last & {"error", "failed"}
            case Verdict.WARNING:
                assert last & {"failed", "not offered"}
            case Verdict.NOT_OFFERED:
                assert "not offered" in last
            case Verdict.NOT_RUN:
                assert "not run" in last or not attempts


@given(cases(), st.data())
def test_what_is_seen_elsewhere_changes_no_verdict_but_by_the_control(
    case: Case, data: st.DataObject
) -> None:
    """The control may change the verdict of a failure abroad; the user's home its reason alone."""
    profiles = {"egi": ("wlcg",), "cstcloud": ("wlcg",)} | {
        c.resource: c.profiles for c in case.plan
    }
    controls = [(scenario, route) for scenario, route in KEYS if route in ROUTES[2:]]
    other = cell(data.draw(st.sampled_from([*KEYS, *controls, *controls])), profiles)
    more = (*case.outcomes, data.draw(outcomes_of(other)))
    pairs = zip(case.judged().scenarios, case.judged(outcomes=more).scenarios, strict=True)
    for before, after in pairs:
        control = (before.scenario, f"{before.resource}:{before.resource}")
        home = (before.scenario, f"{before.home}:{before.home}")
        if other.key in (before.key, control):
            continue
        assert after.verdict is before.verdict
        if other.key != home:
            assert after == before


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
