"""The local account under which a member's job runs."""

from __future__ import annotations

import pytest

from harness.clients.compute import ComputingElement, JobDescription
from harness.clients.identity import User

SERVICE_ACCOUNTS = {"root", "condor", "slurm", "nobody", "arc", "daemon"}


WHOAMI = JobDescription("/usr/bin/id", ("-un",))


@pytest.mark.requirement("JOB-014")
def test_the_account_is_not_the_services(element: ComputingElement, member: User) -> None:
    """A job runs under an account that belongs neither to root nor to a service."""
    job = element.run(WHOAMI, element.token(member))
    job.wait()
    assert job.output().strip() not in SERVICE_ACCOUNTS


@pytest.mark.requirement("JOB-014")
def test_two_members_have_two_accounts(
    element: ComputingElement, member: User, second: User
) -> None:
    """Two members never share an account: what a job did is traceable to one person."""
    jobs = [element.run(WHOAMI, element.token(user)) for user in (member, second)]
    for job in jobs:
        job.wait()
    one, other = (job.output().strip() for job in jobs)
    assert one != other
