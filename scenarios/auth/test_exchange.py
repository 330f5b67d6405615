"""A service exchanges a user's token for one that another service accepts (RFC 8693)."""

import pytest

from harness.services.issuer.client import ACCESS_TOKEN, EXCHANGE_GRANT

pytestmark = pytest.mark.needs("egi.aai.oidc", "token-exchange")


@pytest.fixture
def subject(member, audience):
    """A member's token for a service of the resource, to read data and manage jobs there."""
    return member.token(audience, "openid storage.read:/ compute.read")


@pytest.fixture
def elsewhere(route, testbed, audience):
    """Another service of the resource, or any."""
    others = {service.audience for service in route.resource.services} - {audience, None}
    return min(others, default=testbed.any_audience)


@pytest.mark.requirement("AUTH-037")
@pytest.mark.killed_by(
    "keeps-the-audience-at-exchange", "changes-subjects", "hides-the-type-at-exchange"
)
def test_an_exchanged_token_is_for_the_other_service(issuer, subject, elsewhere):
    """The new token has the same subject and the new audience, and the answer names its type."""
    answer = issuer.exchange(subject, audience=elsewhere, scope="openid compute.read")
    assert answer.token.claims["sub"] == subject.claims["sub"]
    assert elsewhere in answer.token.audiences
    assert answer.json.get("issued_token_type") == ACCESS_TOKEN


@pytest.mark.requirement("AUTH-040")
@pytest.mark.killed_by("widens-at-exchange")
def test_an_exchange_gives_no_further_rights(issuer, subject, elsewhere):
    """The new token has no more rights than the token that was exchanged."""
    issuer.exchange(subject, audience=elsewhere, scope="compute.read").expect_ok()
    answer = issuer.exchange(subject, audience=elsewhere, scope="compute.read compute.create")
    granted = answer.token.scopes if answer.ok else frozenset()
    assert granted <= subject.scopes, f"gained: {' '.join(granted - subject.scopes)}"
    assert granted or answer.error == "invalid_scope", f"neither granted nor refused: {answer}"


@pytest.mark.requirement("AUTH-038")
@pytest.mark.killed_by("exchanges-nothing")
def test_an_exchange_without_a_token_is_a_bad_request(issuer, subject, elsewhere, rejected):
    """A request without a token is answered `invalid_request`."""
    named = {"subject_token": subject.value, "subject_token_type": ACCESS_TOKEN}
    answer = rejected(
        lambda named: issuer.grant(
            EXCHANGE_GRANT, audience=elsewhere, scope="compute.read", **named
        ),
        good=named,
        bad={},
    )
    assert (answer.status, answer.error) == (400, "invalid_request"), str(answer)


@pytest.mark.requirement("AUTH-038")
@pytest.mark.killed_by("exchanges-tokens-of-no-type")
def test_an_exchange_names_the_type_of_the_token(issuer, subject, elsewhere, rejected):
    """A request without the token's type is answered `invalid_request`."""
    answer = rejected(
        lambda named: issuer.grant(
            EXCHANGE_GRANT,
            audience=elsewhere,
            scope="compute.read",
            subject_token=subject.value,
            **named,
        ),
        good={"subject_token_type": ACCESS_TOKEN},
        bad={},
    )
    assert (answer.status, answer.error) == (400, "invalid_request"), str(answer)


@pytest.mark.requirement("AUTH-039")
@pytest.mark.killed_by("exchanges-for-any-audience")
def test_an_exchange_is_for_known_services(issuer, subject, elsewhere, rejected):
    """An exchange for a service that the client may not use is answered `invalid_target`."""
    answer = rejected(
        lambda audience: issuer.exchange(subject, audience=audience, scope="compute.read"),
        good=elsewhere,
        bad="https://another.invalid",
    )
    assert (answer.status, answer.error) == (400, "invalid_target"), str(answer)
