"""A list of suspended users as it came, and what must be true of it before a site takes it.

The document is a JSON Web Signature in the flattened form (RFC 7515, section 7.2.2), signed with an
Ed25519 key (RFC 9864). `openssl` verifies it: a service's host needs no library for it.
"""

from __future__ import annotations

import base64
import json
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TYPE = "ban-list+json"

LONGEST = 2**20
"""Bytes of a list; a longer one is not read."""

AHEAD = 60
"""Seconds by which a publisher's clock may be ahead."""


class NotTaken(Exception):
    """A list that changes nothing; says why."""


@dataclass(frozen=True, order=True)
class User:
    """A user as tokens name one."""

    issuer: str
    subject: str


@dataclass(frozen=True)
class BanList:
    """A list that was checked."""

    serial: int
    ends: int
    """When it may not be taken any more, in seconds of the epoch."""
    users: frozenset[User]


def checked(document: bytes, *, publisher: str, key: Path, newest: int, now: float) -> BanList:
    """Return a list that may be taken.

    Parameters
    ----------
    key
        file with the public key of the publisher.
    newest
        serial of the list that was taken last.

    Raises
    ------
    NotTaken
        where it is not the publisher's, is old, or has expired.
    """
    payload = _verified(document, key)
    try:
        found = BanList(
            serial=int(payload["serial"]),
            ends=int(payload["exp"]),
            users=frozenset(User(str(one["iss"]), str(one["sub"])) for one in payload["banned"]),
        )
        begins, named = int(payload["iat"]), str(payload["publisher"])
    except (KeyError, TypeError, ValueError) as error:
        raise NotTaken(f"malformed: {type(error).__name__}: {error}") from error
    if any(_unprintable(word) for one in found.users for word in (one.issuer, one.subject)):
        raise NotTaken("malformed: a user's name has blanks, quotes or control characters")
    if named != publisher:
        raise NotTaken(f"of another publisher: {named}")
    if found.serial <= newest:
        raise NotTaken(f"old: serial {found.serial}, and {newest} was taken already")
    if begins > now + AHEAD:
        raise NotTaken("signed in the future")
    if found.ends <= now:
        raise NotTaken("expired")
    return found


def _verified(document: bytes, key: Path) -> dict[str, Any]:
    """Return the payload of a document whose signature is the key's."""
    if len(document) > LONGEST:
        raise NotTaken(f"too long: more than {LONGEST} bytes")
    try:
        parts = json.loads(document)
        head, body = str(parts["protected"]), str(parts["payload"])
        signature = _decoded(str(parts["signature"]))
        header, payload = json.loads(_decoded(head)), json.loads(_decoded(body))
    except (ValueError, KeyError, TypeError) as error:
        raise NotTaken(f"no signed document: {type(error).__name__}: {error}") from error
    if not isinstance(header, dict) or (header.get("alg"), header.get("typ")) != ("Ed25519", TYPE):
        raise NotTaken("not signed as a list of suspended users is")
    if not _is_signed(f"{head}.{body}".encode(), signature, key):
        raise NotTaken("the signature is not the publisher's")
    if not isinstance(payload, dict):
        raise NotTaken("malformed: the payload is no object")
    return payload


def _is_signed(content: bytes, signature: bytes, key: Path) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        signed, by = Path(folder, "content"), Path(folder, "signature")
        signed.write_bytes(content)
        by.write_bytes(signature)
        words = ["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", str(key)]
        done = subprocess.run(
            [*words, "-in", str(signed), "-sigfile", str(by)], capture_output=True, check=False
        )
    return done.returncode == 0


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _unprintable(word: str) -> bool:
    """Tell whether a word could break out of a line of some service's configuration."""
    return not word or not word.isprintable() or any(letter in word for letter in " \"'\\<>{}$`")
