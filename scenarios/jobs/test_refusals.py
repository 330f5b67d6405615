"""Tokens with which nobody gets a job in, each beside the same job with a good token."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.answer import Answer
from harness.clients.compute import ComputingElement, JobDescription
from harness.clients.forge import Forge
from harness.clients.identity import Token, User
from harness.scenario.refusal import Refused

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
def test_no_token(submit: Submit, good: Token, refused: Refused) -> None:
    """Who shows no token gets no job in: there is nobody whose account it could run under."""
    refused(submit, good=good, bad=None)


@pytest.mark.requirement("AUTHZ-021")
def test_a_non_member(
    submit: Submit, element: ComputingElement, good: Token, outsider: User, refused: Refused
) -> None:
    """Who belongs to another VO gets no job in."""
    refused(submit, good=good, bad=element.token(outsider))


FAULTS = [
    pytest.param({"expired": True}, id="expired", marks=pytest.mark.requirement("AUTH-017")),
    pytest.param({"tampered": True}, id="tampered", marks=pytest.mark.requirement("AUTH-006")),
    pytest.param({"algorithm": "none"}, id="unsigned", marks=pytest.mark.requirement("AUTH-003")),
    pytest.param(
        {"issuer": "https://issuer.invalid"},
        id="unknown-issuer",
        marks=pytest.mark.requirement("AUTH-011"),
    ),
    pytest.param(
        {"claims": {"aud": "https://another.invalid"}},
        id="wrong-audience",
        marks=pytest.mark.requirement("AUTH-020"),
    ),
    pytest.param({"not_before": 3600}, id="not-yet", marks=pytest.mark.requirement("AUTH-018")),
]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_token(
    submit: Submit,
    element: ComputingElement,
    good: Token,
    member: User,
    forge: Forge,
    refused: Refused,
    fault: dict[str, object],
) -> None:
    """A token with one fault gets no job in."""
    bad = forge.token(member, audience=element.audience, scope=element.SCOPE, **fault)
    refused(submit, good=good, bad=bad)
