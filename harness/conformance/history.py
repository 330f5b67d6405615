"""The history of runs: `runs/history.sqlite`, with the statement and the verdicts of every night.

SQLite, for its transactions: a crash leaves the entry whole or absent, and writers wait for each
other. Verdicts stand in one string a run, a letter for each cell that any run has had, so that a year
of nights is read in well under a second; the statements stand beside them, compressed, for ever.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from harness.conformance import former
from harness.conformance.availability import Sample, ServiceKey, Status
from harness.conformance.fields import is_name
from harness.conformance.outcomes import Measurement
from harness.conformance.statement import Statement
from harness.conformance.verdicts import Verdict
from harness.errors import BadInput

FILE = "history.sqlite"
_FORM = 3
"""Form of the tables (`PRAGMA user_version`)."""
_WITHOUT_FIGURES = 2
"""The form before: what scenarios had measured stood in the statements alone."""
_ROUTES_TO_INFRASTRUCTURES = 1
"""The form before that: routes were named by infrastructures."""
_WAIT = 60.0
"""Seconds that a writer waits for another."""
ABSENT = " "
"""Stands for a cell that a run had not."""

Kind = Literal["requirement", "scenario"]

_FIGURES = """
CREATE TABLE figures (
    run TEXT NOT NULL,
    site TEXT NOT NULL, what TEXT NOT NULL, service TEXT NOT NULL, detail TEXT NOT NULL,
    seconds REAL NOT NULL, at_least INTEGER NOT NULL,
    PRIMARY KEY (run, site, what, service, detail)
) WITHOUT ROWID;
"""
_TABLES = f"""
CREATE TABLE cells (
    id INTEGER PRIMARY KEY,
    testbed TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, route TEXT NOT NULL,
    UNIQUE (testbed, kind, name, route)
);
CREATE TABLE runs (
    id TEXT PRIMARY KEY,
    testbed TEXT NOT NULL, start TEXT NOT NULL, exit_code INTEGER NOT NULL,
    verdicts TEXT NOT NULL, services TEXT NOT NULL,
    sha256 TEXT NOT NULL, statement BLOB NOT NULL
) WITHOUT ROWID;
{_FIGURES}
PRAGMA user_version = {_FORM};
"""


class HistoryError(BadInput):
    """The history cannot be read; names the file and the entry, and what to do."""


@dataclass(frozen=True)
class Night:
    """A run of the history."""

    id: str
    start: str
    testbed: str
    exit_code: int

    @property
    def began(self) -> dt.datetime:
        """When it began."""
        return dt.datetime.fromisoformat(self.start)


@dataclass(frozen=True)
class FigureKey:
    """What was measured at a site: `containment time` at a service, and with what."""

    site: str
    what: str
    service: str
    detail: str


@dataclass(frozen=True)
class Figure:
    """What a night measured; of several routes the longest."""

    night: str
    """Id of the run."""
    seconds: float
    at_least: bool
    """True where the end was not awaited: it is so long, or longer."""


@dataclass(frozen=True)
class Grid:
    """The verdicts of a testbed's nights, oldest first, a letter a night for every cell."""

    nights: tuple[Night, ...]
    columns: tuple[str, ...]
    """Of each night, the letters of all cells by their number."""
    cells: Mapping[tuple[Kind, str, str], int]
    """Kind, name and route -> number."""

    def strip(self, kind: Kind, name: str, route: str) -> str:
        """Return a cell's letters, oldest night first; `ABSENT` where a night had it not."""
        number = self.cells.get((kind, name, route))
        if number is None or not self.nights:
            return ABSENT * len(self.nights)
        return self._strips[number]

    @cached_property
    def _strips(self) -> list[str]:
        """Return the columns turned into rows, all at once."""
        height = max(self.cells.values(), default=-1) + 1
        return ["".join(row) for row in zip(*(c.ljust(height) for c in self.columns), strict=True)]


class History:
    """The store of runs; open it by `History.open`."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path, self._db = path, connection

    @classmethod
    @contextmanager
    def open(cls, path: Path) -> Iterator[History]:
        """Open the history, and make it where it is not there yet.

        Raises
        ------
        HistoryError
            where the file is no history, is damaged, of a later form, or cannot be written.
        """
        connection = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(path, timeout=_WAIT, isolation_level=None)
            history = cls(path, connection)
            history._prepare()
            yield history
        except (sqlite3.Error, OSError) as error:
            raise HistoryError(f"{path}: {error}. {_REMEDY}") from error
        finally:
            if connection is not None:
                connection.close()

    def add(self, statement: Statement) -> bool:
        """Enter a run, or its newer statement; tell whether anything changed."""
        content = statement.model_dump_json().encode()
        digest = hashlib.sha256(content).hexdigest()
        run = statement.run
        with self._transaction():
            if self._db.execute(
                "SELECT 1 FROM runs WHERE id = ? AND sha256 = ?", (run.id, digest)
            ).fetchone():
                return False
            self._db.execute(
                "REPLACE INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    run.id,
                    run.testbed,
                    run.start,
                    run.exit_code,
                    self._letters(statement),
                    json.dumps(
                        [[o.site, o.type, o.endpoint, o.status] for o in statement.services]
                    ),
                    digest,
                    zlib.compress(content),
                ),
            )
            self._db.execute("DELETE FROM figures WHERE run = ?", (run.id,))
            self._enter(run.id, ((c.site, m) for c in statement.scenarios for m in c.measurements))
        return True

    def remove(self, id_: str) -> None:
        """Remove a run.

        Raises
        ------
        BadInput
            where there is none of that id.
        """
        with self._transaction():
            if not self._db.execute("DELETE FROM runs WHERE id = ?", (id_,)).rowcount:
                raise BadInput(f"{self.path}: there is no run {id_}; `testbed history` lists them.")
            self._db.execute("DELETE FROM figures WHERE run = ?", (id_,))

    def nights(self, testbed: str | None = None) -> list[Night]:
        """Return the runs of a testbed, or of all, oldest first."""
        rows = self._db.execute(
            "SELECT id, start, testbed, exit_code FROM runs "
            "WHERE testbed = coalesce(?, testbed) ORDER BY start, id",
            (testbed,),
        )
        return [self._night(*row) for row in rows]

    def _night(self, id_: str, start: str, testbed: str, exit_code: int) -> Night:
        """Return a row as a night, whose names become parts of paths."""
        try:
            named = is_name(id_) and is_name(testbed) and bool(dt.datetime.fromisoformat(start))
        except ValueError:
            named = False
        if not named:
            raise HistoryError(
                f"{self.path}: no run can have entered the night {id_!r} of the testbed {testbed!r}, "
                f"begun {start!r}. {_REMEDY}"
            )
        return Night(id_, start, testbed, exit_code)

    def statement(self, id_: str) -> Statement:
        """Return the statement of a run.

        Raises
        ------
        HistoryError
            where there is none, or the entry is damaged; says how to mend it.
        """
        row = self._db.execute("SELECT sha256, statement FROM runs WHERE id = ?", (id_,)).fetchone()
        if row is None:
            raise HistoryError(f"{self.path}: there is no run {id_}; `testbed history` lists them.")
        digest, blob = row
        try:
            content = zlib.decompress(blob)
        except (zlib.error, TypeError):
            content = b""
        if hashlib.sha256(content).hexdigest() != digest:
            raise HistoryError(
                f"{self.path}: the entry of run {id_} is damaged. "
                f"`testbed history --remove {id_}` removes it; "
                f"`testbed history --add FOLDER` enters its statement again, if there is one."
            )
        return Statement.parse(content, f"{self.path}: run {id_}")

    def grid(self, testbed: str, *, last: int | None = None) -> Grid:
        """Return the verdicts of a testbed's nights, or of the `last` ones."""
        rows = self._db.execute(
            "SELECT id, start, testbed, exit_code, verdicts FROM runs WHERE testbed = ? "
            "ORDER BY start DESC, id DESC LIMIT ?",
            (testbed, -1 if last is None else last),
        ).fetchall()[::-1]
        return Grid(
            nights=tuple(self._night(*row[:4]) for row in rows),
            columns=tuple(row[4] for row in rows),
            cells=self._cells(testbed),
        )

    def samples(self, testbed: str, *, until: str) -> dict[ServiceKey, list[Sample]]:
        """Return how each service was in every night up to the one that began `until`.

        Former nights knew a service by its endpoint alone.
        """
        found: dict[ServiceKey, list[Sample]] = {}
        rows = self._db.execute(
            "SELECT start, services FROM runs WHERE testbed = ? AND start <= ? ORDER BY start, id",
            (testbed, until),
        )
        for start, services in rows:
            time = dt.datetime.fromisoformat(start)
            for key, status in _statuses(json.loads(services)):
                found.setdefault(key, []).append(Sample(time, Status(status)))
        return found

    def figures(self, testbed: str, *, until: str) -> dict[FigureKey, list[Figure]]:
        """Return what was measured in every night up to the one that began `until`, oldest first."""
        found: dict[FigureKey, list[Figure]] = {}
        rows = self._db.execute(
            "SELECT site, what, service, detail, run, seconds, at_least "
            "FROM figures JOIN runs ON runs.id = run WHERE testbed = ? AND start <= ? "
            "ORDER BY start, id",
            (testbed, until),
        )
        for site, what, service, detail, run, seconds, at_least in rows:
            key = FigureKey(site, what, service, detail)
            found.setdefault(key, []).append(Figure(run, seconds, bool(at_least)))
        return found

    def _enter(self, run: str, measured: Iterable[tuple[str, Measurement]]) -> None:
        """Enter what a run has measured at each site."""
        longest: dict[tuple[str, str, str, str], Measurement] = {}
        for site, one in measured:
            key = site, one.what, one.service, one.detail
            if key not in longest or longest[key].seconds < one.seconds:
                longest[key] = one
        self._db.executemany(
            "INSERT INTO figures VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(run, *key, one.seconds, one.at_least) for key, one in longest.items()],
        )

    def _prepare(self) -> None:
        (form,) = self._db.execute("PRAGMA user_version").fetchone()
        if form == 0:
            with self._transaction():
                # Another process may have made them while this one waited.
                if self._db.execute("PRAGMA user_version").fetchone() == (0,):
                    for order in filter(str.strip, _TABLES.split(";")):
                        self._db.execute(order)
        elif form in (_ROUTES_TO_INFRASTRUCTURES, _WITHOUT_FIGURES):
            if form == _ROUTES_TO_INFRASTRUCTURES:
                self._lead_to_sites()
            self._enter_figures()
        elif form != _FORM:
            raise HistoryError(
                f"{self.path} has format {form}, and this version of the testbed reads format "
                f"{_FORM}. Use the version that wrote it, or a newer one."
            )

    def _lead_to_sites(self) -> None:
        """Give the cells of former nights the names that their routes have today.

        Each statement says to which site its routes led.
        """
        with self._transaction():
            names: dict[tuple[str, str], str] = {}
            for testbed, blob in self._db.execute(
                "SELECT testbed, statement FROM runs ORDER BY start"
            ):
                with suppress(zlib.error, ValueError, TypeError, AttributeError):
                    listed = json.loads(zlib.decompress(blob))["routes"]
                    for route, name in former.names_of(listed).items():
                        names[testbed, route] = name
            self._db.executemany(
                "UPDATE OR IGNORE cells SET route = ? WHERE testbed = ? AND route = ?",
                [(name, testbed, route) for (testbed, route), name in names.items()],
            )
            self._db.execute(f"PRAGMA user_version = {_WITHOUT_FIGURES}")

    def _enter_figures(self) -> None:
        """Enter what former nights have measured, as their statements tell it."""
        with self._transaction():
            # Another process may have done so while this one waited.
            if self._db.execute("PRAGMA user_version").fetchone() != (_WITHOUT_FIGURES,):
                return
            self._db.execute(_FIGURES)
            for (run,) in self._db.execute("SELECT id FROM runs").fetchall():
                of_run = "SELECT statement FROM runs WHERE id = ?"
                (blob,) = self._db.execute(of_run, (run,)).fetchone()
                with suppress(zlib.error, ValueError, TypeError, AttributeError, LookupError):
                    cells = json.loads(zlib.decompress(blob))["scenarios"]
                    self._enter(
                        run,
                        [
                            (cell["site"], Measurement.model_validate(one))
                            for cell in cells
                            for one in cell.get("measurements", ())
                        ],
                    )
            self._db.execute(f"PRAGMA user_version = {_FORM}")

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def _cells(self, testbed: str) -> dict[tuple[Kind, str, str], int]:
        rows: Sequence[tuple[Kind, str, str, int]] = self._db.execute(
            "SELECT kind, name, route, id FROM cells WHERE testbed = ?", (testbed,)
        ).fetchall()
        return {(kind, name, route): number for kind, name, route, number in rows}

    def _letters(self, statement: Statement) -> str:
        """Return the verdicts as letters by the cells' numbers; new cells get one."""
        testbed = statement.run.testbed
        found = _verdicts(statement)
        known = self._cells(testbed)
        self._db.executemany(
            "INSERT INTO cells (testbed, kind, name, route) VALUES (?, ?, ?, ?)",
            [(testbed, *key) for key in found if key not in known],
        )
        known = self._cells(testbed)
        letters = [ABSENT] * (max(known.values(), default=-1) + 1)
        for key, verdict in found.items():
            letters[known[key]] = verdict.letter
        return "".join(letters).rstrip()


def _statuses(listed: Any) -> Iterator[tuple[ServiceKey, str]]:
    if isinstance(listed, dict):
        yield from listed.items()
    else:
        for site, type_, endpoint, status in listed:
            yield (site, type_, endpoint), status


_REMEDY = (
    "Check whether the disk is full or the file is damaged. If it is damaged, move it away: "
    "`testbed history --add FOLDER ...` rebuilds it from the folders of runs or of the site."
)


def _verdicts(statement: Statement) -> dict[tuple[Kind, str, str], Verdict]:
    found: dict[tuple[Kind, str, str], Verdict] = {}
    for one in statement.requirements:
        if one.outside:
            continue  # a night of a smaller extent says nothing of it
        found["requirement", one.id, one.route] = one.verdict
    for cell in statement.scenarios:
        if cell.outside:
            continue
        found["scenario", cell.scenario, cell.route] = cell.verdict
    return found
