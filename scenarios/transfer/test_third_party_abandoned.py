"""A third-party copy whose client disconnects before it has finished."""

import pytest

pytestmark = [pytest.mark.needs("webdav", "third-party-copy"), pytest.mark.long]

SECONDS = 20
"""How long the copy would take; XRootD notices after 5 s that nobody listens."""


def abandoned(route, storage, member, slow_port):
    """Return source and copy of a pull that has ended after its client disconnected."""
    source = storage.at(route.home).put("8 MiB", by=member)
    copy = storage.at(route.resource).copy_of(source)
    port = slow_port(source, seconds=SECONDS)
    copy.abandon(source, by=member, source_by=member, source_url=port.url)
    port.wait_until_left()
    return source, copy


@pytest.mark.requirement("XFER-011")
@pytest.mark.killed_by("finishes-abandoned-copies")
def test_an_abandoned_pull_is_cancelled(route, storage, member, slow_port):
    """A pull is cancelled when its client disconnects."""
    source, copy = abandoned(route, storage, member, slow_port)
    found = copy.stat(by=member)
    whole = found.ok and found.headers["content-length"] == str(source.data.size)
    assert not whole, f"the copy continued to its end: {found}"


@pytest.mark.requirement("XFER-012")
@pytest.mark.killed_by("leaves-partial-copies")
def test_an_abandoned_pull_leaves_no_file(route, storage, member, slow_port):
    """A cancelled pull leaves no partial file."""
    _, copy = abandoned(route, storage, member, slow_port)
    left = copy.stat(by=member)
    assert left.status == 404, f"the abandoned copy left a file: {left}"
