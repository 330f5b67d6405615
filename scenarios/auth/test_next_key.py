"""A key is published ahead of its use, so that services know it when it begins to sign."""

import pytest

from harness.services.storage.client import FULL_SCOPE


@pytest.mark.requirement("AUTH-033")
@pytest.mark.killed_by("publishes-no-key-ahead")
def test_the_next_key_is_published_before_it_signs(issuer, member, forge, audience):
    """The key set holds the current signing key and the next one."""
    published = {key.get("kid") for key in issuer.key_set()}
    now = member.token(audience).header["kid"]
    after = forge.token(member, audience=audience, next_key=True).header["kid"]
    assert now != after
    assert {now, after} <= published


@pytest.mark.requirement("AUTH-004", "AUTH-033")
@pytest.mark.killed_by("knows-one-key")
def test_a_cloud_knows_the_next_key(route, cloud, member, forge):
    """The cloud accepts the first token that is signed with the next key."""
    site = cloud.at(route.resource)
    site.login(by=forge.token(member, audience=site.audience, next_key=True)).expect_ok()


@pytest.mark.requirement("AUTH-004", "AUTH-033")
@pytest.mark.killed_by("knows-one-key")
@pytest.mark.needs("webdav", "read")
def test_a_storage_knows_the_next_key(route, storage, member, forge):
    """The storage accepts the first token that is signed with the next key."""
    file = storage.at(route.resource).put("1 KiB", by=member)
    audience = file.area.audience
    token = forge.token(member, audience=audience, scope=FULL_SCOPE, next_key=True)
    file.get(by=token).expect_ok()
