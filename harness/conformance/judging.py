"""From a run's folder to its verdicts: `verdicts.json`, made of nothing but the folder's own files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path

from harness.conformance import deviations, inputs, outcomes, verification
from harness.conformance.catalogue import Catalogue
from harness.conformance.deviations import KnownDeviation
from harness.conformance.judge import judge as judge_outcomes
from harness.conformance.outcomes import Cell
from harness.conformance.runs import Run
from harness.conformance.verdicts import Judgement
from harness.errors import BadInput


def judge(folder: Path, run: Run) -> Judgement:
    """Judge a run from its files, and write `verdicts.json` beside them.

    Raises
    ------
    BadInput
        as `verdicts` does.
    TestbedError
        where the verdicts cannot be written.
    """
    judgement = verdicts(folder, run)
    judgement.write(folder)
    return judgement


def verdicts(folder: Path, run: Run) -> Judgement:
    """Judge what a run has recorded so far; nothing is written.

    Raises
    ------
    BadInput
        naming file and line of what is damaged, or names a requirement that is not there.
    """
    record = verification.read(folder, run)
    requirements = inputs.read_catalogue(folder)
    known = deviations.load(folder / deviations.FILE)
    _check_requirements(folder, requirements, record.plan, known)
    return judge_outcomes(
        record.plan,
        record.outcomes,
        catalogue=requirements,
        faults=run.faults,
        why_not_run=run.not_run or "no outcome was recorded",
        known=known,
        day=dt.datetime.fromisoformat(run.start).date(),
        homes=run.homes,
        extent=run.extent,
    ).model_copy(update={"damage": record.damage})


def _check_requirements(
    folder: Path, requirements: Catalogue, plan: Iterable[Cell], known: Iterable[KnownDeviation]
) -> None:
    """Refuse what speaks of requirements that the catalogue has not: a run of another catalogue."""
    named = (
        *(
            (f"{folder / outcomes.PLAN}:{n}", i)
            for n, c in enumerate(plan, 1)
            for i in c.requirements
        ),
        *((f"{folder / entry.place}", entry.requirement) for entry in known),
    )
    for place, id_ in named:
        if id_ not in requirements:
            raise BadInput(f"{place}: the catalogue has no requirement {id_!r}.")
