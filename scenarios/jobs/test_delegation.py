"""What a job gets of its owner's credentials: access tokens, and nothing that can renew them."""

from __future__ import annotations

import re
from typing import Final

import pytest

from harness.model import Route
from harness.services.compute.client import ComputingElement, JobDescription
from harness.services.issuer.client import Issuer
from harness.services.issuer.user import User
from harness.services.storage.fixtures import Storages

LOOK: Final = """
env
ls -A
find . -type f -readable ! -name '*stdout*' -exec cat {} +
"""
READ: Final = 'curl -sSf -H "Authorization: Bearer $(cat exchanged)" -o data "$1" || exit'
NAMED: Final = re.compile(r"refresh.?token|client.?secret", re.IGNORECASE)


@pytest.mark.requirement("JOB-012")
@pytest.mark.killed_by("hands-jobs-a-refresh-token", "hands-jobs-a-client-secret")
def test_a_job_gets_no_secret(element: ComputingElement, member: User) -> None:
    """Neither a job's environment nor its files contain a refresh token or a client secret."""
    login = member.ask(audience=element.audience, scope=f"{element.SCOPE} offline_access")
    job = element.run(JobDescription.script(LOOK), login.token)
    assert job.wait().exit_code == 0
    seen = job.output()
    assert "PWD=" in seen
    assert "run.sh" in seen
    secrets = {"refresh token": login.refresh_token, "client's secret": member.issuer.client_secret}
    assert not [name for name, value in secrets.items() if value in seen]
    assert not NAMED.search(seen), "a file of that name already exists"


@pytest.mark.needs("egi.aai.oidc", "token-exchange")
@pytest.mark.needs("webdav", "read")
@pytest.mark.requirement("AUTH-036")
@pytest.mark.killed_by("hands-jobs-a-refresh-token")
def test_a_job_works_with_an_exchanged_token(
    route: Route, element: ComputingElement, storage: Storages, issuer: Issuer, member: User
) -> None:
    """A job reads a file at home with an exchanged token, and has no refresh token."""
    home = storage.at(route.home)
    file = home.put("1 KiB", by=member)
    reading = home.scope("storage.read", path=file.name)
    owner = member.token(element.audience, f"{element.SCOPE} {reading}")
    exchanged = issuer.exchange(owner, audience=home.audience, scope=reading).token
    files = {"exchanged": exchanged.value.encode()}
    job = element.run(JobDescription.script(READ + LOOK, file.url, files=files), owner)
    assert job.wait().exit_code == 0, job.status()
    assert not NAMED.search(job.output()), "a file of that name already exists"
