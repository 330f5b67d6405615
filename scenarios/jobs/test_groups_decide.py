"""A token without any capability: groups decide (WLCG Token Profile, section 2.2.3)."""

from __future__ import annotations

import pytest

from harness.engine.refusal import Refused
from harness.services.compute.client import ComputingElement, JobDescription
from harness.services.issuer.user import User

PLAIN = "openid entitlements"


@pytest.mark.requirement("AUTHZ-021")
@pytest.mark.needs(("org.nordugrid.arex", "org.opensciencegrid.htcondorce"), "groups")
@pytest.mark.killed_by("accepts-non-members")
def test_groups_decide_where_a_token_has_no_capability(
    element: ComputingElement, member: User, outsider: User, refused: Refused
) -> None:
    """A member submits a job with a token that has no capability, and a user of another VO does not."""
    one, other = (user.token(element.audience, PLAIN) for user in (member, outsider))
    assert not one.capabilities | other.capabilities, (
        "a token has a capability that nobody asked for"
    )
    refused(lambda token: element.submit(JobDescription("/bin/true"), token), good=one, bad=other)
