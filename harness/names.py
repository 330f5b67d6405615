"""What things may be called, and names for files and folders, made of words that may hold anything.

A name that somebody gives (of a testbed, a site, a host) stands in paths, routes, pages and command
lines later. Its grammar is checked where it enters, so that it leads nowhere else.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from harness.errors import BadInput

_READABLE = 120
"""Characters of the words that a name keeps: with a hash and an ending, any disk can hold it."""
_HASH = 10
"""Hexadecimal digits: of 10,000 names that read alike, two are the same once in 20,000 runs."""


@dataclass(frozen=True)
class Grammar:
    """What one sort of things may be called; the first character is a letter or a digit."""

    what: str
    """What is named: `a site`."""
    others: str = "._-"
    """Characters beside ASCII letters and digits."""
    longest: int = 100
    reserved: frozenset[str] = frozenset()
    """Names that mean something else where they end up."""

    def checked(self, word: object) -> str:
        """Return a name.

        Raises
        ------
        ValueError
            where it is none; says what a name is made of.
        """
        pattern = rf"[A-Za-z0-9][A-Za-z0-9{re.escape(self.others)}]*"
        if not isinstance(word, str) or not re.fullmatch(pattern, word):
            listed = ", ".join(f"`{one}`" for one in self.others[:-1])
            raise ValueError(
                f"{_shown(word)} is no name of {self.what}. Use letters, digits, {listed} and "
                f"`{self.others[-1]}`, and begin with a letter or a digit."
            )
        if len(word) > self.longest:
            raise ValueError(
                f"{_shown(word)} is no name of {self.what}. It has {len(word)} characters; use "
                f"{self.longest} at most."
            )
        if word in self.reserved:
            raise ValueError(
                f"{word!r} is no name of {self.what}: something else is called so. Choose another."
            )
        return str(word)


OURS = "interop-testbed-"
"""With this begins the name of whatever the testbed makes at a site or a workstation, so that it is found
again."""


_FRESH = re.compile(rf"{OURS}[0-9a-f]{{12}}")


PART = Grammar("a part of a run", others="-", longest=40)
"""It stands in the name of whatever the part makes."""


def fresh() -> str:
    """Return a name of ours that nothing has yet."""
    return f"{ours()}{secrets.token_hex(6)}"


def ours() -> str:
    """Return how names of what this process makes begin: `OURS`, and the part of a run that it runs."""
    return f"{OURS}{_Part.name}-" if _Part.name else OURS


def run_part(name: str) -> None:
    """Let what this process and its forks make bear the name of a part of a run; of none where empty."""
    _Part.name = PART.checked(name) if name else ""


class _Part:
    """The part of a run that this process runs."""

    name = ""


def is_fresh(name: str) -> bool:
    """Tell whether a name is one of `fresh`: where people have folders too, nothing else is ours."""
    return _FRESH.fullmatch(name) is not None


TESTBED = Grammar("a testbed", longest=63, reserved=frozenset({"crashes"}))
"""It stands in names of containers, networks and images, too. Crashes lie beside the testbeds' state."""
INFRASTRUCTURE = Grammar("an infrastructure", others="_-", longest=63)
"""No dot: `egi.next` is another key of `egi`, in the state's folder."""
SITE = Grammar("a site")
"""As the GOCDB has them."""
HOST = Grammar("a host", longest=253, reserved=frozenset({"ca"}))
"""A DNS name (RFC 1035, section 2.3.4), or a word. `ca.pem` is the certificate of its authority."""
MEMBER = Grammar("a member", others="._@+-")
"""As issuers have them, also as addresses of mail."""
ACCOUNT = Grammar("a local account", others="._-", longest=32, reserved=frozenset({"root"}))
"""As useradd(8) takes them; nobody's jobs run as `root`."""


def inside(root: Path, *words: str) -> Path:
    """Return the path of a file or folder that lies inside `root`, a word for each step.

    Raises
    ------
    BadInput
        where a word leads elsewhere.
    """
    for word in words:
        if word in ("", ".", "..") or re.search(r"[/\\\0]", word):
            raise BadInput(f"{word!r} is no name for a file or folder below {root}.")
    return root.joinpath(*words)


def _shown(word: object) -> str:
    """Return a word as it stands in messages: no control character, and no more than a line."""
    text = repr(word)
    return text if len(text) <= _READABLE else f"{text[:_READABLE]}..."


def slug(*words: str) -> str:
    """Return a name of letters that need no escape in a URL; words that differ may have the same."""
    text = ".".join(words).replace(".py::", ".")
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-.")


def unique(*words: str) -> str:
    """Return a name that no other words have: the readable part, and a hash of the words themselves."""
    digest = hashlib.sha256(json.dumps(words).encode()).hexdigest()[:_HASH]
    return f"{slug(*words)[:_READABLE].rstrip('-.')}.{digest}"
