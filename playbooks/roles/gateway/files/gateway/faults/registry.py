"""The table of faults, which each module of them fills."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from gateway.exchange import Request, Response
from gateway.site import Site

Fault = Callable[[Request, Site], Awaitable[Response]]

FAULTS: dict[str, Fault] = {}
"""Name -> what the broken service does."""


def fault(name: str) -> Callable[[Fault], Fault]:
    """Enter a function into the table."""

    def enter(serve: Fault) -> Fault:
        if name in FAULTS:
            raise ValueError(f"two faults are named {name}")
        FAULTS[name] = serve
        return serve

    return enter
