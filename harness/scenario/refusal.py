"""Refusals count only beside their control: the same request with a good credential succeeds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

import pytest

from harness.answer import Answer
from harness.evidence import step

Credential = TypeVar("Credential")


class Refused(Protocol):
    """Asserts that `request` succeeds with the good credential and is denied with the bad one."""

    def __call__(
        self,
        request: Callable[[Credential], Answer],
        *,
        good: Credential,
        bad: Credential,
    ) -> Answer:
        """Return the answer that denied."""
        ...


@pytest.fixture
def refused() -> Refused:
    """Assert a refusal beside its control, the control first."""

    def check(
        request: Callable[[Credential], Answer], *, good: Credential, bad: Credential
    ) -> Answer:
        with step("control: the same request with a good credential"):
            answer = request(good)
            assert answer.ok, f"the control failed, so a refusal would show nothing: {answer}"
        with step("the request that must be refused"):
            answer = request(bad)
            assert not answer.ok, f"accepted, although it must be refused: {answer}"
            assert answer.denied, f"neither done nor denied: {answer}"
        return answer

    return check
