"""The REST interface of ARC beyond the life of a job (ARC REST interface, version 1.1)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.clients.http import Http
from harness.clients.workstations import Workstations
from harness.engine.refusal import Refused, Rejected
from harness.model import Route
from harness.services.compute.arc import ArcElement, xrsl
from harness.services.compute.client import JobDescription
from harness.services.issuer.user import User

pytestmark = pytest.mark.needs("org.nordugrid.arex", "submit")


@pytest.mark.requirement("JOB-001")
@pytest.mark.killed_by("accepts-any-version", "hides-its-version")
def test_it_names_its_versions(element: ArcElement, member: User) -> None:
    """The interface lists its versions, and refuses an unknown one."""
    token = element.token(member)
    assert "1.1" in element.versions(token)
    assert element.request("GET", "/info", token).ok
    unknown = element.request("GET", "/info", token, version="9.9")
    assert 400 <= unknown.status < 500, unknown


@pytest.mark.requirement("JOB-002")
@pytest.mark.killed_by("refuses-good-beside-bad", "accepts-any-description", "gives-jobs-one-id")
def test_a_bad_job_among_good_ones(element: ArcElement, member: User) -> None:
    """Of three jobs in one request, only the one for an unknown queue is refused."""
    good = xrsl(JobDescription())
    answers = element.submit_many([good, f'{good}(queue="none")', good], element.token(member))
    assert [answer.ok for answer in answers] == [True, False, True]
    assert len({answer.job_id for answer in answers if answer.ok}) == 2


@pytest.mark.requirement("JOB-013")
@pytest.mark.killed_by("tells-another-queue")
def test_the_queue_is_described(element: ArcElement, member: User) -> None:
    """The queue named in a job's record is published in GLUE 2."""
    job = element.run(JobDescription(), element.token(member))
    job.wait()
    share, queue = element.queue_of(job.id, job.token)
    assert element.queues(job.token).get(share) == queue


@pytest.mark.requirement("JOB-006")
@pytest.mark.killed_by("forgets-nothing")
def test_a_cleaned_job_is_forgotten(element: ArcElement, member: User) -> None:
    """A cleaned job is no longer found."""
    job = element.run(JobDescription(), element.token(member))
    job.wait()
    job.clean().expect_ok()
    job.wait_gone(timeout=element.time_a_job(job.token))


@pytest.mark.requirement("JOB-007")
@pytest.mark.killed_by(
    "accepts-any-description", "refuses-without-reason", "names-jobs-that-it-refuses"
)
def test_a_malformed_description(element: ArcElement, second: User, rejected: Rejected) -> None:
    """A malformed job description is refused with a reason, and no job is created."""
    token = element.token(second)
    answer = rejected(
        lambda description: element.submit_many([description], token)[0],
        good=xrsl(JobDescription()),
        bad="&(executable=",
    )
    assert "pars" in answer.text, f"no reason is given: {answer}"
    assert not answer.job_id


@pytest.mark.requirement("JOB-005")
@pytest.mark.killed_by("lists-no-jobs")
def test_a_cancelled_job_is_listed_as_killed(element: ArcElement, member: User) -> None:
    """A cancelled job is listed in the state `KILLED`."""
    job = element.run(JobDescription("/bin/sleep", ("600",)), element.token(member))
    job.cancel().expect_ok()
    job.wait()
    assert job.id in element.jobs(job.token, native="KILLED"), f"{job.id} is not listed"


@pytest.fixture
def one_connection(workstations: Workstations, route: Route) -> Iterator[Http]:
    """A client that all users of a scenario share, as the users of a portal do."""
    client = workstations.browser(route.home.name)
    yield client
    client.close()


@pytest.mark.requirement("JOB-008")
@pytest.mark.killed_by("lets-others-see-jobs")
def test_a_connection_is_nobodys(
    element: ArcElement, one_connection: Http, member: User, second: User, refused: Refused
) -> None:
    """On a connection that the owner has used, another member does not see the owner's jobs.

    HTTP is stateless (RFC 9110, section 3.3): a portal or proxy sends the requests of many users over
    one connection.
    """
    job = element.run(JobDescription(), element.token(member))
    shared = element.over(one_connection)
    refused(lambda user: shared.status(job.id, shared.token(user)), good=member, bad=second)


@pytest.mark.requirement("AUTH-047")
@pytest.mark.killed_by("answers-without-challenge", "answers-403-for-401")
def test_who_shows_no_token_is_asked_for_one(
    element: ArcElement, member: User, refused: Refused
) -> None:
    """A request without a token is answered 401 with a challenge (RFC 6750, section 3)."""
    answer = refused(
        lambda token: element.submit(JobDescription(), token), good=element.token(member), bad=None
    )
    assert answer.status == 401, answer
    assert answer.headers.get("www-authenticate", "").startswith("Bearer")
