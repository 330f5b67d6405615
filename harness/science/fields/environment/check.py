"""The result against the check values that the authors of TEOS-10 publish."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from harness.science.field import Figure, Files, WrongResult, at_most, worst
from harness.science.fields.environment.tables import DATA, read

RESULT: Final = "seawater.csv"

_SOURCE: Final = "TEOS-10 check values 3.0 (gsw_cv_v3_0): value, and accuracy of computation"

_QUANTITIES: Final = (
    # column, in words, unit, accuracy of computation: the `_ca` of each function in gsw_cv_v3_0
    ("absolute_salinity", "Absolute Salinity", "g/kg", 1.300e-10),
    ("conservative_temperature", "Conservative Temperature", "K", 6.261e-10),
    ("density", "density", "kg/m3", 2.946e-10),
    ("sound_speed", "speed of sound", "m/s", 2.591e-9),
)


def check(result: Files) -> Sequence[Figure]:
    """Return the largest error of each quantity over all casts."""
    if RESULT not in result:
        raise WrongResult(f"{RESULT} is missing; there are: {', '.join(result) or 'no files'}")
    computed = read(result[RESULT], RESULT)
    wanted = read((DATA / "check_values.csv").read_bytes(), "check_values.csv")
    figures = []
    for column, words, unit, accuracy in _QUANTITIES:
        found = computed.get(column, ())
        if len(found) != len(wanted[column]):
            raise WrongResult(
                f"{RESULT} has {len(found)} values of {column}; {len(wanted[column])} are expected"
            )
        largest = worst(abs(a - b) for a, b in zip(found, wanted[column], strict=True))
        figures.append(
            at_most(f"largest error of the {words}", largest, accuracy, unit=unit, source=_SOURCE)
        )
    return figures
