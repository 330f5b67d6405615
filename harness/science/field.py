"""A field of science and its use case: what a scientist wants, what runs, and what makes the result right.

Each field is a folder of `harness/science/fields/`; everything else iterates over them (`fields`).

| file | what it has |
|---|---|
| `field.py` | the record `FIELD` |
| `inputs.py` | `make()`: the input, the same bytes whenever it is called |
| `check.py` | `check(result)`: the figures by which a scientist judges the result |
| `picture.py` | `draw(result, drawing)`: the picture at which a scientist would look |
| `worker/program.py` | what runs on the worker, with the other files of that folder beside it |
| `bundle/` | what the software is made from (`harness.science.recipe`) |
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Protocol, cast

from harness.extent import Extent
from harness.kinds import unknown

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

FIELDS = "harness.science.fields"

Files = Mapping[str, bytes]
"""Name -> content: a field's input, and what its program has written."""

Parameters = Mapping[str, str | int | float | bool]


@dataclass(frozen=True)
class Software:
    """A program that a use case runs, as its publisher names it."""

    name: str
    version: str
    licence: str
    """By its identifier in SPDX: `BSD-3-Clause`."""
    link: str


@dataclass(frozen=True)
class Figure:
    """A figure of a result, and the bounds within which a scientist takes it as right."""

    what: str
    """In the words of the field: `largest error of the density`."""
    value: float
    source: str
    """Where the expected value and the tolerance are from."""
    unit: str = ""
    low: float = -math.inf
    high: float = math.inf

    @property
    def right(self) -> bool:
        """True where the value is within its bounds; what is no number is wrong."""
        return self.low <= self.value <= self.high

    @property
    def wanted(self) -> str:
        """The bounds, in words."""
        unit = f" {self.unit}" if self.unit else ""
        if math.isinf(self.low):
            return f"at most {self.high:.6g}{unit}"
        if math.isinf(self.high):
            return f"at least {self.low:.6g}{unit}"
        if self.low == self.high:
            return f"exactly {self.low:.6g}{unit}"
        middle, half = (self.low + self.high) / 2, (self.high - self.low) / 2
        return f"{middle:.6g} ± {half:.2g}{unit}"

    def __str__(self) -> str:
        unit = f" {self.unit}" if self.unit else ""
        return f"{self.what}: {self.value:.6g}{unit}, wanted: {self.wanted}"


def near(
    what: str, value: float, expected: float, tolerance: float, *, source: str, unit: str = ""
) -> Figure:
    """Return a figure that is right where it differs from what is expected by no more than a tolerance."""
    low, high = expected - tolerance, expected + tolerance
    return Figure(what, float(value), source, unit, low, high)


def at_most(what: str, value: float, bound: float, *, source: str, unit: str = "") -> Figure:
    """Return a figure that is right up to a bound: an error."""
    return Figure(what, float(value), source, unit, high=bound)


def at_least(what: str, value: float, bound: float, *, source: str, unit: str = "") -> Figure:
    """Return a figure that is right from a bound on: a score."""
    return Figure(what, float(value), source, unit, low=bound)


def exactly(what: str, value: float, wanted: float, *, source: str, unit: str = "") -> Figure:
    """Return a figure that is right where it is what is wanted: a count."""
    return Figure(what, float(value), source, unit, low=wanted, high=wanted)


def worst(errors: Iterable[float]) -> float:
    """Return the largest of some errors; no number where one of them is none."""
    found = list(errors)
    return math.nan if any(map(math.isnan, found)) else max(found)


@dataclass(frozen=True)
class Control:
    """The same run, done wrongly on purpose, so that the check of the result is seen to fail."""

    what: str
    """What is wrong, in one sentence."""
    parameters: Parameters
    """Those that differ from the right run's."""
    wrong: tuple[str, ...]
    """Figures (`Figure.what`) that must be out of their bounds."""


@dataclass(frozen=True, kw_only=True)
class Field:
    """A field of science and its use case."""

    name: str
    """The name of its folder."""
    title: str
    """`Environmental science`."""
    question: str
    """What the scientist wants to know, in one sentence."""
    method: str
    """How, and on what data, in a few sentences; says where data are synthetic."""
    requirement: str
    """Of the catalogue, family SCI: that the result is right."""
    software: tuple[Software, ...]
    parameters: Parameters
    """Of the right run."""
    control: Control
    memory: int
    """MiB that a worker must have free."""
    extent: Extent = "core"
    killed_by: tuple[str, ...] = ("miscalculates",)
    """Mutants that the check of this field must find, beside those that every field's scenario finds."""

    @property
    def folder(self) -> Path:
        """Where its files are."""
        return Path(__file__).parent / "fields" / self.name

    @property
    def runs(self) -> Mapping[str, Parameters]:
        """What the job computes, by name: the right run, and the control."""
        return {
            "right": self.parameters,
            "control": {**self.parameters, **self.control.parameters},
        }

    def inputs(self) -> Files:
        """Return the input."""
        return cast("_Inputs", self._module("inputs")).make()

    def check(self, result: Files) -> tuple[Figure, ...]:
        """Return the figures of a result.

        Raises
        ------
        WrongResult
            where a file is missing, or cannot be read.
        """
        return tuple(cast("_Check", self._module("check")).check(result))

    def draw(self, result: Files, drawing: Drawing) -> None:
        """Draw the picture of a result."""
        cast("_Picture", self._module("picture")).draw(result, drawing)

    def programs(self) -> Files:
        """Return what travels with the job."""
        folder = self.folder / "worker"
        return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}

    def _module(self, name: str) -> object:
        return import_module(f"{FIELDS}.{self.name}.{name}")


class _Inputs(Protocol):
    def make(self) -> Files: ...


class _Check(Protocol):
    def check(self, result: Files) -> Sequence[Figure]: ...


class _Picture(Protocol):
    def draw(self, result: Files, drawing: Drawing) -> None: ...


class WrongResult(AssertionError):
    """A result is not one that the field's program writes; says what is wrong with it."""


@cache
def fields() -> tuple[Field, ...]:
    """Return all fields, by the names of their folders."""
    package = import_module(FIELDS)
    names = sorted(found.name for found in iter_modules(package.__path__) if found.ispkg)
    return tuple(import_module(f"{FIELDS}.{name}.field").FIELD for name in names)


def lightest() -> Field:
    """Return the field whose job takes the least memory, among those of every night."""
    return min((one for one in fields() if one.extent == "core"), key=lambda one: one.memory)


def field(name: str) -> Field:
    """Return a field by its name.

    Raises
    ------
    LookupError
        where there is none; says which is near.
    """
    for one in fields():
        if one.name == name:
            return one
    raise LookupError(unknown("field", name, (one.name for one in fields())))
