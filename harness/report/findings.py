"""The findings as they are published: matters of security are withheld until they are disclosed.

docs/findings.md marks them by ⚠ in their heading. `- Disclosed: 2026-05-04 ...` tells since when one may
be told of; anything else there, or no such line, means that it is not disclosed yet.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from harness.conformance.statement import ScenarioStatement
from harness.conformance.verdicts import CellVerdict

FILE = Path(__file__).resolve().parents[2] / "docs" / "findings.md"
MARK = "⚠"

_FINDING = re.compile(r"^### (F-[A-Z0-9]+-\d+) (.*?)\n(.*?)(?=^##|\Z)", re.M | re.S)
_DISCLOSED = re.compile(r"^- Disclosed: (\d{4}-\d\d-\d\d)\b", re.M)
_ITEM = re.compile(r"^- ([A-Z][a-z]+): (.*)$", re.M)
_RECIPE = re.compile(r"^```console\n(.*?)^```$", re.M | re.S)
_QUOTED = re.compile(r"`([^`]+)`")
_ID = re.compile(r"\b[A-Z]+-\d+\b")
_ROW = re.compile(r"^\| (F-[A-Z0-9]+-\d+) \| ([^|]*) \|.*$", re.M)


@dataclass(frozen=True)
class Finding:
    """A finding: its id, which software, and whether it is a matter of security."""

    id: str
    software: str
    security: bool
    disclosed: dt.date | None
    title: str = ""
    items: Mapping[str, str] = field(default_factory=dict)
    """What the list below its heading says: Clause, Consequence, Upstream ..."""
    recipe: str = ""
    """The commands that show it, and what they print."""

    def withheld(self, today: dt.date) -> bool:
        """Tell whether it must not be told of yet."""
        return self.security and (self.disclosed is None or self.disclosed > today)

    def names(self, *scenarios: str) -> bool:
        """Tell whether it names one of these scenarios, with their parameters or without."""
        names = {name for one in scenarios for name in (one, one.partition("[")[0])}
        return not names.isdisjoint(_QUOTED.findall(self.items.get("Scenario", "")))

    def concerns(self, requirements: Iterable[str]) -> bool:
        """Tell whether it is about one of these requirements."""
        return not set(_ID.findall(self.items.get("Requirement", ""))).isdisjoint(requirements)

    def is_of(self, implementation: str) -> bool:
        """Tell whether it is about this software; about any where that is empty."""
        return implementation.lower() in self.software.lower()

    def tells_of(self, cell: ScenarioStatement | CellVerdict) -> bool:
        """Tell whether it is about what a scenario shows of its software."""
        return (
            self.names(cell.scenario)
            and self.concerns(cell.requirements)
            and self.is_of(cell.implementation)
        )


def explaining(cell: ScenarioStatement, findings: Iterable[Finding]) -> Finding | None:
    """Return the first finding that is about what a scenario shows; None if there is none."""
    return next((one for one in findings if one.tells_of(cell)), None)


def read(text: str) -> Iterator[Finding]:
    """Find the findings of a text."""
    for found in _FINDING.finditer(text):
        yield _finding(found)


def published(text: str, today: dt.date) -> str:
    """Return the text as the site shows it: of what is withheld, its id and the software alone."""
    hidden = {one.id for one in read(text) if one.withheld(today)}

    def section(found: re.Match[str]) -> str:
        if found[1] not in hidden:
            return found[0]
        return (
            f"### {found[1]} Withheld {MARK}\n\n- Software: {_finding(found).software}\n\n"
            "A matter of security, which its maintainers are to hear of first. It is told of here when "
            "it is disclosed.\n\n"
        )

    def row(found: re.Match[str]) -> str:
        return (
            f"| {found[1]} | {found[2]} | | | withheld {MARK} |" if found[1] in hidden else found[0]
        )

    return _ROW.sub(row, _FINDING.sub(section, text))


def notice(text: str, today: dt.date) -> str:
    """Say how many findings are withheld, and what that does not hide; empty where none is."""
    hidden = [one.id for one in read(text) if one.withheld(today)]
    if not hidden:
        return ""
    many = "1 finding is" if len(hidden) == 1 else f"{len(hidden)} findings are"
    return (
        f"{many} withheld, not disclosed yet: {', '.join(hidden)}. Verdicts and evidence are not: where "
        "they must not be seen either, publish to a place that is closed (docs/operations.md)."
    )


def load(path: Path = FILE) -> str:
    """Return the text of docs/findings.md."""
    return path.read_text(encoding="utf-8") if path.exists() else "# Findings\n\nNone.\n"


def _finding(found: re.Match[str]) -> Finding:
    date = _DISCLOSED.search(found[3])
    items = {name: said.strip() for name, said in _ITEM.findall(found[3])}
    recipe = _RECIPE.search(found[3])
    title = found[2].rstrip()
    return Finding(
        id=found[1],
        software=items.get("Software", ""),
        security=title.endswith(MARK),
        disclosed=dt.date.fromisoformat(date[1]) if date else None,
        title=title.removesuffix(MARK).rstrip(),
        items=items,
        recipe=recipe[1] if recipe else "",
    )
