"""What is new since those concerned were told last, cause by cause.

A cause that a night could not judge stays as it was: silence is no recovery.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from harness.conformance.changes import BROKEN, EXCUSED, SILENT
from harness.conformance.statement import Statement
from harness.conformance.verdicts import Verdict
from harness.notice.causes import Cause, Sort


class Event(StrEnum):
    """What became of a cause."""

    NEW = "new"
    CHANGED = "changed"
    """It is at other sites than before."""
    KNOWN = "known"
    """Somebody follows it up now, as a known deviation."""
    RECOVERED = "recovered"
    WITHDRAWN = "no longer tested"
    MANY = "many"
    """A list of more news than are told one by one."""


class Told(BaseModel):
    """A cause as it was told last."""

    model_config = ConfigDict(frozen=True)

    cause: Cause
    since: str
    """When the night began in which it was seen first."""
    notice: str = ""
    """Id of the notice that told of it first; empty where nobody was told."""


class Notice(BaseModel):
    """One thing to tell."""

    model_config = ConfigDict(frozen=True)

    id: str
    event: Event
    testbed: str
    night: str
    """Id of the night's run."""
    began: str
    """When the night began."""
    cause: Cause
    since: str
    first: str = ""
    """Id of the notice that told of the cause first, where this is not the one."""
    added: tuple[str, ...] = ()
    """Sites at which it is new."""
    gone: tuple[str, ...] = ()
    """Sites at which it has recovered."""
    listed: tuple[Notice, ...] = ()
    """Of many, each."""


def since_last(
    told: Mapping[str, Told], now: Mapping[str, Cause], statement: Statement
) -> tuple[list[Notice], dict[str, Told]]:
    """Return what is to be told, and what has been told once that is done."""
    teller = _Teller(statement)
    return list(teller.news(told, now)), teller.kept


class _Teller:
    """Compares the causes of a night with those that were told, and keeps what must be kept."""

    def __init__(self, statement: Statement) -> None:
        self._run = statement.run
        self._verdicts = {(one.scenario, one.route): one.verdict for one in statement.scenarios}
        self.kept: dict[str, Told] = {}

    def news(self, told: Mapping[str, Told], now: Mapping[str, Cause]) -> Iterator[Notice]:
        """Yield what is to be told: what is new first, what has recovered last."""
        for key, cause in now.items():
            old = told.get(key) or _former(cause, told, now)
            if old is None or old.cause.sort is Sort.KNOWN:
                yield from self._new(cause, old)
            else:
                yield from self._again(cause, old)
        for key, old in told.items():
            if key not in now:
                yield from self._gone(old)

    def _new(self, cause: Cause, old: Told | None) -> Iterator[Notice]:
        if cause.sort is Sort.KNOWN:
            self.kept[cause.key] = Told(cause=cause, since=old.since if old else self._run.start)
            return
        notice = self._notice(Event.NEW, cause, since=self._run.start)
        self.kept[cause.key] = Told(cause=cause, since=self._run.start, notice=notice.id)
        yield notice

    def _again(self, cause: Cause, old: Told) -> Iterator[Notice]:
        """Tell what differs of a cause that was told."""
        if cause.sort is Sort.KNOWN:
            self.kept[cause.key] = old.model_copy(update={"cause": cause, "notice": ""})
            yield self._notice(Event.KNOWN, cause, since=old.since, first=old.notice)
            return
        here = {(cell.scenario, cell.route) for cell in cause.cells}
        silent = tuple(
            cell
            for cell in old.cause.cells
            if (cell.scenario, cell.route) not in here
            and self._is_silent(cell.scenario, cell.route)
        )
        sites = tuple(dict.fromkeys((*cause.sites, *(cell.site for cell in silent))))
        added = tuple(site for site in cause.sites if site not in old.cause.sites)
        gone = tuple(site for site in old.cause.sites if site not in sites)
        kept = cause.model_copy(update={"cells": (*cause.cells, *silent), "sites": sites})
        self.kept[cause.key] = old.model_copy(update={"cause": kept})
        if cause.sort is Sort.FAILURE and (added or gone):
            parties = tuple(dict.fromkeys((*cause.parties, *old.cause.parties)))
            yield self._notice(
                Event.CHANGED,
                cause.model_copy(update={"parties": parties}),
                since=old.since,
                first=old.notice,
                added=added,
                gone=gone,
            )

    def _gone(self, old: Told) -> Iterator[Notice]:
        """Tell of a cause that was told and is not there any more."""
        cause = old.cause
        failed = cause.sort in (Sort.FAILURE, Sort.KNOWN)
        seen = [self._verdicts.get((cell.scenario, cell.route)) for cell in cause.cells]
        if failed and any(verdict in BROKEN | EXCUSED for verdict in seen):
            return  # it goes on under another key
        if failed and any(verdict in SILENT for verdict in seen):
            self.kept[cause.key] = old
            return
        if cause.sort in (Sort.KNOWN, Sort.LIST):
            return  # nobody was told that it fails
        tested = not failed or any(verdict not in (None, Verdict.NOT_OFFERED) for verdict in seen)
        event = Event.RECOVERED if tested else Event.WITHDRAWN
        yield self._notice(event, cause, since=old.since, first=old.notice)

    def _is_silent(self, scenario: str, route: str) -> bool:
        return self._verdicts.get((scenario, route)) in SILENT

    def _notice(
        self,
        event: Event,
        cause: Cause,
        *,
        since: str,
        first: str = "",
        added: tuple[str, ...] = (),
        gone: tuple[str, ...] = (),
    ) -> Notice:
        return Notice(
            id=name(self._run.id, event, cause.key),
            event=event,
            testbed=self._run.testbed,
            night=self._run.id,
            began=self._run.start,
            cause=cause,
            since=since,
            first=first,
            added=added,
            gone=gone,
        )


def _former(cause: Cause, told: Mapping[str, Told], now: Mapping[str, Cause]) -> Told | None:
    """Return how a cause was told under another key.

    A finding explains it since, or another site is at fault.
    """
    if cause.sort not in (Sort.FAILURE, Sort.KNOWN):
        return None
    mine = {(cell.scenario, cell.route) for cell in cause.cells}
    for key, one in told.items():
        theirs = {(cell.scenario, cell.route) for cell in one.cause.cells}
        if key not in now and one.cause.sort is Sort.FAILURE and mine & theirs:
            return one
    return None


def name(night: str, event: Event, key: str) -> str:
    """Return the id of a notice: the same however often a night is looked at."""
    return hashlib.sha256(f"{night} {event} {key}".encode()).hexdigest()[:16]


def joined(notices: list[Notice], *, at_most: int) -> list[Notice]:
    """Return the notices one by one, or as one list where they are more than `at_most`."""
    if len(notices) <= at_most:
        return notices
    first = notices[0]
    return [
        first.model_copy(
            update={
                "id": name(first.night, Event.MANY, ""),
                "event": Event.MANY,
                "first": "",
                "listed": tuple(notices),
                "cause": Cause(
                    key="many",
                    sort=Sort.FAILURE,
                    title=f"{len(notices)} changes",
                    parties=tuple(dict.fromkeys(p for one in notices for p in one.cause.parties)),
                    page="index.html",
                ),
            }
        )
    ]
