"""Keys that are almost known ones: a misspelt one would be passed over, as is any that nobody reads."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Container, Iterable, Mapping
from pathlib import Path
from typing import Any

from harness.errors import InventoryError

_NEAR = 0.85
"""Likeness from which on a word counts as misspelt (difflib's ratio): `adress`, `testbed_role`."""
_SHORT = 6
"""Letters below which words are alike by chance: `suite` is no `site`. Of those, other checks tell."""

_ANSIBLE = "ansible_"
_PLUGINS = {"connection": ("ssh", "local"), "become": ("sudo", "su"), "shell": ("sh",)}
"""Plugins of Ansible by their sort, whose variables are no misspelt ones."""

_OTHERS = frozenset({"infrastructure", "brief_token_lifetime"})
"""Variables of the playbooks that are like keys of ours, and none."""


def check(path: Path, hosts: Mapping[str, Mapping[str, Any]], known: Iterable[str]) -> None:
    """Refuse a host's variable that is almost a known one, where that one is not there.

    Known are our keys, and the variables of Ansible that say how a host is reached.

    Raises
    ------
    InventoryError
        naming the host, the word, and what is near it.
    """
    ours = frozenset(known)
    near = {word: nearest(word, ours) for given in hosts.values() for word in given}
    for host, given in hosts.items():
        for word in given:
            if near[word] and near[word] not in given and word not in _of_ansible(word):
                raise InventoryError(
                    f"{path}: host {host}: unknown key {word!r}; similar: {near[word]}. "
                    "Correct it, or choose a less similar word."
                )


def _of_ansible(word: str) -> Container[str]:
    """Return Ansible's variables for reaching a host, where a word could be one of them."""
    return _reaching() if word.startswith(_ANSIBLE) else ()


@functools.cache
def _reaching() -> frozenset[str]:
    """Ask Ansible's plugins for their variables. It takes a second, so it is done in doubt alone."""
    from ansible import constants  # noqa: PLC0415
    from ansible.plugins import loader  # noqa: PLC0415

    found: set[str] = set()
    for sort, names in _PLUGINS.items():
        for name in names:
            getattr(loader, f"{sort}_loader").get(name, class_only=True)  # reads what it declares
            found.update(constants.config.get_plugin_vars(sort, name))
    return frozenset(found)


def nearest(word: object, known: Iterable[str]) -> str:
    """Return which of our keys a word almost is; nothing where it is one, or is like none."""
    listed = [key for key in known if len(key) >= _SHORT]
    if not isinstance(word, str) or word in _OTHERS or word in known:
        return ""
    like = [key for key in listed if abs(len(key) - len(word)) <= 2]
    return next(iter(difflib.get_close_matches(word, like, n=1, cutoff=_NEAR)), "")
