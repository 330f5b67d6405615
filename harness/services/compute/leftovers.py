"""What a killed run has left at a computing element: the jobs of the test users, who have no others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from functools import partial

from harness.clients.workstations import Workstations
from harness.kinds import Leftover
from harness.model import Infrastructure, Service
from harness.services.compute.client import JobDescription
from harness.services.compute.fixtures import element_of
from harness.services.compute.htcondor import HTCondorElement
from harness.services.issuer.user import User


def leftovers(
    service: Service, *, user: User, home: Infrastructure, workstations: Workstations
) -> Iterator[Leftover]:
    """Return the jobs that a user of the tests has there.

    HTCondor lists those under the testbed's name; ARC's list tells no name, and the accounts are made for
    tests alone.

    Raises
    ------
    AssertionError
        where the element does not list them.
    """
    with closing(element_of(service, home=home, workstations=workstations)) as element:
        token = element.token(user)
        if isinstance(element, HTCondorElement):
            found = element.jobs(token, name=JobDescription().name)
        else:
            found = element.jobs(token)
        for job_id in sorted(found):
            yield Leftover(f"job {job_id}", partial(element.leave, job_id, token))
