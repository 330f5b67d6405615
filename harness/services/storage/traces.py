"""From a path and a time to the user of a transfer, by the logs of the storage."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from importlib.resources import files
from urllib.parse import urlsplit

import pytest

from harness.engine.not_shown import NotRun
from harness.engine.site_records import SiteRecords, Trace
from harness.services.storage.fixtures import File

TracedFile = Callable[[File], tuple[Trace, ...]]


def _xrootd(path: str) -> str:
    program = files(__package__).joinpath("programs/xrootd_requests.awk").read_text("utf-8")
    logs = "/var/log/xrootd/se/xrootd.log"
    return f"awk -v path={shlex.quote(path)} {shlex.quote(program)} {logs}"


def _apache(path: str) -> str:
    return f"grep -hF {shlex.quote(f' {path} ')} /var/log/apache2/webdav-access.log || true"


def of_xrootd(printed: str) -> tuple[Trace, ...]:
    """Read what the SciTokens plugin says of the tokens by which it let requests in."""
    return tuple(
        Trace(
            issuer=_first(r"issuer=([^,\s]+)", line),
            subject=_first(r"subject=([^,\s]+)", line),
            address=_first(r"@\[?(?:::(?:ffff:)?)?([0-9a-f.:]+)\]?\s", line),
        )
        for line in printed.splitlines()
    )


def of_apache(printed: str) -> tuple[Trace, ...]:
    """Read the lines of requests that came with a token, with the claims that end them."""
    return tuple(
        Trace(
            issuer=_first(r' iss="([^"]*)"', line),
            subject=_first(r' sub="([^"]*)"', line),
            token_id=_first(r' jti="([^"]*)"', line),
            address=line.partition(" ")[0],
        )
        for line in printed.splitlines()
        if ' iss="' in line
    )


def _first(pattern: str, line: str) -> str:
    found = re.search(pattern, line)
    return "" if found is None or found[1] == "-" else found[1]


_READERS: Mapping[str, tuple[Callable[[str], str], Callable[[str], tuple[Trace, ...]]]] = {
    "apache": (_apache, of_apache),
    "xrootd": (_xrootd, of_xrootd),
}
"""Implementation -> the command that its administrator types, and how its answer is read."""


@pytest.fixture
def traced_file(site_records: SiteRecords) -> TracedFile:
    """Tell by the logs of a storage who made the requests for a file.

    Where the testbed has not made the host, the scenario is not run.
    """

    def find(file: File) -> tuple[Trace, ...]:
        service = file.area.service
        if service.implementation not in _READERS:
            raise NotRun(f"the testbed cannot read the logs of {service.implementation}.")
        command, read = _READERS[service.implementation]
        path = urlsplit(file.url).path
        return read(site_records.read(service, command(path), sought=f"requests for {path}"))

    return find
