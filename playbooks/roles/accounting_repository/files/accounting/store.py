"""What the repository keeps: messages with what became of them, and records, each once."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from accounting import records
from accounting.records import Fields
from accounting.signatures import Refused, Signed

_TABLES = """
create table if not exists messages (id text primary key, received real, publisher text, state text,
    rule text, reason text, fresh integer, again integer);
create table if not exists records (kind text, key text, received real, publisher text, times integer,
    fields text, primary key (kind, key));
create index if not exists received on records (kind, received);
"""


@dataclass(frozen=True)
class Verdict:
    """What became of a message."""

    state: str
    """`counted` or `refused`."""
    rule: str = ""
    reason: str = ""
    fresh: int = 0
    """Records that were not there before."""
    again: int = 0
    """Records that were."""


class Store:
    """The database; one connection, which its users share in turn."""

    def __init__(self, path: str) -> None:
        self._lock = threading.Lock()
        self._base = sqlite3.connect(path, check_same_thread=False)
        self._base.executescript(_TABLES)

    def take(self, id_: str, signed: Signed, *, site: str | None) -> Verdict:
        """Count the records of a message, all or none, and keep what became of it.

        `site` is the one for which the signer publishes; None where it is for none.
        """
        try:
            verdict = self._counted(signed, site)
        except Refused as error:
            verdict = Verdict("refused", rule=error.rule, reason=str(error))
        self.note(id_, signed.signer, verdict)
        return verdict

    def note(self, id_: str, publisher: str, verdict: Verdict) -> None:
        """Keep what became of a message."""
        row = (id_, time.time(), publisher, verdict.state, verdict.rule, verdict.reason,
               verdict.fresh, verdict.again)  # fmt: skip
        with self._lock, self._base:
            self._base.execute("insert into messages values (?,?,?,?,?,?,?,?)", row)

    def _counted(self, signed: Signed, site: str | None) -> Verdict:
        if site is None:
            raise Refused("publisher", f"{signed.signer} publishes for no site of the registry")
        kind, found = records.read(signed.text)
        if kind == records.SYNC:
            return Verdict("counted")
        for record in found:
            records.check(kind, record)
            if record.get("Site") != site:
                raise Refused(
                    "publisher",
                    f"{signed.signer} publishes for {site}, and the record names {record.get('Site')!r}",
                )
        fresh = sum(self._keep(kind, record, signed.signer) for record in found)
        return Verdict("counted", fresh=fresh, again=len(found) - fresh)

    def _keep(self, kind: str, record: Fields, publisher: str) -> bool:
        """Keep a record, and tell whether it is a new one; a later one of the same key counts."""
        key = json.dumps([record.get(name, "") for name in records.KEYS[kind]])
        with self._lock, self._base:
            known = self._base.execute(
                "update records set times = times + 1, fields = ? where kind = ? and key = ?",
                (json.dumps(record), kind, key),
            )
            if known.rowcount:
                return False
            self._base.execute(
                "insert into records values (?,?,?,?,1,?)",
                (kind, key, time.time(), publisher, json.dumps(record)),
            )
        return True

    def message(self, id_: str) -> Mapping[str, Any] | None:
        """Return what became of a message."""
        names = ("state", "rule", "reason", "fresh", "again", "publisher", "received")
        with self._lock:
            row = self._base.execute(
                "select state, rule, reason, fresh, again, publisher, received from messages where id = ?",
                (id_,),
            ).fetchone()
        return None if row is None else dict(zip(names, row, strict=True))

    def records(self, kind: str, *, since: float, site: str) -> Iterator[Mapping[str, Any]]:
        """Yield the records of a kind that a site sent since a moment, as they came."""
        with self._lock:
            rows: Sequence[tuple[float, str, int, str]] = self._base.execute(
                "select received, publisher, times, fields from records"
                " where kind = ? and received >= ? order by received, rowid",
                (kind, since),
            ).fetchall()
        for received, publisher, times, fields in rows:
            record = json.loads(fields)
            if record.get("Site") == site or not site:
                yield {
                    "received": received,
                    "publisher": publisher,
                    "times": times,
                    "fields": record,
                }
