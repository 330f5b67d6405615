"""The map of infrastructures and sites, with an arrow for each direction: where everything is drawn."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness.names import slug
from harness.report.site.matrix import Matrix, Tile
from harness.report.site.night import Night

MOST = 6
"""Infrastructures up to which a map is read at a glance; of more, the grid is shown in its place."""
_SITES = 4
"""Sites that a box names."""
_WIDTH, _LINE, _HEAD = 190.0, 24.0, 34.0
_GAP = 9.0
"""Half the distance of the arrows there and back."""


@dataclass(frozen=True)
class Box:
    """An infrastructure: its title, and its sites as they are for their own users."""

    title: str
    x: float
    y: float
    height: float
    sites: Sequence[tuple[Tile, str, float]]
    """What came of the site's own users, the site's page, and where its line stands."""
    more: int
    """Sites that it does not name."""
    width: float = _WIDTH


@dataclass(frozen=True)
class Arrow:
    """A direction: whose users go where, and what came of it."""

    tile: Tile
    start: tuple[float, float]
    end: tuple[float, float]
    label: tuple[float, float]

    @property
    def head(self) -> str:
        """The points of its head."""
        (x0, y0), (x, y) = self.start, self.end
        angle = math.atan2(y - y0, x - x0)
        points = [(x, y)]
        for turn in (2.7, -2.7):
            points.append((x + 15 * math.cos(angle + turn), y + 15 * math.sin(angle + turn)))
        return " ".join(f"{a:.0f},{b:.0f}" for a, b in points)


@dataclass(frozen=True)
class Chart:
    """The map: its size, its boxes and its arrows."""

    width: float
    height: float
    boxes: Sequence[Box]
    arrows: Sequence[Arrow]


def chart(night: Night, matrix: Matrix) -> Chart | None:
    """Draw the map; None of more infrastructures than are read at a glance, and of a single one."""
    names = list(dict.fromkeys([*matrix.homes, *matrix.resources]))
    if not 1 < len(names) <= MOST:
        return None
    heights = {name: _height(night, name) for name in names}
    wide, high, places = _places(names, max(heights.values()))
    boxes = {name: _box(night, matrix, name, places[name], heights[name]) for name in names}
    return Chart(wide, high, list(boxes.values()), list(_arrows(matrix, boxes)))


def _places(
    names: Sequence[str], height: float
) -> tuple[float, float, dict[str, tuple[float, float]]]:
    """Return width and height of the map, and each box's centre: of more than two, in a circle."""
    if len(names) == 2:
        wide, high = 620.0, max(height, 90.0) + 10
        x = _WIDTH / 2 + 5
        return wide, high, {names[0]: (x, high / 2), names[1]: (wide - x, high / 2)}
    wide, radius = 760.0, 60.0 * len(names) + 20
    high = 2 * radius + height + 10
    places = {}
    for number, name in enumerate(names):
        angle = 2 * math.pi * number / len(names) - math.pi / 2
        x = wide / 2 + (wide - _WIDTH - 10) / 2 * math.cos(angle)
        places[name] = (x, high / 2 + radius * math.sin(angle))
    return wide, high, places


def _sites_of(night: Night, name: str) -> list[str]:
    found = (route.site for route in night.statement.routes if route.resource == name)
    return list(dict.fromkeys(found))


def _height(night: Night, name: str) -> float:
    many = len(_sites_of(night, name))
    return _HEAD + _LINE * (min(many, _SITES) + (many > _SITES)) + 8


def _box(night: Night, matrix: Matrix, name: str, place: tuple[float, float], height: float) -> Box:
    x, y = place[0] - _WIDTH / 2, place[1] - height / 2
    own = [r for r in night.statement.routes if r.resource == name and r.home == name]
    tiles = matrix.sites(own) or [
        Tile(site, "", {}, control=True) for site in _sites_of(night, name)
    ]
    shown = [
        (tile, f"sites/{slug(tile.title)}.html", y + _HEAD + _LINE * (number + 0.7))
        for number, tile in enumerate(tiles[:_SITES])
    ]
    title = night.statement.infrastructures.get(name, name)
    return Box(title, x, y, height, shown, max(0, len(tiles) - _SITES))


def _arrows(matrix: Matrix, boxes: dict[str, Box]) -> Iterator[Arrow]:
    two = len(boxes) == 2
    for home in matrix.homes:
        for resource in matrix.resources:
            tile = matrix.pair(home, resource) if home != resource else None
            if tile:
                yield _arrow(tile, boxes[home], boxes[resource], gap=26 if two else _GAP, two=two)


def _arrow(tile: Tile, home: Box, resource: Box, *, gap: float, two: bool) -> Arrow:
    """Return the arrow between two boxes, to the left of the line that joins their centres."""
    (x0, y0), (x1, y1) = _centre(home), _centre(resource)
    far = math.hypot(x1 - x0, y1 - y0)
    dx, dy = (x1 - x0) / far, (y1 - y0) / far
    aside = (dy * gap, -dx * gap)
    start = _leave(home, dx, dy, aside, margin=4)
    end = _leave(resource, -dx, -dy, aside, margin=6)
    # Near its tail, so that the labels of arrows that cross in the middle stay apart.
    part = 0.5 if two else 0.36
    label = (
        start[0] + (end[0] - start[0]) * part,
        start[1] + (end[1] - start[1]) * part,
    )
    return Arrow(tile, start, end, label)


def _centre(box: Box) -> tuple[float, float]:
    return box.x + box.width / 2, box.y + box.height / 2


def _leave(
    box: Box, dx: float, dy: float, aside: tuple[float, float], *, margin: float
) -> tuple[float, float]:
    """Return where a line from a box's centre, moved aside, leaves the box."""
    x, y = _centre(box)
    x, y = x + aside[0], y + aside[1]
    ways = []
    if dx:
        ways.append(((box.x + (box.width if dx > 0 else 0)) - x) / dx)
    if dy:
        ways.append(((box.y + (box.height if dy > 0 else 0)) - y) / dy)
    way = min(way for way in ways if way > 0) + margin
    return x + dx * way, y + dy * way
