"""Credentials that a federated user makes at a cloud, for programs that cannot log in at an issuer."""

import pytest

from harness.services.cloud.credentials import application_credential, ec2_credential


@pytest.mark.requirement("CLOUD-013")
@pytest.mark.killed_by("keeps-credentials-from-users")
def test_a_federated_user_makes_an_application_credential(route, cloud, member):
    """An application credential that a member makes enters the VO's project."""
    site = cloud.at(route.resource)
    owner = site.enter(by=member)
    with application_credential(site.keystone, owner) as identity:
        entered = site.keystone.authenticate(identity).token
        assert entered.project["id"] == owner.project["id"]
        assert entered.user["id"] == owner.user["id"]


@pytest.mark.requirement("CLOUD-014")
@pytest.mark.killed_by("keeps-credentials-from-users")
def test_a_federated_user_makes_an_ec2_credential(route, cloud, member):
    """A member is given an EC2 credential for the VO's project, as clients of S3 need it."""
    site = cloud.at(route.resource)
    owner = site.enter(by=member)
    with ec2_credential(site.keystone, owner) as credential:
        assert credential["tenant_id"] == owner.project["id"]
