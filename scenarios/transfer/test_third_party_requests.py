"""How a storage handles the headers of a third-party copy request (HTTP-TPC, request)."""

import pytest

pytestmark = pytest.mark.needs("webdav", "third-party-copy")

WAYS = [
    pytest.param(
        "pull",
        marks=pytest.mark.killed_by("heeds-content-length-of-copies", "forwards-no-headers"),
    ),
    pytest.param("push", marks=pytest.mark.killed_by("stores-nothing")),
]


@pytest.mark.requirement("XFER-013")
@pytest.mark.killed_by("pulls-with-its-own-token")
def test_a_header_for_the_source_reaches_it(route, storage, member, refused):
    """A pull succeeds if `Authorization` is forwarded to the source, and fails without it."""
    source = storage.at(route.home).put("1 KiB", by=member)
    area = storage.at(route.resource)
    reader = source.area.token(member, "storage.read")
    refused(
        lambda token: area.file().fetch(source, by=member, source_by=token), good=reader, bad=None
    )


@pytest.mark.needs("webdav", "third-party-copy", side="home")
@pytest.mark.requirement("XFER-013")
@pytest.mark.parametrize("way", WAYS)
def test_a_length_for_the_other_end_is_ignored(route, storage, member, way):
    """A copy is complete, whatever `Content-Length` the user asks to forward."""
    source = storage.at(route.home).put("64 KiB", by=member)
    copy = storage.at(route.resource).copy_of(source)
    told = {"Content-Length": "5"}
    if way == "pull":
        answer = copy.fetch(source, by=member, source_by=member, passed_on=told)
    else:
        answer = source.send(copy, by=member, destination_by=member, passed_on=told)
    answer.expect_ok()
    assert copy.get(by=member).body == source.data.content


@pytest.mark.requirement("XFER-014")
@pytest.mark.killed_by("takes-users-in-urls")
def test_a_source_with_a_password_is_refused(route, storage, member, rejected):
    """A `Source` URL with a user name and password is refused."""
    source = storage.at(route.home).put("1 KiB", by=member)
    area = storage.at(route.resource)
    rejected(
        lambda url: area.file().fetch(source, by=member, source_by=member, source_url=url),
        good=source.url,
        bad=source.url.replace("://", "://alice:password@"),
    )


@pytest.mark.requirement("XFER-004")
@pytest.mark.killed_by("copies-from-unknown-schemes")
def test_a_source_of_an_unknown_scheme_is_not_implemented(route, storage, member, rejected):
    """A `Source` with an unknown scheme is answered 501."""
    source = storage.at(route.home).put("1 KiB", by=member)
    area = storage.at(route.resource)
    answer = rejected(
        lambda url: area.file().fetch(source, by=member, source_by=member, source_url=url),
        good=source.url,
        bad=source.url.replace("https:", "carrier-pigeon:"),
    )
    assert answer.status == 501, f"expected 501, got {answer}"
