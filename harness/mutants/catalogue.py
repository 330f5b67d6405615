"""Mutants: sites with exactly one fault, listed in `scenarios/mutants.yaml`.

A gateway makes those of web services (role `gateway`); one that speaks no HTTP is a host of its own.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from harness.conformance import document
from harness.errors import BadInput
from harness.kinds import registry, unknown
from harness.model import ServiceType

FILE = Path(__file__).resolve().parents[2] / "scenarios" / "mutants.yaml"
KEY = "mutants"

FAULTLESS = "faultless"
"""No fault at all: what fails against it, fails for another reason than a fault."""

OPEN = "open"
"""Accepts everything: every refusal must fail against it."""

CLOSED = "closed"
"""Refuses everything: every scenario must fail against it, a refusal by its control."""


class MutantsError(BadInput):
    """The list of mutants is broken; names the file, the line, and what is wrong."""


class Mutant(BaseModel):
    """A fault that services of these types can be given."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)
    """A label of DNS: it names the broken service."""
    fault: str = Field(min_length=1)
    """What the mutant does wrong, in one sentence."""
    services: tuple[ServiceType, ...] = Field(min_length=1)


class Mutants:
    """All mutants, by id."""

    def __init__(self, mutants: Iterable[Mutant]) -> None:
        self._by_id: Mapping[str, Mutant] = {mutant.id: mutant for mutant in mutants}

    def __iter__(self) -> Iterator[Mutant]:
        return iter(self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)

    def __contains__(self, id_: object) -> bool:
        return id_ in self._by_id

    def __getitem__(self, id_: str) -> Mutant:
        return self._by_id[id_]

    def unknown(self, id_: str) -> str:
        """Return what to say of an id that is not there."""
        near = difflib.get_close_matches(id_, self._by_id, n=2, cutoff=0.5)
        hint = f"similar: {', '.join(near)}" if near else f"they are listed in {FILE.name}"
        return f"unknown mutant {id_!r}; {hint}."


def load(path: Path = FILE) -> Mutants:
    """Read the list.

    Raises
    ------
    MutantsError
        naming file and line, and what is wrong there.
    """
    listed = document.parse(path, MutantsError).get(KEY)
    if not isinstance(listed, list):
        raise MutantsError(f"{path}: the key `{KEY}` (a list) is expected.")
    found: dict[str, tuple[Mutant, str]] = {}
    for fields in listed:
        if not isinstance(fields, dict):
            raise MutantsError(f"{path}: a mutant is a mapping, not {fields!r}.")
        place = f"{path}:{fields[document.LINE]}"
        mine = document.mapping(path, fields, MutantsError)
        mutant = document.validated(
            Mutant, mine, f"{place}: {mine.get('id', 'no id')}", MutantsError
        )
        for type_ in mutant.services:
            if type_ not in registry().service_types:
                said = unknown("service type", type_, registry().service_types)
                raise MutantsError(f"{place}: {mutant.id}: {said}.")
        if mutant.id in found:
            raise MutantsError(f"{place}: {mutant.id} is already defined at {found[mutant.id][1]}.")
        found[mutant.id] = mutant, place
    return Mutants(mutant for mutant, _ in found.values())
