"""A copy with an unexpected checksum is reported as failed."""

import pytest

from harness.services.storage.client import FULL_SCOPE


@pytest.mark.requirement("XFER-018")
@pytest.mark.needs("webdav", "third-party-copy")
@pytest.mark.killed_by("flips-a-byte", "tells-no-checksums")
def test_gfal_copy_fails_where_the_sum_is_another(route, storage, member, commands, testbed):
    """`gfal-copy` fails if the copy does not have the checksum that the user specified."""
    source = storage.at(route.home).put("64 KiB", by=member)
    area = storage.at(route.resource)
    token = member.token(testbed.any_audience, FULL_SCOPE)
    right, other = source.data.adler32, f"{int(source.data.adler32, 16) ^ 1:08x}"
    commands.gfal_copy(source.url, area.file().url, token=token, expecting=right).expect_ok()
    answer = commands.gfal_copy(source.url, area.file().url, token=token, expecting=other)
    assert answer.status != 0, f"a copy with a wrong checksum is reported as a success: {answer}"
    assert "checksum" in answer.text.lower(), f"the copy failed for another reason: {answer}"
