"""Mutants: sites with exactly one fault, and the routes that lead to them.

The engine collects scenarios against them, and `testbed prove` judges what came of it.
"""

from harness.mutants.catalogue import (
    CLOSED,
    FAULTLESS,
    FILE,
    KEY,
    OPEN,
    Mutant,
    Mutants,
    MutantsError,
    load,
)

__all__ = [
    "CLOSED",
    "FAULTLESS",
    "FILE",
    "KEY",
    "OPEN",
    "Mutant",
    "Mutants",
    "MutantsError",
    "load",
]
