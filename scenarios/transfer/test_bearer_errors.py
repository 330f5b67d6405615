"""How a storage refuses: status codes and challenge (RFC 6750, section 3)."""

import pytest

from harness.services.storage.client import FULL_SCOPE

pytestmark = pytest.mark.needs("webdav", "read")


@pytest.mark.requirement("AUTH-047")
@pytest.mark.killed_by(
    "answers-403-for-401", "answers-without-challenge", "challenge-names-an-error"
)
def test_without_a_token_comes_a_challenge(route, storage, member, refused):
    """A request without a token is answered 401 with a Bearer challenge that names no error."""
    file = storage.at(route.resource).put("1 KiB", by=member)
    answer = refused(
        lambda by: file.get(by=by), good=file.area.token(member, "storage.read"), bad=None
    )
    assert answer.status == 401, f"expected 401, got {answer}"
    challenge = answer.headers.get("www-authenticate", "")
    assert challenge.lower().startswith("bearer"), (
        f"the challenge is not a Bearer challenge: {challenge!r}"
    )
    assert "error=" not in challenge, (
        f"the challenge names an error, although no token was sent: {challenge!r}"
    )


@pytest.mark.requirement("AUTH-047", "AUTH-048")
@pytest.mark.killed_by(
    "answers-403-for-401", "answers-without-challenge", "challenge-without-invalid-token"
)
def test_an_expired_token_is_named_invalid(route, storage, member, forge, refused):
    """An expired token is answered 401 with a challenge that names `invalid_token`."""
    file = storage.at(route.resource).put("1 KiB", by=member)
    audience = file.area.audience
    answer = refused(
        lambda token: file.get(by=token),
        good=forge.token(member, audience=audience, scope=FULL_SCOPE),
        bad=forge.token(member, audience=audience, scope=FULL_SCOPE, expired=True),
    )
    assert answer.status == 401, f"expected 401, got {answer}"
    assert 'error="invalid_token"' in answer.headers.get("www-authenticate", "")


@pytest.mark.requirement("AUTH-048")
@pytest.mark.killed_by("answers-401-for-403", "reads-with-a-scope-to-write")
def test_too_little_scope_is_forbidden(route, storage, member, refused):
    """A valid token whose scopes do not permit the request is answered 403."""
    file = storage.at(route.resource).put("1 KiB", by=member)
    answer = refused(
        lambda token: file.get(by=token),
        good=file.area.token(member, "storage.read"),
        bad=file.area.token(member, "storage.modify"),
    )
    assert answer.status == 403, f"expected 403, got {answer}"
