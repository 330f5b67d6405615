"""Sums of files as storages tell them (RFC 3230, section 4.3.2; RFC 9530, section 2)."""

from __future__ import annotations

import base64
import re

_BYTES = {
    "adler32": 4,
    "crc32": 4,
    "crc32c": 4,
    "md5": 16,
    "sha": 20,
    "sha-256": 32,
    "sha-384": 48,
    "sha-512": 64,
}
"""Algorithm by its registered name -> the length of its sum."""

_SPELLINGS = {name.replace("-", ""): name for name in _BYTES} | {"sha1": "sha"}


def algorithm(name: str) -> str:
    """Return an algorithm by its registered name: `SHA256` is `sha-256`."""
    plain = name.strip().lower()
    return _SPELLINGS.get(re.sub(r"[-_]", "", plain), plain)


def parse_digest(header: str) -> dict[str, str]:
    """Return algorithm -> sum in hexadecimal, of a `Digest` header or a `Repr-Digest`.

    A sum may be hexadecimal or base64, padded or not: whatever has the length of its algorithm. What cannot
    be read is left out, and so is an algorithm of which two different sums are told.
    """
    sums: dict[str, str] = {}
    contradicted: set[str] = set()
    for part in header.split(","):
        word, _, value = part.partition("=")
        name = algorithm(word)
        told = _sum(name, value.strip().strip('":').strip())
        if name and told and sums.setdefault(name, told) != told:
            contradicted.add(name)
    return {name: told for name, told in sums.items() if name not in contradicted}


def _sum(name: str, value: str) -> str:
    """Return a sum in hexadecimal; empty where it is none of this algorithm."""
    length = _BYTES.get(name)
    if length is None:  # of one that we do not know: as it came
        return value.lower()
    digits = value.lower().removeprefix("0x")
    if re.fullmatch(r"[0-9a-f]+", digits):
        if len(digits) == 2 * length:
            return digits
        if (
            length == 4 and len(digits) < 8
        ):  # a checksum is a number, and written without zeros before it
            return digits.rjust(8, "0")
    try:
        padded = value.rstrip("=") + "=" * (-len(value.rstrip("=")) % 4)
        decoded = base64.b64decode(
            padded, altchars=b"-_" if re.search("[-_]", value) else None, validate=True
        )
    except ValueError:
        return ""
    return decoded.hex() if len(decoded) == length else ""
