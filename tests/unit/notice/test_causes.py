"""Causes of a night: one for a finding, one for a requirement at a site, one for an unhealthy host."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from harness.conformance.statement import ScenarioStatement, Statement
from harness.conformance.verdicts import HostFault, Origin, Verdict
from harness.notice import causes
from harness.notice.causes import Cause, Sort
from harness.notice.known import Known
from harness.report import findings
from tests.unit.nights import COPIES, TOKENS, make_night
from tests.unit.routes import BACK, CROSS, HOME, RESOURCE

ID = "20260101T011500Z-00aa"
TODAY = dt.date(2026, 1, 1)
FINDINGS = f"""# Findings

### F-XROOTD-91 Tokens live on ⚠

- Requirement: AUTH-017 (known deviation)
- Software: XRootD 5.8.1
- Scenario: `{TOKENS}`
- Disclosed: 2026-05-04

### F-APACHE-91 Another software

- Requirement: XFER-017
- Software: Apache
- Scenario: `{COPIES}`
"""


def of(statement: Statement, text: str = "", today: dt.date = TODAY) -> dict[str, Cause]:
    return causes.of(statement, Known(text, today, statement.services))


def night(folder: Path, failed: dict[tuple[str, str], str], *faults: HostFault) -> Statement:
    return Statement.read(make_night(folder, ID, failed, faults=faults))


def test_a_good_night_has_none(tmp_path: Path) -> None:
    assert of(night(tmp_path, {})) == {}


def test_a_failure_of_a_site_is_one_cause_on_all_routes(tmp_path: Path) -> None:
    (cause,) = of(night(tmp_path, {(COPIES, CROSS): "no", (COPIES, RESOURCE): "no"})).values()
    assert cause.key == "XFER-001 at CSTCLOUD-TWIN"
    assert cause.requirements == ("XFER-001",)  # XFER-017 is a SHOULD
    assert set(cause.routes) == {CROSS, RESOURCE}
    assert cause.parties == cause.sites == ("CSTCLOUD-TWIN",)
    assert cause.origins == ("resource",)


def test_what_arises_from_crossing_concerns_both_sides(tmp_path: Path) -> None:
    (cause,) = of(night(tmp_path, {(TOKENS, CROSS): "accepted"})).values()
    assert cause.key == "AUTH-017 at CSTCLOUD-TWIN"
    assert cause.parties == ("CSTCLOUD-TWIN", "egi", "cstcloud")
    assert cause.page == "cells/AUTH-017/egi.CSTCLOUD-TWIN.html"
    assert "accepted" in cause.reason


def test_a_finding_is_one_cause_at_all_sites(tmp_path: Path) -> None:
    failed = {(TOKENS, route): "accepted" for route in (CROSS, BACK, HOME, RESOURCE)}
    found = of(night(tmp_path, failed), FINDINGS)
    assert list(found) == ["F-XROOTD-91"]
    cause = found["F-XROOTD-91"]
    assert cause.title == "Tokens live on"
    assert set(cause.sites) == {"EGI-TWIN", "CSTCLOUD-TWIN"}
    assert cause.withheld
    assert not of(night(tmp_path / "b", failed), FINDINGS, dt.date(2026, 5, 4))[
        "F-XROOTD-91"
    ].withheld


def test_a_finding_of_another_software_explains_nothing(tmp_path: Path) -> None:
    found = of(night(tmp_path, {(COPIES, CROSS): "no", (COPIES, RESOURCE): "no"}), FINDINGS)
    assert list(found) == ["XFER-001 at CSTCLOUD-TWIN"]


@pytest.mark.parametrize(
    ("origin", "implementation", "found"),
    [
        (Origin.RESOURCE, "xrootd", "F-XROOTD-01"),
        (Origin.RESOURCE, "apache", "F-APACHE-01"),
        (Origin.RESOURCE, "dcache", ""),
    ],
)
def test_a_shipped_finding_is_that_of_the_software_which_failed(
    tmp_path: Path, origin: Origin, implementation: str, found: str
) -> None:
    statement = night(tmp_path, {})
    test = "transfer/test_bearer_errors.py::test_without_a_token_comes_a_challenge"
    cell = _cell(statement, test, "AUTH-047", origin, implementation)
    known = Known(findings.load(), TODAY, statement.services)
    explained = known.explaining(cell)
    assert (explained.id if explained else "") == found


def test_a_finding_of_the_users_own_client_arises_at_home(tmp_path: Path) -> None:
    statement = night(tmp_path, {})
    known = Known(findings.load(), TODAY, statement.services)
    test = "transfer/test_redirects.py::test_no_token_goes_over_plain_http[davix]"
    cell = _cell(statement, test, "XFER-029", Origin.HOME, "xrootd")
    assert getattr(known.explaining(cell), "id", "") == "F-DAVIX-01"
    assert known.explaining(cell.model_copy(update={"origin": Origin.RESOURCE})) is None


def _cell(
    statement: Statement, test: str, requirement: str, origin: Origin, implementation: str
) -> ScenarioStatement:
    return statement.scenarios[0].model_copy(
        update={
            "scenario": test,
            "requirements": (requirement,),
            "verdict": Verdict.SITE_FAULT,
            "origin": origin,
            "implementation": implementation,
        }
    )


def test_a_service_of_which_all_failed_is_one_cause(tmp_path: Path) -> None:
    failed = {
        (scenario, route): "refused" for scenario in (TOKENS, COPIES) for route in (CROSS, RESOURCE)
    }
    statement = night(tmp_path, failed)
    endpoint = "https://se.cstcloud.test/vo"
    cells = tuple(
        cell.model_copy(update={"service": f"https://se.{cell.resource}.test/vo"})
        for cell in statement.scenarios
    )
    (cause,) = of(statement.model_copy(update={"scenarios": cells})).values()
    assert cause.key == f"service {endpoint}"
    assert cause.requirements == ("AUTH-017", "XFER-001")
    assert len(cause.cells) == 4
    healthy = tuple(one.model_copy(update={"status": "ok"}) for one in statement.services)
    parts = statement.model_copy(update={"scenarios": cells, "services": healthy})
    assert list(of(parts)) == ["AUTH-017 at CSTCLOUD-TWIN", "XFER-001 at CSTCLOUD-TWIN"]


def test_an_unhealthy_host_is_one_cause_whatever_it_takes_along(tmp_path: Path) -> None:
    ill = HostFault(host="se.egi.test", when="before", what="xrootd is down")
    failed = {
        (scenario, route): "no answer" for scenario in (TOKENS, COPIES) for route in (BACK, HOME)
    }
    (cause,) = of(night(tmp_path, failed, ill)).values()
    assert (cause.key, cause.sort) == ("host se.egi.test", Sort.UNJUDGED)
    assert cause.sites == ("EGI-TWIN",)
    assert cause.reason == "xrootd is down"
    assert cause.requirements == ("AUTH-017", "XFER-017", "XFER-001")


def test_what_was_not_judged_for_another_reason_is_one_cause_a_site(tmp_path: Path) -> None:
    statement = night(tmp_path, {})
    cells = tuple(
        cell.model_copy(
            update={"verdict": Verdict.INCONCLUSIVE, "reason": "set-up failed: no token"}
        )
        if cell.site == "EGI-TWIN"
        else cell
        for cell in statement.scenarios
    )
    (cause,) = of(statement.model_copy(update={"scenarios": cells})).values()
    assert cause.key == "not judged at EGI-TWIN"
    assert cause.title == "3 requirements could not be judged at EGI-TWIN"
    assert cause.parties == ("EGI-TWIN", "egi")


def test_an_entry_that_passes_is_a_cause_whatever_its_line(tmp_path: Path) -> None:
    statement = night(tmp_path, {})

    def complained(text: str) -> list[str]:
        return list(of(statement.model_copy(update={"complaints": (text,)})))

    entry = "AUTH-017 xrootd: the known deviation now passes. Remove the entry."
    assert complained(f"known-deviations.yaml:7: {entry}") == ["list AUTH-017 xrootd"]
    assert complained(f"known-deviations.yaml:9: {entry}") == ["list AUTH-017 xrootd"]
    expired = (
        "known-deviations.yaml:7: AUTH-017 xrootd: the known deviation expired on 2026-01-01; x"
    )
    assert complained(expired) == []
