"""The requirements that scenarios show: `scenarios/catalogue/*.yaml`, read and checked."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from harness.conformance import document
from harness.errors import BadInput
from harness.model import TokenProfile

FOLDER = Path(__file__).resolve().parents[2] / "scenarios" / "catalogue"
SOURCES = "sources.yaml"
SCHEMA = "catalogue.schema.json"
"""The JSON Schema of a family's file, for editors; `testbed catalogue --schema` prints it."""

Level = Literal["MUST", "MUST NOT", "SHOULD", "SHOULD NOT", "MAY"]
Binding = frozenset({"MUST", "MUST NOT"})
"""Levels whose violation is a deviation; a violation of another is a warning."""


class CatalogueError(BadInput):
    """The catalogue is broken; names the file, the line or id, and what is wrong."""


class Entry(BaseModel):
    """Immutable, and refuses keys that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(Entry):
    """A document that requirements cite by a short name."""

    title: str
    link: str | None = Field(default=None, pattern=r"^https?://\S+$")


class Requirement(Entry):
    """One line of the catalogue; the keys are explained in its README."""

    id: str = Field(pattern=r"^[A-Z]+-\d{3}$")
    level: Level
    statement: str = Field(min_length=1)
    source: str = Field(min_length=1)
    polarity: Literal["positive", "negative", "both"]
    check: tuple[Literal["automatic", "drill", "record"], ...] = Field(min_length=1)
    interpreted: bool = False
    confirmed: bool = True
    state: Literal["draft", "required", "deprecated"] = "required"
    profile: TokenProfile | None = None
    """The token profile of the sites that are held to it; every site where None."""
    persons: bool = False
    """True where it is about persons, for whom no robot can stand in."""
    unshown: str | None = Field(default=None, min_length=1)
    """Why no scenario shows it yet; counts only while there is none."""
    note: str | None = None

    @property
    def family(self) -> str:
        """The letters of the id: AUTH, XFER, JOB ..."""
        return self.id.rpartition("-")[0]

    @property
    def binding(self) -> bool:
        """True where missing it is a deviation, not a warning; a draft warns whatever its level."""
        return self.level in Binding and self.state == "required"

    @property
    def in_scope(self) -> bool:
        """False where it is withdrawn: then it counts for nothing."""
        return self.state != "deprecated"

    def held_by(self, profiles: Iterable[str]) -> bool:
        """Tell whether services of these token profiles are held to it.

        Of services that differ in their profile it cannot be said which one answers, so they are not.
        Where no profile is on record (runs of former versions) they are.
        """
        return self.profile is None or set(profiles) <= {self.profile}


def not_held(site: str, profiles: Iterable[str], requirements: Iterable[Requirement]) -> str:
    """Say why a site is not held to requirements."""
    wanted = ", ".join(f"{one.id} is of {one.profile}" for one in requirements if one.profile)
    return f"{site} follows the token profile {' and '.join(profiles)}: {wanted}"


class Family(Entry):
    """One file of the catalogue."""

    family: str = Field(pattern=r"^[A-Z]+$")
    """The letters with which the ids of its requirements begin."""
    title: str = Field(min_length=1)
    requirements: tuple[Requirement, ...] = Field(min_length=1)


class Catalogue:
    """All requirements, by id."""

    def __init__(
        self, requirements: Iterable[Requirement], sources: Mapping[str, Source] | None = None
    ) -> None:
        self._by_id = {requirement.id: requirement for requirement in requirements}
        self._sources = dict(sources or {})

    def __iter__(self) -> Iterator[Requirement]:
        return iter(self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)

    def __contains__(self, id_: object) -> bool:
        return id_ in self._by_id

    def __getitem__(self, id_: str) -> Requirement:
        return self._by_id[id_]

    def select(
        self, *, family: str = "", level: str = "", check: str = "", text: str = ""
    ) -> list[Requirement]:
        """Return the requirements that meet every condition given; case does not matter.

        Raises
        ------
        BadInput
            where no requirement at all has this family, level or check; names those there are.
        """
        found = list(self)
        conditions: tuple[tuple[str, str, Callable[[Requirement], Iterable[str]]], ...] = (
            ("family", family, lambda requirement: [requirement.family]),
            ("level", level, lambda requirement: [requirement.level]),
            ("check", check, lambda requirement: requirement.check),
        )
        for what, wanted, of in conditions:
            known = dict.fromkeys(word for requirement in self for word in of(requirement))
            words = [word for word in known if word.upper() == wanted.upper()]
            if wanted and not words:
                raise BadInput(f"unknown {what} {wanted!r}; there are {', '.join(known)}.")
            found = [one for one in found if not wanted or words[0] in of(one)]
        return [
            one for one in found if text.upper() in f"{one.id} {one.statement} {one.source}".upper()
        ]

    def near(self, id_: str) -> list[str]:
        """Return the ids that look like this one, nearest first."""
        return difflib.get_close_matches(id_.upper(), self._by_id, n=3, cutoff=0.6)

    def link(self, requirement: Requirement) -> str | None:
        """Return where the first source that has an address can be read."""
        for clause in requirement.source.split(";"):
            if rfc := re.search(r"RFC (\d+)(?: §(\d+(?:\.\d+)*))?", clause):
                section = f"#section-{rfc[2]}" if rfc[2] else ""
                return f"https://www.rfc-editor.org/rfc/rfc{rfc[1]}{section}"
            for name in self._longest_first:
                if clause.strip().startswith(name) and self._sources[name].link:
                    return self._sources[name].link
        return None

    @cached_property
    def _longest_first(self) -> list[str]:
        return sorted(self._sources, key=len, reverse=True)


def load(folder: Path = FOLDER) -> Catalogue:
    """Read every family of the catalogue.

    Raises
    ------
    CatalogueError
        naming file, line and id, and what is wrong there.
    """
    requirements: dict[str, tuple[Requirement, str]] = {}
    for path in sorted(folder.glob("*.yaml")):
        if path.name == SOURCES:
            continue
        for requirement, place in _family(path):
            if requirement.id in requirements:
                raise CatalogueError(
                    f"{place}: {requirement.id} is already defined at "
                    f"{requirements[requirement.id][1]}; ids are never reused."
                )
            requirements[requirement.id] = requirement, place
    if not requirements:
        raise CatalogueError(f"{folder}: no requirement is defined there.")
    return Catalogue((requirement for requirement, _ in requirements.values()), _sources(folder))


def titles(folder: Path = FOLDER) -> dict[str, str]:
    """Return family -> its title.

    Raises
    ------
    CatalogueError
        where a file cannot be read.
    """
    found: dict[str, str] = {}
    for path in sorted(folder.glob("*.yaml")):
        fields = document.read(path, CatalogueError).fields
        if path.name != SOURCES and "family" in fields:
            found[str(fields["family"])] = str(fields.get("title", ""))
    return found


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a family's file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Family.model_json_schema(),
    }


def _sources(folder: Path) -> dict[str, Source]:
    path = folder / SOURCES
    if not path.exists():
        return {}
    content, found = document.read(path, CatalogueError), {}
    for name, fields in content.fields.items():
        where = f"{content.place(name)}: {name}"
        if not isinstance(fields, dict):
            raise CatalogueError(f"{where}: a mapping is expected, not {fields!r}.")
        found[str(name)] = document.validated(Source, fields, where, CatalogueError)
    return found


def _family(path: Path) -> Iterator[tuple[Requirement, str]]:
    """Read a file, each requirement by itself, so that a fault names its line."""
    content = document.read(path, CatalogueError)
    listed = content.fields.get("requirements")
    if not isinstance(listed, list):
        where = content.place("requirements")
        raise CatalogueError(f"{where}: the key `requirements` (a list) is expected.")
    requirements: list[tuple[Requirement, str]] = []
    for number, fields in enumerate(listed):
        place = content.place("requirements", number)
        if not isinstance(fields, dict):
            raise CatalogueError(f"{place}: a requirement is a mapping, not {fields!r}.")
        where = f"{place}: {fields.get('id', 'no id')}"
        requirements.append((document.validated(Requirement, fields, where, CatalogueError), place))
    whole = content.fields | {"requirements": [requirement for requirement, _ in requirements]}
    stray = [key for key in whole if key not in Family.model_fields]
    family = document.validated(Family, whole, content.place(*stray[:1]), CatalogueError).family
    for requirement, place in requirements:
        if requirement.family != family:
            raise CatalogueError(f"{place}: {requirement.id} does not belong to family {family}.")
        yield requirement, place
