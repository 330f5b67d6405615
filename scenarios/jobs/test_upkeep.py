"""Jobs during maintenance of their computing element."""

from __future__ import annotations

import pytest

from harness.services.compute.client import ComputingElement, JobDescription
from harness.services.compute.restart import Restart
from harness.services.issuer.user import User


@pytest.mark.alone
@pytest.mark.requirement("JOB-016")
@pytest.mark.killed_by("lists-no-jobs")
def test_a_restart_loses_no_job(
    element: ComputingElement, member: User, restart_element: Restart
) -> None:
    """After a restart of the computing element, an earlier job is still known, and a new one runs."""
    token = element.token(member)
    sleep = JobDescription("/bin/sleep", ("600",))
    before = element.run(sleep, token)
    before.wait_running()
    restart_element()
    after = element.run(sleep, token)
    after.wait_running()  # ARC may list a job some moments after it took it
    assert {before.id, after.id} <= element.jobs(token)
    assert not before.status().state.is_final
