"""Small plots of what scenarios measured over the nights, drawn by the server: they need no script."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness.conformance.history import Figure, FigureKey
from harness.report.site.night import RECENT, Night

WIDTH, HEIGHT = 240, 60
"""Size of a plot in its own units."""
_MARGIN = 5


@dataclass(frozen=True)
class Point:
    """A night's figure, and where it stands in the plot."""

    night: str
    seconds: float
    at_least: bool
    x: float
    y: float


@dataclass(frozen=True)
class Plot:
    """A figure over the last nights; the scale begins at 0."""

    key: FigureKey
    points: Sequence[Point]
    lines: Sequence[str]
    """Stretches of nights that measured it, each as the points of a line: a night without it is a gap."""

    @property
    def last(self) -> Point:
        """The newest figure."""
        return self.points[-1]

    @property
    def least(self) -> float:
        """The smallest figure (s)."""
        return min(one.seconds for one in self.points)

    @property
    def most(self) -> float:
        """The largest figure (s)."""
        return max(one.seconds for one in self.points)


def plots(night: Night, site: str) -> list[Plot]:
    """Return a plot of each figure that a site had in the last nights, by what was measured."""
    nights = [one.id for one in night.grid.nights][-RECENT:]
    places = {id_: number for number, id_ in enumerate(nights)}
    found = []
    for key, figures in night.figures.items():
        shown = [one for one in figures if one.night in places]
        if key.site == site and shown:
            found.append(_plot(key, shown, places))
    return sorted(found, key=lambda one: (one.key.what, one.key.service, one.key.detail))


def _plot(key: FigureKey, figures: Sequence[Figure], places: dict[str, int]) -> Plot:
    most = max(one.seconds for one in figures) or 1.0
    step = (WIDTH - 2 * _MARGIN) / max(1, len(places) - 1)
    points = [
        Point(
            night=one.night,
            seconds=one.seconds,
            at_least=one.at_least,
            x=round(_MARGIN + step * places[one.night], 1),
            y=round(HEIGHT - _MARGIN - (HEIGHT - 2 * _MARGIN) * one.seconds / most, 1),
        )
        for one in figures
    ]
    return Plot(key, points, list(_lines(points, places)))


def _lines(points: Sequence[Point], places: dict[str, int]) -> Iterator[str]:
    part: list[Point] = []
    for one in points:
        if part and places[one.night] != places[part[-1].night] + 1:
            yield _line(part)
            part = []
        part.append(one)
    yield _line(part)


def _line(points: Sequence[Point]) -> str:
    return " ".join(f"{one.x:g},{one.y:g}" for one in points)
