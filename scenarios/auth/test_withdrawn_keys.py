"""Tokens signed with a withdrawn key are refused."""

import pytest

from harness.services.storage.client import FULL_SCOPE

pytestmark = [pytest.mark.alone, pytest.mark.requirement("SEC-011")]


@pytest.mark.killed_by("keeps-withdrawn-keys")
def test_a_cloud_forgets_a_compromised_key(route, cloud, member, forge, stand_in, refused):
    """Once the cloud has the new key, tokens signed with the withdrawn one are refused."""
    site = cloud.at(route.resource)

    def signed(key):
        return forge.token(member, audience=site.audience, key=key)

    with stand_in(site.keystone.service) as old:
        site.login(by=signed(old)).expect_ok()
    with stand_in(site.keystone.service) as new:
        refused(lambda token: site.login(by=token), good=signed(new), bad=signed(old))


@pytest.mark.killed_by("keeps-withdrawn-keys")
@pytest.mark.needs("webdav", "read")
def test_a_storage_forgets_a_compromised_key(route, storage, member, forge, stand_in, refused):
    """Once the storage has the new key, tokens signed with the withdrawn one are refused."""
    file = storage.at(route.resource).put("1 KiB", by=member)

    def signed(key):
        return forge.token(member, audience=file.area.audience, scope=FULL_SCOPE, key=key)

    with stand_in(file.area.service) as old:
        file.get(by=signed(old)).expect_ok()
    with stand_in(file.area.service) as new:
        refused(lambda token: file.get(by=token), good=signed(new), bad=signed(old))
