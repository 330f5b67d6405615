"""Waiting for jobs, whatever the computing element."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from harness.answer import Answer
from harness.services.compute.client import (
    ComputingElement,
    Job,
    JobDescription,
    JobState,
    JobStatus,
    StillWaiting,
    Submission,
)
from harness.services.issuer.tokens import Token

TOKEN = Token("e30.e30.c2lnbmF0dXJl")
OK = {"what": "ask", "status": 200, "ok": True, "denied": False}


class Scripted(ComputingElement):
    """Tells one state after the other, the last for ever, and notes what was cleaned."""

    POLL = 0.001

    def __init__(self, *states: JobState) -> None:
        super().__init__(name="scripted", audience="https://ce.test")
        self.states = list(states)
        self.cleaned: list[str] = []

    def _submit(self, description: JobDescription, token: Token | None) -> Submission:
        return Submission(**OK, job_id="1" if token else "")

    def statuses(self, job_ids: Sequence[str], token: Token | None) -> list[JobStatus]:
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        return [JobStatus(**OK, state=state, native=state.name) for _ in job_ids]

    def listing(self, token: Token | None) -> Answer:
        raise NotImplementedError

    def jobs(self, token: Token | None) -> frozenset[str]:
        return frozenset(self.cleaned)

    def output(self, job_id: str, name: str, token: Token | None) -> Answer:
        raise NotImplementedError

    def cancel(self, job_id: str, token: Token | None) -> Answer:
        raise NotImplementedError

    def clean(self, *job_ids: str, token: Token | None) -> Answer:
        self.cleaned.extend(job_ids)
        return Answer(**OK)


def job(*states: JobState) -> Job:
    return Job(element=Scripted(*states), id="1", token=TOKEN)


def test_waiting_ends_with_the_job() -> None:
    """Waiting returns how the job ended."""
    ended = job(JobState.QUEUED, JobState.RUNNING, JobState.FAILED).wait()
    assert ended.state is JobState.FAILED


def test_the_time_limit_tells_the_last_state() -> None:
    """Who waits in vain is told where the job stood."""
    with pytest.raises(StillWaiting, match=r"1 has ended: .*queued \(QUEUED\)"):
        job(JobState.QUEUED).wait(timeout=0.01)


def test_a_job_that_ended_unseen_never_ran() -> None:
    """Waiting for a run does not go on when the job has failed."""
    with pytest.raises(StillWaiting, match="failed"):
        job(JobState.QUEUED, JobState.FAILED).wait_running()


def test_a_wanted_end_is_waited_for() -> None:
    """Another end that is told of before does not count, and who waits in vain is told of it."""
    wanted = job(JobState.QUEUED, JobState.FAILED, JobState.CANCELLED)
    assert wanted.wait_ended_as(JobState.CANCELLED, JobState.DONE).state is JobState.CANCELLED
    with pytest.raises(StillWaiting, match="failed"):
        job(JobState.FAILED).wait_ended_as(JobState.CANCELLED, timeout=0.01)


def test_history_tells_each_change_once() -> None:
    """States that are told twice are one."""
    seen = job(JobState.QUEUED, JobState.QUEUED, JobState.RUNNING, JobState.DONE).history()
    assert [s.state for s in seen] == [JobState.QUEUED, JobState.RUNNING, JobState.DONE]


def test_what_was_taken_is_cleaned() -> None:
    """At the end every job that was taken is cleaned, and none that was refused."""
    element = Scripted(JobState.DONE)
    element.run(JobDescription(), TOKEN)
    element.submit(JobDescription(), None)
    element.close()
    assert element.cleaned == ["1"]


def test_the_time_of_a_job_is_that_of_its_whole_life() -> None:
    """It is measured until the end, and the job is cleaned with the others."""
    element = Scripted(*[JobState.QUEUED] * 4, JobState.DONE)
    assert element.time_a_job(TOKEN) >= 4 * element.POLL
    element.close()
    assert element.cleaned == ["1"]


def test_a_job_of_an_earlier_run_is_left_behind_by_nobody():
    element = Scripted(JobState.RUNNING, JobState.CANCELLED)
    element.leave("7", TOKEN)
    assert element.cleaned == ["7"]
