"""File names that must be escaped in URLs (RFC 3986, section 2) are preserved at both ends."""

import pytest

from harness.services.storage.answers import not_urls, parse_listing

ODD = ["two words", "100%", "%20", "a#b", "数据"]
"""Names that a URL must escape."""
UNESCAPED = pytest.mark.killed_by("lists-names-unescaped")

pytestmark = [
    pytest.mark.requirement("XFER-025"),
    pytest.mark.killed_by("refuses-odd-names"),
]


@pytest.mark.needs("webdav", "third-party-copy")
@pytest.mark.parametrize("name", [*ODD, "a+b"])
@pytest.mark.parametrize(
    "way",
    [
        "pull",
        pytest.param("push", marks=pytest.mark.needs("webdav", "third-party-copy", side="home")),
    ],
)
def test_a_file_of_an_odd_name_is_copied(route, storage, member, name, way):
    """A file keeps its name and content when it is copied from the home storage."""
    source = storage.at(route.home).put("4 KiB", by=member, name=name)
    area = storage.at(route.resource)
    copy = getattr(area, way)(source, by=member, name=name)
    assert copy.get(by=member).expect_ok().body == source.data.content


@pytest.mark.requirement("XFER-023")
@pytest.mark.killed_by("lists-no-new-files")
@pytest.mark.parametrize("name", [*(pytest.param(name, marks=UNESCAPED) for name in ODD), "a+b"])
def test_a_file_of_an_odd_name_is_listed(route, storage, member, name):
    """A listing shows the URL at which the file was stored, percent-encoded (RFC 4918, section 8.3)."""
    area = storage.at(route.resource)
    area.put("4 KiB", by=member, name=name)
    listing = area.list(by=member).expect_ok()
    assert not (wrong := not_urls(listing.text)), f"these are not URLs: {wrong}"
    assert name in parse_listing(listing.text), f"{name!r} is not listed: {listing.text}"
