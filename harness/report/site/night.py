"""All that the pages of one night show: read once, so that every page tells the same."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from harness import routes
from harness.conformance import changes, statement
from harness.conformance.availability import Sample, ServiceKey
from harness.conformance.catalogue import Catalogue, Requirement
from harness.conformance.changes import EXCUSED, SILENT, Changes
from harness.conformance.framework import Policy
from harness.conformance.history import Figure, FigureKey, Grid
from harness.conformance.ola import Line, MonthlyReport
from harness.conformance.runs import RunRoute
from harness.conformance.statement import (
    RequirementStatement,
    ScenarioStatement,
    ServiceStatement,
    Statement,
)
from harness.conformance.usage import Usage
from harness.conformance.verdicts import HostFault, Origin, Verdict, told_once
from harness.proof.judgement import Proof, Result
from harness.report.site.groups import Group, grouped

Item = TypeVar("Item")
Key = TypeVar("Key", bound=Hashable)

RECENT = 30
"""Nights of a trend, and of a cell's history in the matrix."""


@dataclass(frozen=True)
class Night:
    """A run as the site shows it.

    Parameters
    ----------
    folder
        the run's folder, with its evidence.
    statement
        what it states.
    grid
        the verdicts of all nights up to this one, which is the last.
    before
        what the night before states; None where there is none.
    published
        ids of the nights whose pages are there, so that they can be linked.
    proof
        the newest complete proof; None where none was made.
    """

    folder: Path
    statement: Statement
    catalogue: Catalogue
    grid: Grid
    before: Statement | None = None
    published: frozenset[str] = frozenset()
    former: frozenset[str] = frozenset()
    """Ids of those whose cells have the addresses of former versions."""
    proof: Proof | None = None
    months: Sequence[MonthlyReport] = ()
    """Availability and reliability, the newest month first."""
    samples: Mapping[ServiceKey, Sequence[Sample]] = field(default_factory=dict)
    """How each service was in the nights up to this one."""
    figures: Mapping[FigureKey, Sequence[Figure]] = field(default_factory=dict)
    """What scenarios measured in the nights up to this one."""
    usage: Usage | None = None
    """What the accounting repositories report of the run."""
    usage_before: Sequence[Usage] = ()
    """The same of the nights before it in its month, oldest first."""
    policies: Sequence[Policy] = ()
    """Those that the agreement adopts, where it was valid on the day of the night."""
    allure: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """Scenario and route -> id of the test in the Allure report."""

    @property
    def id(self) -> str:
        """The run's id, which is the name of its folder."""
        return self.statement.run.id

    @cached_property
    def changes(self) -> Changes | None:
        """What changed since the night before."""
        return changes.compare(self.before, self.statement) if self.before else None

    @cached_property
    def requirements(self) -> list[Requirement]:
        """The requirements that have a verdict, in the catalogue's order."""
        shown = {one.id for one in self.statement.requirements}
        return [one for one in self.catalogue if one.id in shown]

    @cached_property
    def families(self) -> list[str]:
        """The families that have a verdict, in the catalogue's order."""
        return list(dict.fromkeys(one.family for one in self.requirements))

    @cached_property
    def verdicts(self) -> dict[tuple[str, str], RequirementStatement]:
        """Requirement and route -> verdict."""
        return {(one.id, one.route): one for one in self.statement.requirements}

    @cached_property
    def scenarios(self) -> dict[tuple[str, str], ScenarioStatement]:
        """Scenario and route -> verdict."""
        return {(one.scenario, one.route): one for one in self.statement.scenarios}

    @cached_property
    def crossing(self) -> list[RunRoute]:
        """The routes that cross, which are the subject."""
        return [route for route in self.statement.routes if not route.control]

    @property
    def faults(self) -> list[HostFault]:
        """The unhealthy hosts."""
        return told_once(self.statement.faults)

    @cached_property
    def groups(self) -> dict[Group, list[str]]:
        """What came of the requirements, over all routes; each is in its worst group alone."""
        return grouped(self.statement.requirements)

    @cached_property
    def newly_failing(self) -> list[str]:
        """The requirements that fail on a route where they did not in the night before, known or not."""
        found = self.changes.verdicts if self.changes else ()
        new = (one for one in found if one.fails and one.before not in EXCUSED)
        return list(dict.fromkeys(one.requirement for one in new))

    def counts(self, family: str, route: str) -> dict[Verdict, int]:
        """Return a family's verdicts over a route, the worst first."""
        found = self._counts.get((family, route), Counter())
        return {v: found[v] for v in sorted(found, key=lambda v: -v.rank)}

    @cached_property
    def _counts(self) -> dict[tuple[str, str], Counter[Verdict]]:
        found: dict[tuple[str, str], Counter[Verdict]] = {}
        for one in self.statement.requirements:
            found.setdefault((one.id.rpartition("-")[0], one.route), Counter())[one.verdict] += 1
        return found

    @cached_property
    def on_route(self) -> Mapping[str, Sequence[RequirementStatement]]:
        """Route -> the verdicts on requirements over it."""
        return _grouped(self.statement.requirements, lambda one: [one.route])

    @cached_property
    def undecided(self) -> Mapping[str, Sequence[RequirementStatement]]:
        """Site -> the requirements that could not be decided there."""
        sites = {route.id: route.site for route in self.statement.routes}
        silent = (one for one in self.statement.requirements if one.verdict in SILENT)
        return _grouped(silent, lambda one: [sites.get(one.route, "")])

    @cached_property
    def showing(self) -> Mapping[str, Sequence[ScenarioStatement]]:
        """Requirement -> the scenarios that show it, on whatever route."""
        return _grouped(self.statement.scenarios, lambda one: one.requirements)

    @cached_property
    def at_site(self) -> Mapping[str, Sequence[ScenarioStatement]]:
        """Site -> the scenarios that were tried there."""
        return _grouped(self.statement.scenarios, lambda one: [one.site])

    @cached_property
    def to_mend(self) -> Mapping[str, Sequence[ScenarioStatement]]:
        """Site -> the scenarios whose failure is for it to mend."""
        return _grouped(self.statement.scenarios, lambda one: [one.responsible])

    def shown_by(self, requirement: str, route: str) -> list[ScenarioStatement]:
        """Return the scenarios of a requirement over a route, the worst first."""
        verdict = self.verdicts.get((requirement, route))
        names = verdict.scenarios if verdict else ()
        found = [self.scenarios[name, route] for name in names]
        return sorted(found, key=lambda one: -one.verdict.rank)

    def control_of(self, cell: ScenarioStatement) -> ScenarioStatement | None:
        """Return the same test for users whom crossing does not concern; None where the cell is that.

        Where a failure is the home's, it is the test at home, else that of the site's own users.
        """
        if cell.home == cell.resource:
            return None
        if cell.origin is not Origin.HOME:
            route = routes.name(cell.resource, cell.site)
            return self.scenarios.get((cell.scenario, route))
        route = routes.name(cell.home, self.statement.homes.get(cell.home, ""))
        there = self._tests.get((cell.test_name, route), ())
        return next(iter(there), None)

    @cached_property
    def _tests(self) -> Mapping[tuple[str, str], Sequence[ScenarioStatement]]:
        return _grouped(self.statement.scenarios, lambda one: [(one.test_name, one.route)])

    @cached_property
    def killers(self) -> dict[str, list[str]]:
        """Scenario -> the mutants that the newest proof saw kill it."""
        found: dict[str, dict[str, None]] = {}
        for pair in self.proof.pairs if self.proof else ():
            if pair.result is Result.KILLED:
                found.setdefault(pair.scenario, {})[pair.mutant] = None
        return {name: list(mutants) for name, mutants in found.items()}

    def level(self, service: ServiceStatement) -> Line | None:
        """Return this month's figures of a service; None where no month is reported."""
        for line in self.months[0].lines if self.months else ():
            if (line.subject.site, line.subject.endpoint) == (service.site, service.endpoint):
                return line
        return None

    def damaged(self) -> list[str]:
        """Return what of the evidence is not as the statement says."""
        return statement.verify(self.folder, self.statement)


def _grouped(
    items: Iterable[Item], keys: Callable[[Item], Iterable[Key]]
) -> Mapping[Key, Sequence[Item]]:
    """Return key -> items, each in the order in which they came: looked through once, for many ask."""
    found: defaultdict[Key, list[Item]] = defaultdict(list)
    for item in items:
        for key in keys(item):
            found[key].append(item)
    return found


def runs_of(strip: str) -> Sequence[tuple[str, int, int]]:
    """Return the stretches of equal letters: letter, where it begins, how long it is."""
    return [(m[0][0], m.start(), len(m[0])) for m in re.finditer(r"(.)\1*", strip)]


def packed(strip: str) -> str:
    """Return letters with their number: `CCCCD` is `C4D`."""
    return "".join(
        f"{letter}{length if length > 1 else ''}" for letter, _, length in runs_of(strip)
    )
