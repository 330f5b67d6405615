"""What changed between two runs: verdicts on requirements, and versions of middleware."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from harness.conformance.statement import Statement
from harness.conformance.verdicts import Verdict

Value = TypeVar("Value")

BROKEN = frozenset({Verdict.DEVIATION, Verdict.SITE_FAULT})
EXCUSED = frozenset({Verdict.KNOWN_DEVIATION})
SILENT = frozenset({Verdict.INCONCLUSIVE, Verdict.NOT_RUN})
"""Verdicts by which a run says that it does not know."""


class Kind(StrEnum):
    """What a change means to a reader, the gravest first."""

    NEW_DEVIATION = "new deviation"
    SITE_FAULT = "new site fault"
    INCONCLUSIVE = "newly inconclusive"
    REPAIRED = "repaired"
    CONCLUSIVE = "conclusive again"
    OTHER = "other"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True)
class Change:
    """The verdict on a requirement over a route is not what it was; None where there was none."""

    requirement: str
    route: str
    before: Verdict | None
    after: Verdict | None

    @property
    def fails(self) -> bool:
        """Whether it is a failure that was none before, or was excused."""
        return self.after in BROKEN and self.before not in BROKEN

    @property
    def kind(self) -> Kind:
        """What it means."""
        if self.fails:
            return Kind.NEW_DEVIATION if self.after is Verdict.DEVIATION else Kind.SITE_FAULT
        if self.before is None or self.after is None:
            return Kind.ADDED if self.before is None else Kind.REMOVED
        if self.after in SILENT and self.before not in SILENT:
            return Kind.INCONCLUSIVE
        if self.after is Verdict.CONFORMANT and self.before in BROKEN | EXCUSED:
            return Kind.REPAIRED
        if self.before in SILENT and self.after not in SILENT:
            return Kind.CONCLUSIVE
        return Kind.OTHER


@dataclass(frozen=True)
class Upgrade:
    """A host's middleware has another version than it had; None where it was not there."""

    host: str
    software: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Changes:
    """All that changed from one run to another, the gravest first."""

    verdicts: tuple[Change, ...]
    upgrades: tuple[Upgrade, ...]

    def of(self, kind: Kind) -> tuple[Change, ...]:
        """Return the changes of a kind."""
        return tuple(change for change in self.verdicts if change.kind is kind)

    def __bool__(self) -> bool:
        return bool(self.verdicts or self.upgrades)


def compare(before: Statement, after: Statement) -> Changes:
    """Return what changed from one run to another.

    Routes and requirements that one of them was not asked for, since only a part was chosen, are
    told as added or removed like any others. What the larger extent of one of them shows more of is
    left out: its verdict is of other scenarios.
    """
    kinds = list(Kind)
    unlike = before.beyond ^ after.beyond
    verdicts = sorted(
        (
            Change(*key, old, new)
            for key, old, new in _differences(_verdicts(before), _verdicts(after))
            if key not in unlike
        ),
        key=lambda change: (kinds.index(change.kind), change.requirement, change.route),
    )
    upgrades = (
        Upgrade(*key, old, new)
        for key, old, new in _differences(_versions(before), _versions(after))
    )
    return Changes(tuple(verdicts), tuple(upgrades))


def _verdicts(statement: Statement) -> dict[tuple[str, str], Verdict]:
    return {(one.id, one.route): one.verdict for one in statement.requirements if not one.outside}


def _versions(statement: Statement) -> dict[tuple[str, str], str]:
    return {
        (host, software): version
        for host, versions in statement.versions.items()
        for software, version in versions.items()
    }


def _differences(
    before: Mapping[tuple[str, str], Value], after: Mapping[tuple[str, str], Value]
) -> Iterator[tuple[tuple[str, str], Value | None, Value | None]]:
    for key in sorted({*before, *after}):
        old, new = before.get(key), after.get(key)
        if old != new:
            yield key, old, new
