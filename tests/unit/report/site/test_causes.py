"""What needs action: one row a cause, with who is affected, since when, and whose it is."""

from __future__ import annotations

from pathlib import Path

from harness.conformance.statement import Statement
from harness.conformance.verdicts import HostFault, Origin, Verdict
from harness.report import findings
from harness.report.site.causes import causes, recoveries
from harness.report.site.groups import Group
from tests.unit.statements import CATALOGUE, TWIN, judged, night, routes, statement

WAYS = routes(TWIN)
ASKED = [CATALOGUE[id_] for id_ in ("AUTH-017", "XFER-001", "XFER-022")]
OVERWRITE = "transfer/test_overwrite.py::test_a_file_is_not_moved_onto_another"
FINDINGS = list(findings.read(findings.load()))


def stated(day: int, **failing: object) -> Statement:
    names = {"XFER-022": OVERWRITE}
    return statement(
        f"202601{day:02}T011500Z-00aa",
        ASKED,
        WAYS,
        judged(**failing),  # type: ignore[arg-type]
        scenario=lambda one: names.get(one.id, f"made/test_up.py::test_{one.id}"),
    )


AT_EGI = (Verdict.SITE_FAULT, Origin.RESOURCE, lambda way: way.site == "EGI-TWIN")
CROSSING = (Verdict.DEVIATION, Origin.CROSSING, lambda way: way.id == "egi:CSTCLOUD-TWIN")


def test_a_fault_of_a_site_is_one_row_on_all_its_routes(tmp_path: Path) -> None:
    (found,) = causes(night(tmp_path, stated(1), stated(2, XFER_022=AT_EGI)), FINDINGS)
    assert (found.group, found.new, found.requirements) == (Group.SOFTWARE, True, ("XFER-022",))
    assert found.affected == ("all users of EGI-TWIN",)
    assert found.software == "XRootD 5.8.1"
    assert found.finding is not None
    assert found.finding.id == "F-XROOTD-16"
    assert found.title == "MOVE ignores `Overwrite: F` and replaces the file"
    (owner,) = found.owners
    assert owner.contact is not None
    assert (owner.name, owner.contact.email) == ("EGI-TWIN", "admins@egi.test")


def test_what_arises_from_crossing_comes_first_and_concerns_both_ends(tmp_path: Path) -> None:
    first, second = causes(
        night(tmp_path, stated(1), stated(2, XFER_022=AT_EGI, AUTH_017=CROSSING)), FINDINGS
    )
    assert (first.group, second.group) == (Group.CROSSING, Group.SOFTWARE)
    assert first.title == f"Does not hold: {CATALOGUE['AUTH-017'].statement}"
    assert first.affected == ("users of EGI at CSTCLOUD-TWIN",)
    assert [one.name for one in first.owners] == ["EGI", "CSTCLOUD-TWIN"]
    assert first.owners[0].contact is None, "EGI is no party of the agreement"
    contact = first.owners[1].contact
    assert contact is not None, "its infrastructure answers for a site that is no party"
    assert contact.email == "operations@cstcloud.test"


def test_a_cause_tells_since_when(tmp_path: Path) -> None:
    nights = [stated(1), *(stated(day, XFER_022=AT_EGI) for day in (2, 3, 4))]
    (found,) = causes(night(tmp_path, *nights), FINDINGS)
    assert (found.new, found.since.id[:8]) == (False, "20260102")


def test_a_service_that_fails_in_all_is_one_cause(tmp_path: Path) -> None:
    bad = stated(2, XFER_022=AT_EGI, AUTH_017=AT_EGI, XFER_001=AT_EGI)
    down = tuple(
        one.model_copy(update={"status": "critical"}) if one.site == "EGI-TWIN" else one
        for one in bad.services
    )
    (found,) = causes(
        night(tmp_path, stated(1), bad.model_copy(update={"services": down})), FINDINGS
    )
    assert found.title == "Every test of webdav at EGI-TWIN failed"
    assert len(found.requirements) == 3


def test_an_unhealthy_host_is_one_cause_of_all_that_could_not_be_judged(tmp_path: Path) -> None:
    undecided = (Verdict.INCONCLUSIVE, None, lambda way: way.site == "EGI-TWIN")
    bad = stated(2, XFER_022=undecided, AUTH_017=undecided)
    fault = HostFault(host="se.egi-twin.test", when="before", what="xrootd")
    (found,) = causes(
        night(tmp_path, stated(1), bad.model_copy(update={"faults": (fault,)})), FINDINGS
    )
    assert found.title == "se.egi-twin.test failed its health check before the run (xrootd)"
    assert found.requirements == ("AUTH-017", "XFER-022")
    assert [one.name for one in found.owners] == ["EGI-TWIN"]


def test_what_a_testbed_can_never_run_needs_nobody(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    never = (Verdict.NOT_RUN, None, lambda way: way.site == "EGI-TWIN")
    assert causes(night(tmp_path, stated(1, AUTH_017=never), stated(2, AUTH_017=never)), ()) == []
    (lost,) = causes(night(elsewhere, stated(1), stated(2, AUTH_017=never)), ())
    assert lost.group is Group.UNDECIDED


def test_known_deviations_need_nobody_until_they_expire(tmp_path: Path) -> None:
    known = (Verdict.KNOWN_DEVIATION, Origin.RESOURCE, lambda way: way.site == "EGI-TWIN")
    assert causes(night(tmp_path, stated(1), stated(2, XFER_022=known)), FINDINGS) == []


def test_a_recovery_is_told_once_for_all_routes(tmp_path: Path) -> None:
    (found,) = recoveries(night(tmp_path, stated(1, XFER_022=AT_EGI), stated(2)))
    assert found.requirements == ("XFER-022",)
    assert found.routes == ("cstcloud:EGI-TWIN", "egi:EGI-TWIN")
