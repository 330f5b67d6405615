"""Fits of radar spectra: the ionosphere behind them is found, and by a wrong frequency it is not."""

from __future__ import annotations

import numpy as np
import pytest

from harness.science.field import WrongResult, field
from harness.science.fields.atmosphere import ionosphere
from harness.science.fields.atmosphere.check import read
from harness.science.fields.atmosphere.inputs import measured
from harness.science.pictures import MOST, picture
from tests.unit.science.fields.stored import (
    miscalculated,
    miscalculating,
    noticed,
    refuses_what_is_damaged,
    stored,
    wrong,
)

FIELD = field("atmosphere")


def test_the_fits_are_right() -> None:
    assert wrong(FIELD, stored(FIELD, "right")) == []
    assert len(picture(FIELD, stored(FIELD, "right"))) < MOST


def test_fits_for_another_radar_are_wrong() -> None:
    assert set(FIELD.control.wrong) <= set(wrong(FIELD, stored(FIELD, "control")))


def test_changed_digits_of_the_profile_are_noticed() -> None:
    """All but those that change a velocity near zero by less than what its bound allows."""
    right = stored(FIELD, "right")
    changed = list(miscalculated(right, "profile.csv"))
    missed = [one for one in changed if not noticed(FIELD, one)]
    assert len(changed) == 12 * 5 * 2  # an exponent is a number too
    exact = read(right)[0]
    for one in missed:
        assert np.abs(read(one)[0].velocity - exact.velocity).max() < 5
    assert len(missed) < 10


def test_changed_digits_of_a_fitted_spectrum_are_noticed() -> None:
    """Where there is a signal; in the outer channels the noise is larger than what is changed."""
    right = stored(FIELD, "right")
    lines = right["fitted.csv"].splitlines(keepends=True)
    for number in range(1 + ionosphere.CHANNELS // 2, len(lines), ionosphere.CHANNELS):
        height, frequency, power = lines[number].split(b",")
        other = b"%d" % ((int(power[:1]) + 1) % 10) + power[1:]
        changed = [*lines[:number], b",".join([height, frequency, other]), *lines[number + 1 :]]
        assert wrong(FIELD, {**right, "fitted.csv": b"".join(changed)})


def test_a_node_that_miscalculates_is_noticed() -> None:
    assert noticed(FIELD, miscalculating(stored(FIELD, "right")))


@pytest.mark.parametrize("name", ["profile.csv", "fitted.csv"])
def test_what_is_damaged_is_told(name: str) -> None:
    refuses_what_is_damaged(FIELD, name)


def test_other_heights_are_told() -> None:
    files = stored(FIELD, "right")
    other = files["profile.csv"].replace(b"1.800000000e+02", b"1.810000000e+02")
    with pytest.raises(WrongResult, match="other heights"):
        FIELD.check({**files, "profile.csv": other})


def test_all_power_that_electrons_scatter_lies_in_the_channels() -> None:
    """Where both temperatures are the same, an electron scatters half of what it does alone (Buneman)."""
    cold = ionosphere.Profile(*np.array([[300.0], [1e12], [1000.0], [1000.0], [0.0]]))
    assert ionosphere.spectra(cold).sum() / 1e12 == pytest.approx(0.5, abs=0.01)


def test_the_spectrum_moves_with_the_ions() -> None:
    """At 931 MHz 100 m/s towards higher frequency are 621 Hz: twice the velocity over the wavelength."""
    still, moved = (
        ionosphere.spectra(
            ionosphere.Profile(*np.array([[300.0], [1e12], [1000.0], [1000.0], [speed]]))
        )[0]
        for speed in (0.0, 100.0)
    )
    middle = [
        float((power * ionosphere.channels()).sum() / power.sum()) for power in (still, moved)
    ]
    assert middle[0] == pytest.approx(0, abs=1)
    assert middle[1] == pytest.approx(621, rel=0.03)


def test_the_noise_is_that_of_the_averaged_pulses() -> None:
    power, error = measured()
    pull = (power - ionosphere.spectra(ionosphere.truth())) / error
    assert pull.std() == pytest.approx(1, abs=0.05)
