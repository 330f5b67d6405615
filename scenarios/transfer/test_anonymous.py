"""Requests without a token are refused, for every method (XFER-027)."""

import pytest

pytestmark = pytest.mark.requirement("XFER-027")

REQUESTS = {
    "GET": (lambda file, by: file.get(by=by), "lets-strangers-read"),
    "HEAD": (lambda file, by: file.stat(by=by), "lets-strangers-ask-for-sizes"),
    "PUT": (lambda file, by: file.upload(by=by), "lets-strangers-write"),
    "PROPFIND": (lambda file, by: file.area.list(by=by), "lets-strangers-list"),
    "MOVE": (lambda file, by: file.move(file.area.file(), by=by), "lets-strangers-move"),
    "DELETE": (lambda file, by: file.delete(by=by), "lets-strangers-delete"),
    "MKCOL": (lambda file, by: file.area.make_folder(by=by), "lets-strangers-make-folders"),
}


@pytest.mark.parametrize(
    "send",
    [
        pytest.param(send, id=method, marks=pytest.mark.killed_by(mutant))
        for method, (send, mutant) in REQUESTS.items()
    ],
)
def test_a_request_without_a_token_is_refused(route, storage, member, refused, send):
    """A request that a member may make is refused without a token."""
    area = storage.at(route.resource)
    files = [area.put("1 KiB", by=member) for _ in range(2)]
    refused(lambda by: send(files.pop(), by), good=member, bad=None)


@pytest.mark.needs("webdav", "copy")
@pytest.mark.killed_by("lets-strangers-copy")
def test_a_copy_within_a_storage_without_a_token_is_refused(route, storage, member, refused):
    """A copy within a storage is refused without a token."""
    area = storage.at(route.resource)
    file = area.put("1 KiB", by=member)
    refused(lambda by: file.duplicate(area.file(), by=by), good=member, bad=None)


@pytest.mark.needs("webdav", "third-party-copy")
@pytest.mark.killed_by("lets-strangers-copy")
def test_a_copy_without_a_token_is_refused(route, storage, member, refused):
    """A third-party copy is refused without a token for the storage that receives the request."""
    source = storage.at(route.home).put("1 KiB", by=member)
    area = storage.at(route.resource)
    refused(lambda by: area.file().fetch(source, by=by, source_by=member), good=member, bad=None)
