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
    Verdict.KNOWN_DEVIATION: "known",
    Verdict.NOT_OFFERED: "-",
    Verdict.NOT_RUN: "none",
}
_STYLE = {
    Verdict.CONFORMANT: "green",
    Verdict.DEVIATION: "bold red",
    Verdict.SITE_FAULT: "bold magenta",
    Verdict.INCONCLUSIVE: "yellow",
    Verdict.WARNING: "cyan",
    Verdict.KNOWN_DEVIATION: "blue",
    Verdict.NOT_OFFERED: "dim",
    Verdict.NOT_RUN: "yellow",
}
_REMARKS = 25
"""Scenarios that the terminal explains; the file explains all."""

_REASON = 150
"""Characters of an explanation on the terminal."""

_QUIET = frozenset({Verdict.CONFORMANT, Verdict.NOT_OFFERED})
"""Verdicts that need no explanation below the table, unless there is something to say."""


def show(run: Run, judgement: Judgement, *, console: Console) -> None:
    """Print the table, its legend, in brief what is not as it should be, and the totals."""
    _print(run, judgement, console, _brief(_told(judgement)))


def write(folder: Path, run: Run, judgement: Judgement) -> None:
    """Write the same into the run's folder, with every explanation in full."""
    page = io.StringIO()
    console = Console(file=page, width=_FILE_WIDTH)
    _print(run, judgement, console, map(_in_full, _told(judgement)))
    (folder / TEXT).write_text(page.getvalue(), encoding="utf-8")


def _print(run: Run, judgement: Judgement, console: Console, remarks: Iterable[Text]) -> None:
    wide = console.width >= _WIDE
    console.print(_table(run, judgement, wide=wide, width=console.width))
    if not wide:
        console.print(_legend())
    for remark in remarks:
        console.print(remark)
    for complaint in judgement.complaints:
        console.print(Text(complaint, style="bold red"))
    console.print(_totals(judgement))


def _table(run: Run, judgement: Judgement, *, wide: bool, width: int) -> Table:
    words = {v: v.value if wide else _SHORT[v] for v in Verdict}
    headings = [route.id.replace(":", ":\n") for route in run.routes]
    widths = [max(map(len, [*words.values(), *text.split("\n")])) for text in headings]
    # A border left, then each column with a blank on either side and a border.
    left = width - 1 - 3 - sum(w + 3 for w in widths)
    names = {cell.key: _name(cell, max(left, 20)) for cell in judgement.scenarios}
    table = Table(title=f"verdicts of {run.id}", title_justify="left")
    table.add_column("scenario", no_wrap=True, width=max(map(len, names.values()), default=20))
    for heading, column in zip(headings, widths, strict=True):
        table.add_column(heading, no_wrap=True, width=column)
    ordered = sorted(judgement.scenarios, key=lambda cell: (cell.family, cell.scenario))
    for family, cells in groupby(ordered, key=lambda cell: cell.family):
        table.add_section()
        table.add_row(Text(family, style="bold"))
        for _, of_scenario in groupby(cells, key=lambda cell: cell.scenario):
            listed = list(of_scenario)
            verdicts = {cell.route: cell.verdict for cell in listed}
            table.add_row(
                Text(names[listed[0].key]),
                *(
                    Text(words[v], style=_STYLE[v]) if (v := verdicts.get(r.id)) else Text("")
                    for r in run.routes
                ),
            )
    return table


def _name(cell: CellVerdict, width: int) -> str:
    """Return the scenario's title and parameters; where space is short, the title gives way."""
    parameters = cell.scenario.partition("[")[2].removesuffix("]")
    suffix = f" [{_cut(parameters, width // 2)}]" if parameters else ""
    return _cut(cell.title, width - len(suffix)) + suffix


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1].rstrip()}…"


def _legend() -> Text:
    return Text("  ".join(f"{_SHORT[v]} {v.value}" for v in reversed(Verdict)), style="dim")


def _told(judgement: Judgement) -> list[CellVerdict]:
    """Return, worst first, what is not conformant, and what was tried twice."""
    told = [cell for cell in judgement.scenarios if cell.verdict not in _QUIET or cell.earlier]
    return sorted(told, key=lambda cell: (-cell.verdict.rank, cell.scenario, cell.route))


def _in_full(cell: CellVerdict) -> Text:
    evidence = [*(attempt.evidence for attempt in cell.earlier), cell.evidence]
    return Text.assemble(
        (cell.verdict.value, _STYLE[cell.verdict]),
        f"  {cell.route}  {cell.scenario}\n    {cell.reason}",
        ("".join(f"\n    {name}" for name in evidence if name), "dim"),
    )


def _brief(told: Iterable[CellVerdict]) -> Iterator[Text]:
    """Explain each scenario once, whatever its parameters, by the reason of its first cell."""
    groups = groupby(told, key=lambda cell: (cell.verdict, cell.scenario.partition("[")[0]))
    for number, ((verdict, scenario), cells) in enumerate(groups):
        if number == _REMARKS:
            yield Text(f"... and more, in {TEXT}", style="dim")
            return
        listed = list(cells)
        routes = ", ".join(dict.fromkeys(cell.route for cell in listed))
        yield Text.assemble(
            (verdict.value, _STYLE[verdict]),
            f"  {scenario}  ",
            (routes, "dim"),
            f"\n    {_cut(listed[0].reason, _REASON)}",
        )


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
