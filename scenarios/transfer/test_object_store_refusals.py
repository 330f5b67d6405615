"""The object store accepts only Keystone tokens for the project."""

import pytest

pytestmark = [
    pytest.mark.needs("org.openstack.keystone"),
    pytest.mark.needs("org.openstack.swift"),
]


@pytest.mark.requirement("XFER-027")
@pytest.mark.killed_by("serves-objects-to-anybody")
def test_an_object_is_not_for_everybody(route, cloud, member, refused):
    """A request without a token gets no object."""
    stored = cloud.at(route.resource).container(by=member).put("1 KiB")
    refused(lambda by: stored.get(by=by), good=stored.container.owner, bad=None)


@pytest.mark.requirement("CLOUD-001")
@pytest.mark.killed_by("serves-objects-to-home-tokens")
def test_the_token_of_home_alone_opens_no_object(route, cloud, member, refused):
    """A home token that was not exchanged at Keystone is refused at the object store."""
    site = cloud.at(route.resource)
    stored = site.container(by=member).put("1 KiB")
    home = member.token(site.audience).value
    refused(lambda by: stored.get(by=by), good=stored.container.owner, bad=home)


@pytest.mark.requirement("CLOUD-003")
@pytest.mark.killed_by("serves-objects-to-dead-tokens", "ignores-revocation")
def test_a_revoked_token_opens_no_object(route, cloud, member, refused):
    """A Keystone token that was revoked is refused at the object store at once."""
    site = cloud.at(route.resource)
    stored = site.container(by=member).put("1 KiB")
    revoked = site.enter(by=member)
    stored.get(by=revoked).expect_ok()
    site.keystone.revoke(revoked).expect_ok()
    refused(lambda by: stored.get(by=by), good=stored.container.owner, bad=revoked)


@pytest.mark.requirement("CLOUD-002")
@pytest.mark.killed_by("serves-objects-without-a-project")
def test_a_token_without_a_project_opens_no_object(route, cloud, member, refused):
    """A Keystone token that is not for the project is refused at its object store."""
    site = cloud.at(route.resource)
    stored = site.container(by=member).put("1 KiB")
    unscoped = site.login(by=member).token
    refused(lambda by: stored.get(by=by), good=stored.container.owner, bad=unscoped)


@pytest.mark.requirement("CLOUD-002")
@pytest.mark.killed_by("ignores-membership")
def test_a_non_member_gets_no_object(route, cloud, member, outsider, refused):
    """A user who is not a member of the VO cannot log in to the cloud."""
    site = cloud.at(route.resource)
    stored = site.container(by=member).put("1 KiB")
    refused(lambda user: site.read(stored, by=user), good=member, bad=outsider)
