"""What a service answered, whatever its protocol: the one thing that scenarios judge."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self


@dataclass(frozen=True)
class Answer:
    """The answer to one request or command.

    `ok` means that the service did what it was asked; `denied` that it refused for want of a right,
    in the words of its protocol (HTTP 401 and 403, an authorization error of a command). An answer
    may be neither: a crash, a missing file, a malformed request.
    """

    what: str
    """The request or command, for messages: `PUT https://se.egi.test/f`."""
    status: int
    """HTTP status, or the exit code of a command."""
    ok: bool
    denied: bool
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    """By lower-case names."""
    duration: float = 0.0
    """Seconds."""

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode(errors="replace")

    @cached_property
    def json(self) -> Mapping[str, Any]:
        """The body as an object of JSON; empty where it is none."""
        try:
            parsed = json.loads(self.body)
        except ValueError:
            return {}
        return parsed if isinstance(parsed, dict) else {}

    def expect_ok(self) -> Self:
        """Return the answer itself where the service did what it was asked.

        Raises
        ------
        AssertionError
            saying what was asked and what came back.
        """
        assert self.ok, f"expected success, got {self}"
        return self

    def __str__(self) -> str:
        shown = self.text[:300].strip()
        if not shown.isprintable() and not shown.isascii():
            shown = f"[{len(self.body)} bytes]"
        return f"{self.what} -> {self.status}: {shown}"
