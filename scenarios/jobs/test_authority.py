"""What a token for computing permits, and which audiences are accepted."""

from __future__ import annotations

import pytest

from harness.engine.refusal import Refused
from harness.model import Testbed
from harness.services.compute.client import ComputingElement, JobDescription
from harness.services.issuer.forge import Forge
from harness.services.issuer.user import User
from harness.services.storage.client import FULL_SCOPE


@pytest.mark.requirement("AUTHZ-023")
@pytest.mark.killed_by("open")
def test_reading_is_not_submitting(
    element: ComputingElement, member: User, refused: Refused
) -> None:
    """A token with the scope `compute.read` alone cannot submit a job."""
    narrow = member.token(element.audience, "openid entitlements compute.read")
    refused(
        lambda token: element.submit(JobDescription(), token),
        good=element.token(member),
        bad=narrow,
    )


@pytest.mark.requirement("AUTHZ-023")
@pytest.mark.killed_by("open")
def test_cancelling_is_not_submitting(
    element: ComputingElement, member: User, refused: Refused
) -> None:
    """A token with the scopes `compute.read` and `compute.cancel` cannot submit a job."""
    narrow = member.token(element.audience, "openid entitlements compute.read compute.cancel")
    refused(
        lambda token: element.submit(JobDescription(), token),
        good=element.token(member),
        bad=narrow,
    )


@pytest.mark.requirement("AUTHZ-024")
@pytest.mark.killed_by("open")
def test_storing_is_not_submitting(
    element: ComputingElement, member: User, refused: Refused
) -> None:
    """A token with storage scopes alone cannot submit a job."""
    storage = member.token(element.audience, f"openid entitlements {FULL_SCOPE}")
    refused(
        lambda token: element.submit(JobDescription(), token),
        good=element.token(member),
        bad=storage,
    )


@pytest.mark.requirement("AUTHZ-023")
@pytest.mark.killed_by("open")
def test_submitting_is_not_cancelling(
    element: ComputingElement, member: User, refused: Refused
) -> None:
    """A token with the scopes `compute.read` and `compute.create` cannot cancel its owner's job.

    Without `compute.read` the request would be refused before the right to cancel is checked.
    """
    token = element.token(member)
    narrow = member.token(element.audience, "openid entitlements compute.read compute.create")
    sleep = JobDescription("/bin/sleep", ("600",))
    one, other = element.run(sleep, token), element.run(sleep, token)
    refused(lambda attempt: element.cancel(*attempt), good=(one.id, token), bad=(other.id, narrow))
    element.wait_all([one])
    assert not other.status().state.is_final


@pytest.mark.requirement("AUTH-021")
@pytest.mark.killed_by("refuses-several-audiences")
def test_one_of_several_audiences(element: ComputingElement, member: User, forge: Forge) -> None:
    """A token with two audiences, one of them this service, is accepted."""
    audiences = [element.audience, "https://another.invalid"]
    token = forge.token(member, audience=audiences, scope=element.SCOPE)
    element.submit(JobDescription(), token).expect_ok()


@pytest.mark.requirement("AUTH-023")
@pytest.mark.killed_by("refuses-any-audience")
def test_the_wide_audience(
    element: ComputingElement, member: User, forge: Forge, testbed: Testbed
) -> None:
    """A token for any relying party of the WLCG profile is accepted."""
    claims = {"aud": testbed.any_audience}
    token = forge.token(member, audience=element.audience, scope=element.SCOPE, claims=claims)
    element.submit(JobDescription(), token).expect_ok()
