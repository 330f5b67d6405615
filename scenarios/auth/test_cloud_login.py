"""A researcher uses a home token to enter a project in the other infrastructure's cloud."""

import json

import pytest


@pytest.mark.requirement("CLOUD-001", "CLOUD-002")
@pytest.mark.killed_by("refuses-visitors", "gives-admin-role", "scopes-to-another-project")
def test_a_member_enters_the_project(route, cloud, member):
    """A member's token is exchanged for a Keystone token scoped to the VO's project."""
    token = cloud.at(route.resource).enter(by=member)
    wanted = cloud.at(route.resource).keystone.terms.project
    assert wanted in (token.project["name"], token.project["id"])
    assert token.roles == {"member", "reader"}, f"not the roles of a member: {token.roles}"


@pytest.mark.requirement("CLOUD-001")
@pytest.mark.killed_by("refuses-visitors", "makes-an-account-each-login")
def test_the_openstack_command_issues_a_token(route, cloud, member):
    """`openstack token issue` logs in with the home token."""
    # The token itself is not asked for: it is a secret, and the other columns show as much.
    done = cloud.at(route.resource).openstack(
        "openstack token issue -f json -c expires -c project_id -c user_id", by=member
    )
    assert done.code == 0, f"exit code {done.code}: {done.stderr}"
    issued = json.loads(done.stdout)
    token = cloud.at(route.resource).enter(by=member)
    assert issued["project_id"] == token.project["id"]
    assert issued["user_id"] == token.user["id"]


@pytest.mark.requirement("AUTH-014")
@pytest.mark.killed_by("makes-an-account-each-login", "gives-all-users-one-account")
def test_a_user_keeps_the_same_account(route, cloud, member, second):
    """A user gets the same account at every log-in, and another user gets a different one."""
    site = cloud.at(route.resource)
    assert site.enter(by=member).user["id"] == site.enter(by=member).user["id"]
    assert site.enter(by=member).user["id"] != site.enter(by=second).user["id"]


ACCEPTED = {
    "one of several audiences": (
        lambda own, any_: [own, "https://another.invalid"],
        [
            pytest.mark.requirement("AUTH-021"),
            pytest.mark.killed_by("refuses-several-audiences"),
        ],
    ),
    "any audience": (
        lambda own, any_: any_,
        [pytest.mark.requirement("AUTH-023"), pytest.mark.killed_by("refuses-any-audience")],
    ),
}


@pytest.mark.parametrize(
    "audience",
    [pytest.param(named, id=id_, marks=marks) for id_, (named, marks) in ACCEPTED.items()],
)
def test_a_token_for_more_than_one_service_opens_the_cloud(
    route, cloud, member, forge, testbed, audience
):
    """A token is accepted if its audience lists the cloud among others, or any relying party."""
    site = cloud.at(route.resource)
    wide = audience(site.audience, testbed.any_audience)
    token = forge.token(member, audience=site.audience, claims={"aud": wide})
    site.login(by=token).expect_ok()


@pytest.mark.requirement("AUTH-028")
@pytest.mark.killed_by("refuses-newer-versions")
def test_a_newer_minor_version_is_accepted(route, cloud, member, forge):
    """A token of a newer minor version of the profile, with an unknown claim, is accepted."""
    site = cloud.at(route.resource)
    newer = {"wlcg.ver": "1.99", "claim.of.the.future": True}
    site.login(by=forge.token(member, audience=site.audience, claims=newer)).expect_ok()
