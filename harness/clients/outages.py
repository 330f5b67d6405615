"""Services that did not answer: what one process of a run has waited for, the others do not wait for.

They share it by a folder of the run. An origin (scheme, host and port) that has timed out is asked again by
a small request first, by one process at a time and with little patience; once it answers, it is forgiven.
Each workstation has its own outages (`via`): a site that is cut off from some users serves others.
Without a folder, as in a proof, nothing is noted.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
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
"""Seconds between two small requests."""
LONG_PAUSE = 30.0
"""Seconds between two attempts at what knows no small request."""

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

    def forgive(self, what: str, *, via: str = "") -> None:
        """Note that a service has answered."""
        path = self._path(what, via)
        if path is not None:
            path.unlink(missing_ok=True)

    def require(self, what: str, knock: Knock | None = None, *, via: str = "") -> None:
        """Go on where nothing is noted of a service, or where it answers again.

        Where it cannot be knocked at, one process may try it now and then: whoever does calls `forgive`.

        Raises
        ------
        Unreachable
            with the first failure.
        """
        path = self._path(what, via)
        outage = self._read(path)
        if path is None or outage is None:
            return
        pause = PAUSE if knock else LONG_PAUSE
        now = self._clock()
        if not outage.lasting and now - outage.asked >= pause:
            self._write(path, Outage(**asdict(outage) | {"asked": now}))
            if knock is None:
                return
            if knock():
                path.unlink(missing_ok=True)
                return
        raise Unreachable(f"{outage}. It is not contacted until it answers again", outage.host)

    @contextmanager
    def asking(self, url: str, *, via: str) -> Iterator[None]:
        """Ask a service by a command, which knows no small request; nothing is noted of an empty URL.

        Raises
        ------
        Unreachable
            where the service is not asked; what the command itself raises goes on its way.
        """
        self.require(url, via=via)
        start = self._clock()
        try:
            yield
        except Unreachable as error:
            if self._clock() - start >= PATIENCE:
                self.note(url, str(error), via=via)
            raise
        self.forgive(url, via=via)

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
