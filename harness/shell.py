"""Runs a command on a host of the testbed, over the connection that its inventory names.

The script travels on standard input, so that nothing secret shows in a process list on either side.
"""

from __future__ import annotations

import shlex
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness import open_shell
from harness.errors import ProvisionError
from harness.model import Host


@dataclass(frozen=True)
class Completed:
    """Exit code, output and duration (seconds) of a command."""

    command: str
    code: int
    stdout: str
    stderr: str
    duration: float


class Shell:
    """A POSIX shell on one host."""

    def __init__(self, host: Host) -> None:
        self.host = host

    def run(
        self,
        command: Sequence[str] | str,
        *,
        env: Mapping[str, str] | None = None,
        user: str | None = None,
        timeout: float = 120,
    ) -> Completed:
        """Run a command (a list of words, or a line of shell) and return what it did.

        Raises
        ------
        TimeoutError
            where it takes longer than `timeout` seconds.
        """
        line = command if isinstance(command, str) else shlex.join(command)
        exports = "".join(f"export {k}={shlex.quote(v)}\n" for k, v in (env or {}).items())
        # The braces make the shell read the whole script before it starts: the command may read
        # standard input too, and must not swallow the rest of the script.
        script = f"{exports}{{\n{line}\nexit $?\n}} </dev/null\n"
        start = time.monotonic()
        try:
            done = open_shell.run([*reach(self.host, user), "sh"], script, timeout=timeout)
        except TimeoutError as error:
            raise TimeoutError(f"{self.host.name}: `{line}` ran past {timeout:g} s") from error
        except FileNotFoundError as error:
            raise ProvisionError(
                stage="connect", host=self.host.name, message=f"{error.filename} is not installed"
            ) from error
        return Completed(
            command=line,
            code=done.code,
            stdout=done.stdout,
            stderr=done.stderr,
            duration=time.monotonic() - start,
        )


def reach(host: Host, user: str | None = None) -> list[str]:
    """Return the words that carry a command to the host, as `user` there."""
    wanted = user or (host.become.user if host.become else "")
    match host.connection:
        case "docker" | "community.docker.docker":
            # Containers are root's, unless the inventory says otherwise.
            name = wanted or (host.user if host.user != "root" else "")
            return ["docker", "exec", "-i", *(["-u", name] if name else []), host.target]
        case "local":
            # Who types `testbed` is the user there; only the host's own checks need other rights.
            return _as(host, wanted) if wanted and not user else []
        case _:
            program, *options = host.ssh
            return [
                program,
                *("-o", "BatchMode=yes"),  # it must never ask: nobody answers
                *options,
                *("-o", "ServerAliveInterval=15"),
                f"{host.user}@{host.target}" if host.user else host.target,
                *(_as(host, wanted) if wanted not in ("", host.user) else []),
            ]


def _as(host: Host, user: str) -> list[str]:
    """Return the words by which a command of one word runs as another user of the host."""
    match host.become.method if host.become else "sudo":
        case "su":
            return ["su", user, "-c"]
        case "doas":
            return ["doas", "-n", "-u", user, "--"]
    return ["sudo", "-H", "-n", "-u", user, "--"]
