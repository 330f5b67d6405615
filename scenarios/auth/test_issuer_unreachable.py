"""Services verify tokens with cached keys, so that they work while the issuer is unreachable."""

import pytest

from harness.services.storage.client import FULL_SCOPE

pytestmark = [pytest.mark.alone, pytest.mark.requirement("AUTH-031")]
AN_HOUR = 3600


@pytest.fixture
def new_token(member):
    """A new token: a service need not use its keys for one that it has already verified."""
    return lambda service: member.ask(audience=service.audience, scope=FULL_SCOPE).token


@pytest.mark.killed_by("forgets-keys")
def test_a_cloud_goes_on_without_the_issuer(route, cloud, new_token, cut_issuer):
    """While the issuer is unreachable, the cloud accepts a new token from it."""
    site = cloud.at(route.resource)
    site.login(by=new_token(site)).expect_ok()
    with cut_issuer(site.keystone.service):
        site.login(by=new_token(site)).expect_ok()


@pytest.mark.killed_by("forgets-keys")
@pytest.mark.needs("webdav", "read")
def test_a_storage_goes_on_without_the_issuer(route, storage, new_token, cut_issuer):
    """While the issuer is unreachable, the storage accepts a new token from it."""
    area = storage.at(route.resource)
    file = area.put("1 KiB", by=new_token(area))
    with cut_issuer(area.service):
        file.get(by=new_token(area)).expect_ok()


@pytest.mark.killed_by("forgets-keys")
@pytest.mark.needs("webdav", implementation="xrootd")
def test_a_storage_goes_on_for_an_hour(route, storage, new_token, cut_issuer, key_caches):
    """The storage still accepts a new token when its cached keys are an hour old."""
    area = storage.at(route.resource)
    file = area.put("1 KiB", by=new_token(area))
    with cut_issuer(area.service):
        key_caches.of(area.service).age(AN_HOUR)
        file.get(by=new_token(area)).expect_ok()
