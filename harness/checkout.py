"""Which harness this is: its version, and the commit of its checkout."""

from __future__ import annotations

import subprocess
from contextlib import suppress
from importlib import metadata

from harness.engine import session


def version() -> str:
    """Return the harness's version."""
    with suppress(metadata.PackageNotFoundError):
        return metadata.version("interop-testbed")
    return "unknown"


def commit() -> str | None:
    """Return the checkout's commit, with `+changes` where files differ from it.

    None where it is no checkout, or git is not there.
    """
    try:
        found = _git("rev-parse", "HEAD")
        return f"{found}+changes" if _git("status", "--porcelain") else found
    except (OSError, subprocess.CalledProcessError):
        return None


def _git(*words: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(session.ROOT), *words], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()
