"""What the pages of the use cases show: what ran where, figures, picture, provenance."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from harness.conformance.runs import RunRoute
from harness.conformance.statement import RequirementStatement, ScenarioStatement
from harness.names import slug
from harness.report.site.night import Night
from harness.science import records
from harness.science.field import Field, WrongResult, fields
from harness.science.pictures import picture
from harness.science.records import Record, Seen
from harness.science.result import CONTROL, RIGHT


@dataclass(frozen=True)
class Line:
    """A figure, and its values on the routes."""

    figure: Seen
    """As the first route has it."""
    values: Sequence[Seen | None]
    """On each route; None where it was not computed."""


@dataclass(frozen=True)
class UseCase:
    """The use case of a field in a night."""

    field: Field
    routes: Sequence[RunRoute]
    """Those on which it was tried, or would have been."""
    verdicts: Mapping[str, RequirementStatement]
    """Route -> verdict on the requirement of the field."""
    scenarios: Mapping[str, ScenarioStatement]
    """Route -> the scenario that shows it."""
    records: Mapping[str, Record]
    """Route -> what was kept of a right result."""

    @property
    def page(self) -> str:
        """Its page."""
        return f"science/{self.field.name}.html"

    @property
    def picture(self) -> str:
        """Its picture."""
        return f"science/{self.field.name}.png"

    @cached_property
    def shown(self) -> Record | None:
        """The result of which the picture is: of a route that crosses, where there is one."""
        crossing = [route.id for route in self.routes if not route.control]
        found = [self.records[id_] for id_ in crossing if id_ in self.records]
        return next(iter([*found, *self.records.values()]), None)

    def metadata(self, route: str) -> str:
        """Return the file of a route's provenance."""
        return f"science/{self.field.name}.{slug(route)}.ro-crate-metadata.json"

    @property
    def right(self) -> Sequence[Line]:
        """The figures of the right run."""
        return self._lines(RIGHT)

    @property
    def control(self) -> Sequence[Line]:
        """The figures of the control."""
        return self._lines(CONTROL)

    def _lines(self, run: str) -> Sequence[Line]:
        first = self.shown.figures[run] if self.shown else ()
        by_route = [
            {one.what: one for one in self.records[route.id].figures[run]}
            if route.id in self.records
            else {}
            for route in self.routes
        ]
        return [Line(one, [found.get(one.what) for found in by_route]) for one in first]


def use_cases(night: Night) -> list[UseCase]:
    """Return the use cases that a night has tried, or would have tried in a larger extent."""
    kept = list(records.read(night.folder))
    found = []
    for field in fields():
        routes = [
            route
            for route in night.statement.routes
            if (field.requirement, route.id) in night.verdicts
        ]
        if routes:
            cells = {route.id: night.shown_by(field.requirement, route.id)[0] for route in routes}
            found.append(
                UseCase(
                    field,
                    routes,
                    {r.id: night.verdicts[field.requirement, r.id] for r in routes},
                    cells,
                    {one.route: one for one in kept if one.field == field.name},
                )
            )
    return found


def files(night: Night, cases: Sequence[UseCase]) -> Iterator[tuple[str, bytes]]:
    """Yield the files beside the pages: pictures, and the metadata of every provenance.

    What a damaged crate would give is left out; `testbed verify` tells of it.
    """
    for case in cases:
        for route, record in case.records.items():
            try:
                yield case.metadata(route), records.metadata(night.folder, record).encode()
                if record is case.shown:
                    result = records.result(night.folder, record)
                    yield case.picture, picture(case.field, result)
            except (OSError, ValueError, KeyError, zipfile.BadZipFile, WrongResult):
                continue
