"""The same storage, used with curl, davix and rclone."""

import pytest

from harness.clients.random_data import KIB

pytestmark = [
    pytest.mark.parametrize("client", ["curl", "davix", "rclone"]),
]


@pytest.mark.requirement("AUTHZ-005", "XFER-025")
@pytest.mark.killed_by("flips-a-byte", "loses-the-end-of-uploads")
def test_a_client_stores_and_fetches(route, storage, member, commands, client):
    """A client uploads a file from the workstation to the remote storage and downloads it again."""
    there = storage.at(route.resource).file()
    token = member.token(there.area.audience, there.area.scope("storage.read", "storage.modify"))
    here, back = commands.make_file(300 * KIB), commands.path()
    commands.store(client, here, there.url, token=token).expect_ok()
    commands.fetch(client, there.url, back, token=token).expect_ok()
    assert commands.adler32(back) == commands.adler32(here)


@pytest.mark.requirement("AUTHZ-012")
@pytest.mark.killed_by("reads-with-a-scope-to-write")
def test_a_client_fetches_nothing_with_a_scope_to_write(
    route, storage, member, commands, refused, client
):
    """A client can download a file with `storage.read`, and is refused with `storage.modify`."""
    file = storage.at(route.resource).put("1 KiB", by=member)
    refused(
        lambda token: commands.fetch(client, file.url, commands.path(), token=token),
        good=file.area.token(member, "storage.read"),
        bad=file.area.token(member, "storage.modify"),
    )
