"""What a service answered, whatever its protocol: the one thing that scenarios judge."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self

_LONGEST = 18
"""Digits of a whole number that anybody sends in earnest."""


def whole(value: object) -> int | None:
    """Return a whole number, also where it is written as text; None where it is none."""
    if isinstance(value, int):
        return None if isinstance(value, bool) else value
    text = value if isinstance(value, str) else ""
    digits = text.removeprefix("-")
    return (
        int(text) if digits.isascii() and digits.isdecimal() and len(digits) <= _LONGEST else None
    )


def objects(value: object) -> list[Fields]:
    """Return the JSON objects of a list, or the single one; what is none is left out."""
    found = value if isinstance(value, list) else [value]
    return [one for one in found if isinstance(one, Fields)]


class Fields(dict[str, Any]):
    """Named values that a service sent; to read one that it did not send fails the scenario, and says so.

    Parameters
    ----------
    of
        what has the values, as the subject of that sentence.
    """

    def __init__(self, values: Mapping[str, Any], *, of: str) -> None:
        super().__init__(values)
        self._of = of

    def __missing__(self, name: str) -> Any:
        raise AssertionError(f"{self._of} has no `{name}`; it has: {', '.join(self) or 'nothing'}")


_MOST_JSON = 8 * 2**20


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
    """HTTP status, or exit code of a command."""
    ok: bool
    denied: bool
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    """The header fields, by lower-case name."""
    duration: float = 0.0
    """Seconds."""

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode(errors="replace")

    @cached_property
    def json(self) -> Mapping[str, Any]:
        """The body as an object of JSON; empty where it is none.

        To read a field that is missing, in it or in an object within it, raises an AssertionError.
        """
        parsed = self.document
        return parsed if isinstance(parsed, Fields) else Fields({}, of=self._named)

    @cached_property
    def document(self) -> Any:
        """The body as JSON of any type, its objects as `Fields`; None where it is no JSON.

        So is what has more than 8 MiB: to read it could take a hundred times as much.
        """
        if len(self.body) > _MOST_JSON:
            return None
        try:
            return json.loads(self.body, object_hook=lambda found: Fields(found, of=self._named))
        except (ValueError, RecursionError):
            return None

    @property
    def _named(self) -> str:
        return f"the answer to {self.what} ({self.status})"

    def expect_ok(self) -> Self:
        """Return the answer if the service did what it was asked; otherwise fail.

        Raises
        ------
        AssertionError
            saying what was asked and what came back.
        """
        assert self.ok, f"expected success, got {self}"
        return self

    def __str__(self) -> str:
        shown = self.body[:1200].decode(errors="replace")[:300].strip()
        if not shown.isprintable() and not shown.isascii():
            shown = f"[{len(self.body)} bytes]"
        return f"{self.what} -> {self.status}: {shown}"
