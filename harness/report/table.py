"""The table of a run: a row for each requirement that is not conformant, on the terminal and as a file."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness import files
from harness.conformance.runs import Run
from harness.conformance.verdicts import CellVerdict, Judgement, Origin, Verdict
from harness.printable import printable, storable
from harness.translation import PLAIN, Speaker

TEXT = "verdicts.txt"
_FILE_WIDTH = 140
_WIDE = 100
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
_QUIET = frozenset({Verdict.CONFORMANT, Verdict.NOT_OFFERED})
"""Verdicts that need no row."""

_IDLE = frozenset({Verdict.NOT_OFFERED, Verdict.NOT_RUN})
"""Verdicts on what was not tried."""

_EXPECTED = frozenset({Verdict.KNOWN_DEVIATION, Verdict.WARNING})
"""Verdicts that the terminal explains in the file alone: nobody has to act tonight."""

_ROUTES = 3
"""Routes up to which a row names each."""
_REASON = 150
"""Characters of an explanation on the terminal."""
_REMARKS = 25
"""Scenarios that the terminal explains; the file explains all."""


@dataclass(frozen=True)
class Row:
    """A requirement, with a verdict on some of its routes."""

    requirement: str
    verdict: Verdict
    origin: Origin | None
    responsible: tuple[str, ...]
    routes: tuple[str, ...]

    def whose(self, tr: Speaker = PLAIN) -> str:
        """Say where the failure arises, and at which sites."""
        if self.origin is None:
            return ""
        names = {
            Origin.CROSSING: tr("crossing"),
            Origin.RESOURCE: tr("resource"),
            Origin.HOME: tr("home"),
        }
        if self.origin is Origin.CROSSING:
            return names[self.origin]
        return f"{names[self.origin]}: {', '.join(self.responsible)}"


def rows(judgement: Judgement, *, unfinished: bool = False) -> list[Row]:
    """Return the requirements that are not conformant, worst first; one that fails in two ways has two.

    Of a run that is `unfinished`, what it did not come to is left out.
    """
    found: dict[tuple[str, Verdict, Origin | None], list[tuple[str, str]]] = {}
    left = {
        (id_, one.route) for one in judgement.scenarios if one.missing for id_ in one.requirements
    }
    for one in judgement.requirements:
        if unfinished and one.verdict is Verdict.NOT_RUN and (one.id, one.route) in left:
            continue
        if one.verdict not in _QUIET:
            key = one.id, one.verdict, one.origin
            found.setdefault(key, []).append((one.route, one.responsible))
    made = [
        Row(
            requirement=id_,
            verdict=verdict,
            origin=origin,
            responsible=tuple(dict.fromkeys(site for _, site in places if site)),
            routes=tuple(route for route, _ in places),
        )
        for (id_, verdict, origin), places in found.items()
    ]
    return sorted(made, key=lambda row: (-row.verdict.rank, row.requirement))


def show(run: Run, judgement: Judgement, *, console: Console, tr: Speaker = PLAIN) -> None:
    """Print the table, its legend, in brief what must be looked at, and the totals, in a language."""
    told = [cell for cell in _told(run, judgement) if cell.verdict not in _EXPECTED]
    _print(run, judgement, console, _brief(told, tr), tr)


def write(folder: Path, run: Run, judgement: Judgement) -> None:
    """Write the same into the run's folder, in English, with every explanation in full."""
    page = io.StringIO()
    console = Console(file=page, width=_FILE_WIDTH)
    told = [one for one in _told(run, judgement) if not _is_idle(one)]
    remarks = (*map(_in_full, told), *_idle(run, judgement))
    _print(run, judgement, console, remarks, PLAIN)
    files.replace(folder / TEXT, page.getvalue())


def _print(
    run: Run, judgement: Judgement, console: Console, remarks: Iterable[Text], tr: Speaker
) -> None:
    listed = rows(judgement, unfinished=_unfinished(run))
    wide = console.width >= _WIDE
    if listed:
        console.print(_table(run, listed, tr, wide=wide))
        if not wide:
            console.print(_legend(tr))
    for remark in remarks:
        console.print(remark)
    for complaint in (*judgement.complaints, *judgement.damage):
        console.print(Text(storable(complaint), style="bold red"))
    if _unfinished(run):
        console.print(Text(_left(run, judgement, tr), style="yellow"))
    console.print(_totals(judgement, tr))


def _unfinished(run: Run) -> bool:
    """Tell whether a run did not come to all its cells: it was interrupted or killed, or goes on."""
    return run.interrupted or run.end is None


def _left(run: Run, judgement: Judgement, tr: Speaker) -> str:
    """Say how much an unfinished run did not come to, and how to go on."""
    said = (
        tr("{n} of {cells} checks have no result: the run was interrupted.")
        if run.interrupted
        else tr("{n} of {cells} checks have no result: the run has not ended, or was killed.")
    )
    count = said.format(
        n=sum(one.missing for one in judgement.scenarios), cells=len(judgement.scenarios)
    )
    again = tr(
        "An interrupted run cannot be continued: run the same command again, or a part of it (-k, --route)."
    )
    return f"{count} {again}"


def _table(run: Run, listed: Sequence[Row], tr: Speaker, *, wide: bool) -> Table:
    title = tr("not conformant in {run}").format(run=run.id)
    table = Table(title=title, title_justify="left")
    table.add_column(tr("requirement"), no_wrap=True)
    table.add_column(tr("verdict"), no_wrap=True)
    table.add_column(tr("arises from"), overflow="fold")
    table.add_column(tr("routes"), overflow="fold", ratio=1)
    for row in listed:
        word = tr(row.verdict.value) if wide else _SHORT[row.verdict]
        table.add_row(
            Text(row.requirement),
            Text(word, style=_STYLE[row.verdict]),
            Text(row.whose(tr)),
            Text(_routes(row.routes, tr, of=len(run.routes))),
        )
    return table


def _routes(names: Sequence[str], tr: Speaker, *, of: int) -> str:
    """Return the routes of a row, as many as are read at a glance."""
    if len(names) == of:
        return tr("all {n}").format(n=of) if of > 1 else names[0]
    listed = ", ".join(names[:_ROUTES])
    if len(names) <= _ROUTES:
        return listed
    return tr("{names} and {n} more").format(names=listed, n=len(names) - _ROUTES)


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1].rstrip()}…"


def _legend(tr: Speaker) -> Text:
    return Text("  ".join(f"{_SHORT[v]} {tr(v.value)}" for v in reversed(Verdict)), style="dim")


def _told(run: Run, judgement: Judgement) -> list[CellVerdict]:
    """Return, worst first, what is not conformant, and what was tried twice.

    Of what an unfinished run did not come to, a line tells.
    """
    told = [cell for cell in _reached(run, judgement) if cell.verdict not in _QUIET or cell.earlier]
    return sorted(told, key=lambda cell: (-cell.verdict.rank, cell.scenario, cell.route))


def _reached(run: Run, judgement: Judgement) -> Iterator[CellVerdict]:
    """Yield the cells without those that an unfinished run did not come to."""
    unfinished = _unfinished(run)
    return (one for one in judgement.scenarios if not (unfinished and one.missing))


def _is_idle(cell: CellVerdict) -> bool:
    """Tell whether nothing was tried, for a reason that many cells share."""
    return cell.verdict in _IDLE and not cell.earlier


def _idle(run: Run, judgement: Judgement) -> Iterator[Text]:
    """Say of what was not tried why, each reason once."""
    reasons: dict[tuple[int, str], list[CellVerdict]] = {}
    for cell in _reached(run, judgement):
        if _is_idle(cell):
            reasons.setdefault((-cell.verdict.rank, cell.reason), []).append(cell)
    for (_, reason), cells in sorted(reasons.items()):
        listed = "".join(f"\n    {cell.route}  {cell.scenario}" for cell in cells)
        yield Text.assemble(
            (cells[0].verdict.value, _STYLE[cells[0].verdict]),
            f"  {storable(reason)}",
            (listed, "dim"),
        )


def _in_full(cell: CellVerdict) -> Text:
    evidence = [*(attempt.evidence for attempt in cell.earlier), cell.evidence]
    return Text.assemble(
        (cell.verdict.value, _STYLE[cell.verdict]),
        f"  {cell.route}  {cell.scenario}\n    {storable(cell.reason)}",
        ("".join(f"\n    {name}" for name in evidence if name), "dim"),
    )


def _brief(told: Iterable[CellVerdict], tr: Speaker) -> Iterator[Text]:
    """Explain each scenario once, whatever its parameters, by the reason of its first cell."""
    groups = groupby(told, key=lambda cell: (cell.verdict, cell.scenario.partition("[")[0]))
    for number, ((verdict, scenario), cells) in enumerate(groups):
        if number == _REMARKS:
            yield Text(tr("... and more, in {file}").format(file=TEXT), style="dim")
            return
        listed = list(cells)
        routes = ", ".join(dict.fromkeys(cell.route for cell in listed))
        yield Text.assemble(
            (tr(verdict.value), _STYLE[verdict]),
            f"  {scenario}  ",
            (routes, "dim"),
            f"\n    {_cut(printable(listed[0].reason), _REASON)}",
        )


def _totals(judgement: Judgement, tr: Speaker) -> Text:
    parts = (
        f"{judgement.totals[v]} {tr(v.value)}" for v in reversed(Verdict) if v in judgement.totals
    )
    text = Text(tr("totals: {counts}").format(counts=", ".join(parts)))
    origins = Counter(cell.origin for cell in judgement.scenarios if cell.origin)
    if origins:
        said = ", ".join(_arise(one, origins[one], tr) for one in reversed(Origin) if origins[one])
        text.append("\n" + tr("of those that do not pass: {counts}").format(counts=said))
    ran = tr(
        "{executed} of {cells} checks asked the sites; {covered} of {all} requirements have a scenario"
    )
    text.append(
        "\n"
        + ran.format(
            executed=judgement.executed,
            cells=len(judgement.scenarios),
            covered=judgement.covered,
            all=judgement.catalogue,
        )
    )
    return text


def _arise(origin: Origin, number: int, tr: Speaker) -> str:
    said = {
        Origin.CROSSING: tr("{n} arise from crossing"),
        Origin.RESOURCE: tr("{n} fail for the site's own users too"),
        Origin.HOME: tr("{n} fail for the home's users at home too"),
    }
    return said[origin].format(n=number)
