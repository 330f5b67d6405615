"""A faulty token is refused; the same token without the fault is accepted."""

import pytest

from harness.services.issuer.forged_tokens import cases
from harness.services.storage.client import FULL_SCOPE


@pytest.mark.needs("webdav", "read")
@pytest.mark.parametrize("flaw", cases())
def test_a_faulty_token_is_refused(route, storage, member, forge, refused, flaw):
    """A token with one fault is refused at the remote storage."""
    file = storage.at(route.resource).put("1 KiB", by=member)
    audience = file.area.audience
    refused(
        lambda token: file.get(by=token),
        good=forge.token(member, audience=audience, scope=FULL_SCOPE),
        bad=forge.token(member, audience=audience, scope=FULL_SCOPE, **flaw),
    )


@pytest.mark.requirement("AUTH-005", "AUTH-012")
@pytest.mark.killed_by("lets-issuers-sign-for-each-other")
@pytest.mark.needs("webdav", "read")
def test_no_issuer_signs_for_another(route, storage, member, forge, refused, elsewhere):
    """A token that names one trusted issuer but is signed by another is refused."""
    file = storage.at(route.resource).put("1 KiB", by=member)
    audience = file.area.audience
    refused(
        lambda token: file.get(by=token),
        good=forge.token(member, audience=audience, scope=FULL_SCOPE),
        bad=forge.token(member, audience=audience, scope=FULL_SCOPE, signed_by=elsewhere),
    )
