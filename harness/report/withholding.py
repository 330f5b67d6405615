"""What a run's sentences may tell: nothing that a finding withholds until it is disclosed.

A failure has a reason, and an entry of the list of known deviations has one too. Both say in a sentence
what the finding explains, so pages, JUnit and Allure show another sentence in their place. `statement.json`
and the evidence stay as they are: they are the record of the run.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import TypeVar

from harness.conformance.changes import BROKEN, EXCUSED
from harness.conformance.deviations import KnownDeviation
from harness.conformance.statement import ExceptionStatement, ScenarioStatement, Statement
from harness.conformance.verdicts import CellVerdict, Judgement, Verdict
from harness.report.findings import Finding

WITHHELD = "Withheld: a matter of security that is not disclosed yet."
"""What stands in place of a reason."""
_TOLD_OF = BROKEN | EXCUSED | {Verdict.WARNING}


Entry = KnownDeviation | ExceptionStatement
"""An entry of the list of known deviations, as it was read or as it is stated."""
Cell = TypeVar("Cell", CellVerdict, ScenarioStatement)


def about(known: Entry, findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings that an entry of the list of known deviations speaks of.

    An entry without a scenario speaks of every finding of its requirement and software.
    """
    return [
        one
        for one in findings
        if one.concerns([known.requirement])
        and (not known.scenario or one.names(known.scenario))
        and one.is_of(known.implementation or "")
    ]


def statement(stated: Statement, findings: Sequence[Finding], today: dt.date) -> Statement:
    """Return what a run states as its pages may tell it."""
    hidden = [one for one in findings if one.withheld(today)]
    if not hidden:
        return stated
    secret = [one for one in stated.exceptions if about(one, hidden)]

    def told(one: ExceptionStatement) -> ExceptionStatement:
        return one.model_copy(update={"reason": WITHHELD}) if one in secret else one

    return stated.model_copy(
        update={
            "exceptions": tuple(map(told, stated.exceptions)),
            "scenarios": tuple(_cell(one, hidden, secret) for one in stated.scenarios),
        }
    )


def judgement(judged: Judgement, findings: Sequence[Finding], today: dt.date) -> Judgement:
    """Return verdicts as Allure may tell them."""
    hidden = [one for one in findings if one.withheld(today)]
    if not hidden:
        return judged
    entries = {one.known for one in judged.scenarios if one.known}
    secret = [one for one in entries if about(one, hidden)]
    return judged.model_copy(
        update={"scenarios": tuple(_cell(one, hidden, secret) for one in judged.scenarios)}
    )


def _cell(one: Cell, hidden: Sequence[Finding], secret: Sequence[Entry]) -> Cell:
    """Return a cell with another reason where its own tells what is withheld."""
    if one.verdict not in _TOLD_OF or not one.reason:
        return one
    named = any(finding.tells_of(one) for finding in hidden)
    quoted = any(entry.reason.strip().rstrip(".") in one.reason for entry in secret)
    if not (named or quoted):
        return one
    return one.model_copy(update={"reason": WITHHELD})
