"""The two tables that the ecologist has at home: species on each meadow, and how each is managed."""

from pathlib import Path
from typing import Final

from harness.science.field import Files

DATA: Final = Path(__file__).parent / "data"


def make() -> Files:
    """Return both tables."""
    return {name: (DATA / name).read_bytes() for name in ("species.csv", "environment.csv")}
