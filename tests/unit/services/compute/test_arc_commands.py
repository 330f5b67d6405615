"""What ARC's commands say when they fail, at a workstation that only repeats it."""

from __future__ import annotations

from typing import Any

import pytest

from harness.services.compute.arc_commands import ArcCommands
from harness.shell import Completed


class Says:
    """A workstation at which every command fails with the same words."""

    def __init__(self, said: str) -> None:
        self._said = said

    def run(self, command: str, **_: Any) -> Completed:
        return Completed(command, 1, "", self._said, 0.1)


def denied(said: str) -> bool:
    element = ArcCommands(
        endpoint="https://ce.test/arex",
        audience="ce",
        workstation=Says(said),  # type: ignore[arg-type]
    )
    return element.listing(None).denied


@pytest.mark.parametrize(
    "said",
    [
        "ERROR: Failed to submit all jobs: 403 Forbidden",
        "[2026-11-22 11:06:40] [Arc.SubmitterPlugin.REST] [INFO] Failed to submit all jobs: 401 no",
        "INFO: Unexpected response code from delegation endpoint: 403, Forbidden.",
        "ERROR: Cannot find any token",
    ],
)
def test_a_status_that_the_command_tells_denies(said: str) -> None:
    assert denied(f"WARNING: of no matter\n{said}\n")


@pytest.mark.parametrize(
    "said",
    [
        "ERROR: Job https://ce.test/arex/rest/1.0/jobs/403 not found",
        "ERROR: Failed to submit all jobs: 500 Forbidden by 403",
        "ERROR: Failed to connect to forbidden.example:403",
        "INFO: Unexpected response code from delegation endpoint: 4031",
        "ERROR: Failed uploading local input file not authorized.txt, 401 bytes",
    ],
)
def test_a_number_or_a_word_elsewhere_denies_nothing(said: str) -> None:
    assert not denied(said)
