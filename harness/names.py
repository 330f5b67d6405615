"""Names for files and folders, made of words that may hold anything."""

from __future__ import annotations

import hashlib
import json
import re

_READABLE = 120
"""Characters of the words that a name keeps: with a hash and an ending, any disk can hold it."""
_HASH = 10
"""Hexadecimal digits: of 10,000 names that read alike, two are the same once in 20,000 runs."""


def slug(*words: str) -> str:
    """Return a name of letters that need no escape in a URL; words that differ may have the same."""
    text = ".".join(words).replace(".py::", ".")
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-.")


def unique(*words: str) -> str:
    """Return a name that no other words have: the readable part, and a hash of the words themselves."""
    digest = hashlib.sha256(json.dumps(words).encode()).hexdigest()[:_HASH]
    return f"{slug(*words)[:_READABLE].rstrip('-.')}.{digest}"
