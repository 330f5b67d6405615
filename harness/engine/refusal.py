"""Refusals count only beside their control: the same request with a good credential succeeds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

import pytest

from harness.answer import Answer
from harness.evidence import step

Given = TypeVar("Given")
Told = TypeVar("Told", bound=Answer)


CONTROL_STEP = "control: the same request, as it may be made"
REFUSED_STEP = "the request that must be refused"
"""Titles of the two steps in which a refusal is shown."""


class Refused(Protocol):
    """Asserts that `request` succeeds with the good credential and is refused with the bad one."""

    def __call__(self, request: Callable[[Given], Told], *, good: Given, bad: Given) -> Told:
        """Return the answer that refused the request."""
        ...


class Rejected(Protocol):
    """Asserts that the correct request succeeds, and that the incorrect one fails."""

    def __call__(self, request: Callable[[Given], Told], *, good: Given, bad: Given) -> Told:
        """Return the answer that reported the failure."""
        ...


def _check(
    request: Callable[[Given], Told], good: Given, bad: Given, *, for_want_of_a_right: bool
) -> Told:
    """Make the good request, which must succeed, and then the bad one, which must not."""
    with step(CONTROL_STEP):
        answer = request(good)
        assert answer.ok, f"the control failed, so a refusal would show nothing: {answer}"
    with step(REFUSED_STEP):
        answer = request(bad)
        assert not answer.ok, (
            f"should have been refused, but was accepted: {answer.what} -> {answer.status}"
        )
        if for_want_of_a_right:
            assert answer.denied, f"should have been denied, but failed in another way: {answer}"
    return answer


@pytest.fixture
def refused() -> Refused:
    """Assert that a request without the right is refused, and that the same request with it (the
    control) succeeds. The control comes first.
    """

    def check(request: Callable[[Given], Told], *, good: Given, bad: Given) -> Told:
        return _check(request, good, bad, for_want_of_a_right=True)

    return check


@pytest.fixture
def rejected() -> Rejected:
    """Assert that a request fails for a reason other than a missing right, and that its control
    succeeds.
    """

    def check(request: Callable[[Given], Told], *, good: Given, bad: Given) -> Told:
        return _check(request, good, bad, for_want_of_a_right=False)

    return check
