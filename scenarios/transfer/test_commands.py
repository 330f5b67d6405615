"""The users' own commands for data, at their home workstation."""

import pytest

from harness.clients.random_data import MIB
from harness.services.storage.client import FULL_SCOPE


@pytest.fixture
def token(member, testbed):
    """A token for any storage: these commands send the same token to both ends."""
    return member.token(testbed.any_audience, FULL_SCOPE)


@pytest.mark.requirement("XFER-017", "XFER-025", "AUTH-023")
@pytest.mark.needs("webdav", "third-party-copy")
@pytest.mark.parametrize(
    "mode",
    [
        pytest.param("pull", marks=pytest.mark.killed_by("flips-a-byte", "copies-nothing")),
        pytest.param(
            "push",
            marks=[
                pytest.mark.killed_by("loses-the-end-of-uploads"),
                pytest.mark.needs("webdav", "third-party-copy", side="home"),
            ],
        ),
    ],
)
@pytest.mark.killed_by("tells-wrong-checksums")
def test_gfal_copy_copies_between_two_storages(route, storage, member, commands, token, mode):
    """`gfal-copy` copies a file from the home storage to the remote one, and compares checksums."""
    source = storage.at(route.home).put("1 MiB", by=member)
    copy = storage.at(route.resource).file()
    commands.gfal_copy(source.url, copy.url, token=token, mode=mode).expect_ok()
    assert copy.checksum("adler32") == source.data.adler32


@pytest.mark.requirement("XFER-017")
@pytest.mark.needs("webdav", "read")
@pytest.mark.needs("webdav", "checksum")
@pytest.mark.killed_by("flips-a-byte")
def test_gfal_copy_downloads(route, storage, member, commands, token):
    """`gfal-copy` downloads a file from the remote storage."""
    source = storage.at(route.resource).put("1 MiB", by=member)
    here = commands.path()
    commands.gfal_copy(source.url, f"file://{here}", token=token).expect_ok()
    assert commands.adler32(here) == source.data.adler32


@pytest.mark.requirement("AUTHZ-005", "XFER-025")
@pytest.mark.killed_by("xroot-spoils-files")
@pytest.mark.needs("XRootD")
def test_xrdcp_stores_and_fetches(route, storage, xroot, commands):
    """`xrdcp` stores and fetches a file by the xroot protocol, with a token (`ztn`)."""
    there = storage.at(route.resource).file()
    here, back = commands.make_file(MIB), commands.path()
    commands.xrdcp(here, xroot.url(there), token=xroot.token).expect_ok()
    commands.xrdcp(xroot.url(there), back, token=xroot.token).expect_ok()
    assert commands.adler32(back) == commands.adler32(here)


@pytest.mark.requirement("XFER-027")
@pytest.mark.killed_by("xroot-lets-strangers-in")
@pytest.mark.needs("XRootD")
def test_xrdcp_without_a_token_is_refused(route, storage, xroot, member, commands, refused):
    """`xrdcp` fetches a file with the user's token, and is refused without one."""
    file = storage.at(route.resource).put("1 KiB", by=member)
    refused(
        lambda token: commands.xrdcp(xroot.url(file), commands.path(), token=token),
        good=xroot.token,
        bad=None,
    )
