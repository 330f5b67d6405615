"""A key that its issuer has withdrawn opens nothing any more."""

import pytest

from harness.clients.storage import FULL_SCOPE
from harness.scenario.makes import MAKES

pytestmark = [pytest.mark.alone, pytest.mark.killed_by("keeps-withdrawn-keys")]
SIX_HOURS = 6 * 3600
FOUR_DAYS = 4 * 24 * 3600


@pytest.mark.requirement("SEC-011")
@pytest.mark.needs("org.openstack.keystone")
def test_a_cloud_forgets_a_compromised_key(route, cloud, member, forge, stand_in, refused):
    """Once a cloud knows the key that came after, tokens of the one before are refused."""
    site = cloud.at(route.resource)

    def signed(key):
        return forge.token(member, audience=site.audience, key=key)

    with stand_in(site.keystone.service) as old:
        site.login(by=signed(old)).expect_ok()
    with stand_in(site.keystone.service) as new:
        refused(lambda token: site.login(by=token), good=signed(new), bad=signed(old))


@pytest.mark.requirement("SEC-011")
@pytest.mark.parametrize("make", MAKES)
def test_a_storage_forgets_a_compromised_key(
    route, storage, member, forge, stand_in, refused, make
):
    """Once a storage knows the key that came after, tokens of the one before are refused."""
    file = storage.at(route.resource, implementation=make).put("1 KiB", by=member)

    def signed(key):
        return forge.token(member, audience=file.area.audience, scope=FULL_SCOPE, key=key)

    with stand_in(file.area.service) as old:
        file.get(by=signed(old)).expect_ok()
    with stand_in(file.area.service) as new:
        refused(lambda token: file.get(by=token), good=signed(new), bad=signed(old))


@pytest.mark.requirement("AUTH-032")
@pytest.mark.needs("webdav", implementation="xrootd")
def test_a_storage_looks_for_keys_within_six_hours(
    route, storage, member, forge, stand_in, key_caches, refused
):
    """A storage plans to look for keys within 6 h and to drop them within 4 days; 6 h on, it has looked."""
    file = storage.at(route.resource, implementation="xrootd").put("1 KiB", by=member)

    def signed(**key):
        return forge.token(member, audience=file.area.audience, scope=FULL_SCOPE, **key)

    with stand_in(file.area.service) as withdrawn:
        file.get(by=signed(key=withdrawn)).expect_ok()
    kept = key_caches.of(file.area.service).times()
    assert kept.refresh <= SIX_HOURS
    assert kept.expiry <= FOUR_DAYS
    file.get(by=signed(key=withdrawn)).expect_ok()  # the control: so far it is kept
    key_caches.of(file.area.service).age(SIX_HOURS)
    refused(lambda token: file.get(by=token), good=signed(), bad=signed(key=withdrawn))
