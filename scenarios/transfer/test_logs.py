"""A credential delegated for a copy appears in no log (HTTP-TPC, security)."""

import pytest


@pytest.mark.requirement("XFER-015")
@pytest.mark.needs("webdav", "third-party-copy")
@pytest.mark.killed_by("logs-credentials")
def test_no_log_holds_the_credential_of_a_copy(route, storage, member, logs):
    """After a pull, the logs of both sites show the request but not the token for the source."""
    home, area = storage.at(route.home), storage.at(route.resource)
    source, token = home.put("1 KiB", by=member), home.token(member, "storage.read")
    area.file().fetch(source, by=member, source_by=token).expect_ok()
    secret = token.value.rpartition(".")[2]
    for place in (home, area):
        service, missing = place.webdav.service, place.file()
        missing.get(by=member)
        assert logs.mention(missing.name, of=service), (
            f"{service.host} has no log entry of the failed request"
        )
        assert not logs.mention(secret, of=service), f"{service.host} has the token in its logs"
