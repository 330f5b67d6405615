"""From the path of a file, the storage's own logs lead to the user of a transfer (Sirtfi TR1)."""

import pytest

from harness.engine.site_records import told

pytestmark = [pytest.mark.requirement("SEC-008"), pytest.mark.needs("webdav", "write")]


@pytest.fixture
def stored(route, storage, member):
    """A file that the member has stored, and the token that was used."""
    area = storage.at(route.resource)
    token = area.token(member, "storage.read", "storage.create", "storage.modify")
    file = area.file()
    file.upload(by=token).expect_ok()
    return file, token.claims


@pytest.mark.killed_by("acts-for-all-as-one-user")
def test_a_transfer_leads_to_its_user(stored, traced_file, workstation, site_records):
    """The storage's logs name address, issuer and subject of the user who stored a file."""
    file, claims = stored
    found = traced_file(file)
    assert (claims["iss"], claims["sub"]) in {one.user for one in found}, told(found)
    expected = site_records.addresses(file.area.service, of=workstation.host)
    assert expected & {one.address for one in found}, told(found)


@pytest.mark.killed_by("makes-tokens-anew")
def test_a_transfer_leads_to_its_token(stored, traced_file):
    """The storage's logs name the token (`jti`) with which a file was stored."""
    file, claims = stored
    found = traced_file(file)
    assert claims["jti"] in {one.token_id for one in found}, told(found)
