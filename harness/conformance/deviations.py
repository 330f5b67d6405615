"""Deviations that are known: who follows them up, why they stand, and until when.

They are listed in `known-deviations.yaml` beside an inventory's `hosts.yml`, and copied into the folder
of every run, so that an old run is judged by what was known then. An entry excuses nothing for ever:
one that has expired, and one whose cells all pass, break the run.
"""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Iterable, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, model_validator

from harness import routes
from harness.conformance import beside, document
from harness.conformance.catalogue import Catalogue
from harness.conformance.outcomes import Cell
from harness.errors import BadInput

FILE = beside.DEVIATIONS
KEY = "known_deviations"


class DeviationsError(BadInput):
    """The list of known deviations is broken; names the file, the line, and what is wrong."""


class KnownDeviation(BaseModel):
    """One entry: what fails, where, who follows it up, and until when that is accepted."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    requirement: str
    scenario: str | None = None
    """As in reports; without parameters (`[...]`) it means all of them. Every one where None."""
    routes: tuple[str, ...] = ()
    """Names or patterns of routes (`harness.routes`); every route where empty."""
    site: str | None = None
    """Site of the resource; every one where None."""
    implementation: str | None = None
    """Software of the service that the scenario tests; every one where None."""
    owner: str = Field(min_length=1)
    reason: str = Field(min_length=1)
    link: str = Field(pattern=r"^https?://\S+$")
    since: dt.date
    expires: dt.date
    """The last day on which the entry counts."""
    place: str = ""
    """File and line; the loader says so."""

    @model_validator(mode="after")
    def _lasts(self) -> KnownDeviation:
        if self.expires <= self.since:
            raise ValueError(f"it expires on {self.expires}, before or on its start, {self.since}")
        return self

    def covers(self, cell: Cell) -> bool:
        """Tell whether the entry speaks of this cell."""
        return (
            self.requirement in cell.requirements
            and self.scenario in (None, *_names(cell))
            and (not self.routes or any(routes.means(pattern, cell) for pattern in self.routes))
            and self.site in (None, cell.site)
            and self.implementation in (None, cell.implementation)
        )

    def expired(self, day: dt.date) -> bool:
        """Tell whether it no longer counts on a day."""
        return day > self.expires

    def __str__(self) -> str:
        where = [self.requirement, self.scenario, *self.routes, self.site, self.implementation]
        name = " ".join(word for word in where if word)
        return f"{self.place}: {name}" if self.place else name


def load(path: Path, *, today: dt.date | None = None) -> tuple[KnownDeviation, ...]:
    """Read the entries of a file; none where there is no file.

    Nothing is known before its day: `today` is by this machine's clock, here or in UTC, unless given.

    Raises
    ------
    DeviationsError
        naming file, line and entry, and what is wrong there.
    """
    if not document.is_there(path):
        return ()
    content = document.read(path, DeviationsError)
    listed = content.fields.get(KEY)
    if set(content.fields) != {KEY} or not isinstance(listed, list):
        stray = next((key for key in content.fields if key != KEY), KEY)
        raise DeviationsError(f"{content.place(stray)}: the one key `{KEY}` (a list) is expected.")
    found: dict[tuple[object, ...], KnownDeviation] = {}
    for number, fields in enumerate(listed):
        entry = _entry(fields, content.place(KEY, number))
        if entry.since > (today or _today()):
            raise DeviationsError(
                f"{path.parent}/{entry}: `since` is {entry.since}, a day in the future. Write "
                "the day on which the deviation was first seen."
            )
        key = (
            entry.requirement,
            entry.scenario,
            entry.routes,
            entry.site,
            entry.implementation,
        )
        if key in found:
            raise DeviationsError(
                f"{path.parent}/{entry}: it is already listed at {found[key].place}."
            )
        found[key] = entry
    return tuple(found.values())


def _today() -> dt.date:
    """Return the day, by whichever of this machine's zone and UTC is ahead."""
    now = dt.datetime.now(dt.UTC)
    return max(now.date(), now.astimezone().date())


def _entry(fields: object, where: str) -> KnownDeviation:
    if not isinstance(fields, dict):
        raise DeviationsError(f"{where}: an entry is a mapping, not {fields!r}.")
    # Reports show the file's name alone: the folder of a run has a copy of it.
    mine = fields | {"place": Path(where).name}
    name = f"{where}: {fields.get('requirement', 'no requirement')}"
    return document.validated(KnownDeviation, mine, name, DeviationsError)


def faults(
    entries: Iterable[KnownDeviation], *, catalogue: Catalogue, cells: Sequence[Cell]
) -> list[str]:
    """Return which entries can cover none of the cells, and what is near to a name that is not known."""
    return [fault for entry in entries if (fault := _fault(entry, catalogue, cells))]


def _fault(entry: KnownDeviation, catalogue: Catalogue, cells: Sequence[Cell]) -> str:
    scenarios = {name for cell in cells for name in _names(cell)}
    named = (
        ("requirement", (entry.requirement,), {requirement.id for requirement in catalogue}),
        ("scenario", (entry.scenario,), scenarios),
        (
            "route",
            [one for one in entry.routes if not any(routes.means(one, cell) for cell in cells)],
            {cell.route for cell in cells},
        ),
        ("site", (entry.site,), {cell.site for cell in cells}),
        (
            "implementation",
            (entry.implementation,),
            {cell.implementation for cell in cells if cell.implementation},
        ),
    )
    for what, names, known in named:
        for name in names:
            if name is not None and name not in known:
                near = difflib.get_close_matches(name, known, n=2, cutoff=0.5)
                hint = f"; similar: {', '.join(near)}" if near else ""
                return f"{entry}: unknown {what} {name!r}{hint}."
    if any(entry.covers(cell) for cell in cells):
        return ""
    return (
        f"{entry}: no scenario there shows {entry.requirement}, so the entry covers nothing. "
        "Correct or remove it."
    )


def _names(cell: Cell) -> tuple[str, ...]:
    """Return the names by which an entry may call a cell's scenario."""
    return cell.scenario, cell.test_name, cell.scenario.partition("[")[0]
