"""An infrastructure's monitoring, the VO `ops`, at every site."""

from __future__ import annotations

import pytest

from harness.services.compute.client import ComputingElement, JobDescription, JobState
from harness.services.issuer.user import User

WHOAMI = JobDescription("/usr/bin/id", ("-un",))


@pytest.mark.requirement("JOB-015")
@pytest.mark.killed_by("refuses-monitors", "loses-output")
def test_the_monitoring_runs_a_job(element: ComputingElement, monitor: User) -> None:
    """A member of the VO `ops` can submit a job and fetch its output."""
    job = element.run(JobDescription("/bin/echo", ("well",)), element.token(monitor))
    assert job.wait().state is JobState.DONE
    assert job.output() == "well\n"


@pytest.mark.requirement("JOB-015")
@pytest.mark.killed_by("runs-all-as-one-account")
def test_nobody_else_acts_as_the_monitoring(
    element: ComputingElement, monitor: User, member: User
) -> None:
    """Monitoring jobs run under an account that no member of another VO has."""
    jobs = [element.run(WHOAMI, element.token(user)) for user in (monitor, member)]
    element.wait_all(jobs)
    one, other = (job.output().strip() for job in jobs)
    assert one
    assert one != other
