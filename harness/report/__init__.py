"""From a run's folder to what people read: the Allure report and the table of verdicts."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from harness.conformance import runs
from harness.conformance.runs import Run
from harness.conformance.verdicts import Judgement
from harness.report import allure, table


def judge(folder: Path, *, console: Console) -> Judgement:
    """Judge a run again from its files alone, and print its table.

    Raises
    ------
    BadInput
        where the folder is no run's.
    """
    folder = folder.resolve()
    run = Run.read(folder)
    judgement = runs.judge(folder, run)
    table.write(folder, run, judgement)
    table.show(run, judgement, console=console)
    return judgement


def build(folder: Path, *, console: Console) -> Judgement:
    """Judge a run again from its files, print its table, and build its Allure report.

    Raises
    ------
    BadInput
        where the folder is no run's.
    PreconditionError
        where Allure is not installed.
    """
    folder = folder.resolve()
    judgement = judge(folder, console=console)
    with console.status("building the report ..."):
        index = allure.build(folder, Run.read(folder), judgement)
    console.print(f"report: {shown(index)}", highlight=False, soft_wrap=True)
    return judgement


def shown(path: Path) -> str:
    """Return a path as short as it can be said from here."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
