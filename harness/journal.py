"""What has been changed at the testbed's hosts and must be undone, also by a later command.

An entry is on disk before the change is made, and is struck out when it is undone. So a run that was
killed (`kill -9`, a power cut) leaves nothing for ever: the next command that touches the testbed undoes
what still stands (`harness.provision.recovery`).
"""

from __future__ import annotations

import datetime as dt
import json
import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from harness import files
from harness.budget import is_within
from harness.errors import NotAllowed, TestbedError, Unreachable
from harness.evidence import step
from harness.model import Host
from harness.shell import Shell

_PATIENCE = 60
"""Seconds that it may take to undo a change."""


@dataclass(frozen=True)
class Entry:
    """A change at a host, and what undoes it.

    To undo twice, or where nothing was changed, does no harm. An entry holds all of it, so that any
    version of the harness can undo what another has changed.
    """

    host: str
    change: str
    """What was changed, for people: `eve is suspended`."""
    script: str
    """Shell that undoes it."""
    env: Mapping[str, str] = field(default_factory=dict)
    id: str = field(default_factory=lambda: secrets.token_hex(8))

    def __str__(self) -> str:
        return f"{self.host}: {self.change}"


def require_allowed(host: Host) -> None:
    """Refuse to disturb a host whose inventory does not allow it, or not at this hour.

    Raises
    ------
    NotAllowed
        saying how it is allowed.
    """
    if not host.disturb:
        raise NotAllowed(
            f"the inventory does not allow scenarios to disturb {host.name} (`disturb: true` would)"
        )
    if not is_within(host.disturb_hours, dt.datetime.now(dt.UTC)):
        raise NotAllowed(
            f"{host.name} may be disturbed from {host.disturb_hours} UTC only (`budget`)"
        )


class Journal:
    """The changes of one testbed that still stand: a line of JSON for each, and one for its end.

    Many workers write at once. A line is one write at the end of the file, and begins on a line of its
    own: one that was cut by a kill spoils no other, and its change was never made.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def note(self, entry: Entry) -> None:
        """Write an entry, before its change is made.

        Raises
        ------
        TestbedError
            where it cannot be written; then the change must not be made.
        """
        self._append(asdict(entry))

    def strike(self, entry: Entry) -> None:
        """Strike out an entry that is undone."""
        self._append({"undone": entry.id})

    def undo(self, entry: Entry, host: Host) -> None:
        """Undo a change at its host, and strike it out.

        Raises
        ------
        Unreachable
            where that fails; the entry stands.
        """
        with step(f"{entry.host}: undo: {entry.change}") as record:
            try:
                done = Shell(host).run(entry.script, env=entry.env, timeout=_PATIENCE)
            except (TimeoutError, TestbedError) as error:
                raise Unreachable(f"{entry}, which cannot be undone: {error}", host.name) from error
            record.receive(done.stdout + done.stderr)
            if done.code:
                said = " ".join((done.stderr or done.stdout).split())[-200:]
                raise Unreachable(f"{entry}, which cannot be undone: {said}", host.name)
        self.strike(entry)

    @contextmanager
    def changed(self, host: Host, change: str, script: str, **env: str) -> Iterator[None]:
        """Let the block change a host, and undo the change when the block ends, however it ends.

        Raises
        ------
        NotAllowed
            where the inventory does not allow to disturb the host: nothing is changed then.
        Unreachable
            where it cannot be undone now; a later command tries again.
        """
        require_allowed(host)
        entry = Entry(host.name, change, script, env)
        self.note(entry)
        try:
            yield
        finally:
            self.undo(entry, host)

    def standing(self) -> Sequence[Entry]:
        """Return the changes that nobody has undone, in the order in which they were made."""
        found: dict[str, Entry] = {}
        for line in self._lines():
            if "undone" in line:
                found.pop(str(line["undone"]), None)
            else:
                entry = Entry(**{name: line[name] for name in _FIELDS})  # type: ignore[arg-type]
                found[entry.id] = entry
        return tuple(found.values())

    def undo_all(self, host_of: Callable[[str], Host], tell: Callable[[str], None]) -> None:
        """Undo all that stands, the last change first, and tell of each.

        Nobody else may work on the testbed meanwhile. What cannot be undone stays; what stood at a host
        that the testbed has no more (`host_of` raises a LookupError) is told and struck out.
        """
        entries = self.standing()
        for entry in reversed(entries):
            try:
                self.undo(entry, host_of(entry.host))
            except LookupError:
                tell(
                    f"{entry}: left by a command that was killed; the inventory has no such host now"
                )
                self.strike(entry)
            except Unreachable as error:
                tell(f"left by a command that was killed: {error}. The next command tries again.")
            else:
                tell(f"{entry}: left by a command that was killed, and undone now")
        if not self.standing():
            self._path.unlink(missing_ok=True)

    def forget(self, hosts: Iterable[Host]) -> None:
        """Strike out what was changed at hosts that are gone, and the changes with them."""
        gone = {host.name for host in hosts}
        for entry in self.standing():
            if entry.host in gone:
                self.strike(entry)

    def _append(self, record: Mapping[str, object]) -> None:
        with files.told(self._path):
            descriptor = os.open(
                self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600
            )
            try:
                os.write(descriptor, f"\n{json.dumps(record)}\n".encode())
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def _lines(self) -> Iterator[dict[str, object]]:
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            return
        for line in content.splitlines():
            try:
                found = json.loads(line)
            except ValueError:
                continue  # blank, or cut: its change was never made
            if isinstance(found, dict) and (found.keys() >= _FIELDS or "undone" in found):
                yield found


_FIELDS = frozenset(one.name for one in fields(Entry))
