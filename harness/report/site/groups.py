"""What a night's verdicts mean to a reader: every requirement is in one group, so each count is told once.

All pages count requirements by these groups: the front page, the matrix, the list of nights. The groups
of a route, or of a pair of infrastructures, follow from its own verdicts alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from harness.conformance.changes import BROKEN, EXCUSED, SILENT
from harness.conformance.statement import RequirementStatement
from harness.conformance.verdicts import Origin, Verdict


class Group(StrEnum):
    """What came of a requirement, the worst first; the value is the anchor of its rows in a matrix."""

    CROSSING = "crossing"
    UNTOLD = "untold"
    SOFTWARE = "software"
    UNDECIDED = "undecided"
    RECOMMENDED = "recommended"
    MET = "met"
    ABSENT = "absent"

    @property
    def heading(self) -> str:
        """The heading of its rows."""
        return _TITLES[self][0]

    @property
    def brief(self) -> str:
        """A word or two, beside a number."""
        return _TITLES[self][1]

    @property
    def shape(self) -> str:
        """The sign that tells it without its colour."""
        return _TITLES[self][2]

    @property
    def fails(self) -> bool:
        """Whether it holds failures."""
        return self in FAILING


_TITLES = {
    Group.CROSSING: ("Fail because of crossing", "because of crossing", "▲"),
    Group.UNTOLD: ("Fail for an unknown reason", "cause unknown", "▼"),
    Group.SOFTWARE: ("Fail for a site’s own users too", "own users too", "◆"),
    Group.UNDECIDED: ("Could not be judged", "not judged", "?"),
    Group.RECOMMENDED: ("Recommended, but not met", "warnings", "!"),
    Group.MET: ("Met", "met", "✓"),
    Group.ABSENT: ("Not offered, or not part of this extent", "not tried", "–"),
}
FAILING = frozenset({Group.CROSSING, Group.UNTOLD, Group.SOFTWARE})


def group_of(one: RequirementStatement) -> Group:
    """Return the group of a verdict on one route."""
    if one.outside:
        return Group.ABSENT
    if one.verdict in BROKEN | EXCUSED:
        if one.origin is Origin.CROSSING:
            return Group.CROSSING
        return Group.UNTOLD if one.origin is None else Group.SOFTWARE
    if one.verdict in SILENT:
        return Group.UNDECIDED
    return {
        Verdict.WARNING: Group.RECOMMENDED,
        Verdict.CONFORMANT: Group.MET,
        Verdict.NOT_OFFERED: Group.ABSENT,
    }[one.verdict]


def worst_of(groups: Iterable[Group]) -> Group:
    """Return the worst of some groups."""
    return min(groups, key=_ORDER.__getitem__)


_ORDER = {group: number for number, group in enumerate(Group)}


def grouped(found: Iterable[RequirementStatement]) -> dict[Group, list[str]]:
    """Return the requirements of each group, the worst group first; a requirement is in its worst one.

    A group without requirements is left out.
    """
    groups: dict[str, Group] = {}
    for one in found:
        group = group_of(one)
        groups[one.id] = worst_of((group, groups.get(one.id, group)))
    made: dict[Group, list[str]] = {}
    for id_, group in sorted(groups.items(), key=lambda pair: _ORDER[pair[1]]):
        made.setdefault(group, []).append(id_)
    return made
