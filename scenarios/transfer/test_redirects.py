"""Where users' clients send a token when a storage redirects them."""

import pytest

pytestmark = [
    pytest.mark.of_home,
    pytest.mark.needs("webdav", "write"),
    pytest.mark.killed_by("flips-a-byte"),
    pytest.mark.parametrize("client", ["curl", "davix", "gfal"]),
]


@pytest.fixture
def source(route, storage, member):
    """A file of the remote storage."""
    return storage.at(route.resource).put("1 KiB", by=member)


def fetch(source, member, commands, client):
    """Download the file with the client: it works, and sends the user's token."""
    here, token = commands.path(), source.area.token(member, "storage.read")
    if client == "gfal":
        # The sum of what arrived is compared here: some storages tell none.
        known = source.data.adler32
        commands.gfal_copy(source.url, f"file://{here}", token=token, expecting=known).expect_ok()
    else:
        commands.fetch(client, source.url, here, token=token).expect_ok()
    assert commands.adler32(here) == source.data.adler32


@pytest.mark.requirement("XFER-029")
def test_no_token_goes_over_plain_http(source, member, commands, client):
    """A client that is redirected to plain HTTP does not send the token there."""
    fetch(source, member, commands, client)
    assert commands.token_at("http", client) == {"storage"}


@pytest.mark.requirement("XFER-030")
def test_no_token_goes_to_another_host(source, member, commands, client):
    """A client that is redirected to another host does not send the token there."""
    fetch(source, member, commands, client)
    assert commands.token_at("https", client) == {"storage"}
