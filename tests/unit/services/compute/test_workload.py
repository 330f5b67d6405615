"""A job that knows what it uses is held against what a record tells of it."""

from __future__ import annotations

import subprocess
import sys
from typing import cast

import pytest

from harness.services.compute.client import Job
from harness.services.compute.workload import _PROGRAM, Used
from harness.services.issuer.user import User


class _Job:
    id = "j1"


USED = Used(cast(Job, _Job()), cast(User, None), wall=12.1, processor=4.0, at_most=30.0)


@pytest.mark.parametrize(("wall", "processor"), [(11, 3), (12, 4), (20, 5), (31, 4)])
def test_a_record_that_tells_the_truth(wall: float, processor: float) -> None:
    USED.expect(wall=wall, processor=processor)


@pytest.mark.parametrize(
    ("wall", "processor", "says"),
    [(6, 4, "6 s of wall time"), (33, 4, "33 s of wall time"), (12, 1, "1 s of processor"),
     (12, 15, "15 s of processor")],
)  # fmt: skip
def test_a_record_that_does_not(wall: float, processor: float, says: str) -> None:
    with pytest.raises(AssertionError, match=says):
        USED.expect(wall=wall, processor=processor)


def test_the_program_says_what_it_uses() -> None:
    quick = _PROGRAM.replace("< 4", "< 0.01").replace("sleep(9)", "sleep(0)")
    done = subprocess.run([sys.executable, "-c", quick], capture_output=True, text=True, check=True)
    assert '"wall"' in done.stdout
    assert '"processor"' in done.stdout
