"""Services that did not answer: what one process of a run has waited for, the others do not wait for.

They share it by a folder of the run. An origin (scheme, host and port) that has timed out is asked again by
a small request first, with little patience; once it answers, it is forgiven. In a run, one process at a
time sends such a request, and one tries a command that knows none: however many sites are down, all other
workers serve the rest.
Each workstation has its own outages (`via`): a site that is cut off from some users serves others.
Without a folder, as in a proof, nothing is noted.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from harness import files
from harness.clients import addresses
from harness.errors import Unreachable
from harness.redaction import redactor

FOLDER = "outages"
"""In a run's folder; empty where every service answered."""

PATIENCE = 5.0
"""Seconds that a service gets to answer the small request."""
PAUSE = 5.0
"""Seconds between the end of a small request and the next."""
LONG_PAUSE = 30.0
"""Seconds between two attempts at what knows no small request."""

_KNOCKING, _TRYING = "knocking", "trying"
"""Files of the folder: whoever has the lock of one sends a small request, or tries a command."""

_SPOKEN = {"davs": "https", "dav": "http"}
"""Scheme as commands write it -> the one that it is."""

Knock = Callable[[], bool]
"""Sends the small request; tells whether anything came back."""


@dataclass(frozen=True)
class Outage:
    """A service that does not answer, or that lets nobody in."""

    what: str
    host: str
    why: str
    since: float
    asked: float
    """When it was last asked, by whichever process."""
    lasting: bool = False
    """True where it is not asked again in this run."""

    def __str__(self) -> str:
        since = time.strftime("%H:%M:%S", time.gmtime(self.since))
        return f"{self.what}, since {since} UTC: {self.why}"


class Outages:
    """The outages of a run; `clock` tells the time in seconds."""

    def __init__(self, folder: Path | None = None, clock: Callable[[], float] = time.time) -> None:
        self._folder, self._clock = folder, clock

    def keep(self, folder: Path | None) -> None:
        """Share outages by a folder from now on, which is made; by none where it is None."""
        self._folder = folder
        if folder is not None:
            with files.told(folder):
                folder.mkdir(exist_ok=True)

    def note(
        self, what: str, why: str, *, via: str = "", host: str = "", lasting: bool = False
    ) -> None:
        """Note that a service does not answer; the first to say so is quoted from then on."""
        name = origin(what)
        path = self._path(what, via)
        if path is None or path.exists():
            return
        now = self._clock()
        host = host or urlsplit(name).hostname or name
        self._write(
            path, Outage(name, host, redactor.redact(" ".join(why.split())), now, now, lasting)
        )

    def require(self, what: str, knock: Knock | None = None, *, via: str = "") -> None:
        """Go on where nothing is noted of a service, or where it answers a knock.

        Raises
        ------
        Unreachable
            with the first failure.
        """
        path = self._path(what, via)
        outage = self._read(path)
        if path is None or outage is None:
            return
        if knock is not None:
            with self._turn(path, _KNOCKING, PAUSE) as mine:
                if mine and knock():
                    path.unlink(missing_ok=True)
                    return
        raise _silent(outage)

    @contextmanager
    def asking(self, url: str, *, via: str) -> Iterator[None]:
        """Ask a service by a command, which knows no small request; nothing is noted of an empty URL.

        Raises
        ------
        Unreachable
            where the service is not asked; what the command itself raises goes on its way.
        """
        path = self._path(url, via)
        outage = self._read(path)
        if path is not None and outage is not None:
            with self._turn(path, _TRYING, LONG_PAUSE) as mine:
                if not mine:
                    raise _silent(outage)
                yield
                path.unlink(missing_ok=True)
            return
        start = self._clock()
        try:
            yield
        except Unreachable as error:
            if self._clock() - start >= PATIENCE:
                self.note(url, str(error), via=via)
            raise

    @contextmanager
    def _turn(self, path: Path, what: str, pause: float) -> Iterator[bool]:
        """Tell whether this process may wait for a service now; no other process does so meanwhile.

        It may not where the last wait for the service has ended less than `pause` seconds ago.
        """
        with (path.parent / what).open("ab") as turn:
            try:
                fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            outage = self._read(path)
            if outage is None or outage.lasting or self._clock() - outage.asked < pause:
                yield False
                return
            try:
                yield True
            finally:
                if path.exists():
                    self._write(path, replace(outage, asked=self._clock()))

    def _path(self, what: str, via: str) -> Path | None:
        if self._folder is None or not what:
            return None
        name = f"{origin(what)} {via}"
        return self._folder / f"{hashlib.sha256(name.encode()).hexdigest()[:24]}.json"

    def _read(self, path: Path | None) -> Outage | None:
        if path is None:
            return None
        with suppress(FileNotFoundError):
            return Outage(**json.loads(path.read_text(encoding="utf-8")))
        return None

    def _write(self, path: Path, outage: Outage) -> None:
        files.replace(path, json.dumps(asdict(outage)) + "\n")


def _silent(outage: Outage) -> Unreachable:
    return Unreachable(f"{outage}. It is not contacted until it answers again", outage.host)


def origin(url: str) -> str:
    """Return scheme, host and port of a URL, in one form; what is no URL stays as it is."""
    try:
        scheme, host, _ = addresses.origin(url)
    except ValueError:
        return url
    if not (scheme and host):
        return url
    return addresses.comparable(f"{_SPOKEN.get(scheme, scheme)}://{urlsplit(url).netloc}")


def log_ins(infrastructure: str) -> str:
    """Return the name by which it is noted that an infrastructure's issuer lets nobody in."""
    return f"the log-ins of {infrastructure}"


outages = Outages()
"""Those of this process's run."""
