"""Tables of numbers with a line of names."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.science.field import WrongResult

DATA = Path(__file__).parent / "data"

Table = Mapping[str, Sequence[float]]
"""Column -> its numbers."""


def read(content: bytes, what: str) -> Table:
    """Read a table.

    Raises
    ------
    WrongResult
        where a line has no number where one must be.
    """
    try:
        names, *lines = csv.reader(io.StringIO(content.decode()))
        columns = zip(*lines, strict=True)
        found = {
            name: tuple(map(float, column)) for name, column in zip(names, columns, strict=True)
        }
    except ValueError as error:
        raise WrongResult(f"{what} is no table of numbers: {error}") from error
    return found
