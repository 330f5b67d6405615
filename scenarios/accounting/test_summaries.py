"""Monthly summaries, which a site publishes beside the records of jobs."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from harness.model import Route
from harness.services.accounting.fixtures import Repositories
from harness.services.compute.client import ComputingElement, JobDescription
from harness.services.issuer.user import User


@pytest.mark.requirement("ACC-005", "ACC-006")
@pytest.mark.needs("egi.APELRepository", "jobs")
@pytest.mark.killed_by("sums-up-no-jobs", "sums-up-another-month", "tells-negative-times")
def test_a_summary_is_complete_and_of_its_month(
    route: Route, accounting: Repositories, element: ComputingElement, member: User
) -> None:
    """A user's monthly summary has all fields that APEL requires, and its jobs end in that month."""
    since = time.time()
    job = element.run(JobDescription(), element.token(member))
    job.wait()
    repository = accounting.at(route.resource)
    (record, *_) = repository.wait_for_jobs([job.id], since=since)
    for summary in repository.wait_for_summaries(user=record.user, ending=record.end):
        assert not summary.missing, f"the summary lacks {summary.missing}: {summary.fields}"
        assert min(map(summary.number, ("WallDuration", "CpuDuration"))) >= 0
        assert summary.number("NumberOfJobs") > 0
        earliest, latest = summary.number("EarliestEndTime"), summary.number("LatestEndTime")
        assert earliest <= latest
        month = datetime.fromtimestamp(earliest, UTC)
        assert (month.year, month.month) == (summary.number("Year"), summary.number("Month"))
