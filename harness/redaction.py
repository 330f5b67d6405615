"""Keeps tokens, passwords and secrets out of everything that is written.

Two nets: what the testbed issued or was given is remembered and cut out literally; what looks like a
credential is cut out by its shape, whoever issued it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

CUT = "[redacted]"

_SHORTEST = 6
_SHAPES = (
    # JSON Web Token: base64url of `{"`, then whatever parts; also one that pytest shortened with dots
    (re.compile(r"eyJ[\w-]{8,}[\w.-]*"), CUT),
    (re.compile(r"(?i)\b(authorization\s*[:=]\s*\w+\s+)[^\s\"',;]+"), rf"\1{CUT}"),
    (re.compile(r"(?i)\b(x-(?:auth|subject|storage)-token\s*[:=]\s*)[^\s\"',;]+"), rf"\1{CUT}"),
    (re.compile(r"(?i)\b((?:set-)?cookie\s*:\s*)[^\r\n]+"), rf"\1{CUT}"),
    (
        re.compile(
            r"(?i)\b((?:password|client_secret|access_token|refresh_token|id_token|subject_token"
            r"|device_code|code_verifier|authz)[\"']?\s*[=:]\s*[\"']?)[^\s\"'&,}<]+"
        ),
        rf"\1{CUT}",
    ),
    # An authorization code, on its way back to the client and on to the token endpoint.
    (re.compile(r"([?&]code=)[^\s\"'&<>]+"), rf"\1{CUT}"),
    (
        re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----", re.S),
        CUT,
    ),
)


class Redactor:
    """Remembers secrets and cuts them, and all that looks like one, out of texts."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._known: set[str] = set()
        for secret in secrets:
            self.remember(secret)

    def remember(self, secret: str) -> str:
        """Remember a secret (and its URL-encoded forms); return it, for use in an expression."""
        if len(secret) >= _SHORTEST:
            self._known |= {secret, quote(secret, safe=""), quote_plus(secret)}
        return secret

    def redact(self, text: str) -> str:
        """Return the text with every secret replaced by `[redacted]`."""
        # Longest first, so that a secret within a longer one leaves no remainder behind.
        for secret in sorted(self._known, key=len, reverse=True):
            text = text.replace(secret, CUT)
        for shape, replacement in _SHAPES:
            text = shape.sub(replacement, text)
        return text

    @property
    def known(self) -> frozenset[str]:
        """All secrets remembered so far; for the test that greps a published tree."""
        return frozenset(self._known)


redactor = Redactor()
"""The process's one redactor: clients tell it what they were issued, writers pass through it."""
