"""Every row of the table of verdicts, and the order among them."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Sequence
from typing import Any

import pytest

from harness.conformance.catalogue import Catalogue, Requirement
from harness.conformance.deviations import KnownDeviation
from harness.conformance.judge import ASKED_NOBODY, FAILED_ALONE, judge
from harness.conformance.outcomes import Asked, Outcome
from harness.conformance.verdicts import CellVerdict, HostFault, Judgement, Origin, Verdict
from harness.errors import ExitCode
from harness.model import ISSUER
from tests.unit.routes import BACK, CROSS, HOME, HOMES, RESOURCE

SHOULD = ("AUTH-019",)


@pytest.fixture
def judged(requirements: Catalogue) -> Any:
    def make(
        *outcomes: Outcome, faults: Sequence[HostFault] = (), missing: Sequence[Any] = ()
    ) -> Judgement:
        cells = {o.key: o for o in outcomes}.values()
        plan = [*cells, *missing]
        return judge(plan, outcomes, catalogue=requirements, faults=faults, homes=HOMES)

    return make


def cell_at(judgement: Judgement, route: str) -> CellVerdict:
    (found,) = (cell for cell in judgement.scenarios if cell.route == route)
    return found


def of(judgement: Judgement, route: str) -> tuple[Verdict, str]:
    found = cell_at(judgement, route)
    return found.verdict, found.reason


def whose(judgement: Judgement, route: str) -> tuple[Verdict, Origin | None, str]:
    found = cell_at(judgement, route)
    return found.verdict, found.origin, found.responsible


def storage(site: str) -> Asked:
    return Asked(site=site, type="webdav", endpoint=f"https://se.{site.lower()}.test/vo")


def issuer(infrastructure: str) -> Asked:
    endpoint = f"https://aai.{infrastructure}.test"
    return Asked(site=HOMES[infrastructure], type=ISSUER, endpoint=endpoint)


def failing_at(*places: Asked, beside: Sequence[Asked] = ()) -> dict[str, Any]:
    """Return what an outcome records of a failure at these services, after it asked others."""
    return {"services": (*beside, *places), "failed_at": places}


def test_passed_on_the_cross_route_is_conformant(judged: Any, outcome: Any) -> None:
    assert of(judged(outcome(CROSS)), CROSS) == (Verdict.CONFORMANT, "")


def test_failed_where_the_control_passed_is_a_deviation(judged: Any, outcome: Any) -> None:
    verdict, reason = of(judged(outcome(CROSS, "failed"), outcome(RESOURCE)), CROSS)
    assert verdict is Verdict.DEVIATION
    assert reason == "it is not"


def test_failed_on_the_site_s_own_control_too_is_the_site_s_fault(
    judged: Any, outcome: Any
) -> None:
    judgement = judged(outcome(CROSS, "failed"), outcome(RESOURCE, "failed"))
    verdict, reason = of(judgement, CROSS)
    assert verdict is Verdict.SITE_FAULT
    assert "CSTCLOUD-TWIN" in reason
    assert of(judgement, RESOURCE)[0] is Verdict.SITE_FAULT


@pytest.mark.parametrize(
    ("others_at_home", "origin"), [("failed", Origin.CROSSING), ("not offered", None), (None, None)]
)
def test_a_failure_of_another_service_at_home_excuses_nothing(
    judged: Any, outcome: Any, others_at_home: str | None, origin: Origin | None
) -> None:
    """Each storage fails its visitors, and the one at home its own users: two failures.

    Where nobody else was tried at home, it may also be the home's issuer: the origin stays open.
    """
    abroad, at_home = storage("CSTCLOUD-TWIN"), storage("EGI-TWIN")
    others = [outcome(BACK, others_at_home, **failing_at(at_home))] if others_at_home else []
    judgement = judged(
        outcome(CROSS, "failed", **failing_at(abroad, beside=[issuer("egi")])),
        outcome(HOME, "failed", **failing_at(at_home, beside=[issuer("egi")])),
        outcome(RESOURCE),
        *others,
    )
    assert whose(judgement, CROSS) == (Verdict.DEVIATION, origin, "")
    assert whose(judgement, HOME) == (Verdict.SITE_FAULT, Origin.RESOURCE, "EGI-TWIN")


def test_users_who_fail_wherever_others_succeed_bring_the_failure_with_them(
    judged: Any, outcome: Any
) -> None:
    """An issuer whose tokens no service takes: each refusal is a storage's, the fault is the home's."""
    abroad, at_home = storage("CSTCLOUD-TWIN"), storage("EGI-TWIN")
    judgement = judged(
        outcome(CROSS, "failed", **failing_at(abroad)),
        outcome(HOME, "failed", **failing_at(at_home)),
        outcome(RESOURCE),
        outcome(BACK),
    )
    for route in (CROSS, HOME):
        assert whose(judgement, route) == (Verdict.SITE_FAULT, Origin.HOME, "EGI-TWIN")
        assert f"where others succeed ({CROSS}, {HOME})" in of(judgement, route)[1]


def test_a_site_that_refuses_its_own_users_alone_is_at_fault(judged: Any, outcome: Any) -> None:
    """Its users succeed elsewhere, so it is not their tokens."""
    judgement = judged(
        outcome(HOME, "failed", **failing_at(storage("EGI-TWIN"))),
        outcome(CROSS),
        outcome(RESOURCE),
        outcome(BACK),
    )
    assert whose(judgement, HOME) == (Verdict.SITE_FAULT, Origin.RESOURCE, "EGI-TWIN")


@pytest.mark.parametrize(("control", "why"), [(None, "was not run"), ("not offered", "no such")])
def test_without_a_control_a_failure_stays_a_deviation_of_unknown_origin(
    judged: Any, outcome: Any, control: str | None, why: str
) -> None:
    others = [outcome(RESOURCE, control)] if control else []
    judgement = judged(outcome(CROSS, "failed"), *others)
    assert whose(judgement, CROSS) == (Verdict.DEVIATION, None, "")
    reason = of(judgement, CROSS)[1]
    assert f"the same test on {RESOURCE}" in reason
    assert why in reason


def test_a_control_that_shows_nothing_leaves_the_failure_open(judged: Any, outcome: Any) -> None:
    judgement = judged(outcome(CROSS, "failed"), outcome(RESOURCE, "error"))
    verdict, reason = of(judgement, CROSS)
    assert verdict is Verdict.INCONCLUSIVE
    assert RESOURCE in reason


@pytest.mark.parametrize("error", ["assertion", "unreachable", "crash"])
@pytest.mark.parametrize("stage", ["setup", "cleanup"])
@pytest.mark.parametrize("route", [CROSS, RESOURCE])
def test_a_failed_set_up_is_inconclusive_and_its_stage_is_named(
    judged: Any, outcome: Any, stage: str, route: str, error: str
) -> None:
    verdict, reason = of(judged(outcome(route, "error", stage=stage, error=error)), route)
    assert verdict is Verdict.INCONCLUSIVE
    assert reason.startswith(f"{stage} failed: ")


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_failure_at_an_unhealthy_host_is_inconclusive_and_the_host_is_named(
    judged: Any, outcome: Any, when: str
) -> None:
    fault = HostFault(host="se.cstcloud.test", when=when, what="port 443")
    failed = outcome(CROSS, "failed", error="unreachable", hosts=("se.cstcloud.test",))
    verdict, reason = of(judged(failed, outcome(RESOURCE), faults=[fault]), CROSS)
    assert verdict is Verdict.INCONCLUSIVE
    assert "se.cstcloud.test" in reason
    assert when in reason


def test_no_answer_from_a_healthy_host_is_a_deviation(judged: Any, outcome: Any) -> None:
    """A handshake refused for want of trust looks like this, and is what the run is for."""
    fault = HostFault(host="ce.cstcloud.test", when="before", what="port 443")
    failed = outcome(CROSS, "failed", error="unreachable", hosts=("se.cstcloud.test",))
    verdict, _ = of(judged(failed, outcome(RESOURCE), faults=[fault]), CROSS)
    assert verdict is Verdict.DEVIATION


def test_what_passed_counts_though_a_host_is_unhealthy(judged: Any, outcome: Any) -> None:
    fault = HostFault(host="se.cstcloud.test", when="after", what="port 443")
    passed = outcome(CROSS, hosts=("se.cstcloud.test",))
    assert of(judged(passed, faults=[fault]), CROSS)[0] is Verdict.CONFORMANT


def test_not_offered_says_why(judged: Any, outcome: Any) -> None:
    found = outcome(CROSS, "not offered", message="not declared")
    assert of(judged(found), CROSS) == (Verdict.NOT_OFFERED, "not declared")


def test_what_is_not_declared_and_there_all_the_same_is_a_warning(
    judged: Any, outcome: Any
) -> None:
    found = outcome(CROSS, "not offered", message="not declared", warning="but advertised")
    judgement = judged(found, outcome(RESOURCE))
    assert of(judgement, CROSS) == (Verdict.WARNING, "not declared; but advertised")
    assert judgement.exit_code is ExitCode.AS_EXPECTED


def test_what_has_no_outcome_was_not_run_and_why_is_told(judged: Any, cell: Any) -> None:
    verdict, reason = of(judged(missing=[cell(CROSS)]), CROSS)
    assert verdict is Verdict.NOT_RUN
    assert reason


@pytest.mark.parametrize("route", [CROSS, RESOURCE])
def test_should_gives_a_warning_where_must_gives_more(
    judged: Any, outcome: Any, route: str
) -> None:
    judgement = judged(outcome(route, "failed", requirements=SHOULD))
    assert of(judgement, route)[0] is Verdict.WARNING
    assert judgement.exit_code is ExitCode.AS_EXPECTED


def test_one_must_makes_the_scenario_binding_and_each_requirement_keeps_its_level(
    judged: Any, outcome: Any
) -> None:
    both = (*SHOULD, "AUTH-017")
    judgement = judged(outcome(CROSS, "failed", requirements=both), outcome(RESOURCE))
    assert of(judgement, CROSS)[0] is Verdict.DEVIATION
    by_id = {r.id: r.verdict for r in judgement.requirements if r.route == CROSS}
    assert by_id == {"AUTH-017": Verdict.DEVIATION, "AUTH-019": Verdict.WARNING}


def test_the_last_attempt_counts_whatever_the_order_and_both_are_told(
    judged: Any, outcome: Any
) -> None:
    first = outcome(CROSS, "error", evidence="evidence/x.json")
    second = outcome(CROSS, attempt=2, evidence="evidence/x.2.json")
    for order in itertools.permutations([first, second]):
        (found,) = judged(*order).scenarios
        assert found.verdict is Verdict.CONFORMANT
        assert found.reason == "attempt 1: setup failed: it broke"
        assert (found.attempts, found.evidence) == (2, "evidence/x.2.json")
        (earlier,) = found.earlier
        assert (earlier.number, earlier.status, earlier.stage) == (1, "error", "setup")
        assert earlier.evidence == "evidence/x.json"


def test_a_cell_that_shows_nothing_twice_is_inconclusive_and_both_attempts_are_told(
    judged: Any, outcome: Any
) -> None:
    nobody = {"error": "unreachable"}
    first, second = (outcome(CROSS, "error", attempt=number, **nobody) for number in (1, 2))
    outcomes = first, second.model_copy(update={"message": "again"})
    verdict, reason = of(judged(*outcomes), CROSS)
    assert verdict is Verdict.INCONCLUSIVE
    assert reason == "setup failed: again; attempt 1: setup failed: it broke"


def test_a_control_that_passed_twice_says_so_once(judged: Any, outcome: Any) -> None:
    """It was asked again after a failure that is compared to it."""
    first, second = (outcome(CROSS, attempt=number) for number in (1, 2))
    assert of(judged(first, second), CROSS) == (Verdict.CONFORMANT, "")
    second = outcome(CROSS, "failed", attempt=2)
    assert of(judged(first, second), CROSS)[1].endswith("attempt 1: passed")


def test_every_fault_of_a_host_is_named(judged: Any, outcome: Any) -> None:
    """A host that was unhealthy before the run and after it is named for both, and once."""
    faults = [HostFault(host="wan", when=when, what="up") for when in ("after", "before")]
    faults.append(HostFault(host="wan", when="after", what="port 443"))
    _, reason = of(judged(outcome(CROSS, "failed", hosts=("wan",)), faults=faults), CROSS)
    assert "wan failed its health check before and after the run (up)" in reason
    assert "wan failed its health check after the run (port 443)" in reason


def test_what_belongs_to_a_larger_extent_does_not_count(outcome: Any, requirements: Any) -> None:
    """Unless nothing else shows the requirement; and that is told apart."""
    light = outcome(CROSS, scenario="a::light")
    heavy = outcome(CROSS, "not run", scenario="a::heavy", extent="full", message="full extent")

    def found(*outcomes: Any, extent: Any) -> tuple[Verdict, bool]:
        judgement = judge(outcomes, outcomes, catalogue=requirements, extent=extent)
        (one,) = judgement.requirements
        return one.verdict, one.outside

    assert found(light, heavy, extent="core") == (Verdict.CONFORMANT, False)
    assert found(light, heavy, extent="full") == (Verdict.NOT_RUN, False)
    assert found(heavy, extent="core") == (Verdict.NOT_RUN, True)


def test_a_requirement_gets_the_worst_of_its_scenarios(judged: Any, outcome: Any) -> None:
    good = outcome(CROSS, scenario="a::good")
    bad = outcome(CROSS, "failed", scenario="a::bad")
    elsewhere = outcome(CROSS, "not offered", scenario="a::elsewhere")
    (requirement,) = judged(good, bad, elsewhere).requirements
    assert requirement.verdict is Verdict.DEVIATION
    assert set(requirement.scenarios) == {"a::good", "a::bad", "a::elsewhere"}
    (requirement,) = judged(good, elsewhere).requirements
    assert requirement.verdict is Verdict.CONFORMANT


@pytest.mark.parametrize(
    ("statuses", "code"),
    [
        ({CROSS: "passed", RESOURCE: "passed"}, ExitCode.AS_EXPECTED),
        ({CROSS: "passed", RESOURCE: "not offered"}, ExitCode.AS_EXPECTED),
        ({CROSS: "failed", RESOURCE: "passed"}, ExitCode.DEVIATIONS),
        ({CROSS: "passed", RESOURCE: "failed"}, ExitCode.DEVIATIONS),
        ({CROSS: "error", RESOURCE: "passed"}, ExitCode.INCONCLUSIVE),
        ({CROSS: "error", RESOURCE: "failed"}, ExitCode.DEVIATIONS),
        ({CROSS: "not offered", RESOURCE: "not offered"}, ExitCode.DEVIATIONS),
        ({}, ExitCode.DEVIATIONS),
    ],
)
def test_the_exit_code_follows_the_worst_and_a_run_of_nothing_fails(
    judged: Any, outcome: Any, statuses: dict[str, str], code: ExitCode
) -> None:
    judgement = judged(*(outcome(route, status) for route, status in statuses.items()))
    assert judgement.exit_code is code


def test_what_was_not_run_is_inconclusive(judged: Any, outcome: Any, cell: Any) -> None:
    judgement = judged(outcome(CROSS), missing=[cell(RESOURCE)])
    assert judgement.exit_code is ExitCode.INCONCLUSIVE


def test_what_cannot_be_run_anywhere_is_told_and_is_not_inconclusive(
    judged: Any, outcome: Any
) -> None:
    """A real issuer's key is not available: another run would do no better."""
    why = {"scenario": "a::b", "message": "the testbed has no signing key"}
    judgement = judged(outcome(CROSS), outcome(RESOURCE, "not run", **why))
    assert of(judgement, RESOURCE) == (Verdict.NOT_RUN, "the testbed has no signing key")
    assert judgement.executed == 1
    assert judgement.exit_code is ExitCode.AS_EXPECTED


def test_a_run_in_which_nothing_could_run_fails(judged: Any, outcome: Any) -> None:
    assert judged(outcome(CROSS, "not run")).exit_code is ExitCode.DEVIATIONS


def test_a_control_that_could_not_run_excuses_nothing(judged: Any, outcome: Any) -> None:
    verdict, reason = of(judged(outcome(CROSS, "failed"), outcome(RESOURCE, "not run")), CROSS)
    assert verdict is Verdict.DEVIATION
    assert reason == f"it is not; the same test on {RESOURCE} was not run"


def test_a_judgement_survives_its_file(judged: Any, outcome: Any) -> None:
    judgement = judged(outcome(CROSS, "failed"), outcome(RESOURCE))
    assert Judgement.model_validate_json(judgement.model_dump_json()) == judgement


def requirement(id_: str, **fields: Any) -> Requirement:
    common = {"level": "MUST", "statement": "s", "source": "s", "polarity": "positive"}
    return Requirement(**common | {"id": id_, "check": ("automatic",)} | fields)


def test_a_draft_that_is_missed_is_a_warning(outcome: Any) -> None:
    found = [outcome(CROSS, "failed"), outcome(RESOURCE)]
    draft = Catalogue([requirement("AUTH-017", state="draft")])
    judgement = judge(found, found, catalogue=draft)
    assert of(judgement, CROSS)[0] is Verdict.WARNING
    assert {r.verdict for r in judgement.requirements if r.route == CROSS} == {Verdict.WARNING}
    assert judgement.exit_code is ExitCode.AS_EXPECTED


def test_what_is_deprecated_is_not_counted(outcome: Any) -> None:
    """A run of the time when it was required can be judged still."""
    found = [outcome(CROSS, "failed"), outcome(RESOURCE)]
    states = {"AUTH-017": "deprecated", "AUTH-018": "required", "AUTH-019": "draft"}
    judgement = judge(
        found, found, catalogue=Catalogue([requirement(i, state=s) for i, s in states.items()])
    )
    assert (judgement.covered, judgement.catalogue) == (0, 2)
    assert of(judgement, CROSS)[0] is Verdict.WARNING


PROFILED = Catalogue(
    [
        requirement("AUTH-017"),
        requirement("AUTH-019", level="SHOULD"),
        requirement("AUTH-023", profile="wlcg"),
        requirement("AUTH-049", profile="rfc9068"),
    ]
)


@pytest.mark.parametrize("status", ["passed", "failed", "error", "not offered"])
def test_a_site_of_another_profile_is_not_held_to_a_requirement(outcome: Any, status: str) -> None:
    cells = [outcome(CROSS, status, requirements=("AUTH-049",), profiles=("wlcg",))]
    judgement = judge(cells, cells, catalogue=PROFILED)
    verdict, reason = of(judgement, CROSS)
    assert verdict is Verdict.NOT_OFFERED
    assert reason == "CSTCLOUD-TWIN follows the token profile wlcg: AUTH-049 is of rfc9068"
    assert {r.verdict for r in judgement.requirements} == {Verdict.NOT_OFFERED}


@pytest.mark.parametrize(
    ("profiles", "verdict"),
    [
        (("rfc9068",), Verdict.DEVIATION),
        (("wlcg",), Verdict.NOT_OFFERED),
        (("rfc9068", "wlcg"), Verdict.NOT_OFFERED),
        # a run of a former version, which did not record profiles
        ((), Verdict.DEVIATION),
    ],
)
def test_each_requirement_of_a_scenario_is_held_against_its_own_profile(
    outcome: Any, profiles: tuple[str, ...], verdict: Verdict
) -> None:
    """The scenario runs for the others, which keep what it shows of them."""
    fields = {"requirements": ("AUTH-049", "AUTH-017"), "profiles": profiles}
    cells = [outcome(CROSS, "failed", **fields), outcome(RESOURCE, **fields)]
    judgement = judge(cells, cells, catalogue=PROFILED)
    by_id = {r.id: r.verdict for r in judgement.requirements if r.route == CROSS}
    assert by_id == {"AUTH-049": verdict, "AUTH-017": Verdict.DEVIATION}
    assert of(judgement, CROSS)[0] is Verdict.DEVIATION


def test_a_must_of_another_profile_does_not_make_a_scenario_binding(outcome: Any) -> None:
    fields = {"requirements": ("AUTH-049", "AUTH-019"), "profiles": ("wlcg",)}
    cells = [outcome(CROSS, "failed", **fields), outcome(RESOURCE, **fields)]
    assert of(judge(cells, cells, catalogue=PROFILED), CROSS)[0] is Verdict.WARNING


def test_a_known_deviation_of_another_profile_excuses_nothing(outcome: Any) -> None:
    fields = {"requirements": ("AUTH-049", "AUTH-017"), "profiles": ("wlcg",)}
    cells = [outcome(CROSS, "failed", **fields), outcome(RESOURCE, **fields)]
    entry = KnownDeviation(
        requirement="AUTH-049",
        owner="group",
        reason="so it is",
        link="https://example.org/1",
        since=dt.date(2026, 1, 1),
        expires=dt.date(2027, 1, 1),
    )
    judgement = judge(cells, cells, catalogue=PROFILED, known=[entry])
    assert of(judgement, CROSS)[0] is Verdict.DEVIATION


SECOND = "egi:EGI-SECOND"
FROM_SKA, AT_SKA = "ska:EGI-SECOND", "ska:SKA-TWIN"


@pytest.mark.parametrize(
    ("at_site", "at_home", "found"),
    [
        ("passed", "passed", (Verdict.DEVIATION, Origin.CROSSING, "")),
        ("failed", "passed", (Verdict.SITE_FAULT, Origin.RESOURCE, "CSTCLOUD-TWIN")),
        ("passed", "failed", (Verdict.SITE_FAULT, Origin.HOME, "EGI-TWIN")),
        # Where both fail, the failed step decides: it was the site's storage.
        ("failed", "failed", (Verdict.SITE_FAULT, Origin.RESOURCE, "CSTCLOUD-TWIN")),
    ],
)
def test_a_failure_arises_where_users_whom_crossing_does_not_concern_see_it_too(
    judged: Any,
    outcome: Any,
    at_site: str,
    at_home: str,
    found: tuple[Verdict, Origin | None, str],
) -> None:
    asked = [issuer("egi"), storage("CSTCLOUD-TWIN")]
    there, here = storage("CSTCLOUD-TWIN"), issuer("egi")
    judgement = judged(
        outcome(CROSS, "failed", services=tuple(asked), failed_at=(there,)),
        outcome(RESOURCE, at_site, **(failing_at(there) if at_site == "failed" else {})),
        outcome(HOME, at_home, **(failing_at(here) if at_home == "failed" else {})),
    )
    assert whose(judgement, CROSS) == found


@pytest.mark.parametrize("side", ["home", "resource"])
def test_a_failure_of_the_issuer_at_home_is_the_home_s_on_every_route(
    judged: Any, outcome: Any, side: str
) -> None:
    """A test of the issuer that crosses asks the site nothing: AUTH-037 at LemonLDAP."""
    fails = failing_at(issuer("cstcloud")) | {"side": side}
    judgement = judged(
        outcome(BACK, "failed", **fails),
        outcome(RESOURCE, "failed", **fails),
        outcome(HOME, side=side, services=(issuer("egi"),)),
        outcome(CROSS, side=side, services=(issuer("egi"),)),
    )
    for route in (BACK, RESOURCE):
        assert whose(judgement, route) == (Verdict.SITE_FAULT, Origin.HOME, "CSTCLOUD-TWIN")
        assert "CSTCLOUD-TWIN fails for its own users" in of(judgement, route)[1]
    (requirement,) = (one for one in judgement.requirements if one.route == BACK)
    assert (requirement.origin, requirement.responsible) == (Origin.HOME, "CSTCLOUD-TWIN")


def test_without_a_word_of_what_failed_the_side_of_the_scenario_decides(
    judged: Any, outcome: Any
) -> None:
    outcomes = [outcome(route, "failed", side="home") for route in (BACK, RESOURCE)]
    judgement = judged(*outcomes, outcome(HOME, side="home"))
    for route in (BACK, RESOURCE):
        assert whose(judgement, route) == (Verdict.SITE_FAULT, Origin.HOME, "CSTCLOUD-TWIN")


def test_a_control_that_fails_elsewhere_shows_nothing(judged: Any, outcome: Any) -> None:
    """The site's own users never came to its storage: their issuer had failed before."""
    there = storage("CSTCLOUD-TWIN")
    judgement = judged(
        outcome(CROSS, "failed", **failing_at(there, beside=[issuer("egi")])),
        outcome(RESOURCE, "failed", **failing_at(issuer("cstcloud"))),
        outcome(HOME),
    )
    assert whose(judgement, CROSS) == (Verdict.INCONCLUSIVE, None, "")
    reason = of(judgement, CROSS)[1]
    assert f"the same test on {RESOURCE} fails elsewhere, at {issuer('cstcloud')}" in reason


def test_what_our_client_cannot_go_on_with_is_nobody_s_failure(judged: Any, outcome: Any) -> None:
    """A token for another audience than asked for: the issuer may not know the parameter."""
    judgement = judged(
        outcome(CROSS, "error", stage="setup", error="unusable"), outcome(RESOURCE), outcome(HOME)
    )
    verdict, reason = of(judgement, CROSS)
    assert verdict is Verdict.INCONCLUSIVE
    assert (
        "the testbed's own client cannot use what it received, so this says nothing about the site"
        in reason
    )


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("hung", "the scenario did not end, and was stopped"),
        ("unprepared", "this machine lacks what the scenario needs"),
    ],
)
def test_trouble_of_ours_is_nobody_s_failure(
    judged: Any, outcome: Any, error: str, said: str
) -> None:
    """Also where the site's own users meet it, which would look like a fault of the site."""
    trouble = {"error": error, "stage": "act", "message": "why"}
    judgement = judged(outcome(CROSS, "failed", **trouble), outcome(RESOURCE, "failed", **trouble))
    for route in (CROSS, RESOURCE):
        assert whose(judgement, route) == (Verdict.INCONCLUSIVE, None, "")
        assert of(judgement, route)[1] == (
            f"act failed: {said}, so this says nothing about the site: why"
        )


@pytest.mark.parametrize("status", ["failed", "error"])
def test_a_crash_is_nobody_s_failure(judged: Any, outcome: Any, status: str) -> None:
    """Our own client broke: on the cell it decides nothing, and as a control it shows nothing."""
    broke = {"error": "crash", "stage": "act", "message": "KeyError: 'exp'"}
    judgement = judged(outcome(CROSS, status, **broke), outcome(RESOURCE))
    assert whose(judgement, CROSS) == (Verdict.INCONCLUSIVE, None, "")
    assert of(judgement, CROSS)[1] == (
        "act failed: the testbed's own client crashed, so this says nothing about the site: KeyError: 'exp'"
    )
    assert judgement.exit_code is ExitCode.INCONCLUSIVE
    judgement = judged(outcome(CROSS, "failed"), outcome(RESOURCE, status, **broke))
    assert whose(judgement, CROSS) == (Verdict.INCONCLUSIVE, None, "")
    assert "the testbed's own client crashed" in of(judgement, CROSS)[1]


def test_a_pass_that_asked_nobody_is_inconclusive(judged: Any, outcome: Any) -> None:
    judgement = judged(outcome(CROSS, acted=False))
    assert of(judgement, CROSS) == (Verdict.INCONCLUSIVE, ASKED_NOBODY)
    assert judgement.executed == 0
    assert judgement.exit_code is ExitCode.INCONCLUSIVE


@pytest.mark.parametrize("route", [CROSS, RESOURCE])
def test_a_failure_that_asked_nobody_is_inconclusive(judged: Any, outcome: Any, route: str) -> None:
    """Whether it crosses or not: a scenario that compares two constants blames nobody."""
    judgement = judged(outcome(route, "failed", acted=False))
    assert whose(judgement, route) == (Verdict.INCONCLUSIVE, None, "")
    assert of(judgement, route)[1] == f"{FAILED_ALONE}; assert failed: it is not"
    assert judgement.executed == 0
    assert judgement.exit_code is ExitCode.INCONCLUSIVE


@pytest.mark.parametrize(("status", "why"), [("passed", ASKED_NOBODY), ("failed", FAILED_ALONE)])
def test_a_control_that_asked_nobody_shows_nothing(
    judged: Any, outcome: Any, status: str, why: str
) -> None:
    judgement = judged(outcome(CROSS, "failed"), outcome(RESOURCE, status, acted=False))
    verdict, reason = of(judgement, CROSS)
    assert verdict is Verdict.INCONCLUSIVE
    assert why in reason


def test_the_control_is_that_of_the_site_and_not_of_its_infrastructure(
    judged: Any, outcome: Any
) -> None:
    """A second site that fails alone is named alone, on the routes of all infrastructures."""
    broken = failing_at(storage("EGI-SECOND"))
    judgement = judged(
        *(
            outcome(route, "failed", **broken)
            for route in (SECOND, FROM_SKA, "cstcloud:EGI-SECOND")
        ),
        *(outcome(route) for route in (HOME, BACK, AT_SKA, RESOURCE, "ska:EGI-TWIN")),
    )
    for route in (SECOND, FROM_SKA, "cstcloud:EGI-SECOND"):
        assert whose(judgement, route) == (Verdict.SITE_FAULT, Origin.RESOURCE, "EGI-SECOND")
    for route in (HOME, BACK, AT_SKA, RESOURCE, "ska:EGI-TWIN"):
        assert of(judgement, route)[0] is Verdict.CONFORMANT


def test_a_failure_at_one_site_says_nothing_of_the_other(judged: Any, outcome: Any) -> None:
    """Visitors fail at the second site, whose own users succeed, while the first site is broken."""
    judgement = judged(
        outcome(FROM_SKA, "failed", **failing_at(storage("EGI-SECOND"))),
        outcome(SECOND),
        outcome(HOME, "failed", **failing_at(storage("EGI-TWIN"))),
        outcome(AT_SKA),
    )
    assert whose(judgement, FROM_SKA) == (Verdict.DEVIATION, Origin.CROSSING, "")


def test_at_home_the_service_of_the_same_software_is_the_control(judged: Any, outcome: Any) -> None:
    """Each service of a site is a scenario of its own; at home another set of services stands."""
    test = "transfer/test_a.py::test_x"

    def one(route: str, software: str, status: str = "passed", **fields: Any) -> Outcome:
        name = f"{test}[{software}]"
        return outcome(route, status, scenario=name, test=test, implementation=software, **fields)

    judgement = judged(
        one(CROSS, "dcache", "failed"),
        one(RESOURCE, "dcache"),
        one(HOME, "xrootd"),
        one(HOME, "dcache", "failed"),
    )
    assert whose(judgement, CROSS) == (Verdict.SITE_FAULT, Origin.HOME, "EGI-TWIN")
    sound = judged(
        one(CROSS, "dcache", "failed"),
        one(RESOURCE, "dcache"),
        one(HOME, "xrootd", "failed", **failing_at(storage("EGI-TWIN"))),
        one(HOME, "dcache"),
    )
    assert whose(sound, CROSS) == (Verdict.DEVIATION, Origin.CROSSING, "")


def test_a_recommendation_that_is_not_met_keeps_its_origin(judged: Any, outcome: Any) -> None:
    outcomes = [outcome(route, "failed", requirements=SHOULD) for route in (CROSS, RESOURCE)]
    judgement = judged(*outcomes)
    assert whose(judgement, CROSS) == (Verdict.WARNING, Origin.RESOURCE, "CSTCLOUD-TWIN")
    assert of(judgement, CROSS)[1].startswith("Recommended, but not met: CSTCLOUD-TWIN fails")


def test_of_failures_of_one_rank_what_arises_from_crossing_is_told_of_the_requirement(
    judged: Any, outcome: Any
) -> None:
    judgement = judged(
        *(
            outcome(CROSS, "failed", scenario=name, requirements=SHOULD)
            for name in ("a::x", "a::y")
        ),
        outcome(RESOURCE, "failed", scenario="a::x", requirements=SHOULD),
        outcome(RESOURCE, scenario="a::y", requirements=SHOULD),
    )
    (found,) = (one for one in judgement.requirements if one.route == CROSS)
    assert (found.verdict, found.origin) == (Verdict.WARNING, Origin.CROSSING)
