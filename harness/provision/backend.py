"""testinfra's way to a host: one shell that stays open, and takes one command after another.

testinfra's own backends start a process for each question; with this one a question takes as long as
its command.
"""

from __future__ import annotations

import subprocess
import threading
from typing import Any

from testinfra.backend.base import BaseBackend, CommandResult

from harness import shell
from harness.model import Host

_COMMAND_TIMEOUT = 30
_MARK = "interop-testbed-ended"


class PersistentShell(BaseBackend):  # type: ignore[misc]
    """A testinfra backend: one shell on the host, which takes one command after another.

    An answer ends with a line of its own that carries the exit code; standard error goes to a file
    beside, and is read back with the answer.
    """

    NAME = "persistent-shell"

    def __init__(self, host: Host) -> None:
        super().__init__(host.name)
        self._process = subprocess.Popen(
            [*shell.reach(host), "sh"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def __enter__(self) -> PersistentShell:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def run(self, command: str, *args: str, **_: Any) -> CommandResult:
        """Run one command; testinfra's modules come here.

        Raises
        ------
        ConnectionError
            where the host is not there, or does not answer in time.
        """
        line = self.get_command(command, *args)
        script = (
            f"( {line}\n) </dev/null 2>/tmp/.health-$$; code=$?\n"
            f"printf '\\n{_MARK} err\\n'; cat /tmp/.health-$$; rm -f /tmp/.health-$$\n"
            f"printf '\\n{_MARK} %d\\n' $code\n"
        )
        watchdog = threading.Timer(_COMMAND_TIMEOUT, self._process.kill)
        watchdog.start()
        try:
            stdout, stderr, code = self._converse(script.encode())
        finally:
            watchdog.cancel()
        return self.result(code, line.encode(), stdout, stderr)

    def _converse(self, script: bytes) -> tuple[bytes, bytes, int]:
        """Send a script; return output, error output and exit code."""
        if self._process.stdin is None or self._process.stdout is None:
            raise ConnectionError("the shell has no pipes")
        try:
            self._process.stdin.write(script)
            self._process.stdin.flush()
        except BrokenPipeError:
            raise ConnectionError(self._last_words()) from None
        parts: list[bytes] = [b""]
        for line in self._process.stdout:
            if line.startswith(_MARK.encode()):
                word = line.split()[1].decode()
                if word != "err":
                    return parts[0][:-1], parts[1][:-1], int(word)
                parts.append(b"")
            else:
                parts[-1] += line
        raise ConnectionError(self._last_words())

    def _last_words(self) -> str:
        """Say why the shell has ended."""
        _, errors = self._process.communicate()
        words = " ".join(errors.decode(errors="replace").split())
        return words or f"no answer within {_COMMAND_TIMEOUT} s"
