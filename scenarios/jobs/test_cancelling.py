"""Jobs that their owners cancel."""

from __future__ import annotations

import pytest

from harness.services.compute.client import ComputingElement, JobDescription, JobState
from harness.services.issuer.user import User


@pytest.mark.requirement("JOB-005")
@pytest.mark.killed_by("ignores-cancel", "reports-cancelled-as-done")
def test_a_running_job_is_cancelled(element: ComputingElement, member: User) -> None:
    """A running job ends when its owner cancels it, and is reported as cancelled."""
    job = element.run(JobDescription("/bin/sleep", ("600",)), element.token(member))
    job.wait_running()
    job.cancel().expect_ok()
    ended = job.wait(timeout=element.time_a_job(job.token))
    assert ended.state is JobState.CANCELLED, ended


@pytest.mark.requirement("JOB-005")
@pytest.mark.killed_by("ignores-cancel", "reports-cancelled-as-done")
def test_a_job_is_cancelled_at_once(element: ComputingElement, member: User) -> None:
    """A job cancelled right after submission is reported as cancelled, and never as finished.

    Until an ARC CE has described such a job, it reports it as failed: `test_arc.py` tests that separately.
    """
    job = element.run(JobDescription("/bin/sleep", ("600",)), element.token(member))
    job.cancel().expect_ok()
    ended = job.wait_ended_as(
        JobState.CANCELLED, JobState.DONE, timeout=element.time_a_job(job.token)
    )
    assert ended.state is JobState.CANCELLED, ended
