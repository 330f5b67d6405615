"""Tokens with which no job can be submitted; a good token submits the same job."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.answer import Answer
from harness.engine.refusal import Refused
from harness.services.compute.client import ComputingElement, JobDescription
from harness.services.issuer.forge import Forge
from harness.services.issuer.forged_tokens import cases
from harness.services.issuer.tokens import Token
from harness.services.issuer.user import User

Submit = Callable[[Token | None], Answer]


@pytest.fixture
def submit(element: ComputingElement) -> Submit:
    """Submit a job with a token."""
    return lambda token: element.submit(JobDescription("/bin/true"), token)


@pytest.fixture
def good(element: ComputingElement, member: User) -> Token:
    """The token of the control."""
    return element.token(member)


@pytest.mark.requirement("JOB-014")
@pytest.mark.killed_by("accepts-anonymous-jobs")
def test_no_token(submit: Submit, good: Token, refused: Refused) -> None:
    """A job cannot be submitted without a token."""
    refused(submit, good=good, bad=None)


@pytest.mark.requirement("AUTHZ-026")
@pytest.mark.killed_by("accepts-non-members")
def test_a_non_member(
    submit: Submit, element: ComputingElement, good: Token, outsider: User, refused: Refused
) -> None:
    """A member of another VO cannot submit a job."""
    refused(submit, good=good, bad=element.token(outsider))


@pytest.mark.parametrize("flaw", cases())
def test_a_faulty_token(
    submit: Submit,
    element: ComputingElement,
    good: Token,
    member: User,
    forge: Forge,
    refused: Refused,
    flaw: dict[str, object],
) -> None:
    """A job cannot be submitted with a faulty token."""
    bad = forge.token(member, audience=element.audience, scope=element.SCOPE, **flaw)
    refused(submit, good=good, bad=bad)
