"""Who comes without a token gets nothing, by whatever method (XFER-027)."""

import pytest

pytestmark = [pytest.mark.needs("webdav", "write"), pytest.mark.requirement("XFER-027")]

REQUESTS = {
    "GET": lambda file, by: file.get(by=by),
    "HEAD": lambda file, by: file.stat(by=by),
    "PUT": lambda file, by: file.upload(by=by),
    "PROPFIND": lambda file, by: file.area.list(by=by),
    "MOVE": lambda file, by: file.move(file.area.file(), by=by),
    "DELETE": lambda file, by: file.delete(by=by),
}


@pytest.mark.parametrize("method", REQUESTS)
def test_a_request_without_a_token_is_refused(route, storage, member, refused, method):
    """A request that a member may send is refused to one who brings no token."""
    area = storage.at(route.resource)
    files = [area.put("1 KiB", by=member) for _ in range(2)]
    refused(lambda by: REQUESTS[method](files.pop(), by), good=member, bad=None)


@pytest.mark.needs("webdav", "third-party-copy")
def test_a_copy_without_a_token_is_refused(route, storage, member, refused):
    """A third-party copy is refused to one who brings no token for the storage asked."""
    source = storage.at(route.home).put("1 KiB", by=member)
    area = storage.at(route.resource)
    refused(lambda by: area.file().fetch(source, by=by, source_by=member), good=member, bad=None)
