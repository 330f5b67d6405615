"""What any computing element can be asked, and what it says of jobs."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, fields
from enum import Enum
from typing import Any, ClassVar, TextIO

from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_fixed

from harness import names
from harness.answer import Answer
from harness.clients import limits
from harness.errors import Unreachable
from harness.evidence import step
from harness.services.compute.kind import FULL_SCOPE
from harness.services.issuer.tokens import Token
from harness.services.issuer.user import User

STDOUT, STDERR = "stdout.txt", "stderr.txt"

WAIT = "wait until "
"""How the step begins in which a job is asked after again and again."""

_PATIENCE = 240
"""Seconds to wait for a job: far more than one takes, for a busy machine is no fault of the middleware."""


@dataclass(frozen=True)
class JobDescription:
    """What to run: the fields that all computing elements have, independent of their job languages.

    Standard output and error come back as the files `stdout.txt` and `stderr.txt`.
    """

    executable: str = "/bin/true"
    """An absolute path on the worker."""
    arguments: tuple[str, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)
    """Input files: name -> content."""
    outputs: tuple[str, ...] = ()
    """Output files that the user wants back."""
    wall_time: int = 300
    """Seconds after which the job is ended. Batch systems round up to minutes."""
    name: str = f"{names.OURS}job"

    @classmethod
    def script(
        cls,
        text: str,
        *arguments: str,
        files: Mapping[str, bytes] | None = None,
        outputs: Sequence[str] = (),
    ) -> JobDescription:
        """Describe a job that runs a shell script, which travels with it."""
        return cls(
            executable="/bin/sh",
            arguments=("run.sh", *arguments),
            files={"run.sh": f"{text}\n".encode(), **(files or {})},
            outputs=tuple(outputs),
        )


class JobState(Enum):
    """The state of a job, in terms that all batch systems share."""

    QUEUED = "queued"
    """Accepted; runs later."""
    RUNNING = "running"
    HELD = "held"
    """Stands still until somebody helps."""
    DONE = "done"
    """Ended with exit code 0."""
    FAILED = "failed"
    """Ended with another exit code, or never ran."""
    CANCELLED = "cancelled"
    GONE = "gone"
    """The computing element does not know it, or no longer."""

    @property
    def is_final(self) -> bool:
        """True where the job will never change again by itself."""
        return self not in (JobState.QUEUED, JobState.RUNNING)


@dataclass(frozen=True)
class Submission(Answer):
    """The answer to a submission; `job_id` is empty where none was taken."""

    job_id: str = ""


@dataclass(frozen=True)
class JobStatus(Answer):
    """The status of a job."""

    state: JobState = JobState.GONE
    native: str = ""
    """The element's own name of the state."""
    exit_code: int | None = None
    """Exit code of the program, once it has ended."""
    reason: str = ""
    """Why the job failed, in the element's own words."""

    def __str__(self) -> str:
        if not self.ok:
            return super().__str__()
        code = "" if self.exit_code is None else f", exit code {self.exit_code}"
        why = f", {self.reason}" if self.reason else ""
        return f"{self.what} -> {self.state.value} ({self.native}){code}{why}"


def state_of(states: Mapping[str, JobState], native: object) -> JobState:
    """Return what an element's own word for a state means, in whatever letters it is written.

    A word that nobody knows is no end: who waits goes on, and is told the word where time runs out.
    """
    word = str(native).strip().lower()
    known = {name.lower(): state for name, state in states.items()}
    return known.get(word, JobState.RUNNING if word and native is not None else JobState.GONE)


class StillWaiting(AssertionError):
    """A job did not come as far as expected in time; says where it stood last."""


class ComputingElement(ABC):
    """A computing element, as a user's tools reach it.

    Every request takes the token to send; None sends none. A job is named by the element's own id.
    """

    SCOPE: ClassVar[str] = FULL_SCOPE
    """What a token must carry to do everything here."""

    POLL: ClassVar[float] = 1.0
    """Seconds between two questions about a job."""

    def __init__(self, *, name: str, audience: str) -> None:
        self.name = name
        self.audience = audience
        self._taken: list[tuple[str, Token | None]] = []
        self._room: list[TextIO] = []
        """What this process has of the jobs that the site allows at once."""

    def token(self, user: User) -> Token:
        """Return a user's token that permits everything here."""
        return user.token(self.audience, self.SCOPE)

    @abstractmethod
    def _submit(self, description: JobDescription, token: Token | None) -> Submission:
        """Hand a job over, with the files that travel with it."""

    @abstractmethod
    def statuses(self, job_ids: Sequence[str], token: Token | None) -> list[JobStatus]:
        """Ask for the status of several jobs in one request. Returns one answer for each, in their
        order.
        """

    @abstractmethod
    def listing(self, token: Token | None) -> Answer:
        """Ask for the list of a user's jobs: the request that needs the fewest rights."""

    @abstractmethod
    def jobs(self, token: Token | None) -> frozenset[str]:
        """List the IDs of a user's jobs at the element."""

    @abstractmethod
    def output(self, job_id: str, name: str, token: Token | None) -> Answer:
        """Download an output file of a job that has ended."""

    @abstractmethod
    def cancel(self, job_id: str, token: Token | None) -> Answer:
        """Cancel a job."""

    @abstractmethod
    def clean(self, *job_ids: str, token: Token | None) -> Answer:
        """Remove jobs from the element. Returns the answer for the first."""

    def disconnect(self) -> None:  # noqa: B027, most elements have nothing to do here
        """Close the connections that are open: the next request opens one.

        An element that is asked by commands has none, as each command connects by itself.
        """

    def submit(self, description: JobDescription, token: Token | None) -> Submission:
        """Submit a job with its input files. It is removed at the end of the test."""
        self._take(1)
        submission = self._submit(description, token)
        self._remember(submission, token)
        return submission

    def status(self, job_id: str, token: Token | None) -> JobStatus:
        """Ask for the status of a job."""
        return self.statuses([job_id], token)[0]

    def run(self, description: JobDescription, token: Token) -> Job:
        """Submit a job, and return it.

        Raises
        ------
        AssertionError
            where the element does not take it.
        """
        submission = self.submit(description, token)
        submission.expect_ok()
        return Job(element=self, id=submission.job_id, token=token)

    def wait(
        self,
        job_ids: Sequence[str],
        token: Token,
        *,
        until: Callable[[JobStatus], bool],
        what: str,
        timeout: float,
    ) -> list[JobStatus]:
        """Ask for the status of jobs every `POLL` seconds until all are as wanted.

        Raises
        ------
        StillWaiting
            after `timeout` seconds; says where the jobs stood last.
        """
        named = " ".join(job_ids)

        def ask() -> list[JobStatus]:
            return self.statuses(job_ids, token)

        with step(f"{WAIT}{named} {what}") as record:
            try:
                reached: list[JobStatus] = Retrying(
                    retry=retry_if_result(lambda found: not all(map(until, found))),
                    wait=wait_fixed(self.POLL),
                    stop=stop_after_delay(timeout),
                )(ask)
            except RetryError as error:
                last = "; ".join(str(status) for status in error.last_attempt.result())
                raise StillWaiting(
                    f"at {self.name}, after {timeout:g} s, it is not so that {named} {what}: {last}"
                ) from None
            record.receive("\n".join(str(status) for status in reached))
            return reached

    def wait_all(self, jobs: Sequence[Job], *, timeout: float = _PATIENCE) -> list[JobStatus]:
        """Wait until all jobs of one owner have ended. Returns their statuses, in their order.

        Raises
        ------
        StillWaiting
            after `timeout` seconds; says where they stood last.
        """
        ids = [job.id for job in jobs]
        return self.wait(ids, jobs[0].token, until=_has_ended, what="has ended", timeout=timeout)

    def time_a_job(self, token: Token) -> float:
        """Run a job, and return the seconds from its submission to its end.

        By then, or as long again, the element has done what it promised before: a measure that grows where
        the machine is busy, and stays short where a promise is never kept.

        Raises
        ------
        AssertionError
            where the element does not take that job, or never ends it.
        """
        start = time.monotonic()
        self.run(JobDescription(), token).wait()
        return time.monotonic() - start

    def close(self) -> None:
        """Cancel and remove the jobs that are still there, as far as the element permits."""
        # Where nobody answers there is nothing to clean by; the scenario itself has said so.
        with suppress(Unreachable):
            for token in {token for _, token in self._taken}:
                self._leave([i for i, owner in self._taken if owner == token], token)
        self._taken.clear()
        while self._room:
            self._room.pop().close()

    def _take(self, count: int) -> None:
        """Wait until the site has room for so many jobs more (`harness.clients.limits`).

        Raises
        ------
        NotAllowed
            where it never has.
        """
        self._room += limits.take_jobs(self.name, count, held=len(self._room))

    def leave(self, job_id: str, token: Token) -> None:
        """Remove everything of a job, whoever submitted it.

        Raises
        ------
        StillWaiting
            where it has not ended a minute later.
        """
        self._leave([job_id], token)
        self.wait([job_id], token, until=_has_ended, what="has ended", timeout=60)

    def _leave(self, job_ids: Sequence[str], token: Token | None) -> None:
        """Leave nothing of these jobs behind, whether they have ended or not."""
        self.clean(*job_ids, token=token)

    def _remember(self, submission: Submission, token: Token | None) -> None:
        if submission.job_id:
            self._taken.append((submission.job_id, token))


@dataclass(frozen=True)
class Job:
    """A job at a computing element, as its owner sees it."""

    element: ComputingElement
    id: str
    token: Token

    def status(self) -> JobStatus:
        """Return the status of the job."""
        return self.element.status(self.id, self.token)

    def wait(self, *, timeout: float = _PATIENCE) -> JobStatus:
        """Wait until it has ended, and return its last status.

        Raises
        ------
        StillWaiting
            after `timeout` seconds; says where it stood last.
        """
        return self._wait(_has_ended, "has ended", timeout)

    def wait_running(self, *, timeout: float = _PATIENCE) -> JobStatus:
        """Wait until it runs.

        Raises
        ------
        StillWaiting
            after `timeout` seconds, or where it has ended before it was seen to run.
        """

        def runs(status: JobStatus) -> bool:
            return _has_ended(status) or status.state is JobState.RUNNING

        reached = self._wait(runs, "runs", timeout)
        if reached.state is not JobState.RUNNING:
            raise StillWaiting(f"the job was never seen running: {reached}")
        return reached

    def wait_ended_as(self, *states: JobState, timeout: float = _PATIENCE) -> JobStatus:
        """Wait until it has ended in one of these states, whatever the element reports before.

        Raises
        ------
        StillWaiting
            after `timeout` seconds; says where it stood last.
        """
        return self._wait(lambda status: status.state in states, "has ended this way", timeout)

    def wait_gone(self, *, timeout: float = _PATIENCE) -> None:
        """Wait until the element no longer has the job.

        Raises
        ------
        StillWaiting
            after `timeout` seconds; says where it stood last.
        """
        self._wait(lambda status: status.state is JobState.GONE, "is not found", timeout)

    def history(self, *, timeout: float = _PATIENCE) -> Iterator[JobStatus]:
        """Yield the status at each change of state, until the job has ended."""
        last: JobStatus | None = None
        while last is None or not _has_ended(last):
            before = last.state if last else None
            last = self._wait(lambda status: status.state is not before, "changes", timeout)  # noqa: B023
            yield last

    def output(self, name: str = STDOUT) -> str:
        """Return an output file as text."""
        answer = self.element.output(self.id, name, self.token)
        return answer.expect_ok().text

    def cancel(self) -> Answer:
        """Cancel the job."""
        return self.element.cancel(self.id, self.token)

    def clean(self) -> Answer:
        """Remove the job from the element."""
        return self.element.clean(self.id, token=self.token)

    def _wait(self, until: Callable[[JobStatus], bool], what: str, timeout: float) -> JobStatus:
        return self.element.wait([self.id], self.token, until=until, what=what, timeout=timeout)[0]


def _has_ended(status: JobStatus) -> bool:
    return not status.ok or status.state.is_final


def values(answer: Answer) -> dict[str, Any]:
    """Return the fields of an answer, to make a more telling one of them."""
    return {f.name: getattr(answer, f.name) for f in fields(Answer)}
