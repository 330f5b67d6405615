"""The events against the laws that hold in each, and against the mean that LEP has measured."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Final

from harness.science.field import Figure, Files, WrongResult, at_most, exactly, near, worst

RESULT: Final = "events.csv"
EVENTS: Final = 3000

MEASURED: Final = 20.76
MEASURED_ERROR: Final = 0.16
"""Mean charged multiplicity of hadronic Z decays, and its error (PDG, Particle Listings: Z boson)."""

_PDG: Final = "PDG, Review of Particle Physics, Z boson: 20.76 ± 0.16; three standard deviations"
_ROUNDING: Final = 1e-6
"""GeV; sums of some fifty momenta in double precision are far below."""


@dataclass(frozen=True)
class Events:
    """The events of a result: of each the charged particles, the sum of charges, and of momenta (GeV)."""

    charged: tuple[int, ...]
    charge: tuple[int, ...]
    momentum: tuple[float, ...]


def read(result: Files) -> Events:
    """Read the events.

    Raises
    ------
    WrongResult
        where they are missing or no numbers.
    """
    if RESULT not in result:
        raise WrongResult(f"{RESULT} is missing; there are: {', '.join(result) or 'no files'}")
    try:
        rows = list(csv.DictReader(io.StringIO(result[RESULT].decode())))
        return Events(
            charged=tuple(int(row["charged"]) for row in rows),
            charge=tuple(int(row["charge"]) for row in rows),
            momentum=tuple(float(row["momentum"]) for row in rows),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise WrongResult(f"{RESULT} is no table of events: {error!r}") from error


def check(result: Files) -> Sequence[Figure]:
    """Return the figures of the events."""
    events = read(result)
    if len(events.charged) < 2:
        raise WrongResult(f"{RESULT} has {len(events.charged)} events; {EVENTS} are expected")
    sample = stdev(events.charged) / math.sqrt(len(events.charged))
    return (
        exactly("events", len(events.charged), EVENTS, source="what was ordered"),
        near(
            "mean charged multiplicity",
            fmean(events.charged),
            MEASURED,
            3 * math.hypot(MEASURED_ERROR, sample),
            source=_PDG,
        ),
        exactly(
            "events with an odd number of charged particles",
            sum(number % 2 for number in events.charged),
            0,
            source="charge is conserved: each event has as many positive particles as negative",
        ),
        exactly(
            "largest sum of charges of an event",
            max(map(abs, events.charge)),
            0,
            source="charge is conserved, and the beams are opposite",
        ),
        at_most(
            "largest sum of momenta of an event",
            worst(events.momentum),
            _ROUNDING,
            unit="GeV",
            source="momentum is conserved, and the beams are opposite; to the precision of Pythia",
        ),
    )
