"""`..` in a path gives no access beyond the token's path (WLCG Token Profile, section 2.2.1)."""

import pytest

from harness.clients.random_data import RandomData

pytestmark = [
    pytest.mark.requirement("AUTHZ-018"),
    pytest.mark.killed_by("follows-dots-after-looking"),
]


def test_dots_of_a_request_read_nothing_beside_the_scope(route, storage, member, rejected):
    """A token for `/a` can read a file there, but not `/a/../b/file`."""
    area, elsewhere = (storage.at(route.resource) for _ in range(2))
    file, secret = area.put("1 KiB", by=member), elsewhere.put("1 KiB", by=member)
    token = area.token(member, "storage.read")
    answer = rejected(
        lambda path: area.webdav.get(path, token=token),
        good=file.path,
        bad=f"{area.name}/../{secret.path}",
    )
    assert secret.data.content not in answer.body


def test_dots_of_a_request_store_nothing_beside_the_scope(route, storage, member, rejected):
    """A token for `/a` can store a file there, but not `/a/../b/file`."""
    area, elsewhere = (storage.at(route.resource) for _ in range(2))
    file, beside = area.file(), elsewhere.file()
    token = area.token(member, "storage.modify")
    rejected(
        lambda path: area.webdav.put(path, RandomData(1024), token=token),
        good=file.path,
        bad=f"{area.name}/../{beside.path}",
    )
    assert beside.get(by=member).status == 404
