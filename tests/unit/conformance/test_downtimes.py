"""Downtimes: what is read, what is refused, which are scheduled, and whom they affect."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from harness import inventory
from harness.conformance import downtimes
from harness.conformance.downtimes import Downtime, DowntimesError
from harness.errors import ExitCode
from harness.model import Testbed

GOOD = """\
downtimes:
  - severity: outage
    site: EGI-TWIN
    services: [webdav, ce.egi.test]
    declared: 2026-11-20T08:00:00Z
    start: 2026-11-24T06:00:00Z
    end: 2026-11-24T10:00:00Z
    description: The storage is moved.
"""
START = "start: 2026-11-24T06:00:00Z"


@pytest.fixture(scope="module")
def testbed() -> Testbed:
    return inventory.load(Path(__file__).resolve().parents[3] / "inventories" / "twin").testbed


def read(folder: Path, text: str, testbed: Testbed) -> tuple[Downtime, ...]:
    (folder / downtimes.FILE).write_text(text)
    return downtimes.load(folder / downtimes.FILE, testbed)


def fault(folder: Path, text: str, testbed: Testbed) -> str:
    with pytest.raises(DowntimesError) as caught:
        read(folder, text, testbed)
    assert caught.value.exit_code is ExitCode.USAGE
    return str(caught.value)


def test_no_file_and_an_empty_list_are_no_downtime(tmp_path: Path, testbed: Testbed) -> None:
    assert downtimes.load(tmp_path / downtimes.FILE, testbed) == ()
    assert read(tmp_path, "downtimes: []\n", testbed) == ()


def test_it_affects_the_types_and_hosts_that_it_names(tmp_path: Path, testbed: Testbed) -> None:
    (found,) = read(tmp_path, GOOD, testbed)
    affected = {service.endpoint for service in testbed.services() if found.affects(service)}
    assert affected == {"https://se.egi.test/vo.interop", "https://ce.egi.test/arex"}


def test_all_is_the_whole_site(tmp_path: Path, testbed: Testbed) -> None:
    (found,) = read(tmp_path, GOOD.replace("[webdav, ce.egi.test]", "[all]"), testbed)
    affected = {service.site for service in testbed.services() if found.affects(service)}
    assert affected == {"EGI-TWIN"}
    assert all(found.affects(one) for one in testbed.services() if one.site == "EGI-TWIN")


def test_a_type_at_a_host_is_only_that(tmp_path: Path, testbed: Testbed) -> None:
    """Of several types at one host, the GOCDB may declare one alone."""
    (found,) = read(
        tmp_path, GOOD.replace("[webdav, ce.egi.test]", "[webdav@se.egi.test]"), testbed
    )
    affected = {service.endpoint for service in testbed.services() if found.affects(service)}
    assert affected == {"https://se.egi.test/vo.interop"}


@pytest.mark.parametrize(
    ("declared", "scheduled"),
    [
        ("2026-11-20T08:00:00Z", True),
        ("2026-11-23T06:00:00Z", True),
        ("2026-11-23T06:00:01Z", False),
        ("2026-11-24T07:00:00Z", False),
        ("2026-11-26T06:00:00Z", False),
    ],
)
def test_scheduled_is_what_was_declared_a_day_before(
    tmp_path: Path, testbed: Testbed, declared: str, scheduled: bool
) -> None:
    """At least 24 hours (OLA-010); what is declared afterwards never is (OLA-012)."""
    (found,) = read(tmp_path, GOOD.replace("2026-11-20T08:00:00Z", declared), testbed)
    assert found.is_scheduled is scheduled


def test_its_end_is_no_longer_part_of_it(tmp_path: Path, testbed: Testbed) -> None:
    (found,) = read(tmp_path, GOOD, testbed)
    assert found.covers(found.start)
    assert not found.covers(found.end)
    assert not found.covers(found.start - dt.timedelta(seconds=1))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("severity: outage", "severity: warning", ":2: downtimes.0.severity: Input should be 'ou"),
        ("    description: The storage is moved.\n", "", ":2: downtimes.0.description: Field req"),
        ("[webdav, ce.egi.test]", "[]", ":4: downtimes.0.services: "),
        ("2026-11-24T10:00:00Z", "2026-11-24T05:00:00Z", ":2: downtimes.0: Value error, it ends"),
        ("2026-11-20T08:00:00Z", "2026-11-26T06:00:01Z", "48 hours is the maximum"),
        ("site: EGI-TWIN", "site: EGI", ":3: unknown site 'EGI'; known are CSTCLOUD-TWIN, EGI-TW"),
        ("ce.egi.test]", "ce.egi]", ":4: unknown service type or host of EGI-TWIN 'ce.egi'; kno"),
        ("[webdav,", "[org.opensciencegrid.htcondorce,", "'org.opensciencegrid.htcondorce'; kn"),
        ("2026-11-24T06", "2026-11-31T06", ":6: 2026-11-31T06:00:00Z is no date: day is out of r"),
        ("downtimes:", "downtime:", ":1: downtime: Extra inputs"),
    ],
)
def test_what_is_broken_is_refused_with_file_and_line(
    tmp_path: Path, testbed: Testbed, old: str, new: str, said: str
) -> None:
    assert old in GOOD
    message = fault(tmp_path, GOOD.replace(old, new, 1), testbed)
    assert str(tmp_path / downtimes.FILE) in message
    assert said in message


@pytest.mark.parametrize(
    "written",
    ["2026-11-24T06:00:00", "2026-11-24T14:00:00+08:00", "2026-11-24", "6", "soon", "'6 o''clock'"],
)
def test_times_are_in_utc_and_say_so(tmp_path: Path, testbed: Testbed, written: str) -> None:
    """The record has a time zone (OLA-015), and there is one only."""
    message = fault(tmp_path, GOOD.replace(START, f"start: {written}"), testbed)
    assert ":6: downtimes.0.start: Value error, a time in UTC is expected" in message


def test_a_time_may_be_quoted(tmp_path: Path, testbed: Testbed) -> None:
    quoted = GOOD.replace(START, 'start: "2026-11-24T06:00Z"')
    assert read(tmp_path, quoted, testbed) == read(tmp_path, GOOD, testbed)


def test_a_downtime_that_is_there_twice_is_refused_with_both_lines(
    tmp_path: Path, testbed: Testbed
) -> None:
    entry = GOOD.removeprefix("downtimes:\n")
    swapped = entry.replace("[webdav, ce.egi.test]", "[ce.egi.test, webdav]").replace("is", "was")
    said = fault(tmp_path, GOOD + swapped, testbed)
    path = tmp_path / downtimes.FILE
    assert said == f"{path}:9: the same downtime is already listed at {path}:2. Remove one."
    other = entry.replace("[webdav, ce.egi.test]", "[webdav]")
    assert len(read(tmp_path, GOOD + other, testbed)) == 2


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("end: 2062-11-24T10:00:00Z", "it lasts 13149 days; a downtime lasts 366 at most"),
        ("end: 0001-01-01T00:00:00Z", "no site had a downtime in the year 1"),
        ("end: .nan", "a time in UTC is expected"),
        ("end: 2026-02-30T06:00:00Z", "is no date"),
        ("end: !!int x", "cannot be read"),
        ("end: !!timestamp x", "cannot be read"),
    ],
)
def test_a_time_without_meaning_is_refused_with_its_file(
    tmp_path: Path, testbed: Testbed, given: str, said: str
) -> None:
    found = fault(tmp_path, GOOD.replace("end: 2026-11-24T10:00:00Z", given), testbed)
    assert found.startswith(f"{tmp_path / downtimes.FILE}:")
    assert said in found
