"""A member's job and other users' hands."""

from __future__ import annotations

import pytest

from harness.clients.compute import STDOUT, ComputingElement, Job, JobDescription, JobState
from harness.clients.identity import User
from harness.model import Route, Testbed
from harness.scenario.identity import Issuers
from harness.scenario.refusal import Refused


@pytest.fixture
def job(element: ComputingElement, member: User) -> Job:
    """A job of the member."""
    return element.run(JobDescription("/bin/echo", ("private",)), element.token(member))


@pytest.fixture
def stranger(issuers: Issuers, testbed: Testbed, route: Route) -> User:
    """A member of another infrastructure's VO, who may run jobs here too."""
    other = next(i for i in testbed.infrastructures if i.name != route.home.name)
    return issuers.user(other, "member")


@pytest.mark.requirement("JOB-008")
@pytest.mark.killed_by("lets-others-fetch-output")
def test_the_output_is_the_owners(
    element: ComputingElement, job: Job, member: User, second: User, refused: Refused
) -> None:
    """The owner fetches the output; another member does not."""
    job.wait()
    refused(
        lambda user: element.output(job.id, STDOUT, element.token(user)), good=member, bad=second
    )


@pytest.mark.requirement("JOB-008")
@pytest.mark.killed_by("lets-others-see-jobs")
def test_the_record_is_the_owners(
    element: ComputingElement, job: Job, member: User, stranger: User, refused: Refused
) -> None:
    """The owner sees where the job stands; a member of another VO does not."""
    refused(lambda user: element.status(job.id, element.token(user)), good=member, bad=stranger)


@pytest.mark.requirement("JOB-008")
@pytest.mark.killed_by("lets-others-clean")
def test_only_the_owner_cleans(
    element: ComputingElement, member: User, stranger: User, refused: Refused
) -> None:
    """The owner cleans an ended job; a member of another VO cannot, and its output is there still."""
    token = element.token(member)
    own, foreign = (element.run(JobDescription("/bin/echo", ("kept",)), token) for _ in range(2))
    element.wait_all([own, foreign])
    refused(
        lambda attempt: element.clean(attempt[0], token=attempt[1]),
        good=(own.id, token),
        bad=(foreign.id, element.token(stranger)),
    )
    assert foreign.output() == "kept\n"


@pytest.mark.requirement("JOB-008")
@pytest.mark.killed_by("lets-others-cancel", "denies-but-cancels")
def test_only_the_owner_cancels(
    element: ComputingElement, member: User, second: User, refused: Refused
) -> None:
    """The owner ends a job; another member cannot end one just like it, and it goes on."""
    token = element.token(member)
    sleep = JobDescription("/bin/sleep", ("600",))
    own, foreign = element.run(sleep, token), element.run(sleep, token)
    refused(
        lambda attempt: element.cancel(*attempt),
        good=(own.id, token),
        bad=(foreign.id, element.token(second)),
    )
    assert own.wait().state is JobState.CANCELLED
    assert not foreign.status().state.is_final
