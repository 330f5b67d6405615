"""Faults of a token that every service must refuse, as the forge makes them, with what each shows."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from harness.engine.cells import KILLED_BY, REQUIREMENT


class Fault(NamedTuple):
    """What is wrong with a token."""

    name: str
    forged: dict[str, Any]
    """Keywords of `Forge.token`."""
    requirement: str
    """What its refusal shows."""
    mutant: str
    """The site that does not refuse it."""


FAULTS = (
    Fault("expired", {"expired": True}, "AUTH-017", "ignores-expiry"),
    Fault("not yet valid", {"not_before": 3600}, "AUTH-018", "ignores-nbf"),
    Fault("altered", {"tampered": True}, "AUTH-006", "ignores-signature"),
    Fault("unsigned", {"algorithm": "none"}, "AUTH-003", "accepts-alg-none"),
    Fault(
        "signed with the public key",
        {"algorithm": "HS256"},
        "AUTH-002",
        "accepts-public-key-as-secret",
    ),
    Fault(
        "of an unknown issuer",
        {"issuer": "https://issuer.invalid"},
        "AUTH-011",
        "accepts-unknown-issuer",
    ),
    Fault("signed with an unknown key", {"unknown_key": True}, "AUTH-005", "ignores-signature"),
    Fault(
        "for another audience",
        {"claims": {"aud": "https://another.invalid"}},
        "AUTH-020",
        "ignores-audience",
    ),
    Fault("without an audience", {"without": ["aud"]}, "AUTH-024", "accepts-tokens-for-nobody"),
    Fault("without an end", {"without": ["exp"]}, "AUTH-013", "accepts-endless-tokens"),
)


def cases(*more: Fault) -> list[Any]:
    """Return a case of a test for each fault, and for some more."""
    return [
        pytest.param(
            fault.forged,
            id=fault.name,
            marks=[
                getattr(pytest.mark, REQUIREMENT)(fault.requirement),
                getattr(pytest.mark, KILLED_BY)(fault.mutant),
            ],
        )
        for fault in (*FAULTS, *more)
    ]
