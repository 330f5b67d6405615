"""The table of verdicts: scenarios by routes, on the terminal and as `verdicts.txt`."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness.conformance.runs import Run
from harness.conformance.verdicts import CellVerdict, Judgement, Verdict

TEXT = "verdicts.txt"
_FILE_WIDTH = 140
_WIDE = 120
"""Columns from which on verdicts are written out; below, a legend explains the short forms."""

_SHORT = {
    Verdict.CONFORMANT: "ok",
    Verdict.DEVIATION: "DEV",
    Verdict.SITE_FAULT: "SITE",
    Verdict.INCONCLUSIVE: "?",
    Verdict.WARNING: "warn",
    Verdict.NOT_OFFERED: "-",
    Verdict.NOT_RUN: "none",
}
_STYLE = {
    Verdict.CONFORMANT: "green",
    Verdict.DEVIATION: "bold red",
    Verdict.SITE_FAULT: "bold magenta",
    Verdict.INCONCLUSIVE: "yellow",
    Verdict.WARNING: "cyan",
    Verdict.NOT_OFFERED: "dim",
    Verdict.NOT_RUN: "yellow",
}
_QUIET = frozenset({Verdict.CONFORMANT, Verdict.NOT_OFFERED})
"""Verdicts that need no explanation below the table, unless there is something to say."""


def show(run: Run, judgement: Judgement, *, console: Console) -> None:
    """Print the table, its legend, the totals, and what is not as it should be."""
    console.print(_table(run, judgement, wide=console.width >= _WIDE))
    if console.width < _WIDE:
        console.print(_legend())
    for text in _remarks(judgement):
        console.print(text)
    console.print(_totals(judgement))


def write(folder: Path, run: Run, judgement: Judgement) -> None:
    """Write the same into the run's folder."""
    page = io.StringIO()
    show(run, judgement, console=Console(file=page, width=_FILE_WIDTH))
    (folder / TEXT).write_text(page.getvalue(), encoding="utf-8")


def _table(run: Run, judgement: Judgement, *, wide: bool) -> Table:
    table = Table(title=f"verdicts of {run.id}", title_justify="left", pad_edge=False)
    table.add_column("scenario", ratio=1)
    for route in run.routes:
        # As wide as its words: titles are wrapped, verdicts never cut.
        head = route.id.replace(":", ":\n")
        words = (*head.split("\n"), *(v.value if wide else _SHORT[v] for v in Verdict))
        table.add_column(Text(head), no_wrap=True, min_width=max(map(len, words)))
    ordered = sorted(judgement.scenarios, key=lambda cell: (cell.family, cell.scenario))
    for family, cells in groupby(ordered, key=lambda cell: cell.family):
        table.add_section()
        table.add_row(Text(family, style="bold"))
        for scenario, of_scenario in groupby(cells, key=lambda cell: cell.scenario):
            table.add_row(*_row(run, scenario, list(of_scenario), wide=wide))
    return table


def _row(run: Run, scenario: str, cells: list[CellVerdict], *, wide: bool) -> Iterator[Text]:
    parameters = scenario.partition("[")[2]
    yield Text(cells[0].title + (f" [{parameters}" if parameters else ""))
    by_route = {cell.route: cell.verdict for cell in cells}
    for route in run.routes:
        verdict = by_route.get(route.id)
        if verdict is None:
            yield Text("")
        else:
            words = verdict.value if wide else _SHORT[verdict]
            yield Text(words, style=_STYLE[verdict])


def _legend() -> Text:
    return Text("  ".join(f"{_SHORT[v]} {v.value}" for v in reversed(Verdict)), style="dim")


def _remarks(judgement: Judgement) -> Iterator[Text]:
    """Explain, worst first, what is not conformant, and what carries a warning."""
    told = [cell for cell in judgement.scenarios if cell.verdict not in _QUIET or _warned(cell)]
    for cell in sorted(told, key=lambda cell: (-cell.verdict.rank, cell.scenario, cell.route)):
        yield Text.assemble(
            (cell.verdict.value, _STYLE[cell.verdict]), f"  {cell.route}  {cell.scenario}"
        )
        yield Text(f"    {cell.reason}")
        if cell.evidence:
            yield Text(f"    {cell.evidence}", style="dim")


def _warned(cell: CellVerdict) -> bool:
    return "advertised" in cell.reason


def _totals(judgement: Judgement) -> Text:
    parts: Iterable[str] = (
        f"{judgement.totals[v]} {v.value}" for v in reversed(Verdict) if v in judgement.totals
    )
    text = Text("totals: " + ", ".join(parts))
    text.append(
        f"\n{judgement.executed} of {len(judgement.scenarios)} cells acted on the sites; "
        f"scenarios name {judgement.covered} of the catalogue's {judgement.catalogue} requirements"
    )
    return text
