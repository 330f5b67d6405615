"""The agreement: what is read, what is refused, and whom it holds to what."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from harness import inventory
from harness.conformance import agreement
from harness.conformance.agreement import Agreement, AgreementError, Targets
from harness.errors import ExitCode
from harness.model import Testbed

GOOD = """\
agreement:
  title: Of two
  valid: {from: 2026-11-01, until: 2027-10-31}
  targets:
    site: {availability: 80, reliability: 85, unknown: 10}
    services:
      webdav: {availability: 99.5}
  parties:
    - infrastructure: egi
      role: provider
      contacts: [{name: operations, email: ops@egi.test}]
    - site: EGI-TWIN
      role: resource centre
      contacts: [{name: admins, email: admins@egi.test}]
    - site: CSTCLOUD-TWIN
      role: resource centre
      services: [webdav, XRootD]
      contacts: [{name: admins, email: admins@cstcloud.test}]
"""
OF_SITE = Targets(availability=80, reliability=85, unknown=10)


@pytest.fixture(scope="module")
def testbed() -> Testbed:
    return inventory.load(Path(__file__).resolve().parents[3] / "inventories" / "twin").testbed


def read(folder: Path, text: str, testbed: Testbed) -> Agreement:
    (folder / agreement.FILE).write_text(text)
    found = agreement.load(folder / agreement.FILE, testbed)
    assert found
    return found


def fault(folder: Path, text: str, testbed: Testbed) -> str:
    with pytest.raises(AgreementError) as caught:
        read(folder, text, testbed)
    assert caught.value.exit_code is ExitCode.USAGE
    return str(caught.value)


def test_no_file_is_no_agreement(tmp_path: Path, testbed: Testbed) -> None:
    assert agreement.load(tmp_path / agreement.FILE, testbed) is None


def test_a_site_is_held_to_the_targets_and_a_service_to_its_own(
    tmp_path: Path, testbed: Testbed
) -> None:
    found = read(tmp_path, GOOD, testbed)
    assert found.targets_of("EGI-TWIN") == OF_SITE
    assert found.targets_of("EGI-TWIN", "XRootD") == OF_SITE
    assert found.targets_of("EGI-TWIN", "webdav") == OF_SITE.model_copy(
        update={"availability": 99.5}
    )


def test_who_is_no_party_is_held_to_nothing(tmp_path: Path, testbed: Testbed) -> None:
    found = read(tmp_path, GOOD, testbed)
    assert found.targets_of("ELSEWHERE") is None
    assert found.targets_of("egi") is None


def test_a_party_may_choose_its_services(tmp_path: Path, testbed: Testbed) -> None:
    found = read(tmp_path, GOOD, testbed)
    assert found.targets_of("CSTCLOUD-TWIN") == OF_SITE
    assert found.targets_of("CSTCLOUD-TWIN", "XRootD") == OF_SITE
    assert found.targets_of("CSTCLOUD-TWIN", "egi.aai.oidc") is None


def test_egis_conditions_of_suspension_are_the_default(tmp_path: Path, testbed: Testbed) -> None:
    found = read(tmp_path, GOOD, testbed)
    assert (found.suspension.availability, found.suspension.months) == (80, 3)


ADOPTING = GOOD + "  policies:\n    - support\n    - access\n"


def test_an_agreement_names_the_policies_that_it_adopts(tmp_path: Path, testbed: Testbed) -> None:
    assert read(tmp_path, GOOD, testbed).policies == ()
    assert read(tmp_path, ADOPTING, testbed).policies == ("support", "access")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "- access",
            "- acces",
            ":21: unknown policy 'acces'; known are access, capacity, incident",
        ),
        ("- access", "- support", ":21: the policy 'support' appears twice"),
        ("- access", "- README", ":21: unknown policy 'README'"),
        ("- access", "- 3", ":21: agreement.policies.1: Input should be a valid string"),
        ("- access", "- ../access", ":21: unknown policy '../access'"),
    ],
)
def test_an_unknown_policy_is_refused_with_file_and_line(
    tmp_path: Path, testbed: Testbed, old: str, new: str, said: str
) -> None:
    assert f"{tmp_path / agreement.FILE}{said}" in fault(
        tmp_path, ADOPTING.replace(old, new), testbed
    )


def test_the_policies_of_a_run_are_its_own(tmp_path: Path, testbed: Testbed) -> None:
    """One that is renamed later was still adopted."""
    (tmp_path / agreement.FILE).write_text(ADOPTING.replace("access", "entry"))
    with pytest.raises(AgreementError, match="unknown policy 'entry'"):
        agreement.load(tmp_path / agreement.FILE, testbed)
    found = agreement.load(tmp_path / agreement.FILE, testbed, policies=["entry", "support"])
    assert found
    assert found.policies == ("support", "entry")


@pytest.mark.parametrize(
    ("first", "last", "held"),
    [
        ("2026-10-01", "2026-10-31", False),
        ("2026-11-01", "2026-11-30", True),
        ("2027-10-01", "2027-10-31", True),
        ("2027-11-01", "2027-11-30", False),
    ],
)
def test_both_days_are_included(
    tmp_path: Path, testbed: Testbed, first: str, last: str, held: bool
) -> None:
    found = read(tmp_path, GOOD, testbed)
    assert found.in_force(dt.date.fromisoformat(first), dt.date.fromisoformat(last)) is held


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("title: Of two", "titel: Of two", ":2: agreement.titel: Extra inputs"),
        ("  title: Of two\n", "", ":1: agreement.title: Field required"),
        ("availability: 80", "availability: 101", ":5: agreement.targets.site.availability: "),
        ("unknown: 10", "unknown: few", "number, unable to parse string as a number (found 'few')"),
        (
            "from: 2026-11-01",
            "from: soon",
            ":3: agreement.valid.from: Input should be a valid date",
        ),
        (
            "until: 2027-10-31",
            "until: 2026-10-31",
            "ends on 2026-10-31, before or on its start, 2026-11-01",
        ),
        (
            "webdav: {availability",
            "webdaw: {availability",
            ":7: no site of a party: unknown service 'webdaw'; known are Site-BDII, Top-BDII, XRootD, ",
        ),
        ("ops@egi.test", "the operators", ":11: agreement.parties.0.contacts.0.email: "),
        ("role: provider", "role: provider\n      site: EGI-TWIN", ":9: agreement.parties.0: "),
        ("role: provider", "role: provider\n      services: [webdav]", "belong to a site"),
        (
            "- infrastructure: egi",
            "- infrastructure: EGI",
            ":9: unknown infrastructure 'EGI'; know",
        ),
        ("- site: EGI-TWIN", "- site: EGI", ":12: unknown site 'EGI'; known are CSTCLOUD-TWIN, EG"),
        ("- site: CSTCLOUD-TWIN", "- site: EGI-TWIN", "EGI-TWIN is already a party, at "),
        ("[webdav, XRootD]", "[org.nordugrid.arex]", ":15: CSTCLOUD-TWIN: unknown service 'org.no"),
        ("agreement:\n", "agreements:\n", ":1: agreements: Extra inputs"),
        ("agreement:\n", "agreement:\n  title: Twice\n", ":3: the key 'title' appears twice"),
    ],
)
def test_what_is_broken_is_refused_with_file_and_line(
    tmp_path: Path, testbed: Testbed, old: str, new: str, said: str
) -> None:
    assert old in GOOD
    message = fault(tmp_path, GOOD.replace(old, new, 1), testbed)
    assert str(tmp_path / agreement.FILE) in message
    assert said in message


def test_every_fault_has_its_line(tmp_path: Path, testbed: Testbed) -> None:
    wrong = GOOD.replace("availability: 80", "availability: -1").replace("ops@egi.test", "ops")
    first, second = fault(tmp_path, wrong, testbed).splitlines()
    assert f"{agreement.FILE}:5: " in first
    assert f"{agreement.FILE}:11: " in second


def test_targets_need_a_site_and_a_service_that_one_offers(
    tmp_path: Path, testbed: Testbed
) -> None:
    nobody = GOOD[: GOOD.index("    - site: EGI-TWIN")]
    said = fault(tmp_path, nobody, testbed)
    assert ":8: no party is a site" in said
    assert ":7: no site of a party: unknown service 'webdav'" in said
