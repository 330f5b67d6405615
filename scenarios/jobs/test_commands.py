"""ARC's own commands. (All other scenarios use HTCondor's commands for HTCondor.)"""

from __future__ import annotations

import pytest

from harness.services.compute.arc_commands import ArcCommands
from harness.services.compute.client import JobDescription, JobState
from harness.services.issuer.user import User


@pytest.mark.requirement("JOB-004")
@pytest.mark.killed_by("loses-output")
def test_arcsub_arcstat_arcget(arc_commands: ArcCommands, member: User) -> None:
    """A job is submitted with arcsub, arcstat shows exit code 0, and arcget fetches the output."""
    job = arc_commands.run(
        JobDescription("/bin/echo", ("from the commands",)), arc_commands.token(member)
    )
    ended = job.wait()
    assert (ended.state, ended.exit_code) == (JobState.DONE, 0), ended
    assert job.output() == "from the commands\n"
