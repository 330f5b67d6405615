"""Vegetation of dune meadows by their management, tested by permutation with the R package vegan."""

from harness.science.field import Control, Field, Software

FIELD = Field(
    name="ecology",
    title="Ecology",
    question="Does the way in which a meadow is managed decide what grows on it?",
    method=(
        "Thirty plant species were counted on twenty dune meadows of the island Terschelling, which are "
        "managed in four ways. The dissimilarity (Bray-Curtis) of every two meadows is computed. Its "
        "variation is divided into what lies between the four kinds of management and what within them "
        "(PERMANOVA). Random labellings tell how often chance alone would divide it so well. The data "
        "are real, and ecologists know the result."
    ),
    requirement="SCI-107",
    software=(
        Software("vegan", "2.6-10", "GPL-2.0-only", "https://vegandevs.github.io/vegan/"),
        Software("R", "4.5.0", "GPL-2.0-or-later", "https://www.r-project.org/"),
    ),
    parameters={"shuffled": False, "permutations": 999, "seed": 1},
    control=Control(
        what="The labels of the meadows are shuffled, so that each is taken for one of another management.",
        parameters={"shuffled": True},
        wrong=("R² of the management", "pseudo-F of the management", "p value"),
    ),
    memory=512,
)
