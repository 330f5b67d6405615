"""From the id of a job, the site's own records lead to the user (Sirtfi TR1)."""

from __future__ import annotations

import pytest
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from harness.services.compute.client import ComputingElement, Job, JobDescription
from harness.services.compute.traces import TracedJob
from harness.services.issuer.user import User

pytestmark = [
    pytest.mark.requirement("SEC-008"),
    pytest.mark.killed_by("acts-for-all-as-one-user"),
]


@pytest.fixture
def cleaned(element: ComputingElement, member: User) -> Job:
    """A job that has ended, and that its owner has cleaned: an intruder would do so too."""
    job = element.run(JobDescription(), element.token(member))
    job.wait()
    job.clean().expect_ok()
    until_gone = Retrying(
        retry=retry_if_result(lambda kept: job.id in kept),
        wait=wait_fixed(2),
        stop=stop_after_delay(120),
    )
    until_gone(element.jobs, job.token)
    return job


def test_a_job_leads_to_its_user(
    element: ComputingElement, member: User, traced_job: TracedJob
) -> None:
    """The computing element's records name issuer, subject and token (`jti`) of a job that it keeps."""
    token = element.token(member)
    trace = traced_job(element.run(JobDescription(), token).id)
    assert trace.user == (token.claims["iss"], token.claims["sub"]), trace
    assert trace.token_id == token.claims["jti"], trace


def test_a_cleaned_job_leads_to_its_user(cleaned: Job, traced_job: TracedJob) -> None:
    """The computing element's records name issuer and subject of a job that its owner has cleaned."""
    claims, trace = cleaned.token.claims, traced_job(cleaned.id)
    assert trace.user == (claims["iss"], claims["sub"]), trace


def test_a_cleaned_job_leads_to_its_token(cleaned: Job, traced_job: TracedJob) -> None:
    """The computing element's records name the token (`jti`) of a job that its owner has cleaned."""
    claims, trace = cleaned.token.claims, traced_job(cleaned.id)
    assert trace.token_id == claims["jti"], trace
