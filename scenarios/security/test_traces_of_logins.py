"""From a login, the cloud's own logs lead to the user (Sirtfi TR1)."""

import pytest

from harness import names
from harness.engine.site_records import told

pytestmark = pytest.mark.requirement("SEC-008")


@pytest.fixture
def logged_in(route, cloud, member, traced_logins):
    """A login of the member: the token, and what the logs say of it."""
    site, agent = cloud.at(route.resource), names.fresh()
    token = member.token(site.audience)
    site.login(by=token).expect_ok()
    site.keystone.login(token, headers={"User-Agent": agent}).expect_ok()
    return token, traced_logins(agent)


@pytest.mark.killed_by("acts-for-all-as-one-user")
def test_a_login_leads_to_its_user(route, cloud, logged_in, workstation, site_records):
    """The cloud's logs name address, issuer and subject of a user who logs in."""
    token, found = logged_in
    keystone = cloud.at(route.resource).keystone.service
    assert (token.claims["iss"], token.claims["sub"]) in {one.user for one in found}, told(found)
    expected = site_records.addresses(keystone, of=workstation.host)
    assert expected & {one.address for one in found}, told(found)


@pytest.mark.killed_by("makes-tokens-anew")
def test_a_login_leads_to_its_token(logged_in):
    """The cloud's logs name the token (`jti`) with which a user logs in."""
    token, found = logged_in
    assert token.claims["jti"] in {one.token_id for one in found}, told(found)
