"""The ionosphere that is looked for, and what a radar sees of it, by the theory of textbooks.

The spectrum of electrons and ions in thermal motion, without a magnetic field and without collisions:
E. Salpeter, Phys. Rev. 120 (1960) 1528; J. Evans, Proc. IEEE 57 (1969) 496. It is another way to the same
spectrum than that of the fitting program (Gordeyev integrals: E. Kudeki, M. Milla, IEEE Trans. Geosci.
Remote Sens. 49 (2011) 315); where both are sampled as here, they differ by 1.2 % of the peak at most.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]

RADAR: Final = 931e6
"""Hz: EISCAT UHF at Tromsø."""
CHANNELS: Final = 129
WIDTH: Final = 100e3
"""Hz: of all channels."""

_LIGHT: Final = 299_792_458.0
_BOLTZMANN: Final = 1.380649e-23
_CHARGE: Final = 1.602176634e-19
_VACUUM: Final = 8.8541878188e-12
_ELECTRON: Final = 9.1093837139e-31
_OXYGEN: Final = 15.999 * 1.66053906892e-27
"""kg: the ions of these heights are O+."""


@dataclass(frozen=True)
class Profile:
    """The state of the ionosphere; each over the heights."""

    height: Numbers
    """km"""
    density: Numbers
    """Electrons in a m3."""
    electrons: Numbers
    """K"""
    ions: Numbers
    """K"""
    velocity: Numbers
    """m/s, of the ions along the beam."""


@cache
def truth() -> Profile:
    """Return the state from which the input is made: a Chapman layer, ions that warm up, waves of drift."""
    height: Numbers = np.arange(180.0, 420.0, 20.0, dtype=np.float64)
    depth = (height - 280) / 50
    ions = 700 + 250 * np.tanh((height - 200) / 80)
    return Profile(
        height=height,
        density=4e11 * np.exp((1 - depth - np.exp(-depth)) / 2),
        electrons=ions * (1.3 + 0.9 * np.tanh((height - 200) / 150)),
        ions=ions,
        velocity=60 * np.sin(height / 70),
    )


def channels() -> Numbers:
    """Return the frequencies of the channels (Hz from the radar's)."""
    number = np.arange(CHANNELS, dtype=np.float64) - CHANNELS // 2
    return np.multiply(number, WIDTH / CHANNELS)


def spectra(profile: Profile) -> Numbers:
    """Return the power in each channel (columns) from each height (lines), in scattering electrons a m3."""
    rows = zip(profile.density, profile.electrons, profile.ions, profile.velocity, strict=True)
    return np.array([_spectrum(*row) for row in rows])


def _spectrum(density: float, electrons: float, ions: float, velocity: float) -> Numbers:
    wave = 4 * math.pi * RADAR / _LIGHT
    turn = 2 * np.pi * channels() - wave * velocity
    of_electrons, thermal_electrons = _species(turn, wave, density, electrons, _ELECTRON)
    of_ions, thermal_ions = _species(turn, wave, density, ions, _OXYGEN)
    screen = 1 + of_electrons + of_ions
    power = (
        np.abs((1 + of_ions) / screen) ** 2 * thermal_electrons
        + np.abs(of_electrons / screen) ** 2 * thermal_ions
    )
    found: Numbers = density * power * WIDTH / CHANNELS
    return found


def _species(
    turn: Numbers, wave: float, density: float, temperature: float, mass: float
) -> tuple[npt.NDArray[np.complex128], Numbers]:
    """Return the susceptibility of a species, and the spectrum of its thermal motion (1/Hz)."""
    speed = wave * math.sqrt(2 * _BOLTZMANN * temperature / mass)
    screening = _VACUUM * _BOLTZMANN * temperature / (density * _CHARGE**2)
    x = turn / speed
    dispersion = 1 + 1j * math.sqrt(math.pi) * x * _faddeeva(x)
    return dispersion / (wave**2 * screening), np.exp(-(x**2)) * 2 * math.sqrt(math.pi) / speed


def _faddeeva(x: Numbers) -> npt.NDArray[np.complex128]:
    """Return the plasma dispersion function w(x) (J. Weideman, SIAM J. Numer. Anal. 31 (1994) 1497)."""
    terms = 48
    scale = math.sqrt(terms / math.sqrt(2))
    angle = np.arange(-2 * terms + 1, 2 * terms) * np.pi / (4 * terms)
    t = scale * np.tan(angle)
    sampled = np.concatenate([[0.0], np.exp(-(t**2)) * (scale**2 + t**2)])
    weights = np.fft.fft(np.fft.fftshift(sampled)).real[1 : terms + 1][::-1] / (4 * terms)
    z = (scale + 1j * x) / (scale - 1j * x)
    below = scale - 1j * x
    found: npt.NDArray[np.complex128] = 2 * np.polyval(weights, z) / below**2 + 1 / (
        math.sqrt(math.pi) * below
    )
    return found
