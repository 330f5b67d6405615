"""The two proteins, each as its structure was found alone, and what NMR says about their contact."""

from pathlib import Path
from typing import Final

from harness.science.field import Files

DATA: Final = Path(__file__).parent / "data"


def make() -> Files:
    """Return the structures and the restraints."""
    names = ("e2aP_1F3G.pdb", "hpr1.pdb", "restraints.tbl")
    return {name: (DATA / name).read_bytes() for name in names}
