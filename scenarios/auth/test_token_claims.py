"""What the home issuer's tokens say, as a site of the resource's infrastructure relies on it."""

import re
import time
from urllib.parse import urlsplit

import pytest

REQUIRED = {"sub", "exp", "iss", "wlcg.ver", "aud", "iat", "jti"}
GROUP = re.compile(
    r"urn:[a-z0-9][a-z0-9-]{1,31}(?::[^:#\s]+)+:group(?::[^:#=\s]+)+(?::role=[^:#\s]+)?(?:#\S+)?"
)
"""AARC-G069, section 2."""
REFEDS = re.compile(r"https://refeds\.org/(?:assurance(?:/[A-Za-z0-9./-]+)?|profile/(?:sfa|mfa))")
COMMON = re.compile(
    r"https://igtf\.net/ap/authn-assurance/(?:birch|dogwood)"
    r"|https://aarc-project\.eu/policy/authn-assurance/assam"
)
"""AARC-G021."""


@pytest.mark.requirement("AUTH-013", "AUTH-030")
@pytest.mark.killed_by(
    "issues-without-version",
    "issues-in-another-name",
    "issues-for-another-audience",
    "issues-too-long-lives",
)
def test_a_token_names_issuer_audience_and_life(route, member, audience, testbed):
    """A member's token is complete, for the audience that was asked for, and lives as declared."""
    claims = member.token(audience).claims
    assert claims.keys() >= REQUIRED, f"missing: {REQUIRED - claims.keys()}"
    assert claims["iss"] == route.home.issuer
    assert claims["aud"] in (audience, [audience])
    assert claims["exp"] - claims["iat"] == testbed.token_lifetime
    assert 15 * 60 <= claims["exp"] - claims["iat"] <= 6 * 3600
    assert claims["iat"] - 60 <= time.time() < claims["exp"]


@pytest.mark.requirement("IDN-001", "IDN-004")
@pytest.mark.killed_by(
    "issues-without-entitlements", "issues-entitlements-to-all", "issues-entitlements-of-no-form"
)
def test_a_token_tells_membership(route, member, outsider, audience):
    """A member's token holds the VO's entitlement in the agreed form; that of an outsider does not."""
    claims = member.token(audience).claims
    assert re.fullmatch(rf"[!-?A-~]+@{re.escape(route.home.subject_scope)}", claims["voperson_id"])
    assert route.home.entitlement in claims["eduperson_entitlement"]
    assert all(GROUP.fullmatch(group) for group in claims["eduperson_entitlement"])
    assert route.home.entitlement not in outsider.token(audience).claims["eduperson_entitlement"]


@pytest.mark.requirement("IDN-011")
@pytest.mark.killed_by("issues-assurance-of-no-form", "issues-no-common-assurance")
def test_a_token_tells_how_well_a_user_is_known(member, audience):
    """Assurance is told in values of REFEDS, and by a profile on which infrastructures agreed."""
    told = member.token(audience).claims["eduperson_assurance"]
    assert all(REFEDS.fullmatch(value) or COMMON.fullmatch(value) for value in told), told
    assert any(COMMON.fullmatch(value) for value in told), told


@pytest.mark.requirement("AUTH-026")
@pytest.mark.killed_by("writes-audiences-as-asked")
@pytest.mark.parametrize("ending", ["/", ":443", ":443/"])
def test_an_audience_is_written_normalised(member, audience, ending):
    """Whoever asks for a service with a slash or the default port gets a token for it without them."""
    service = f"https://{urlsplit(audience).hostname}"
    member.ask(audience=service).expect_ok()
    answer = member.ask(audience=service + ending)
    # An issuer that refuses such names writes none of them either.
    assert answer.error == "invalid_target" or answer.token.claims["aud"] in (service, [service])


@pytest.mark.requirement("AUTH-014", "AUTH-015")
@pytest.mark.killed_by("changes-subjects", "reassigns-subjects", "tells-names-in-subjects")
def test_a_subject_is_stable_and_opaque(member, second, audience):
    """Two tokens of a user have one subject, of another user another; it is no name of a person."""
    subject = member.token(audience).claims["sub"]
    assert member.ask(audience=audience).token.claims["sub"] == subject
    assert second.token(audience).claims["sub"] != subject
    assert subject.isascii()
    assert 0 < len(subject) <= 255
    assert member.name not in subject


@pytest.mark.requirement("AUTH-016")
@pytest.mark.killed_by("repeats-token-ids")
def test_no_two_tokens_share_an_id(member, second, audience):
    """Each token has a `jti` of its own, also those of one user for one audience."""
    tokens = [user.ask(audience=audience).token for user in (member, member, second)]
    assert len({token.claims["jti"] for token in tokens}) == len(tokens)
