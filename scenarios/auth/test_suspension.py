"""A member with valid tokens is suspended at home: what still works, and for how long."""

import time

import pytest

from harness.engine.containment import CLOCKS, TIME, watch

pytestmark = pytest.mark.requirement("IDN-017")
OFFLINE = "openid offline_access profile entitlements storage.read:/"


@pytest.mark.needs("egi.aai.oidc", "refresh")
@pytest.mark.killed_by("keeps-suspended-users", "accepts-revoked-refresh-tokens")
def test_the_issuer_gives_nothing_from_then_on(leaver, second, suspension, audience, refused):
    """After a suspension, neither the password nor a refresh token gives a new token."""
    held = {
        user: user.ask(audience=audience, scope=OFFLINE).refresh_token for user in (second, leaver)
    }
    suspension.begin()
    refused(lambda user: user.ask(audience=audience), good=second, bad=leaver)
    refused(
        lambda user: user.issuer.refresh(held[user], audience=audience), good=second, bad=leaver
    )


@pytest.mark.long
@pytest.mark.needs("egi.aai.oidc", "refresh")
@pytest.mark.killed_by("keeps-what-it-verified")
def test_services_refuse_in_bounded_time(
    storage, cloud, compute, leaver, second, suspension, entrances, measure, refused
):
    """Each service refuses a suspended member no later than when the member's token expires.

    Services verify tokens off-line and do not learn of the suspension, so a token's lifetime is the limit.
    """
    held = {one: leaver.ask(audience=one.audience, scope=one.scope).token for one in entrances}
    for one, token in held.items():
        one.open(token).expect_ok()
    given = {one: one.give(token) for one, token in held.items() if one.give}
    suspension.begin()
    start = time.time()
    end = max(token.claims["exp"] for token in held.values())
    found = watch(held, patience=end + CLOCKS - start)
    for one, moment in found.items():
        measure(TIME, one.service, moment - start)
    for one, look in given.items():
        open_still = look().ok
        measure(TIME, one.service, time.time() - start, detail=one.gives, at_least=open_still)
    late = [str(one) for one in held if one not in found]
    assert not late, (
        f"{CLOCKS} s after it expired, the suspended user's token is still accepted at {late}"
    )
    for one, token in held.items():
        refused(one.open, good=second.token(one.audience, one.scope), bad=token)
