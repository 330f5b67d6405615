"""A researcher logs in to the other infrastructure's cloud with a browser, as from its dashboard."""

import re

import pytest

pytestmark = pytest.mark.needs("org.openstack.keystone", "browser")


@pytest.mark.needs("egi.aai.oidc", "authorization-code")
@pytest.mark.requirement("CLOUD-011")
@pytest.mark.killed_by("asks-without-a-challenge", "asks-with-a-plain-challenge")
def test_a_login_with_a_browser_uses_pkce(route, cloud, member, browser):
    """A browser log-in uses PKCE (S256), and the member gets the same account as before."""
    site = cloud.at(route.resource)
    login = site.sign_on(browser, by=member)
    assert login.asked.get("response_type") == "code"
    assert login.asked.get("code_challenge_method") == "S256"
    assert re.fullmatch(r"[\w-]{43}", login.asked.get("code_challenge", ""))
    token = site.keystone.into_project(login.token)
    assert site.keystone.terms.project in (token.project["name"], token.project["id"])
    assert token.user["id"] == site.enter(by=member).user["id"]
