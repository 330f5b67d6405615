"""What the home issuer's tokens contain, as sites of the other infrastructure need it."""

import re
import time
from urllib.parse import urlsplit

import pytest

from harness.services.issuer.claims import COMMON, REFEDS, malformed_groups, number, texts

REQUIRED = {"sub", "exp", "iss", "wlcg.ver", "aud", "iat", "jti"}
SECONDS = 5
"""By which a life may differ from what is declared: an issuer reads the clock more than once."""


@pytest.mark.requirement("AUTH-013", "AUTH-030")
@pytest.mark.killed_by(
    "issues-without-version",
    "issues-in-another-name",
    "issues-for-another-audience",
    "issues-too-long-lives",
)
def test_a_token_names_issuer_audience_and_life(route, member, audience, testbed):
    """A token has all its claims, the requested audience, and the declared lifetime."""
    token = member.token(audience, as_given=True)
    claims = token.claims
    assert claims.keys() >= REQUIRED, f"missing: {REQUIRED - claims.keys()}"
    assert claims["iss"] == route.home.issuer
    assert audience in token.audiences, f"the token's audience is {sorted(token.audiences)}"
    issued, ends = number(claims, "iat"), number(claims, "exp")
    assert abs(ends - issued - testbed.token_lifetime) <= SECONDS, (
        f"the token's lifetime is {ends - issued:g} s"
    )
    assert 15 * 60 - SECONDS <= ends - issued <= 6 * 3600 + SECONDS
    assert issued - 60 <= time.time() < ends


@pytest.mark.requirement("IDN-001", "IDN-004")
@pytest.mark.killed_by(
    "issues-without-entitlements", "issues-entitlements-to-all", "issues-entitlements-of-no-form"
)
def test_a_token_tells_membership(route, member, outsider, audience):
    """A member's token has the VO's entitlement in the agreed form; a non-member's does not."""
    named, token = route.home.claims, member.token(audience)
    user, held = token.claims[named.user], token.told(named.entitlements)
    scope = re.escape(route.home.subject_scope)
    assert re.fullmatch(rf"[!-?A-~]+@{scope}", str(user)), f"`{named.user}` is {user!r}"
    assert route.home.entitlement in held, f"`{named.entitlements}` holds {held}"
    assert not malformed_groups(held), f"not in the form of AARC-G069: {malformed_groups(held)}"
    assert route.home.entitlement not in texts(
        outsider.token(audience).claims.get(named.entitlements)
    )


@pytest.mark.requirement("IDN-011")
@pytest.mark.killed_by("issues-assurance-of-no-form", "issues-no-common-assurance")
def test_a_token_tells_how_well_a_user_is_known(route, member, audience):
    """A token states assurance as REFEDS values and as a profile that the infrastructures agreed on."""
    told = member.token(audience).told(route.home.claims.assurance)
    assert any(REFEDS.fullmatch(value) for value in told), f"no REFEDS value: {told}"
    assert any(COMMON.fullmatch(value) for value in told), f"no agreed assurance profile: {told}"


@pytest.mark.requirement("AUTH-026")
@pytest.mark.killed_by("writes-audiences-as-asked")
@pytest.mark.parametrize("ending", ["/", ":443", ":443/"])
def test_an_audience_is_written_normalised(member, audience, ending):
    """A requested audience with a trailing slash or default port is written without it."""
    service = f"https://{urlsplit(audience).hostname}"
    member.ask(audience=service).expect_ok()
    answer = member.ask(audience=service + ending)
    # An issuer that refuses such names writes none of them either.
    if answer.error != "invalid_target":
        written = answer.token.audiences
        assert service in written
        assert service + ending not in written


@pytest.mark.requirement("AUTH-014", "AUTH-015")
@pytest.mark.killed_by("changes-subjects", "reassigns-subjects", "tells-names-in-subjects")
def test_a_subject_is_stable_and_opaque(member, second, audience):
    """All tokens of a user have the same subject, which no other user has and which is not a name."""
    subject = member.token(audience).claims["sub"]
    assert member.ask(audience=audience).token.claims["sub"] == subject
    assert second.token(audience).claims["sub"] != subject
    assert subject.isascii()
    assert 0 < len(subject) <= 255
    assert member.name not in subject


@pytest.mark.requirement("AUTH-016")
@pytest.mark.killed_by("repeats-token-ids")
def test_no_two_tokens_share_an_id(member, second, audience):
    """Each token has its own `jti`, even for the same user and audience."""
    tokens = [user.ask(audience=audience).token for user in (member, member, second)]
    assert len({token.claims["jti"] for token in tokens}) == len(tokens)
