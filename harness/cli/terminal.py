"""Where commands write: made when something is written, since Rich takes a while to import."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


@cache
def out() -> Console:
    """Return the console of what a command answers."""
    from rich.console import Console

    return Console()


@cache
def err() -> Console:
    """Return the console of errors and notices."""
    from rich.console import Console

    return Console(stderr=True)
