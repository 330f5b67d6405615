"""The local account under which a member's job runs."""

from __future__ import annotations

import pytest

from harness.clients.compute import ComputingElement, JobDescription
from harness.clients.identity import User

SERVICE_ACCOUNTS = {"root", "condor", "slurm", "nobody", "arc", "daemon"}


def account(element: ComputingElement, user: User) -> str:
    """Return the name of the account under which a user's job runs."""
    job = element.run(JobDescription("/usr/bin/id", ("-un",)), element.token(user))
    job.wait()
    return job.output().strip()


@pytest.mark.requirement("JOB-014")
def test_the_account_is_not_the_services(element: ComputingElement, member: User) -> None:
    """A job runs under an account that belongs neither to root nor to a service."""
    assert account(element, member) not in SERVICE_ACCOUNTS


@pytest.mark.requirement("JOB-014")
def test_two_members_have_two_accounts(
    element: ComputingElement, member: User, second: User
) -> None:
    """Two members never share an account: what a job did is traceable to one person."""
    assert account(element, member) != account(element, second)
