"""Accounting records of a site agree with what members have run there."""

from __future__ import annotations

import time

import pytest

from harness.model import Route
from harness.services.accounting.fixtures import Repositories
from harness.services.compute.client import ComputingElement, JobDescription
from harness.services.compute.workload import work
from harness.services.issuer.user import User


@pytest.mark.long
@pytest.mark.requirement("ACC-008")
@pytest.mark.needs("egi.APELRepository", "jobs")
@pytest.mark.killed_by(
    "loses-records-of-long-jobs", "halves-wall-times", "loses-processor-times", "counts-jobs-twice"
)
def test_records_of_jobs_add_up(
    route: Route, accounting: Repositories, element: ComputingElement, member: User, second: User
) -> None:
    """The records of two users' jobs report what they ran: number, wall time and processor time."""
    since = time.time()
    used = work(element, [member, member, second])
    records = accounting.at(route.resource).wait_for_jobs([u.job.id for u in used], since=since)
    for user, count in ((member, 2), (second, 1)):
        subject = str(element.token(user).claims["sub"])
        of_user = [record for record in records if subject in record.user]
        assert len(of_user) == count, (
            f"{user.name} ran {count} jobs, and has {len(of_user)} records"
        )
    for one in used:
        (record,) = (record for record in records if record.is_of(one.job.id))
        one.expect(wall=record.wall, processor=record.processor)


@pytest.mark.requirement("ACC-010")
@pytest.mark.needs("egi.APELRepository", "jobs")
@pytest.mark.killed_by("names-local-accounts-only", "names-no-vo")
def test_a_record_names_user_and_vo(
    route: Route, accounting: Repositories, element: ComputingElement, member: User
) -> None:
    """A job's record names the user by issuer and subject, and the user's VO."""
    since, token = time.time(), element.token(member)
    job = element.run(JobDescription(), token)
    job.wait()
    for record in accounting.at(route.resource).wait_for_jobs([job.id], since=since):
        assert str(token.claims["iss"]) in record.user, f"no issuer is named: {record.fields}"
        assert str(token.claims["sub"]) in record.user, f"no subject is named: {record.fields}"
        assert record.vo == route.home.vo


@pytest.mark.requirement("ACC-010", "ACC-008")
@pytest.mark.needs("egi.APELRepository", "jobs")
@pytest.mark.needs("egi.APELRepository", "jobs", side="home")
@pytest.mark.killed_by(
    "loses-records-of-long-jobs", "halves-wall-times", "names-local-accounts-only"
)
def test_the_home_learns_the_same(
    route: Route, accounting: Repositories, element: ComputingElement, member: User
) -> None:
    """The home's repository receives the same record of a visitor's job as the site's."""
    since = time.time()
    job = element.run(JobDescription("/bin/sh", ("-c", "sleep 5")), element.token(member))
    job.wait()
    (there,) = accounting.at(route.resource).wait_for_jobs([job.id], since=since)
    (here,) = accounting.at(route.home).wait_for_jobs([job.id], since=since)
    assert here.fields == there.fields


@pytest.mark.requirement("ACC-002", "ACC-003", "ACC-004", "ACC-006")
@pytest.mark.needs("egi.APELRepository", "jobs")
@pytest.mark.killed_by(
    "leaves-out-times", "ends-jobs-before-they-start", "names-unknown-benchmarks",
    "tells-negative-times", "ends-jobs-tomorrow",
)  # fmt: skip
def test_a_record_is_complete_and_possible(
    route: Route, accounting: Repositories, element: ComputingElement, member: User
) -> None:
    """A job's record has all fields that APEL requires, and possible times."""
    since = time.time()
    job = element.run(JobDescription(), element.token(member))
    job.wait()
    for record in accounting.at(route.resource).wait_for_jobs([job.id], since=since):
        assert not record.missing, f"the record lacks {record.missing}: {record.fields}"
        assert 0 < record.number("StartTime") <= record.end <= time.time() + 1
        assert record.wall >= 0
        assert record.processor >= 0
        assert record.has_known_benchmark, f"an unknown benchmark: {record.fields}"


@pytest.mark.requirement("ACC-013", "ACC-011")
@pytest.mark.needs("egi.APELRepository", "jobs")
@pytest.mark.killed_by("names-sites-in-small-letters", "publishes-a-week-late")
def test_a_record_comes_within_a_day_under_the_registered_name(
    route: Route, accounting: Repositories, element: ComputingElement, member: User
) -> None:
    """A job's record is published within a day and names the site as the registry does."""
    since = time.time()
    job = element.run(JobDescription(), element.token(member))
    job.wait()
    for record in accounting.at(route.resource).wait_for_jobs([job.id], since=since):
        assert record.site == route.resource.name
        assert record.received - record.end < 24 * 3600
