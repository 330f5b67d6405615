"""Services verify tokens by keys that they keep, so that an issuer may be out of reach for a while."""

import pytest

from harness.services.storage.client import FULL_SCOPE

pytestmark = [pytest.mark.alone, pytest.mark.requirement("AUTH-031")]
AN_HOUR = 3600


@pytest.fixture
def new_token(member):
    """A token that nobody has seen yet: no service need look at keys for one that it has."""
    return lambda service: member.ask(audience=service.audience, scope=FULL_SCOPE).token


@pytest.mark.killed_by("forgets-keys")
def test_a_cloud_goes_on_without_the_issuer(route, cloud, new_token, cut_issuer):
    """While the cloud cannot reach the issuer, it lets in whoever brings a new token of it."""
    site = cloud.at(route.resource)
    site.login(by=new_token(site)).expect_ok()
    with cut_issuer(site.keystone.service):
        site.login(by=new_token(site)).expect_ok()


@pytest.mark.killed_by("forgets-keys")
@pytest.mark.needs("webdav", "read")
def test_a_storage_goes_on_without_the_issuer(route, storage, new_token, cut_issuer):
    """While the storage cannot reach the issuer, it serves a file to a new token of it."""
    area = storage.at(route.resource)
    file = area.put("1 KiB", by=new_token(area))
    with cut_issuer(area.service):
        file.get(by=new_token(area)).expect_ok()


@pytest.mark.killed_by("forgets-keys")
@pytest.mark.needs("webdav", implementation="xrootd")
def test_a_storage_goes_on_for_an_hour(route, storage, new_token, cut_issuer, key_caches):
    """It does so too where the keys are an hour old, and a look for new ones is due."""
    area = storage.at(route.resource)
    file = area.put("1 KiB", by=new_token(area))
    with cut_issuer(area.service):
        key_caches.of(area.service).age(AN_HOUR)
        file.get(by=new_token(area)).expect_ok()
