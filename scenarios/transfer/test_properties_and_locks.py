"""What a storage says of itself holds: classes 1 and 2 of WebDAV (RFC 4918, section 18)."""

import re

import pytest

PROPERTY = b"""<?xml version="1.0"?><D:propertyupdate xmlns:D="DAV:" xmlns:T="urn:testbed">
<D:set><D:prop><T:run>42</T:run></D:prop></D:set></D:propertyupdate>"""
LOCK = b"""<?xml version="1.0"?><D:lockinfo xmlns:D="DAV:"><D:lockscope><D:exclusive/></D:lockscope>
<D:locktype><D:write/></D:locktype></D:lockinfo>"""


@pytest.fixture
def file(route, storage, member):
    """A file of the member."""
    return storage.at(route.resource).put("1 KiB", by=member)


@pytest.fixture
def token(file, member):
    """A token that permits reading and changing it."""
    return file.area.token(member, "storage.read", "storage.modify")


def classes(file, token):
    """Return the classes of WebDAV that the storage advertises for a file."""
    told = file.area.webdav.options(file.path, token=token).expect_ok().headers.get("dav", "")
    return {one.strip() for one in told.split(",")}


@pytest.mark.requirement("XFER-037")
@pytest.mark.killed_by("sets-no-properties")
def test_a_property_is_set_where_webdav_is_advertised(file, token):
    """PROPPATCH by a member who may change the file is answered 207, as of every DAV resource."""
    assert "1" in classes(file, token), "class 1 is not advertised, as each WebDAV endpoint must"
    answer = file.area.webdav.proppatch(file.path, PROPERTY, token=token)
    assert answer.status == 207, f"expected 207, got {answer}"


@pytest.mark.requirement("XFER-038")
@pytest.mark.needs("webdav", "locks")
@pytest.mark.killed_by("locks-nothing", "ignores-locks")
def test_a_locked_file_is_overwritten_with_the_lock_alone(file, token, rejected):
    """A file is locked where class 2 is advertised, and PUT without the lock is answered 423."""
    assert "2" in classes(file, token), "class 2 (locks) is not advertised"
    taken = file.area.webdav.lock(file.path, LOCK, token=token).expect_ok()
    lock = taken.headers.get("lock-token", "")
    assert re.fullmatch(r"<\S+>", lock), f"LOCK brought no lock token, but {lock!r}"
    try:
        answer = rejected(
            lambda conditions: file.upload(by=token, conditions=conditions),
            good={"If": f"({lock})"},
            bad={},
        )
    finally:
        file.area.webdav.unlock(file.path, lock, token=token)
    assert answer.status == 423, f"expected 423, got {answer}"
