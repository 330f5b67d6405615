"""From a run's folder to what people read: the table of verdicts, the Allure report, the site."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.text import Text

from harness import translation
from harness.conformance import judging, outcomes, statement, verification
from harness.conformance.runs import Run
from harness.conformance.verdicts import Judgement
from harness.printable import storable
from harness.report import allure, findings, site, table, withholding
from harness.translation import Speaker


def judge(folder: Path, *, console: Console, lang: str = "") -> Judgement:
    """Judge a run again from its files alone, and print its table.

    The table is in the language `lang`; where that is empty, in the language of the environment.

    Raises
    ------
    BadInput
        where the folder is no run's, or there is no such language.
    """
    tr = Speaker(translation.chosen(lang, os.environ))
    folder = folder.resolve()
    run = Run.read(folder)
    judgement = judging.judge(folder, run)
    statement.make(folder, run, judgement).write(folder)
    table.write(folder, run, judgement)
    table.show(run, judgement, console=console, tr=tr)
    for remark in _remarks(folder, run):
        console.print(Text(storable(remark), style="yellow"), soft_wrap=True)
    return judgement


def _remarks(folder: Path, run: Run) -> Iterator[str]:
    """Say what a reader must know of what the run was judged by."""
    if not run.alone:
        yield (
            f"{run.id} was made by a former version, which kept no copy of catalogue and inventory: "
            "it is judged by those of today."
        )
        if number := verification.shared(outcomes.read(folder)):
            yield (
                f"{number} of its outcomes share a file of evidence with another: "
                "the file tells of one of them only."
            )
    for text in verification.edited(folder, run):
        yield f"{text}; it is judged by what is there now."


def build(folder: Path, *, console: Console, lang: str = "") -> Judgement:
    """Judge a run again from its files, print its table, and build its Allure report and its pages.

    A run of a part of the scenarios or routes, or one that was interrupted, is no night: it gets its
    Allure report, and no place in the history.

    Raises
    ------
    BadInput
        where the folder is no run's, or there is no such language.
    PreconditionError
        where Allure is not installed.
    """
    folder = folder.resolve()
    judgement = judge(folder, console=console, lang=lang)
    run = Run.read(folder)
    with console.status("building the report ..."):
        known = list(findings.read(findings.load()))
        told = withholding.judgement(judgement, known, dt.datetime.now(dt.UTC).date())
        index = allure.build(folder, run, told)
        if run.whole:
            index = site.build(folder, console=console)
    console.print(f"report: {shown(index.resolve())}", highlight=False, soft_wrap=True)
    return judgement


def shown(path: Path) -> str:
    """Return a path as short as it can be said from here."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
