"""Faults of a token that every service must refuse, as the forge makes them, with what each shows."""

from __future__ import annotations

from typing import Any

FAULTS: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("expired", {"expired": True}, "AUTH-017"),
    ("not yet valid", {"not_before": 3600}, "AUTH-018"),
    ("altered", {"tampered": True}, "AUTH-006"),
    ("unsigned", {"algorithm": "none"}, "AUTH-003"),
    ("signed with the public key", {"algorithm": "HS256"}, "AUTH-002"),
    ("of an unknown issuer", {"issuer": "https://issuer.invalid"}, "AUTH-011"),
    ("signed with an unknown key", {"unknown_key": True}, "AUTH-005"),
    ("for another audience", {"claims": {"aud": "https://another.invalid"}}, "AUTH-020"),
    ("without an audience", {"without": ["aud"]}, "AUTH-024"),
    ("without an end", {"without": ["exp"]}, "AUTH-013"),
)
"""Name, keywords of `Forge.token`, and the requirement that its refusal shows."""
