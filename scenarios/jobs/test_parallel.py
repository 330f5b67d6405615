"""Several jobs of a member at once."""

from __future__ import annotations

import pytest

from harness.services.compute.client import ComputingElement, JobDescription, JobState
from harness.services.issuer.user import User


@pytest.mark.requirement("JOB-004")
@pytest.mark.killed_by("swaps-outputs")
def test_ten_jobs_at_once(element: ComputingElement, member: User) -> None:
    """Ten jobs run at the same time, and each returns its own output."""
    token = element.token(member)
    jobs = [
        element.run(JobDescription("/bin/echo", (f"job {number}",)), token) for number in range(10)
    ]
    ended = element.wait_all(jobs)
    assert [status.state for status in ended] == [JobState.DONE] * 10
    assert [job.output() for job in jobs] == [f"job {number}\n" for number in range(10)]
