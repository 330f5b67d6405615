"""A slow port of a storage, beside the usual one, for transfers that must last.

It disturbs nobody: only connections to this port are slow.
"""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import pytest
from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_fixed

from harness.engine.not_shown import NotRun
from harness.errors import Unreachable
from harness.evidence import step
from harness.model import Host, Testbed
from harness.services.storage import slow_relay
from harness.services.storage.fixtures import File
from harness.shell import reach

_PATIENCE = 60
"""Seconds that a transfer gets to end."""

_BEGUN = 2**16
"""Bytes after which a transfer has begun: more than it takes to agree on keys and to ask for a size."""


class SlowPort:
    """A port of a storage's host through which one file is sent slowly.

    Parameters
    ----------
    rate
        bytes a second that come through.
    """

    def __init__(self, host: Host, url: str, *, rate: int) -> None:
        self._host = host
        parts = urlsplit(url)
        script = Path(slow_relay.__file__).read_text(encoding="utf-8")
        words = ["python3", "-c", script, str(parts.port or 443), str(rate)]
        self._process = subprocess.Popen(
            [*reach(host), "sh"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            (port,) = self._ask(f"exec {shlex.join(words)}")
        except BaseException:
            self.close()
            raise
        self.url = parts._replace(netloc=f"{parts.hostname}:{port}").geturl()
        """Where the file is found, slowly."""

    @property
    def was_used(self) -> bool:
        """Whether a transfer through this port has begun."""
        _, passed = self._ask("")
        return passed >= _BEGUN

    def wait_until_left(self) -> None:
        """Wait until a transfer of the file has begun and ended.

        Raises
        ------
        AssertionError
            where that is not so when a transfer should long have ended.
        """

        def state() -> tuple[int, int]:
            connections, passed = self._ask("")
            return connections, passed

        with step(f"wait until nobody fetches {self.url} any more") as record:
            attempts = Retrying(
                retry=retry_if_result(lambda seen: seen[0] > 0 or seen[1] < _BEGUN),
                stop=stop_after_delay(_PATIENCE),
                wait=wait_fixed(0.2),
            )
            try:
                _, passed = attempts(state)
            except RetryError as error:
                connections, passed = error.last_attempt.result()
                raise AssertionError(
                    f"after {_PATIENCE} s {connections} connections to {self.url} are open, and "
                    f"{passed} bytes have come through"
                ) from error
            record.receive(f"{passed} bytes have come through")

    def close(self) -> None:
        """Close the port and all its connections."""
        self._process.communicate()

    def _ask(self, line: str) -> list[int]:
        """Send a line and return the numbers that come back."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with suppress(BrokenPipeError):  # what the process said at its end tells more
            self._process.stdin.write(f"{line}\n")
            self._process.stdin.flush()
        words = self._process.stdout.readline().split()
        if not words or not all(word.isdecimal() for word in words):
            raise Unreachable(f"no slow port could be opened: {' '.join(words)}", self._host.name)
        return [int(word) for word in words]


class SlowPorts(Protocol):
    """Opens a port through which a file needs so many seconds."""

    def __call__(self, file: File, *, seconds: int) -> SlowPort:
        """Return the port; it is closed when the test ends."""
        ...


@pytest.fixture
def slow_port(testbed: Testbed) -> Iterator[SlowPorts]:
    """Make a transfer of a file last: its storage sends it through another port, slowly.

    The testbed opens no port at a host of a real site: there the scenario is not run.
    """
    with ExitStack() as opened:

        def open_port(file: File, *, seconds: int) -> SlowPort:
            host = testbed.host(file.area.webdav.service.host)
            if not host.roles:
                raise NotRun(
                    f"the testbed cannot control {host.name}, so it cannot open a slow port there."
                )
            with step(f"{host.name}: a port through which {file.name} needs {seconds} s"):
                port = SlowPort(host, file.url, rate=file.data.size // seconds)
            opened.callback(port.close)
            return port

        yield open_port
