"""The table of mutants and scenarios: on the console in short, as CSV in full."""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from harness import files, mutants
from harness.printable import storable, tabular
from harness.proof.judgement import RECORD, Proof, Result

MATRIX = "matrix.csv"

_MOST_ROWS = 30
"""Mutants up to which each is listed on the console."""


def write(proof: Proof, folder: Path) -> None:
    """Write `matrix.csv`: a line for each scenario over a route, a column for each mutant."""
    columns = sorted({pair.mutant for pair in proof.pairs})
    cells = {(pair.scenario, pair.route, pair.mutant): pair.result for pair in proof.pairs}
    rows = sorted({(pair.scenario, pair.route) for pair in proof.pairs})
    page = io.StringIO()
    out = csv.writer(page)
    out.writerow(map(tabular, ["scenario", "route", *columns]))
    for scenario, route in rows:
        found = (cells.get((scenario, route, mutant)) for mutant in columns)
        results = (result.value if result else "" for result in found)
        out.writerow(map(tabular, [scenario, route, *results]))
    files.replace(folder / MATRIX, page.getvalue())


def show(proof: Proof, *, console: Console) -> None:
    """Print what each mutant did, then every survivor, then the sum."""
    known = mutants.load()
    listed = Table(title="mutants", title_justify="left")
    listed.add_column("mutant", overflow="fold")
    listed.add_column("what the broken site does", overflow="fold")
    for column in (Result.KILLED, Result.SURVIVED, Result.VOID, Result.INCONCLUSIVE):
        listed.add_column(column.value, justify="right")
    results: dict[str, Counter[Result]] = {}
    for pair in proof.pairs:
        results.setdefault(pair.mutant, Counter())[pair.result] += 1
    for mutant in (m.id for m in known if m.id in results):
        found = results[mutant]
        if len(results) > _MOST_ROWS and found.keys() <= {Result.KILLED, Result.PASSED}:
            continue  # of so many, those that are as they must be are counted; the file has them all
        killed = found[Result.PASSED] if mutant == mutants.FAULTLESS else found[Result.KILLED]
        word = f"{killed} passed" if mutant == mutants.FAULTLESS else str(killed)
        listed.add_row(
            mutant,
            known[mutant].fault,
            word,
            *(
                f"[bold red]{found[result]}[/]" if found[result] else ""
                for result in (Result.SURVIVED, Result.VOID, Result.INCONCLUSIVE)
            ),
        )
    if listed.row_count:
        console.print(listed)
    said = [
        (result.value, f"{pair}: {pair.reason}")
        for result in (Result.SURVIVED, Result.VOID, Result.INCONCLUSIVE)
        for pair in proof.of(result)
        if pair.mutant == mutants.FAULTLESS or not pair.baseless
    ]
    said += [("unproven", f"{one.scenario}: {one.reason}") for one in proof.unproven]
    for word, text in said:
        console.print(f"[red]{word}[/]: {escape(storable(text))}", highlight=False, soft_wrap=True)
    console.print(_sum(proof), highlight=False, soft_wrap=True)


def _sum(proof: Proof) -> str:
    totals = proof.totals
    found = ", ".join(f"{totals[result]} {result.value}" for result in Result if totals.get(result))
    part = " (a part of all)" if proof.partial else ""
    return (
        f"{proof.scenarios} scenarios{part}, of which {proof.refusals} refusals; "
        f"{len(proof.pairs)} pairs: {found or 'none'}; "
        f"{len(proof.of(Result.SURVIVED))} survivors; "
        f"{len(proof.excused)} scenarios have no pair, for the reasons in {RECORD}"
    )
