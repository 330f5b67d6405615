"""What the user sees while pairs run: how many are done, and each that is not as it must be."""

from __future__ import annotations

from typing import ClassVar

from harness.conformance.outcomes import OURS, Outcome
from harness.engine.progress import CLIENT_BROKE, Live
from harness.mutants.catalogue import FAULTLESS


class ProofLive(Live):
    """To fail is good news here; what passes against a broken site is told."""

    colours: ClassVar = {
        "as expected": "green",
        "survived": "red",
        "failed without a fault": "red",
        CLIENT_BROKE: "yellow",
        "error": "yellow",
    }
    news: ClassVar = frozenset({"survived", "failed without a fault", CLIENT_BROKE})
    broken: ClassVar = CLIENT_BROKE

    def word(self, outcome: Outcome) -> str:
        """Return what an outcome means for the proof, at first sight; the judge looks closer."""
        passed = outcome.status == "passed"
        if outcome.mutant == FAULTLESS:
            broke = CLIENT_BROKE if outcome.error in OURS else "failed without a fault"
            return "as expected" if passed else broke
        if passed:
            return "survived"
        return "as expected" if outcome.status == "failed" else "error"
