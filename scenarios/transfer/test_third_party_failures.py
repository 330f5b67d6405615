"""A third-party copy that fails is never reported as a success."""

import pytest

pytestmark = pytest.mark.needs("webdav", "third-party-copy")


@pytest.mark.requirement("XFER-010", "AUTHZ-004")
@pytest.mark.killed_by("says-success-of-failed-copies", "pulls-with-its-own-token")
def test_a_pull_of_what_may_not_be_read_is_no_success(route, storage, member, refused):
    """A pull whose token for the source lacks `storage.read` is reported as a failure."""
    source = storage.at(route.home).put("1 KiB", by=member)
    area = storage.at(route.resource)
    readable = source.area.token(member, "storage.read")
    writable = source.area.token(member, "storage.modify")
    refused(
        lambda token: area.file().fetch(source, by=member, source_by=token),
        good=readable,
        bad=writable,
    )


@pytest.mark.needs("webdav", "third-party-copy", side="home")
@pytest.mark.requirement("XFER-010", "AUTHZ-004")
@pytest.mark.killed_by("writes-with-a-scope-to-read", "answers-200-with-nothing")
def test_a_push_to_where_may_not_be_written_is_no_success(route, storage, member, refused):
    """A push whose token for the destination lacks `storage.create` is reported as a failure."""
    source = storage.at(route.home).put("1 KiB", by=member)
    area = storage.at(route.resource)
    refused(
        lambda token: source.send(area.file(), by=member, destination_by=token),
        good=area.token(member, "storage.modify"),
        bad=area.token(member, "storage.read"),
    )


@pytest.mark.requirement("XFER-002")
@pytest.mark.killed_by("copies-from-and-to-elsewhere")
def test_a_copy_from_and_to_elsewhere_is_no_request(route, storage, member, rejected):
    """A COPY with both `Source` and `Destination` is answered with a client error."""
    source = storage.at(route.home).put("1 KiB", by=member)
    area = storage.at(route.resource)
    answer = rejected(
        lambda to: area.file().fetch(source, by=member, source_by=member, destination=to),
        good=None,
        bad=area.file(),
    )
    assert 400 <= answer.status < 500, f"expected a client error, got {answer}"


@pytest.mark.requirement("XFER-008", "XFER-012")
@pytest.mark.killed_by("leaves-partial-copies", "says-success-of-failed-copies")
@pytest.mark.parametrize("reason", ["missing", "denied"])
def test_a_failed_pull_leaves_no_file(route, storage, member, rejected, reason):
    """A failed pull (missing file, or permission refused) leaves no file behind."""
    home, area = storage.at(route.home), storage.at(route.resource)
    there, readable = home.put("1 KiB", by=member), home.token(member, "storage.read")
    copies = [copy := area.file(), area.file()]
    rejected(
        lambda source: copies.pop().fetch(source[0], by=member, source_by=source[1]),
        good=(there, readable),
        bad=(home.file(), readable)
        if reason == "missing"
        else (there, home.token(member, "storage.modify")),
    )
    left = copy.get(by=member)
    assert left.status == 404, f"the failed copy left a file: {left}"
