"""Services take keys only from a host with a certificate for the issuer's name."""

import pytest

from harness.services.storage.client import FULL_SCOPE

pytestmark = [
    pytest.mark.alone,
    pytest.mark.requirement("AUTH-010"),
    pytest.mark.killed_by("ignores-names-of-certificates"),
]


def test_a_cloud_takes_keys_from_the_issuer_alone(route, cloud, member, forge, stand_in, rejected):
    """The cloud does not accept keys from a host with a certificate for another name."""
    site = cloud.at(route.resource)

    def login(named):
        with stand_in(site.keystone.service, named=named) as key:
            return site.login(by=forge.token(member, audience=site.audience, key=key))

    assert rejected(login, good=True, bad=False).denied


@pytest.mark.needs("webdav", "read")
def test_a_storage_takes_keys_from_the_issuer_alone(
    route, storage, member, forge, stand_in, rejected
):
    """The storage does not accept keys from a host with a certificate for another name."""
    file = storage.at(route.resource).put("1 KiB", by=member)

    def get(named):
        with stand_in(file.area.service, named=named) as key:
            token = forge.token(member, audience=file.area.audience, scope=FULL_SCOPE, key=key)
            return file.get(by=token)

    # While keys cannot be had, a service may refuse everybody: no right is looked at.
    assert rejected(get, good=True, bad=False).denied
