"""What a token for computing permits, and for which service it may be made out."""

from __future__ import annotations

import pytest

from harness.clients.compute import ComputingElement, JobDescription, JobState
from harness.clients.forge import Forge
from harness.clients.identity import User
from harness.model import Testbed
from harness.scenario.refusal import Refused


@pytest.mark.requirement("AUTHZ-023")
def test_reading_is_not_submitting(
    element: ComputingElement, member: User, refused: Refused
) -> None:
    """With the scope `compute.read` alone no job is submitted."""
    narrow = member.token(element.audience, "openid entitlements compute.read")
    refused(
        lambda token: element.submit(JobDescription(), token),
        good=element.token(member),
        bad=narrow,
    )


@pytest.mark.requirement("AUTHZ-023")
def test_submitting_is_not_cancelling(
    element: ComputingElement, member: User, refused: Refused
) -> None:
    """With the scope `compute.create` alone the owner ends no job."""
    token = element.token(member)
    narrow = member.token(element.audience, "openid entitlements compute.create")
    sleep = JobDescription("/bin/sleep", ("600",))
    one, other = element.run(sleep, token), element.run(sleep, token)
    refused(lambda attempt: element.cancel(*attempt), good=(one.id, token), bad=(other.id, narrow))
    assert other.status().state is not JobState.CANCELLED


@pytest.mark.requirement("AUTH-021")
def test_one_of_several_audiences(element: ComputingElement, member: User, forge: Forge) -> None:
    """A token made out for two services, of which this is one, is accepted."""
    audiences = [element.audience, "https://another.invalid"]
    token = forge.token(member, audience=audiences, scope=element.SCOPE)
    element.submit(JobDescription(), token).expect_ok()


@pytest.mark.requirement("AUTH-023")
def test_the_wide_audience(
    element: ComputingElement, member: User, forge: Forge, testbed: Testbed
) -> None:
    """A token for any relying party of the WLCG profile is accepted."""
    claims = {"aud": testbed.any_audience}
    token = forge.token(member, audience=element.audience, scope=element.SCOPE, claims=claims)
    element.submit(JobDescription(), token).expect_ok()
