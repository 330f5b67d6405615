"""The order of verdicts."""

from __future__ import annotations

import itertools

from harness.conformance.verdicts import Verdict, worst


def test_worst_is_the_same_in_any_order() -> None:
    for pair in itertools.product(Verdict, repeat=2):
        assert worst(pair) is worst(reversed(pair))
        assert worst(pair) in pair
        assert all(worst(pair).rank >= one.rank for one in pair)


def test_each_verdict_has_a_letter_of_its_own() -> None:
    assert len({verdict.letter for verdict in Verdict}) == len(Verdict)
