"""A member's job at the remote computing element, from its submission to its end."""

from __future__ import annotations

import secrets

import pytest

from harness.services.compute.client import ComputingElement, JobDescription, JobState
from harness.services.issuer.user import User


@pytest.mark.requirement("JOB-004")
@pytest.mark.killed_by("loses-output", "forgets-input", "tells-wrong-exit-code")
def test_a_job_brings_its_output_back(element: ComputingElement, member: User) -> None:
    """A script runs with its input and argument; its output is returned, with exit code 0."""
    word = secrets.token_hex(8)
    job = element.run(
        JobDescription.script(
            'cat input.txt; echo "$1" > result.txt',
            word,
            files={"input.txt": f"read {word}\n".encode()},
            outputs=["result.txt"],
        ),
        element.token(member),
    )
    ended = job.wait()
    assert (ended.state, ended.exit_code) == (JobState.DONE, 0), ended
    assert job.output() == f"read {word}\n"
    assert job.output("result.txt") == f"{word}\n"


@pytest.mark.requirement("JOB-004")
@pytest.mark.killed_by("refuses-robots", "loses-output")
def test_a_robot_runs_a_job(element: ComputingElement, robot: User) -> None:
    """An automated client of the VO runs jobs as a person does."""
    job = element.run(JobDescription("/bin/echo", ("beep",)), element.token(robot))
    assert job.wait().state is JobState.DONE
    assert job.output() == "beep\n"


@pytest.mark.requirement("JOB-003")
@pytest.mark.killed_by("goes-back-in-state")
def test_a_job_goes_forward_only(element: ComputingElement, member: User) -> None:
    """A job is queued, runs and ends; its state never goes backwards."""
    job = element.run(JobDescription("/bin/sleep", ("3",)), element.token(member))
    order = [JobState.QUEUED, JobState.RUNNING, JobState.DONE]
    seen = [status.state for status in job.history()]
    assert seen == [state for state in order if state in seen]
    assert seen[-1] is JobState.DONE
