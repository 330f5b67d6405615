"""What users store: bytes with a size and a sum of our own, whoever made them."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from harness.clients.random_data import BLOCK


class Data(Protocol):
    """Bytes to store."""

    @property
    def size(self) -> int:
        """How many there are."""
        ...

    @property
    def content(self) -> bytes:
        """All bytes at once."""
        ...

    @property
    def adler32(self) -> str:
        """Our own sum of the bytes: eight hexadecimal digits."""
        ...

    def __iter__(self) -> Iterator[bytes]:
        """Yield the bytes, a block at a time."""
        ...


@dataclass(frozen=True)
class GivenData:
    """Bytes that somebody has made, such as a scientist's input."""

    content: bytes

    def __iter__(self) -> Iterator[bytes]:
        for start in range(0, self.size, BLOCK):
            yield self.content[start : start + BLOCK]

    @property
    def size(self) -> int:
        """How many bytes there are."""
        return len(self.content)

    @cached_property
    def adler32(self) -> str:
        """Our own sum of the bytes: eight hexadecimal digits."""
        return f"{zlib.adler32(self.content):08x}"
