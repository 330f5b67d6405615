"""How a cloud refuses: status codes and challenge (RFC 6750, section 3)."""

import pytest


@pytest.mark.requirement("AUTH-047")
@pytest.mark.killed_by(
    "answers-without-challenge", "answers-403-for-401", "challenge-names-an-error"
)
def test_without_a_token_the_cloud_challenges(route, cloud, member, refused):
    """A log-in without a token is answered 401 with a Bearer challenge that names no error."""
    site = cloud.at(route.resource)
    answer = refused(lambda by: site.login(by=by), good=member, bad=None)
    assert answer.status == 401, f"expected 401, got {answer}"
    challenge = answer.headers.get("www-authenticate", "")
    assert challenge.lower().startswith("bearer"), (
        f"the challenge is not a Bearer challenge: {challenge!r}"
    )
    assert "error=" not in challenge, (
        f"the challenge names an error, although no token was sent: {challenge!r}"
    )


FAULTS = {
    "expired": {"expired": True},
    "altered": {"tampered": True},
    "for another audience": {"claims": {"aud": "https://another.invalid"}},
}


@pytest.mark.requirement("AUTH-047", "AUTH-048")
@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
@pytest.mark.killed_by(
    "answers-without-challenge", "answers-403-for-401", "challenge-without-invalid-token"
)
def test_the_cloud_names_a_token_invalid(route, cloud, member, forge, refused, fault):
    """A faulty token is answered 401 with a challenge that names `invalid_token`."""
    site = cloud.at(route.resource)
    answer = refused(
        lambda token: site.login(by=token),
        good=forge.token(member, audience=site.audience),
        bad=forge.token(member, audience=site.audience, **fault),
    )
    assert answer.status == 401, f"expected 401, got {answer}"
    challenge = answer.headers.get("www-authenticate", "")
    assert 'error="invalid_token"' in challenge, (
        f"the challenge does not name `invalid_token`: {challenge!r}"
    )
