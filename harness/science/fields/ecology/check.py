"""The result against the published one, and against the same sums computed here from the input."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from harness.science.field import Figure, Files, at_most, exactly, near
from harness.science.fields.ecology import tables
from harness.science.fields.ecology.tables import BINS, Numbers

PERMUTATIONS: Final = 999

_PUBLISHED: Final = (
    "published: adonis2 of dune by Management, R² 0.34161, sums of squares 1.4686 of 4.2990 "
    "(CRAN, AICcPermanova; Stack Overflow 53932311)"
)
_GOWER: Final = "Gower, Biometrika 53 (1966) 325"
_COUNTED: Final = "Anderson, Austral Ecology 26 (2001) 32"
_ANDERSON: Final = f"{_COUNTED}: computed here from the input"


def check(result: Files) -> Sequence[Figure]:
    """Return the figures of the test, and how far its sums are from our own."""
    test = tables.read(result)
    counts, management = tables.meadows()
    between, within, total = _squares(_dissimilarities(counts), management)
    freedom = len(set(management)) - 1, len(management) - len(set(management))
    shares = between / total, within / total, 1.0
    own = between, within, total, *shares, between / freedom[0] / (within / freedom[1])
    surely, perhaps = (float(test.chance[edges > test.f].sum()) for edges in (BINS[:-1], BINS[1:]))
    axes = (tables.places(result).points ** 2).sum(axis=0)
    return (
        near(
            "R² of the management",
            float(test.shares[0]),
            0.34161,
            5e-6,
            source=f"{_PUBLISHED}; half a unit of its last digit",
        ),
        near(
            "pseudo-F of the management",
            test.f,
            2.7672,
            5e-5,
            source=f"{_PUBLISHED}: (1.4686 / 3) / (2.8304 / 16); half a unit of the last digit",
        ),
        at_most(
            "largest error of the sums of squares, R² and pseudo-F",
            float(np.abs(np.array([*test.squares, *test.shares, test.f]) - own).max()),
            1e-9,
            source=f"{_ANDERSON}; rounding",
        ),
        at_most(
            "largest error of the degrees of freedom",
            float(np.abs(test.freedom - (*freedom, sum(freedom))).max()),
            0,
            source=f"{_COUNTED}: they follow from the input",
        ),
        at_most(
            "error of the total of the ordination",
            abs(float(test.eigenvalues.sum()) - total),
            1e-9,
            source=f"{_GOWER}: the eigenvalues sum up to the total; rounding",
        ),
        at_most(
            "error of the spread along the coordinates",
            float(np.abs(axes - test.eigenvalues[:2]).max()),
            1e-9,
            source=f"{_GOWER}: it is the eigenvalue; rounding",
        ),
        at_most(
            "p value",
            test.p,
            0.01,
            source="vegan, example of adonis2: the management matters at the level of 0.01",
        ),
        exactly(
            "random labellings", float(test.chance.sum()), PERMUTATIONS, source="what was ordered"
        ),
        Figure(
            "p value by counting",
            test.p,
            source=f"{_COUNTED}: labellings that reach F, of all; to the width of a bin",
            low=(1 + surely) / (1 + PERMUTATIONS) - 1e-9,
            high=(1 + perhaps) / (1 + PERMUTATIONS) + 1e-9,
        ),
    )


def _dissimilarities(counts: Numbers) -> Numbers:
    """Return the Bray-Curtis dissimilarity of every two meadows."""
    one, other = counts[:, None], counts[None]
    found: Numbers = np.abs(one - other).sum(axis=2) / (one + other).sum(axis=2)
    return found


def _squares(distance: Numbers, labels: Sequence[str]) -> tuple[float, float, float]:
    """Return the sums of squared distances: between the labels, within them, and both."""
    label = np.array(labels)
    total = float((distance**2).sum()) / 2 / len(label)
    within = 0.0
    for name in np.unique(label):
        of = label == name
        within += float((distance[np.ix_(of, of)] ** 2).sum()) / 2 / int(of.sum())
    return total - within, within, total
