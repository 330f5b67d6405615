"""Jobs that know what they use, so that a site's accounting can be held against it."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass

from harness.services.compute.client import ComputingElement, Job, JobDescription, JobState
from harness.services.issuer.user import User

_PROCESSOR, _REST = 4, 9
"""Seconds that a job computes, and rests: batch systems look at what a job uses every few seconds."""

_PROGRAM = f"""\
import json, time
begun = time.time()
while time.process_time() < {_PROCESSOR}:
    pass
time.sleep({_REST})
print(json.dumps({{"wall": time.time() - begun, "processor": time.process_time()}}))
"""

WORK = JobDescription(
    executable="/usr/bin/python3", arguments=("work.py",), files={"work.py": _PROGRAM.encode()}
)
"""A job that computes for some seconds, rests for some, and prints what it has used of both."""

ROUNDING = 2.0
"""Seconds by which a record may tell less than the job: times are whole seconds, and read now and then."""


@dataclass(frozen=True)
class Used:
    """What a job has used, in seconds."""

    job: Job
    user: User
    wall: float
    """By its own clock, from its first line to its last."""
    processor: float
    at_most: float
    """Wall time from its submission until it was seen to have ended."""

    def expect(self, *, wall: float, processor: float) -> None:
        """See that a record tells what was used, in seconds.

        Raises
        ------
        AssertionError
            where it tells less than the job itself, or more than can be.
        """
        id_, last = self.job.id, self.at_most
        assert self.wall - ROUNDING <= wall <= self.at_most + ROUNDING, (
            f"{id_} lasted {self.wall:.1f} s, and {last:.1f} s with all that is around it; "
            f"its record tells {wall:g} s of wall time"
        )
        assert self.processor - ROUNDING <= processor <= wall + ROUNDING, (
            f"{id_} computed for {self.processor:.1f} s; its record tells {processor:g} s of processor "
            f"time in {wall:g} s"
        )


def work(element: ComputingElement, users: Sequence[User]) -> list[Used]:
    """Run a job for each of the users, side by side, and return what they have used.

    Raises
    ------
    AssertionError
        where the element does not run them, or they do not say what they have used.
    """
    begun = time.monotonic()
    jobs = [(user, element.run(WORK, element.token(user))) for user in users]
    used = []
    for user, job in jobs:
        status = job.wait()
        at_most = time.monotonic() - begun
        assert status.state is JobState.DONE, f"the job did not succeed: {status}"
        told = json.loads(job.output())
        used.append(Used(job, user, float(told["wall"]), float(told["processor"]), at_most))
    return used
