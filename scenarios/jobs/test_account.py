"""The local account under which a member's job runs."""

from __future__ import annotations

import pytest

from harness.services.compute.client import ComputingElement, JobDescription
from harness.services.issuer.user import User

SERVICE_ACCOUNTS = {"root", "condor", "slurm", "nobody", "arc", "daemon"}


WHOAMI = JobDescription("/usr/bin/id", ("-un",))


@pytest.mark.requirement("JOB-014")
@pytest.mark.killed_by("runs-all-as-one-account", "runs-as-service-account")
def test_every_member_has_an_account(element: ComputingElement, member: User, second: User) -> None:
    """Two members' jobs run under two accounts, neither of which is root or a service account.

    What a job did is traceable to one person (EGI Traceability and Logging Policy).
    """
    jobs = [element.run(WHOAMI, element.token(user)) for user in (member, second)]
    for job in jobs:
        job.wait()
    one, other = (job.output().strip() for job in jobs)
    assert one != other
    assert not SERVICE_ACCOUNTS & {one, other}
