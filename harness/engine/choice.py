"""Which scenarios a user asks for: `-k`, `--requirement` and `--family`.

Pytest's own `-k` looks at the folders above the scenarios too, so that a checkout in `~/transfer` would run
everything for `-k transfer`, and at the names of routes. Here a scenario's own words count alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pytest

from harness.conformance.catalogue import Catalogue
from harness.engine.cells import requirements_of, scenario_at
from harness.engine.pytest_private import Expression
from harness.errors import BadInput
from harness.kinds import unknown

_MEANS = "Use words, `and`, `or`, `not` and parentheses: -k 'checksum and not pull'"


@dataclass(frozen=True)
class Choice:
    """What a user asks for; each narrows the others, and everything is asked for where all are empty."""

    keyword: str = ""
    """An expression over words of a scenario: its file and name, its marks, its requirements."""
    requirements: tuple[str, ...] = ()
    """A scenario shows one of these."""
    families: tuple[str, ...] = ()
    """A scenario shows a requirement of one of these: `XFER`."""

    def __bool__(self) -> bool:
        return bool(self.keyword.strip() or self.requirements or self.families)

    def __str__(self) -> str:
        words = [f"-k {self.keyword!r}"] if self.keyword.strip() else []
        words += [f"--requirement {id_}" for id_ in self.requirements]
        return " ".join([*words, *(f"--family {name}" for name in self.families)])

    def arguments(self) -> list[str]:
        """Return what pytest must be told."""
        return [
            f"--choose={self.keyword}",
            *(f"--requirement={id_}" for id_ in self.requirements),
            *(f"--family={name}" for name in self.families),
        ]

    def check(self, catalogue: Catalogue) -> None:
        """Refuse what means nothing.

        Raises
        ------
        BadInput
            naming the option, and what of the catalogue is near the word.
        """
        if self.keyword.strip():
            _compiled(self.keyword)
        for word in self.requirements:
            if word.upper() not in catalogue:
                near = ", ".join(catalogue.near(word)) or "none; `testbed catalogue` lists all"
                raise BadInput(f"--requirement: unknown requirement {word!r}; similar: {near}.")
        families = {requirement.family for requirement in catalogue}
        for word in self.families:
            if word.upper() not in families:
                raise BadInput(f"--family: {unknown('family', word.upper(), families)}.")

    def takes(self, item: pytest.Item) -> bool:
        """Tell whether a collected scenario is asked for."""
        shown = requirements_of(item)
        families = {id_.rpartition("-")[0] for id_ in shown}
        return (
            _overlap(self.requirements, shown)
            and _overlap(self.families, families)
            and (not self.keyword.strip() or _matches(self.keyword, [*_words(item), *shown]))
        )


EVERYTHING = Choice()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("testbed")
    group.addoption(
        "--choose", metavar="EXPR", default="", help="only scenarios whose own words match"
    )
    group.addoption(
        "--requirement", action="append", default=[], metavar="ID", help="only what shows it"
    )
    group.addoption(
        "--family", action="append", default=[], metavar="FAMILY", help="only what shows one of it"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is not asked for."""
    option = config.option
    choice = Choice(option.choose, tuple(option.requirement), tuple(option.family))
    if not choice:
        return
    taken = [item for item in items if choice.takes(item)]
    left = set(items).difference(taken)
    config.hook.pytest_deselected(items=[item for item in items if item in left])
    items[:] = taken


def _overlap(wanted: Iterable[str], shown: Iterable[str]) -> bool:
    upper = {word.upper() for word in wanted}
    return not upper or not upper.isdisjoint(shown)


def _words(item: pytest.Item) -> Iterator[str]:
    """Yield the scenario's own words: file below `scenarios/`, function and parameters, names of marks."""
    yield scenario_at(item)
    yield from (mark.name for mark in item.iter_markers())


def _matches(keyword: str, words: Iterable[str]) -> bool:
    lower = [word.lower() for word in words]

    def matches(word: str, /, **more: object) -> bool:
        if more:
            raise pytest.UsageError(f"-k {keyword!r}: {word}(...) means nothing. {_MEANS}.")
        return any(word.lower() in one for one in lower)

    return _compiled(keyword).evaluate(matches)


def _compiled(keyword: str) -> Expression:
    try:
        return Expression.compile(keyword)
    except SyntaxError as error:
        raise BadInput(f"-k {keyword!r} is not an expression: {error.msg}. {_MEANS}.") from None
