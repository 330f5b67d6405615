"""Ways to the workstations behind SSH: requests start there, by OpenSSH's dynamic forwarding.

A process has one connection to each such workstation. It is opened with the words by which plays, checks
and commands reach the host too; a fork uses the one of its parent for as long as that holds.
"""

from __future__ import annotations

import atexit
import os
import re
import select
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from typing import IO, NoReturn, cast

from tenacity import Retrying, retry_if_result, stop_after_attempt, wait_random

from harness import shell
from harness.errors import ProvisionError, TestbedError
from harness.model import Host, Testbed

_HERE = "127.0.0.1"
_PATIENCE = 60.0
"""Seconds for a log-in."""

_READY = "interop-testbed-is-ready"

_IN_PASSING = re.compile(f"{shell.TURNED_AWAY}|Could not request local forwarding")
"""What is no refusal: the server was busy, or another program took the port in the meantime."""

_NOBODY = 1
"""A port at which nobody listens (tcpmux, RFC 1078): whoever may forward is told that it is closed."""


class Tunnel:
    """A SOCKS5 proxy on this machine, whose requests start at a host; names are looked up there, too.

    Raises
    ------
    ProvisionError
        where nobody can log in there, or its SSH server forwards nothing.
    """

    def __init__(self, host: Host) -> None:
        self._host, self._maker = host, os.getpid()
        # OpenSSH tells there of each connection that it cannot make; a pipe would have to be read.
        self._said = tempfile.TemporaryFile()  # noqa: SIM115, closed with the connection
        Retrying(
            retry=retry_if_result(lambda opened: not opened),
            stop=stop_after_attempt(6),
            wait=wait_random(0.5, 3),
            retry_error_callback=lambda _: self._fail(),
        )(self._open)
        self._require_forwarding()

    @property
    def url(self) -> str:
        """Where the proxy listens."""
        return f"socks5h://{_HERE}:{self._port}"

    @property
    def holds(self) -> bool:
        """Whether the proxy still listens."""
        with suppress(OSError), socket.create_connection((_HERE, self._port), timeout=1):
            return True
        return False

    def close(self) -> None:
        """Close the connection; one that a fork has of its parent stays."""
        if os.getpid() == self._maker:
            self._process.kill()
            self._process.communicate()
            self._said.close()

    def _open(self) -> bool:
        """Log in; tell False where that may go well at another time.

        What runs there ends with this process, and the connection with it.
        """
        self._said.truncate(0)
        self._port = self._free_port()
        options = (
            *("-D", f"{_HERE}:{self._port}", "-o", "ExitOnForwardFailure=yes"),
            # What a shared connection forwards would outlive us.
            *("-o", "ControlMaster=no", "-o", "ControlPath=none"),
            *("-o", "LogLevel=INFO"),  # so that it says why it forwards nothing
        )
        try:
            self._process = subprocess.Popen(
                [*shell.ssh(self._host, *options), f"echo {_READY}; cat"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._said,
                start_new_session=True,  # Ctrl-C is for the harness
            )
        except FileNotFoundError as error:
            raise ProvisionError(
                stage="connect", host=self._host.name, message=f"{error.filename} is not installed"
            ) from error
        if self._is_ready():
            return True
        if not _IN_PASSING.search(self._words()):
            self._fail()
        self._process.kill()
        self._process.communicate()
        return False

    def _free_port(self) -> int:
        with socket.socket() as free:
            free.bind((_HERE, 0))
            return int(free.getsockname()[1])

    def _is_ready(self) -> bool:
        """Tell whether the host has answered; not so where the connection ends, or the time."""
        out = cast("IO[bytes]", self._process.stdout).fileno()
        heard, until = b"", time.monotonic() + _PATIENCE
        while _READY.encode() not in heard:
            ready, _, _ = select.select([out], [], [], max(0, until - time.monotonic()))
            more = os.read(out, 4096) if ready else b""
            if not more:
                return False
            heard += more
        return True

    def _require_forwarding(self) -> None:
        """Ask for a port of the host at which nobody listens, and hear what its SSH server says to that."""
        with socket.create_connection((_HERE, self._port), timeout=_PATIENCE) as asking:
            asking.sendall(b"\x05\x01\x00")  # SOCKS5 without a password (RFC 1928)
            asking.recv(2)
            port = _NOBODY.to_bytes(2, "big")
            asking.sendall(b"\x05\x01\x00\x01" + socket.inet_aton(_HERE) + port)
            while asking.recv(64):
                pass
        if "administratively prohibited" in self._words():
            self.close()
            raise ProvisionError(
                stage="connect",
                host=self._host.name,
                message="its SSH server forwards no requests, but those of its users must start there. Let "
                "its sshd_config say `AllowTcpForwarding yes`, or name another workstation",
            )

    def _words(self) -> str:
        self._said.seek(0)
        return self._said.read().decode(errors="replace")

    def _fail(self) -> NoReturn:
        words = self._words() or f"no answer within {_PATIENCE:g} s"
        self.close()
        raise shell.NoShell(self._host, None, words, 255)


_open: dict[tuple[str, ...], Tunnel] = {}
"""What is open, by the words that lead there."""


def to(host: Host) -> Tunnel:
    """Return the way to a workstation; one that has broken is opened again.

    Raises
    ------
    ProvisionError
        where it cannot be opened.
    """
    words = tuple(shell.ssh(host))
    known = _open.pop(words, None)
    if known is None or not known.holds:
        if known is not None:
            known.close()
        known = Tunnel(host)
    _open[words] = known
    return known


def open_all(testbed: Testbed) -> None:
    """Open the ways to all workstations behind SSH, for the forks of this process.

    What cannot be opened is told by the scenarios that need it.
    """
    for one in testbed.infrastructures:
        host = testbed.workstation(one.name)
        if host.connection == "ssh":
            with suppress(TestbedError):
                to(host)


@atexit.register
def close_all() -> None:
    """Close what this process has opened."""
    while _open:
        _open.popitem()[1].close()
