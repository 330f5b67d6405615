"""A user signs in on a device without a browser (RFC 8628)."""

import pytest

from harness.engine.measure import lasts

pytestmark = pytest.mark.needs("egi.aai.oidc", "device")


@pytest.mark.requirement("AUTH-045")
@pytest.mark.killed_by(
    "approves-devices-itself",
    "issues-for-another-audience",
    "changes-subjects",
    "issues-without-entitlements",
)
def test_a_device_gets_a_token_once_the_user_approves(route, issuer, member, browser, audience):
    """The device polls until the user approves, and then gets the member's token."""
    device = issuer.start_device(audience=audience)
    assert issuer.poll_device(device).error == "authorization_pending"
    member.approve(browser, device)
    token = issuer.await_device(device).token
    assert audience in token.audiences
    assert token.claims["sub"] == member.token().claims["sub"]
    assert route.home.entitlement in token.told(route.home.claims.entitlements)


@pytest.mark.requirement("AUTH-045")
@pytest.mark.killed_by("approves-devices-itself", "changes-subjects", "issues-without-entitlements")
def test_oidc_agent_polls_no_faster_than_it_may(route, issuer, member, browser, agent):
    """oidc-agent waits for the issuer's interval between polls, and gets the member's token."""
    interval = issuer.start_device().interval
    device = agent.start_device()
    agent.await_poll()
    assert agent.waits, "oidc-agent stopped before the user approved"
    member.approve(browser, device)
    agent.await_end().expect_ok()
    pauses = agent.pauses()
    assert len(pauses) >= 2, "expected one poll before the user approved and one after"
    assert lasts(min(pauses), at_least=interval), (
        f"the shortest pause between polls was {min(pauses)} s, but the interval is {interval} s"
    )
    token = agent.token()
    assert token.claims["sub"] == member.token().claims["sub"]
    assert route.home.entitlement in token.told(route.home.claims.entitlements)


@pytest.mark.requirement("AUTH-046")
@pytest.mark.killed_by("never-gives-up-on-devices")
def test_oidc_agent_gives_up_where_the_user_refuses(member, browser, agent, refused):
    """oidc-agent signs in if the user approves, and stops polling if the user refuses."""

    def sign_in(decide):
        decide(browser, agent.start_device())
        return agent.await_end()

    refused(sign_in, good=member.approve, bad=member.deny)


@pytest.mark.requirement("AUTH-046")
@pytest.mark.killed_by("accepts-unknown-device-codes", "never-gives-up-on-devices")
def test_an_unknown_device_code_is_refused_for_good(issuer, member, browser, audience, refused):
    """The issuer tells a device with an unknown code to stop polling."""
    device = issuer.start_device(audience=audience)
    member.approve(browser, device)
    answer = refused(
        lambda code: issuer.grant("urn:ietf:params:oauth:grant-type:device_code", device_code=code),
        good=device.device_code,
        bad="x" * len(device.device_code),
    )
    assert answer.error not in ("authorization_pending", "slow_down")


@pytest.mark.requirement("AUTH-046")
@pytest.mark.killed_by("ignores-client-secrets")
def test_a_device_that_cannot_prove_itself_is_refused_for_good(
    issuer, member, browser, audience, refused
):
    """The issuer tells a client with a wrong secret to stop, even after the user has approved."""
    devices = [issuer.start_device(audience=audience) for _ in range(2)]
    for device in devices:
        member.approve(browser, device)
    answer = refused(
        lambda asker: asker.poll_device(devices.pop()),
        good=issuer,
        bad=issuer.of_impostor(),
    )
    assert answer.error == "invalid_client"  # RFC 6749, section 5.2


@pytest.mark.requirement("AUTH-046")
@pytest.mark.killed_by("accepts-unknown-device-codes", "never-gives-up-on-devices")
def test_a_device_code_gives_one_token(issuer, member, browser, audience, refused):
    """A device code is refused when it is used a second time."""
    fresh, used = (issuer.start_device(audience=audience) for _ in range(2))
    for device in (fresh, used):
        member.approve(browser, device)
    issuer.poll_device(used).expect_ok()
    answer = refused(issuer.poll_device, good=fresh, bad=used)
    assert answer.error not in ("authorization_pending", "slow_down")
