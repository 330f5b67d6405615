"""A job that runs longer than its owner asked for."""

from __future__ import annotations

import re

import pytest

from harness.services.compute.client import ComputingElement, JobDescription, JobState
from harness.services.issuer.user import User


@pytest.mark.long
@pytest.mark.requirement("JOB-010")
@pytest.mark.killed_by("reports-failed-as-done", "hides-why-jobs-failed")
def test_a_job_over_its_wall_time_is_ended(element: ComputingElement, member: User) -> None:
    """A job that exceeds its requested wall time is ended, and the reason is given.

    Where a batch system counts in minutes, that is one.
    """
    job = element.run(JobDescription("/bin/sleep", ("600",), wall_time=5), element.token(member))
    ended = job.wait()
    assert ended.state in (JobState.FAILED, JobState.HELD), ended
    assert re.search(r"time|duration", ended.reason, re.IGNORECASE), f"no reason is given: {ended}"
