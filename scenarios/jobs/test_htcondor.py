"""Bad submit files for HTCondor: all jobs of a file are queued together, or none."""

from __future__ import annotations

import re
import uuid

import pytest

from harness.answer import Answer
from harness.engine.refusal import Rejected
from harness.services.compute.client import JobDescription
from harness.services.compute.htcondor import HTCondorElement, submit_file
from harness.services.issuer.user import User

pytestmark = pytest.mark.needs("org.opensciencegrid.htcondorce", "submit")

QUEUE_THREE = "request_memory = $(memory)\nqueue memory in (64MB, {}, 64MB)\n"


@pytest.fixture
def name() -> str:
    """A name by which the queue distinguishes this scenario's jobs from others of their owner."""
    return f"testbed-{uuid.uuid4().hex}"


@pytest.fixture
def description(name: str) -> str:
    """The submit file of a good job, without the line that queues it."""
    return submit_file(JobDescription(name=name)).removesuffix("queue\n")


@pytest.mark.requirement("JOB-007")
@pytest.mark.killed_by("accepts-any-description", "refuses-without-reason")
def test_a_malformed_description(
    element: HTCondorElement, member: User, name: str, description: str, rejected: Rejected
) -> None:
    """A submit file that cannot be parsed, or requests "lots" of memory, is refused with a reason."""
    token = element.token(member)

    def submit(line: str) -> Answer:
        return element.submit_many(f"{description}{line}\nqueue\n", token)[0]

    unclosed = rejected(submit, good="requirements = (Memory > 1)", bad="requirements = (Memory >")
    assert re.search("pars", unclosed.text, re.IGNORECASE), f"no reason is given: {unclosed}"
    lots = rejected(submit, good="request_memory = 128MB", bad="request_memory = lots")
    assert re.search("memory", lots.text, re.IGNORECASE), f"no reason is given: {lots}"
    assert len(element.jobs(token, name=name)) == 2, "jobs other than the controls are queued"


@pytest.mark.requirement("JOB-007")
@pytest.mark.killed_by("accepts-any-description", "refuses-without-reason")
def test_a_bad_job_among_good_ones(
    element: HTCondorElement, member: User, name: str, description: str, rejected: Rejected
) -> None:
    """If one of three jobs in a submit file is bad, none is queued, and the reason is given."""
    token = element.token(member)
    answer = rejected(
        lambda memory: element.submit_many(description + QUEUE_THREE.format(memory), token)[0],
        good="128MB",
        bad="lots",
    )
    assert re.search("memory", answer.text, re.IGNORECASE), f"no reason is given: {answer}"
    assert len(element.jobs(token, name=name)) == 3, (
        "jobs other than those of the control are queued"
    )
