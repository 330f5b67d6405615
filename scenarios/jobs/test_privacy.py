"""Who may see, cancel and clean a member's job."""

from __future__ import annotations

import pytest

from harness.engine.refusal import Refused
from harness.services.compute.client import STDOUT, ComputingElement, Job, JobDescription
from harness.services.issuer.user import User


@pytest.fixture
def job(element: ComputingElement, member: User) -> Job:
    """A job of the member."""
    return element.run(JobDescription("/bin/echo", ("private",)), element.token(member))


@pytest.mark.requirement("JOB-008")
@pytest.mark.killed_by("lets-others-fetch-output")
def test_the_output_is_the_owners(
    element: ComputingElement,
    job: Job,
    member: User,
    second: User,
    peer: User,
    refused: Refused,
) -> None:
    """The owner can fetch the output; another member and a member of another VO cannot."""
    job.wait()
    for other in (second, peer):
        refused(
            lambda user: element.output(job.id, STDOUT, element.token(user)), good=member, bad=other
        )


@pytest.mark.requirement("JOB-008")
@pytest.mark.killed_by("lets-others-see-jobs")
def test_the_record_is_the_owners(
    element: ComputingElement, job: Job, member: User, peer: User, refused: Refused
) -> None:
    """The owner can see the job's state; a member of another VO cannot."""
    refused(lambda user: element.status(job.id, element.token(user)), good=member, bad=peer)


@pytest.mark.requirement("JOB-008")
@pytest.mark.killed_by("lets-others-clean")
def test_only_the_owner_cleans(
    element: ComputingElement, member: User, peer: User, refused: Refused
) -> None:
    """The owner can clean an ended job; a member of another VO cannot, and the output stays."""
    token = element.token(member)
    own, foreign = (element.run(JobDescription("/bin/echo", ("kept",)), token) for _ in range(2))
    element.wait_all([own, foreign])
    refused(
        lambda attempt: element.clean(attempt[0], token=attempt[1]),
        good=(own.id, token),
        bad=(foreign.id, element.token(peer)),
    )
    assert foreign.output() == "kept\n"


@pytest.mark.requirement("JOB-008")
@pytest.mark.killed_by("lets-others-cancel", "denies-but-cancels")
def test_only_the_owner_cancels(
    element: ComputingElement, member: User, second: User, peer: User, refused: Refused
) -> None:
    """The owner can cancel jobs; another member and a member of another VO cannot."""
    token = element.token(member)
    sleep = JobDescription("/bin/sleep", ("600",))
    *own, foreign = (element.run(sleep, token) for _ in range(3))
    for job, other in zip(own, (second, peer), strict=True):
        refused(
            lambda attempt: element.cancel(*attempt),
            good=(job.id, token),
            bad=(foreign.id, element.token(other)),
        )
    # When a job that came later is done, whatever was asked before is done too.
    element.wait_all([*own, element.run(JobDescription("/bin/true"), token)])
    assert not foreign.status().state.is_final
