"""A job whose payload fails, and what its owner is told."""

from __future__ import annotations

import pytest

from harness.services.compute.client import STDERR, ComputingElement, JobDescription, JobState
from harness.services.issuer.user import User


@pytest.mark.requirement("JOB-009")
@pytest.mark.killed_by("reports-failed-as-done", "tells-wrong-exit-code")
def test_a_failing_job_is_reported_as_failed(element: ComputingElement, member: User) -> None:
    """A job that ends with exit code 3 is reported as failed, with the code 3."""
    job = element.run(JobDescription.script("exit 3"), element.token(member))
    ended = job.wait()
    assert (ended.state, ended.exit_code) == (JobState.FAILED, 3), ended


@pytest.mark.requirement("JOB-009")
@pytest.mark.killed_by("reports-failed-as-done", "loses-output")
def test_a_job_that_is_killed_has_failed(element: ComputingElement, member: User) -> None:
    """A job killed by a signal is reported as failed, and its error output is returned."""
    job = element.run(
        JobDescription.script("echo 'no more' >&2; kill -9 $$"), element.token(member)
    )
    ended = job.wait()
    assert ended.state is JobState.FAILED, ended
    assert "no more" in job.output(STDERR)
