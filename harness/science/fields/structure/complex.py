"""A complex of two proteins as PDB file, and how near one is to another, as CAPRI measures it.

The measures: R. Méndez et al., Proteins 52 (2003) 51; M. Lensink et al., Proteins 69 (2007) 704. The score:
S. Basu, B. Wallner, PLoS ONE 11 (2016) e0161879. Lengths in Ångström.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
Residue = tuple[str, int]
"""Chain and number."""
Atom = tuple[Residue, str]

BACKBONE: Final = ("N", "CA", "C", "O")
CONTACT: Final = 5.0
INTERFACE: Final = 10.0


@dataclass(frozen=True)
class Complex:
    """Atoms of the chains A (the larger one, the receptor) and B (the ligand)."""

    residues: Mapping[Residue, Mapping[str, Numbers]]
    """Of each residue its atoms by name."""

    @classmethod
    def read(cls, text: str) -> Complex:
        """Read a PDB file (format 3.3, records ATOM).

        Raises
        ------
        ValueError
            where a number cannot be read, or a chain is missing.
        """
        residues: dict[Residue, dict[str, Numbers]] = {}
        for line in text.splitlines():
            if line.startswith("ATOM"):
                place = np.array([float(line[at : at + 8]) for at in (30, 38, 46)])
                residues.setdefault((line[21], int(line[22:26])), {})[line[12:16].strip()] = place
        if {chain for chain, _ in residues} != {"A", "B"}:
            raise ValueError("it has not the chains A and B")
        return cls(residues)

    def chain(self, name: str) -> tuple[Residue, ...]:
        """Return the residues of a chain."""
        return tuple(residue for residue in self.residues if residue[0] == name)

    @property
    def atoms(self) -> Numbers:
        """The places of all atoms."""
        return np.array([place for atoms in self.residues.values() for place in atoms.values()])

    def apart(self) -> dict[tuple[Residue, Residue], float]:
        """Return the least distance of heavy atoms of every two residues of different chains."""
        (ones, start), (others, other_start) = (self._heavy(self.chain(name)) for name in "AB")
        rows = np.minimum.reduceat(_distances(ones, others), start, axis=0)
        least = np.minimum.reduceat(rows, other_start, axis=1)
        return {
            (one, other): float(least[row, column])
            for row, one in enumerate(self.chain("A"))
            for column, other in enumerate(self.chain("B"))
        }

    def _heavy(self, residues: Iterable[Residue]) -> tuple[Numbers, list[int]]:
        """Return where the heavy atoms of some residues are, and at which line each residue begins."""
        places: list[Numbers] = []
        start = []
        for residue in residues:
            start.append(len(places))
            atoms = self.residues[residue].items()
            places += [place for name, place in atoms if name[0] not in "H123"]
        return np.array(places), start

    def backbone(self, residues: Iterable[Residue]) -> tuple[Atom, ...]:
        """Return which atoms of the backbone some residues have."""
        return tuple(
            (one, name) for one in residues for name in BACKBONE if name in self.residues[one]
        )

    def places(self, atoms: Iterable[Atom]) -> Numbers:
        """Return where atoms are.

        Raises
        ------
        KeyError
            where one is missing.
        """
        return np.array([self.residues[residue][name] for residue, name in atoms])


@dataclass(frozen=True)
class Likeness:
    """How near a model is to the known complex."""

    contacts: float
    """Fraction of the known contacts that the model has."""
    interface: float
    """RMSD of the backbone near the interface."""
    ligand: float
    """RMSD of the ligand's backbone where the receptors lie on each other."""

    @property
    def dockq(self) -> float:
        """The score: 0 for what has nothing in common, 1 for the same."""
        near_interface = 1 / (1 + (self.interface / 1.5) ** 2)
        near_ligand = 1 / (1 + (self.ligand / 8.5) ** 2)
        return (self.contacts + near_interface + near_ligand) / 3


def compare(model: Complex, known: Complex) -> Likeness:
    """Return how near a model is to the known complex.

    Raises
    ------
    KeyError
        where the model lacks an atom.
    """
    apart, model_apart = known.apart(), model.apart()
    contacts = [pair for pair, distance in apart.items() if distance < CONTACT]
    kept = sum(model_apart[pair] < CONTACT for pair in contacts)
    near = {one for pair, distance in apart.items() if distance < INTERFACE for one in pair}
    interface = known.backbone(sorted(near))
    receptor, ligand = known.backbone(known.chain("A")), known.backbone(known.chain("B"))
    return Likeness(
        contacts=kept / len(contacts),
        interface=_apart(model, known, interface, laid=interface),
        ligand=_apart(model, known, ligand, laid=receptor),
    )


def _apart(model: Complex, known: Complex, atoms: Sequence[Atom], *, laid: Sequence[Atom]) -> float:
    """Return the RMSD of some atoms where others are laid on each other."""
    move = _onto(model.places(laid), known.places(laid))
    errors = move(model.places(atoms)) - known.places(atoms)
    return math.sqrt(float((errors**2).sum(axis=1).mean()))


@dataclass(frozen=True)
class _Motion:
    """A turn and a shift."""

    turn: Numbers
    start: Numbers
    end: Numbers

    def __call__(self, places: Numbers) -> Numbers:
        moved: Numbers = (places - self.start) @ self.turn + self.end
        return moved


def _onto(places: Numbers, others: Numbers) -> _Motion:
    """Return the motion that lays places best on others (W. Kabsch, Acta Cryst. A32 (1976) 922)."""
    start, end = places.mean(axis=0), others.mean(axis=0)
    left, _, right = np.linalg.svd((places - start).T @ (others - end))
    mirrored = np.sign(np.linalg.det(left @ right))
    return _Motion(left @ np.diag([1.0, 1.0, mirrored]) @ right, start, end)


def nearest(model: Complex) -> Numbers:
    """Return of each atom how far the nearest one of its residue is: to one of them it is bound."""
    found = []
    for atoms in model.residues.values():
        places = np.array(list(atoms.values()))
        apart = _distances(places, places)
        np.fill_diagonal(apart, math.inf)
        found.append(apart.min(axis=1))
    return np.concatenate(found)


def _distances(one: Numbers, other: Numbers) -> Numbers:
    found: Numbers = np.sqrt(((one[:, None] - other[None]) ** 2).sum(axis=2))
    return found
