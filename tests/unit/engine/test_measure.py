"""A time that was measured from outside is held against a bound in whole seconds."""

from __future__ import annotations

import pytest

from harness.engine.measure import lasts


@pytest.mark.parametrize(
    ("measured", "bound", "long_enough"),
    [
        (3.0, 3, True),
        (2.96, 3, True),  # the first end was seen late
        (2.5, 3, True),
        (2.49, 3, False),
        (2.0, 3, False),  # a second less is no matter of measuring
        (9.0, 3, True),
        (0.0, 0, True),
    ],
)
def test_it_counts_to_the_nearest_second(measured: float, bound: float, long_enough: bool) -> None:
    assert lasts(measured, at_least=bound) is long_enough
