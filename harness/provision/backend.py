"""testinfra's way to a host: one shell that stays open, and takes one command after another.

testinfra's own backends start a process for each question; with this one a question takes as long as
its command.
"""

from __future__ import annotations

from typing import Any

from testinfra.backend.base import BaseBackend, CommandResult

from harness import shell
from harness.model import Host
from harness.open_shell import OpenShell

_COMMAND_TIMEOUT = 30


class PersistentShell(BaseBackend):  # type: ignore[misc]
    """A testinfra backend over one open shell on the host."""

    NAME = "persistent-shell"

    def __init__(self, host: Host) -> None:
        super().__init__(host.name)
        self._shell = OpenShell([*shell.reach(host), "sh"])

    def __enter__(self) -> PersistentShell:
        return self

    def __exit__(self, *_: object) -> None:
        self._shell.close()

    def run(self, command: str, *args: str, **_: Any) -> CommandResult:
        """Run one command; testinfra's modules come here.

        Raises
        ------
        ConnectionError
            where the host is not there, or does not answer in time.
        """
        line = self.get_command(command, *args)
        try:
            ended = self._shell.run(f"{{\n{line}\n}} </dev/null", timeout=_COMMAND_TIMEOUT)
        except TimeoutError:
            raise ConnectionError(f"no answer within {_COMMAND_TIMEOUT} s") from None
        if ended.lost:
            words = " ".join(ended.stderr.split())
            raise ConnectionError(words or "the shell on the host has ended")
        return self.result(ended.code, line.encode(), ended.stdout.encode(), ended.stderr.encode())
