"""A job moves data between the storages of two infrastructures, with tokens that travel with it."""

from __future__ import annotations

from typing import Final

import pytest

from harness.model import Route
from harness.services.compute.client import ComputingElement, JobDescription
from harness.services.issuer.user import User
from harness.services.storage.fixtures import Storages

pytestmark = pytest.mark.needs("webdav", "write")

STAGE: Final = """
bearing() { token=$1; shift; curl -sS -H "Authorization: Bearer $(cat "$token")" "$@"; }
bearing in.token -f -o data "$1" || exit
for attempt in first second; do
    bearing near.token -H 'Expect: 100-continue' -o /dev/null -w '%{http_code}\\n' -T data "$2"
done
bearing home.token -f -o /dev/null -T data "$3"
"""


@pytest.mark.requirement("JOB-011")
@pytest.mark.killed_by(
    "loses-output", "overwrites-with-a-scope-to-create", "loses-the-end-of-uploads"
)
def test_a_job_stages_in_and_out(
    route: Route, element: ComputingElement, storage: Storages, member: User
) -> None:
    """A job reads its input at home and stores one copy at the site and one at home, without overwriting.

    Each of its three tokens permits one thing: reading the input, or creating one of the copies.
    """
    home, site = storage.at(route.home), storage.at(route.resource)
    source = home.put("1 KiB", by=member)
    near, back = site.file(), home.file()
    tokens = {
        "in.token": home.token(member, "storage.read", path=source.name),
        "near.token": site.token(member, "storage.create", path=near.name),
        "home.token": home.token(member, "storage.create", path=back.name),
    }
    job = element.run(
        JobDescription.script(
            STAGE,
            *(file.url for file in (source, near, back)),
            files={name: token.value.encode() for name, token in tokens.items()},
        ),
        element.token(member),
    )
    assert job.wait().exit_code == 0, job.status()
    first, second = job.output().split()
    assert first == "201"
    assert second in ("401", "403"), "a token that permits only creating replaced a file"
    assert near.read_adler32() == back.read_adler32() == source.data.adler32
