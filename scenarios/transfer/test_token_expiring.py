"""A token that expires during a transfer."""

import time

import pytest

from harness.errors import Unusable
from harness.services.storage.client import FULL_SCOPE

LIFE, SECONDS = 5, 9
"""Seconds that a token lives, and that the copy takes."""


@pytest.mark.long
@pytest.mark.requirement("XFER-028")
@pytest.mark.needs("webdav", "third-party-copy")
@pytest.mark.killed_by("cuts-copies-of-dead-tokens")
def test_a_token_that_ends_during_a_copy_spoils_no_data(route, storage, member, forge, slow_port):
    """A pull whose tokens expire completes, or is reported as failed without leaving a partial file."""
    source = storage.at(route.home).put("4 MiB", by=member)
    copy = storage.at(route.resource).copy_of(source)
    port = slow_port(source, seconds=SECONDS)
    end = int(time.time()) + LIFE
    here, there = (
        forge.token(member, audience=file.area.audience, scope=FULL_SCOPE, claims={"exp": end})
        for file in (copy, source)
    )
    answer = copy.fetch(source, by=here, source_by=there, source_url=port.url)
    if not port.was_used:
        raise Unusable(f"the tokens expired before the copy began, which shows nothing: {answer}")
    assert time.time() > end, f"the copy ended before its tokens expired: {answer}"
    found = copy.get(by=member)
    if answer.ok:
        assert found.expect_ok().body == source.data.content
    else:
        assert found.status == 404, f"the failed copy left a partial file: {found}"
