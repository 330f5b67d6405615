"""Keeps tokens, passwords and secrets out of everything that is written.

Two nets: what the testbed issued or was given is remembered and cut out literally; what looks like a
credential is cut out by its shape, whoever issued it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

CUT = "[redacted]"

_SHORTEST = 6
_SIGNED = re.compile(r"eyJ[\w-]+\.[\w-]+\.(?P<signature>[\w-]{12,})")
"""A JSON Web Token with its signature (RFC 7515, section 3.1)."""

_DOTS = "..."
_SHAPES = (
    # JSON Web Token: base64url of `{"`, then whatever parts; also one that pytest shortened with dots
    (re.compile(r"eyJ[\w-]{8,}[\w.-]*"), CUT),
    # Fernet token, as Keystone's are: base64url of the version and a time of this century
    (re.compile(r"gAAAAA[\w-]{16,}"), CUT),
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
    # A private key (RFC 7468); of one that was cut off before its end, all that may be a part of it.
    (
        re.compile(
            r"-----BEGIN [A-Z ]*PRIVATE KEY-----"
            r"(?:.*?-----END [A-Z ]*PRIVATE KEY-----|[\sA-Za-z0-9+/=\\'\"]*)",
            re.S,
        ),
        CUT,
    ),
)


class Redactor:
    """Remembers secrets and cuts them, and all that looks like one, out of texts."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._known: dict[str, set[str]] = {}
        """The last characters of secrets -> the secrets that end so.

        A run knows thousands of secrets, and a text holds few: to look which ends of secrets are in a
        text at all is much faster than to look for each secret. (The beginnings of tokens are alike.)
        """
        for secret in secrets:
            self.remember(secret)

    def remember(self, secret: str) -> str:
        """Remember a secret (and its URL-encoded forms); return it, for use in an expression."""
        if len(secret) >= _SHORTEST:
            for form in {secret, quote(secret, safe=""), quote_plus(secret)}:
                self._keep(form)
        if token := _SIGNED.fullmatch(secret):
            # The rest of a token anybody could write down; its signature is what makes it one.
            self._keep(token["signature"])
        return secret

    def _keep(self, secret: str) -> None:
        self._known.setdefault(secret[-_SHORTEST:], set()).add(secret)

    def redact(self, text: str) -> str:
        """Return the text with every secret replaced by `[redacted]`."""
        # Longest first, so that a secret within a longer one leaves no remainder behind.
        for secret in sorted(self._suspects(text), key=len, reverse=True):
            text = text.replace(secret, CUT)
        text = self._redact_shortened(text)
        for shape, replacement in _SHAPES:
            text = shape.sub(replacement, text)
        return text

    def _suspects(self, text: str) -> Iterator[str]:
        """Yield the secrets whose ends are in a text."""
        pieces = {text[at : at + _SHORTEST] for at in range(len(text) - _SHORTEST + 1)}
        for end in pieces & self._known.keys():
            yield from self._known[end]

    def _redact_shortened(self, text: str) -> str:
        """Cut out what is left of a secret that pytest shortened in the middle: `abc...xyz`."""
        heads, *tails = text.split(_DOTS)
        clean = [heads]
        known = self.known if tails else ()
        for tail in tails:
            start, rest = _longest_end(clean[-1], known), _longest_start(tail, known)
            if start or rest:
                clean[-1] = clean[-1][: len(clean[-1]) - start] + CUT
                clean.append(tail[rest:])
            else:
                clean.append(tail)
        return _DOTS.join(clean)

    @property
    def known(self) -> frozenset[str]:
        """All secrets remembered so far; for the test that greps a published tree."""
        return frozenset().union(*self._known.values())


def _longest_end(text: str, secrets: Iterable[str]) -> int:
    """Return how many characters at the end of a text are the beginning of a secret."""
    end = text[-_SHORTEST:]
    return max((_overlap(secret, text) for secret in secrets if end in secret), default=0)


def _longest_start(text: str, secrets: Iterable[str]) -> int:
    """Return how many characters at the start of a text are the end of a secret."""
    start = text[:_SHORTEST]
    return max((_overlap(text, secret) for secret in secrets if start in secret), default=0)


def _overlap(beginning: str, end: str) -> int:
    """Return the length of the longest beginning of one that ends the other, if that tells anything."""
    longest = min(len(beginning), len(end))
    return next((n for n in range(longest, _SHORTEST - 1, -1) if end.endswith(beginning[:n])), 0)


redactor = Redactor()
"""The process's one redactor: clients tell it what they were issued, writers pass through it."""
