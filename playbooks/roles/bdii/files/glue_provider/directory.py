"""What other directories publish, taken over under another name."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

_PATIENCE = 20
"""Seconds for one directory."""


def below(server: str, base: str, *, under: str, instead_of: tuple[str, ...]) -> Iterator[str]:
    """Yield the entries below a base of a server, moved under another name.

    A server that gives no answer yields none, and is told on standard error: the index drops what it had.

    Parameters
    ----------
    instead_of
        endings of the entries' names, of which the first that fits is replaced.
    """
    command = ["ldapsearch", "-x", "-LLL", "-o", "ldif-wrap=no", "-o", "nettimeout=5"]
    try:
        done = subprocess.run(
            [*command, "-H", server, "-b", base],
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        print(f"{server}: no answer within {_PATIENCE} s", file=sys.stderr)
        return
    if done.returncode:
        print(f"{server}: {done.stderr.strip()}", file=sys.stderr)
        return
    for block in done.stdout.split("\n\n"):
        head, _, rest = block.strip("\n").partition("\n")
        name = head.removeprefix("dn: ")
        for ending in instead_of:
            if name.endswith(f",{ending}"):
                yield f"dn: {name.removesuffix(ending)}{under}\n{rest}\n"
                break
