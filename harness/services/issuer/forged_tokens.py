"""Flaws of a token that every service must refuse, as the forge makes them, with what each shows."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from harness.engine.cells import KILLED_BY, REQUIREMENT


class Flaw(NamedTuple):
    """What is wrong with a token."""

    name: str
    forged: dict[str, Any]
    """Keywords of `Forge.token`."""
    requirement: str
    """What its refusal shows."""
    mutant: str
    """The site that does not refuse it."""


FLAWS = (
    Flaw("expired", {"expired": True}, "AUTH-017", "ignores-expiry"),
    Flaw("not yet valid", {"not_before": 3600}, "AUTH-018", "ignores-nbf"),
    Flaw("altered", {"tampered": True}, "AUTH-006", "ignores-signature"),
    Flaw("unsigned", {"algorithm": "none"}, "AUTH-003", "accepts-alg-none"),
    Flaw(
        "signed with the public key",
        {"algorithm": "HS256"},
        "AUTH-002",
        "accepts-public-key-as-secret",
    ),
    Flaw(
        "of an unknown issuer",
        {"issuer": "https://issuer.invalid"},
        "AUTH-011",
        "accepts-unknown-issuer",
    ),
    Flaw("signed with an unknown key", {"unknown_key": True}, "AUTH-005", "ignores-signature"),
    Flaw(
        "for another audience",
        {"claims": {"aud": "https://another.invalid"}},
        "AUTH-020",
        "ignores-audience",
    ),
    Flaw("without an audience", {"without": ["aud"]}, "AUTH-024", "accepts-tokens-for-nobody"),
    Flaw("without an end", {"without": ["exp"]}, "AUTH-013", "accepts-endless-tokens"),
)


def cases(*more: Flaw) -> list[Any]:
    """Return a case of a test for each flaw, and for some more."""
    return [
        pytest.param(
            flaw.forged,
            id=flaw.name,
            marks=[
                getattr(pytest.mark, REQUIREMENT)(flaw.requirement),
                getattr(pytest.mark, KILLED_BY)(flaw.mutant),
            ],
        )
        for flaw in (*FLAWS, *more)
    ]
