"""How a cloud identifies users: by the subject alone, not by anything that two users may share."""

import pytest


@pytest.fixture
def account(route, cloud, forge):
    """The account that a user enters, whose token has these claims beside the user's own."""

    def enter(user, **claims):
        site = cloud.at(route.resource)
        token = forge.token(user, audience=site.audience, claims=claims)
        return site.login(by=token, of=user.infrastructure).token.user

    return enter


SHARED = {"email": "same@example.org", "preferred_username": "same", "name": "Same Name"}
"""What tells who a user is to people, and is not the user's alone."""


@pytest.mark.requirement("IDN-018")
@pytest.mark.killed_by("knows-users-by-email", "knows-users-by-name")
def test_namesakes_of_two_infrastructures_are_two_accounts(account, member, peer):
    """Users of two infrastructures with the same e-mail address or name get two accounts."""
    assert account(member, **SHARED)["id"] != account(peer, **SHARED)["id"]


@pytest.mark.requirement("IDN-002")
@pytest.mark.killed_by("knows-users-by-email", "knows-users-by-name")
def test_namesakes_of_one_infrastructure_are_two_accounts(account, member, second):
    """Two users of one issuer with the same e-mail address or name get two accounts."""
    assert account(member, **SHARED)["id"] != account(second, **SHARED)["id"]


@pytest.mark.requirement("IDN-002", "AUTH-014")
@pytest.mark.killed_by("knows-users-by-email", "knows-users-by-name")
def test_a_user_who_is_renamed_keeps_the_account(account, member):
    """A user keeps the account after a change of name or e-mail address."""
    assert account(member)["id"] == account(member, **SHARED)["id"]


@pytest.mark.requirement("IDN-003")
@pytest.mark.killed_by("rescopes-users")
def test_the_scope_of_a_user_is_kept(route, account, member):
    """The cloud identifies a user by the home identifier, with its scope unchanged."""
    user = account(member)
    assert user["name"] == member.token().claims[route.home.claims.user]
    assert user["name"].endswith(f"@{route.home.subject_scope}")
