"""The word before a token is read in either case (RFC 9110, section 11.1)."""

import pytest


@pytest.mark.requirement("AUTH-055")
@pytest.mark.needs("webdav", "read")
@pytest.mark.killed_by("compares-schemes-by-letters")
@pytest.mark.parametrize("scheme", ["bearer", "BEARER"])
def test_the_scheme_of_a_token_is_read_in_either_case(route, storage, member, scheme):
    """A storage accepts `Authorization: bearer` as it accepts `Bearer`."""
    file = storage.at(route.resource).put("1 KiB", by=member)
    assert file.get(by=member).expect_ok().body == file.data.content, "the control"
    assert file.get(by=member, scheme=scheme).expect_ok().body == file.data.content
