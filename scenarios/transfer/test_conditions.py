"""Conditions of an upload protect what others have stored (RFC 9110, section 13.1)."""

import pytest

pytestmark = [
    pytest.mark.requirement("XFER-031"),
    pytest.mark.killed_by("ignores-conditions"),
]


def test_a_file_is_not_stored_where_one_must_not_be(route, storage, member, rejected):
    """PUT with `If-None-Match: *` onto an existing file is answered 412 and changes nothing."""
    area = storage.at(route.resource)
    there = area.put("4 KiB", by=member, name="there")
    answer = rejected(
        lambda name: area.file(name).upload(by=member, conditions={"If-None-Match": "*"}),
        good="new",
        bad="there",
    )
    assert answer.status == 412, f"expected 412, got {answer}"
    assert there.get(by=member).body == there.data.content


def test_a_file_is_not_stored_over_another_version(route, storage, member, rejected):
    """PUT with an `If-Match` that names another version is answered 412 and changes nothing."""
    area = storage.at(route.resource)
    there = area.put("4 KiB", by=member, name="there")
    answer = rejected(
        lambda version: there.upload(by=member, conditions={"If-Match": version}),
        good="*",
        bad='"of-another-version"',
    )
    assert answer.status == 412, f"expected 412, got {answer}"
