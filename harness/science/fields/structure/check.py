"""The best model against the complex that is known, and against what holds for every model."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Final

import numpy as np

from harness.science.field import Figure, Files, WrongResult, at_least, at_most, near
from harness.science.fields.structure.complex import Complex, Likeness, compare, nearest
from harness.science.fields.structure.inputs import DATA

RESULT: Final = "complex.pdb"

_KNOWN: Final = "against PDB 1GGR"
_MEDIUM: Final = f"medium quality of CAPRI (Lensink, Proteins 69 (2007) 704), {_KNOWN}"
_WEIGHTS: Final = "HADDOCK: score of the refinement = E(vdw) + 0.2 E(elec) + E(desolv) + 0.1 E(air)"
_NUMBER: Final = r"([-+.\dEe]+)"


@cache
def known() -> Complex:
    """Return the complex from the Protein Data Bank."""
    return Complex.read((DATA / "complex_1GGR.pdb").read_text())


def read(result: Files) -> Complex:
    """Read the best model.

    Raises
    ------
    WrongResult
        where it is missing or is none.
    """
    try:
        return Complex.read(_text(result))
    except ValueError as error:
        raise WrongResult(f"{RESULT} is no complex of two proteins: {error}") from error


def check(result: Files) -> Sequence[Figure]:
    """Return the figures of the best model."""
    model = read(result)
    like = _likeness(model)
    bonds = nearest(model)
    return (
        at_least(
            "DockQ of the best model",
            like.dockq,
            0.49,
            source=f"medium quality (Basu, Wallner, PLoS ONE 11 (2016) e0161879), {_KNOWN}",
        ),
        at_most("interface RMSD of the best model", like.interface, 2.0, unit="Å", source=_MEDIUM),
        at_least("fraction of the known contacts", like.contacts, 0.3, source=_MEDIUM),
        near(
            "HADDOCK score by its terms",
            _score_of_terms(_text(result)),
            _remark(_text(result), f"HADDOCK score: {_NUMBER}")[0],
            0.01,
            source=_WEIGHTS,
        ),
        near(
            "least distance of two atoms",
            float(bonds.min()),
            1.0,
            0.1,
            unit="Å",
            source="no bond is shorter than N-H and O-H: 0.96 to 1.01 Å",
        ),
        at_most(
            "largest distance of an atom from its nearest",
            float(np.max(bonds)),
            1.9,
            unit="Å",
            source="each atom is bound; the longest bond is S-C: 1.81 Å",
        ),
    )


def _likeness(model: Complex) -> Likeness:
    try:
        return compare(model, known())
    except KeyError as error:
        raise WrongResult(f"{RESULT} is not whole: {error} is missing") from error


def _score_of_terms(text: str) -> float:
    names = ",".join([_NUMBER] * 8).replace(",", r",\s*")
    *_, vdw, electric, restraints = _remark(text, f"energies: {names}")
    (desolvation,) = _remark(text, f"Desolvation energy: {_NUMBER}")
    return vdw + 0.2 * electric + desolvation + 0.1 * restraints


def _remark(text: str, pattern: str) -> list[float]:
    found = re.search(f"^REMARK {pattern}", text, re.M)
    try:
        if found:
            return [float(value) for value in found.groups()]
    except ValueError:
        pass
    raise WrongResult(f"{RESULT} has no remark '{pattern.partition(':')[0]}' with its numbers")


def _text(result: Files) -> str:
    if RESULT not in result:
        raise WrongResult(f"{RESULT} is missing; there are: {', '.join(result) or 'no files'}")
    return result[RESULT].decode("ascii", "replace")
