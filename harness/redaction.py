"""Keeps tokens, passwords and secrets out of everything that is written.

Two nets: what the testbed issued or was given is remembered and cut out literally; what looks like a
credential is cut out by its shape, whoever issued it.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator

from harness.encodings import View, encoded, unfolded

CUT = "[redacted]"

SHORTEST = 6
"""Characters that a secret must have to be known: a shorter one stands in any text."""
_SHORTEST_FOLDED = 12
"""Characters of what is also sought split over lines: a shorter one may arise from two words."""
_PORTION = 65_536

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
            r"|device_code|code_verifier|mytoken|authz)\\*[\"']?\s*[=:]\s*\\*[\"']?)[^\s\\\"'&,}<]+"
        ),
        rf"\1{CUT}",
    ),
    # The secret of a credential, as clouds write it: an application credential's, an EC2 credential's.
    (re.compile(r"(\"secret\\*\"\s*:\s*\\*\")[^\s\\\"]+"), rf"\1{CUT}"),
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


_HEADERS = sorted(
    {
        form
        for key in ("alg", "cty", "jku", "kid", "typ", "x5t")
        for form in encoded(base64.b64encode(f'{{"{key}"'.encode()).decode())
        if not form.isdecimal()
    }
)
"""How a JSON Web Token begins that is in base64 once more: its header, by the keys that may come first."""
_ENCODED_TOKEN = re.compile(rf"(?:{'|'.join(_HEADERS)})[\w+/=-]{{20,}}")


class Redactor:
    """Remembers secrets and cuts them, and all that looks like one, out of texts.

    Only of texts for people: what a program reads (an outcome, an id, a host's name) may be the same word
    as a secret, and would mean something else without it.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._plain: set[str] = set()
        self._forms: dict[str, set[str]] = {}
        """The last characters of forms of secrets -> the forms that end so.

        A run knows thousands of secrets, and a text holds few: to look which ends of secrets are in a
        text at all is much faster than to look for each secret. (The beginnings of tokens are alike.)
        """
        for secret in secrets:
            self.remember(secret)

    def remember(self, secret: str) -> str:
        """Remember a secret, in all forms in which it may be written; return it, for use in an expression.

        One of fewer than `SHORTEST` characters is not remembered.
        """
        if len(secret) >= SHORTEST:
            self._keep(secret)
        if token := _SIGNED.fullmatch(secret):
            # The rest of a token anybody could write down; its signature is what makes it one.
            self._keep(token["signature"])
        return secret

    def _keep(self, secret: str) -> None:
        if secret in self._plain:
            return
        self._plain.add(secret)
        for form in {secret, secret.replace(" ", "+"), *encoded(secret)}:
            self._forms.setdefault(unfolded(form)[-SHORTEST:], set()).add(form)

    def redact(self, text: str) -> str:
        """Return the text with every secret replaced by `[redacted]`."""
        text = _without(text, self._found(text))
        text = self._redact_shortened(text)
        if any(header in text for header in _HEADERS):
            text = _ENCODED_TOKEN.sub(CUT, text)
        for shape, replacement in _SHAPES:
            text = shape.sub(replacement, text)
        return text

    def _found(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield where secrets stand in a text: as they are, escaped, encoded, or split over lines."""
        for view in View(text).layers():
            if forms := self._suspects(unfolded(view.text)):
                for form in forms:
                    yield from _places(form, view)
                folded = view.unfolded()
                for form in forms:
                    if len(form) >= _SHORTEST_FOLDED:
                        yield from _places(unfolded(form), folded)

    def _suspects(self, text: str) -> set[str]:
        """Return the forms whose ends are in a text."""
        found: set[str] = set()
        for begin in range(0, len(text), _PORTION):  # a long text has very many pieces
            end = min(begin + _PORTION, len(text) - SHORTEST + 1)
            pieces = {text[at : at + SHORTEST] for at in range(begin, end)}
            for ending in pieces & self._forms.keys():
                found |= self._forms[ending]
        return found

    def _redact_shortened(self, text: str) -> str:
        """Cut out what is left of a secret that pytest shortened in the middle: `abc...xyz`."""
        heads, *tails = text.split(_DOTS)
        clean = [heads]
        known = self._plain if tails else ()
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
        return frozenset(self._plain)


def _places(form: str, view: View) -> Iterator[tuple[int, int]]:
    """Yield where a form of a secret stands in the text that a view shows."""
    at = view.text.find(form)
    while at >= 0:
        yield view.origin(at, at + len(form))
        at = view.text.find(form, at + len(form))


def _without(text: str, places: Iterable[tuple[int, int]]) -> str:
    """Cut places out of a text; of two that overlap, all is cut out at once."""
    kept: list[str] = []
    done = 0
    for start, stop in sorted(places):
        if start >= done:
            kept += text[done:start], CUT
        done = max(done, stop)
    return "".join([*kept, text[done:]])


def _longest_end(text: str, secrets: Iterable[str]) -> int:
    """Return how many characters at the end of a text are the beginning of a secret."""
    end = text[-SHORTEST:]
    return max((_overlap(secret, text) for secret in secrets if end in secret), default=0)


def _longest_start(text: str, secrets: Iterable[str]) -> int:
    """Return how many characters at the start of a text are the end of a secret."""
    start = text[:SHORTEST]
    return max((_overlap(text, secret) for secret in secrets if start in secret), default=0)


def _overlap(beginning: str, end: str) -> int:
    """Return the length of the longest beginning of one that ends the other, if that tells anything."""
    longest = min(len(beginning), len(end))
    return next((n for n in range(longest, SHORTEST - 1, -1) if end.endswith(beginning[:n])), 0)


redactor = Redactor()
"""The process's one redactor: clients tell it what they were issued, writers pass through it."""
