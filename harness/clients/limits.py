"""What the testbed's clients may do at other people's sites: kept by each of them, whatever asks it to.

The inventory declares it (`budget`), `downtimes.yaml` and the command (`--read-only`) add to it. All worker
processes of a run share what a site has been asked already, by a file for each site.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import parse_qs, urlsplit

from harness.errors import NotAllowed
from harness.model import ISSUER, Service, Site, Testbed
from harness.names import unique

_READING = frozenset({"GET", "HEAD", "OPTIONS", "PROPFIND"})
"""Methods that change nothing (RFC 9110, section 9.2.1; RFC 4918, section 9.1)."""
_LOGIN_TYPES = frozenset({ISSUER, "org.openstack.keystone"})
"""Services at which a POST logs in."""
_QUERIES = frozenset({"status", "info"})
"""`action` of a POST to ARC's REST interface that asks only."""
_ENDINGS = frozenset({"kill", "clean"})
"""`action` of a POST that ends a job, or lets the element forget it."""
_CLEANING = re.compile(r"\b(?:condor_rm|arckill|arcclean|(?:container|object) delete)\b")
"""Commands that remove what the testbed has made."""
_URL = re.compile(r"\b[a-z]+://[^\s'\"]+", re.IGNORECASE)
_DEFAULT_PORTS = {
    "https": 443,
    "davs": 443,
    "http": 80,
    "root": 1094,
    "roots": 1094,
    "condor": 9618,
}
_PATIENCE = 300.0
"""Seconds to wait until a site has room for another job; a scenario has three times as many."""
_POLL = 0.5
_MARGIN = 0.25
"""By which the testbed asks more seldom than it may: requests are under way for times that differ."""

Closed = Callable[[Service], str]
"""Says why a service is not to be asked now; nothing where it may be."""


class Limits:
    """The limits of a run.

    Parameters
    ----------
    folder
        where the worker processes share what they have used; None where nothing is counted.
    read_only
        whether nothing may be stored or submitted.
    closed
        which services are not to be asked.
    clock, sleep
        tell the time in seconds, and wait. The clock is the same in all processes, which may be on several
        machines: so it is the time of day. Where it is set back, nobody waits longer than one pause.
    """

    def __init__(
        self,
        testbed: Testbed,
        *,
        folder: Path | None = None,
        read_only: bool = False,
        closed: Closed = lambda _: "",
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.read_only = read_only
        self.closed = closed
        self._folder, self._clock, self._sleep = folder, clock, sleep
        self._sites = {site.name: site for site in testbed.sites}
        self._services = tuple(testbed.services())

    def before(self, method: str, url: str, size: int = 0) -> None:
        """Refuse a request that is not allowed, and wait until the site may be asked again.

        Parameters
        ----------
        size
            bytes that it sends; they are counted now.

        Raises
        ------
        NotAllowed
            where it would store something in a run that only reads, its service is not to be asked, or it
            would send more bytes than the site has left. What the testbed has made it may always remove.
        """
        services = self._at(url)
        if self.read_only and not _reads(method, url, services):
            raise NotAllowed(
                f"the run is read-only (--read-only), and this would write: {method} {url}"
            )
        if not _cleans(method, url):
            self._require_open(services, size)
        for site in _named(services):
            self._take_turn(self._sites[site])

    def before_command(self, line: str, *, asks: str, writes: bool) -> None:
        """Refuse a command that is not allowed, and wait for it as for one request.

        Parameters
        ----------
        asks
            what names the services that it asks, beside the line itself; it may be secret.
        writes
            whether it stores or submits something.

        Raises
        ------
        NotAllowed
            as `before`.
        """
        if self.read_only and writes:
            shown = line.strip().partition("\n")[0][:80]
            raise NotAllowed(f"the run is read-only (--read-only), and this would write: {shown}")
        text = f"{line} {asks}"
        # Where it names no address, as HTCondor's commands, its hosts tell what it asks.
        groups = [self._at(url) for url in _URL.findall(text)] or [
            [one for one in self._services if _mentions(text, one)]
        ]
        if not _CLEANING.search(line):
            for services in groups:
                self._require_open(services)
        for site in _named(one for services in groups for one in services):
            self._take_turn(self._sites[site])

    def used(self, url: str, count: int) -> None:
        """Count bytes that came from an address."""
        for site in _named(self._at(url)):
            if self._sites[site].budget.bytes is not None and count:
                with self._shared(site) as state:
                    state["bytes"] = int(state.get("bytes", 0)) + count

    def take_jobs(self, endpoint: str, count: int, *, held: int) -> list[TextIO]:
        """Wait until a site has room for so many jobs more, and take it; `close()` gives each back.

        They are given back, too, when this process ends.

        Parameters
        ----------
        held
            how many the caller has already.

        Raises
        ------
        NotAllowed
            where the caller would have more than the site allows, or there is no room for five minutes.
        """
        sites = [self._sites[name] for name in _named(self._at(endpoint))]
        limited = [(one.budget.jobs, one.name) for one in sites if one.budget.jobs is not None]
        if not limited or self._folder is None:
            return []
        limit, site = min(limited)
        if held + count > limit:
            raise NotAllowed(
                f"{site} allows the testbed {limit} jobs at once (`budget`), and the scenario needs more"
            )
        deadline = self._clock() + _PATIENCE
        while not (taken := self._free_slots(self._folder, site, limit=limit, count=count)):
            if self._clock() > deadline:
                raise NotAllowed(
                    f"{site} lets the testbed have {limit} jobs at once (`budget`), and too many were "
                    f"there for {_PATIENCE:g} s"
                )
            self._sleep(_POLL)
        return taken

    @staticmethod
    def _free_slots(folder: Path, site: str, *, limit: int, count: int) -> list[TextIO]:
        """Return the files of so many jobs that nobody has, which are this process's from now on.

        Where there are fewer, none is taken: two that wait for each other's would wait for ever.
        """
        taken: list[TextIO] = []
        for number in range(limit):
            file = (folder / f"{unique(site)}.job-{number}").open("w")
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.close()
                continue
            taken.append(file)
            if len(taken) == count:
                return taken
        for one in taken:
            one.close()
        return []

    def _require_open(self, services: Iterable[Service], size: int = 0) -> None:
        """Refuse to ask where every service that may be meant is closed, or has too few bytes left."""
        there = list(services)
        spent = {site: self._spent(site, size) for site in _named(there)}
        reasons = [self.closed(service) or spent[service.site] for service in there]
        if reasons and all(reasons):
            raise NotAllowed(reasons[0])

    def _spent(self, site: str, size: int) -> str:
        """Count bytes that are to be sent to a site; say so where it has too few left."""
        most = self._sites[site].budget.bytes
        if most is None or self._folder is None:
            return ""
        with self._shared(site) as state:
            count = int(state.get("bytes", 0))
            if count >= most or count + size > most:
                return (
                    f"{site} allows the testbed to transfer {most} bytes in a run (`budget`), "
                    f"and {count} of them are used"
                    + (f": {size} more would exceed it" if count < most else "")
                )
            state["bytes"] = count + size
        return ""

    def _take_turn(self, site: Site) -> None:
        """Wait until the site may be asked again.

        The file is held while waiting, so that no two processes have the same turn.
        """
        rate = site.budget.requests_per_second
        if rate is None or self._folder is None:
            return
        pause = (1 + _MARGIN) / rate
        with self._shared(site.name) as state:
            wait = float(state.get("next", 0.0)) - self._clock()
            if wait > 0:
                self._sleep(min(wait, pause))
            state["next"] = self._clock() + pause

    @contextmanager
    def _shared(self, site: str) -> Iterator[dict[str, Any]]:
        """Hold what all processes know of a site, and keep what the block changes."""
        if self._folder is None:
            yield {}
            return
        path = self._folder / f"{unique(site)}.json"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            state: dict[str, Any] = {}
            with suppress(ValueError):  # empty, or cut by a kill
                state = json.load(file)
            yield state
            file.seek(0)
            file.truncate()
            json.dump(state, file)

    def _at(self, url: str) -> list[Service]:
        """Return the services that an address may mean: of that port, else of that host."""
        try:
            host, port = _place(url)
        except ValueError:
            return []
        of_host = [one for one in self._services if _place(one.endpoint)[0] == host]
        return [one for one in of_host if _place(one.endpoint)[1] == port] or of_host


def _cleans(method: str, url: str) -> bool:
    """Tell whether a request removes what the testbed has made: a site would rather have that done."""
    actions = parse_qs(urlsplit(url).query).get("action", [])
    return method.upper() == "DELETE" or (bool(actions) and set(actions) <= _ENDINGS)


def _reads(method: str, url: str, services: Iterable[Service]) -> bool:
    """Tell whether a request changes nothing at a storage or a computing element."""
    if method.upper() in _READING:
        return True
    types = {one.type for one in services}
    if method.upper() == "POST" and (not types or types & _LOGIN_TYPES):
        return True
    actions = parse_qs(urlsplit(url).query).get("action", [])
    return method.upper() == "POST" and bool(actions) and set(actions) <= _QUERIES


def _place(url: str) -> tuple[str, int | None]:
    parts = urlsplit(url)
    return (parts.hostname or "").lower(), parts.port or _DEFAULT_PORTS.get(parts.scheme.lower())


def _mentions(line: str, service: Service) -> bool:
    host = _place(service.endpoint)[0]
    return (
        bool(host)
        and re.search(rf"(?<![\w.-]){re.escape(host)}(?![\w-]|\.\w)", line.lower()) is not None
    )


def _named(services: Iterable[Service]) -> list[str]:
    return list(dict.fromkeys(one.site for one in services))


def forget(folder: Path) -> None:
    """Forget what has been used of the budgets: a run begins. No other process may use the folder."""
    shutil.rmtree(folder, ignore_errors=True)


class _Kept:
    """The limits that all clients of this process keep; none before they are set."""

    now: Limits | None = None


def keep(limits: Limits | None) -> None:
    """Let all clients of this process, and of those forked from it, keep these limits."""
    _Kept.now = limits


def are_kept() -> bool:
    """Tell whether the clients of this process keep limits already."""
    return _Kept.now is not None


def closed(service: Service) -> str:
    """Say why a service is not to be asked now; nothing where it may be."""
    return "" if _Kept.now is None else _Kept.now.closed(service)


def before(method: str, url: str, size: int = 0) -> None:
    """Refuse a request that is not allowed, and wait for its turn (`Limits.before`)."""
    if _Kept.now is not None:
        _Kept.now.before(method, url, size)


def before_command(line: str, *, asks: str = "", writes: bool = False) -> None:
    """Refuse a command that is not allowed, and wait for its turn (`Limits.before_command`)."""
    if _Kept.now is not None:
        _Kept.now.before_command(line, asks=asks, writes=writes)


def size_of(headers: Mapping[str, Any]) -> int:
    """Return how many bytes a request sends after its header, as far as that says so."""
    length = str(headers.get("Content-Length") or "")
    return int(length) if length.isdecimal() else 0


def used(url: str, count: int) -> None:
    """Count bytes of an answer (`Limits.used`)."""
    if _Kept.now is not None:
        _Kept.now.used(url, count)


def take_jobs(endpoint: str, count: int, *, held: int) -> list[TextIO]:
    """Wait until a site has room for so many jobs more, and take it (`Limits.take_jobs`)."""
    return [] if _Kept.now is None else _Kept.now.take_jobs(endpoint, count, held=held)
