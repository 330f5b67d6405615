"""The findings as they are published: matters of security are withheld until they are disclosed.

docs/findings.md marks them by ⚠ in their heading. `- Disclosed: 2026-05-04 ...` tells since when one may
be told of; anything else there, or no such line, means that it is not disclosed yet.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).resolve().parents[2] / "docs" / "findings.md"
MARK = "⚠"

_FINDING = re.compile(r"^### (F-[A-Z0-9]+-\d+) (.*?)\n(.*?)(?=^##|\Z)", re.M | re.S)
_DISCLOSED = re.compile(r"^- Disclosed: (\d{4}-\d\d-\d\d)\b", re.M)
_SOFTWARE = re.compile(r"^- Software: (.*)$", re.M)
_ROW = re.compile(r"^\| (F-[A-Z0-9]+-\d+) \| ([^|]*) \|.*$", re.M)


@dataclass(frozen=True)
class Finding:
    """A finding: its id, which software, and whether it is a matter of security."""

    id: str
    software: str
    security: bool
    disclosed: dt.date | None

    def withheld(self, today: dt.date) -> bool:
        """Tell whether it must not be told of yet."""
        return self.security and (self.disclosed is None or self.disclosed > today)


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
    software = _SOFTWARE.search(found[3])
    return Finding(
        id=found[1],
        software=software[1] if software else "",
        security=found[2].rstrip().endswith(MARK),
        disclosed=dt.date.fromisoformat(date[1]) if date else None,
    )
