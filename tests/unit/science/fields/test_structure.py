"""Docking: HADDOCK's model is near the known complex; one without restraints is not."""

from __future__ import annotations

import numpy as np
import pytest

from harness.science.field import WrongResult, field
from harness.science.fields.structure.check import known
from harness.science.fields.structure.complex import Complex, compare
from harness.science.pictures import MOST, picture
from tests.unit.science.fields.stored import (
    miscalculating,
    noticed,
    stored,
    wrong,
)

FIELD = field("structure")


def test_the_best_model_is_right() -> None:
    assert wrong(FIELD, stored(FIELD, "right")) == []
    assert len(picture(FIELD, stored(FIELD, "right"))) < MOST


def test_a_model_whose_partner_is_elsewhere_is_wrong() -> None:
    """As without restraints: each protein is whole, and they touch somewhere else."""
    files = stored(FIELD, "right")
    lines = files["complex.pdb"].decode().splitlines(keepends=True)
    moved = [
        f"{line[:30]}{float(line[30:38]) + 12:8.3f}{line[38:]}" if line[21:22] == "B" else line
        for line in lines
    ]
    found = wrong(FIELD, {**files, "complex.pdb": "".join(moved).encode()})
    assert set(FIELD.control.wrong) <= set(found)


def test_a_complex_is_the_same_as_itself_wherever_it_lies() -> None:
    turn = np.linalg.qr(np.random.default_rng(1).standard_normal((3, 3)))[0]
    turn *= np.sign(np.linalg.det(turn))
    moved = Complex(
        {
            residue: {name: place @ turn + 7 for name, place in atoms.items()}
            for residue, atoms in known().residues.items()
        }
    )
    like = compare(moved, known())
    assert like.dockq == pytest.approx(1)
    assert like.interface == pytest.approx(0, abs=1e-6)


def test_a_partner_that_is_shifted_is_as_far_off_as_it_was_shifted() -> None:
    moved = Complex(
        {
            residue: {name: place + (residue[0] == "B") * 10.0 for name, place in atoms.items()}
            for residue, atoms in known().residues.items()
        }
    )
    like = compare(moved, known())
    assert like.ligand == pytest.approx(10 * np.sqrt(3))
    assert like.dockq < 0.23  # incorrect (Basu, Wallner 2016)


def test_an_atom_that_is_ten_angstrom_off_is_noticed() -> None:
    """One that is off by one may lie at the distance of a bond from another atom, and is missed."""
    files = stored(FIELD, "right")
    text = files["complex.pdb"].decode()
    lines = [line for line in text.splitlines() if line.startswith("ATOM")]
    for line in lines[:: len(lines) // 4]:
        for at in (30, 38, 46):
            changed = f"{line[:at]}{float(line[at : at + 8]) + 10:8.3f}{line[at + 8 :]}"
            other = {**files, "complex.pdb": text.replace(line, changed).encode()}
            assert noticed(FIELD, other), changed


def test_a_node_that_miscalculates_is_noticed() -> None:
    assert noticed(FIELD, miscalculating(stored(FIELD, "right")))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda text: b"", "has not the chains A and B"),
        (lambda text: text[: len(text) // 2], "no complex of two|not whole"),
        (lambda text: text[: len(text) * 4 // 5], "no complex of two|not whole"),
        (
            lambda text: text.replace(b"REMARK HADDOCK score", b"REMARK"),
            "no remark 'HADDOCK score'",
        ),
        (lambda text: text.replace(b" CA  ", b" CX  "), "is not whole"),
    ],
)
def test_what_is_damaged_is_told(change, told) -> None:  # type: ignore[no-untyped-def]
    files = stored(FIELD, "right")
    with pytest.raises(WrongResult, match=told):
        FIELD.check({**files, "complex.pdb": change(files["complex.pdb"])})


def test_a_model_that_is_missing_is_told() -> None:
    with pytest.raises(WrongResult, match=r"complex\.pdb is missing"):
        FIELD.check({})
