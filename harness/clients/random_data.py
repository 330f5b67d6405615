"""Random data for users to store, and the sizes in which scenarios ask for them."""

from __future__ import annotations

import random
import secrets
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

KIB, MIB = 2**10, 2**20
BLOCK = MIB
"""Bytes that are made and sent at once."""


@dataclass(frozen=True)
class RandomData:
    """Random bytes that can be made again from their seed, so that large files need no memory."""

    size: int
    seed: int = field(default_factory=lambda: secrets.randbits(63))

    def __iter__(self) -> Iterator[bytes]:
        return self.blocks()

    def blocks(self) -> Iterator[bytes]:
        """Yield the bytes in blocks. Each block begins with its number, so that a block in the
        wrong place is noticed.
        """
        base = random.Random(self.seed).randbytes(min(BLOCK, self.size))  # noqa: S311, no secret
        for start in range(0, self.size, BLOCK):
            block = (start.to_bytes(8, "big") + base[8:])[: self.size - start]
            yield block

    @cached_property
    def content(self) -> bytes:
        """All bytes at once; for small data."""
        return b"".join(self.blocks())

    @cached_property
    def adler32(self) -> str:
        """Our own sum of the bytes: eight hexadecimal digits."""
        sum_ = 1
        for block in self.blocks():
            sum_ = zlib.adler32(block, sum_)
        return f"{sum_:08x}"


def parse_size(text: str) -> int:
    """Return the bytes of `0 B`, `4 KiB`, `256 MiB`.

    Raises
    ------
    ValueError
        where it is not such a size.
    """
    units = {"B": 1, "KiB": KIB, "MiB": MIB}
    match text.split():
        case [number, unit] if number.isdecimal() and unit in units:
            return int(number) * units[unit]
    raise ValueError(f"{text!r} is not a size; write `0 B`, `4 KiB` or `256 MiB`")
