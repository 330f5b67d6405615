"""A member's job and other users' hands."""

from __future__ import annotations

import pytest

from harness.engine.refusal import Refused
from harness.services.compute import STDOUT, ComputingElement, Job, JobDescription
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
    """The owner fetches the output; neither another member does, nor a member of another VO."""
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
    """The owner sees where the job stands; a member of another VO does not."""
    refused(lambda user: element.status(job.id, element.token(user)), good=member, bad=peer)


@pytest.mark.requirement("JOB-008")
@pytest.mark.killed_by("lets-others-clean")
def test_only_the_owner_cleans(
    element: ComputingElement, member: User, peer: User, refused: Refused
) -> None:
    """The owner cleans an ended job; a member of another VO cannot, and its output is there still."""
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
    """The owner ends jobs; neither another member nor one of another VO ends one just like them."""
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
