"""Keys that are almost ours: a misspelt one would be passed over, as any variable that nobody asks for."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from harness.errors import InventoryError

_NEAR = 0.85
"""Likeness from which on a word counts as misspelt (difflib's ratio): `adress`, `testbed_role`."""
_SHORT = 6
"""Letters below which words are alike by chance: `suite` is no `site`. Of those, other checks tell."""

_OTHERS = frozenset({"infrastructure", "brief_token_lifetime"})
"""Variables of the playbooks that are like keys of ours, and none."""


def check(path: Path, hosts: Mapping[str, Mapping[str, Any]], known: Iterable[str]) -> None:
    """Refuse a host's variable that is almost one of ours, where that one is not there.

    Raises
    ------
    InventoryError
        naming the host, the word, and what is near it.
    """
    ours = frozenset(known)
    near = {word: nearest(word, ours) for given in hosts.values() for word in given}
    for host, given in hosts.items():
        for word in given:
            if near[word] and near[word] not in given:
                raise InventoryError(
                    f"{path}: host {host}: unknown key {word!r}; near it is {near[word]}. Correct it, or "
                    "choose a word that is less like it."
                )


def nearest(word: object, known: Iterable[str]) -> str:
    """Return which of our keys a word almost is; nothing where it is one, or is like none."""
    listed = [key for key in known if len(key) >= _SHORT]
    if not isinstance(word, str) or word in _OTHERS or word in known:
        return ""
    like = [key for key in listed if abs(len(key) - len(word)) <= 2]
    return next(iter(difflib.get_close_matches(word, like, n=1, cutoff=_NEAR)), "")
