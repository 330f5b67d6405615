"""Runs a command on a host of the testbed, over the connection that its inventory names.

The script travels on standard input, so that nothing secret shows in a process list on either side.
"""

from __future__ import annotations

import re
import shlex
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tenacity import Retrying, retry_if_result, stop_after_attempt, wait_random

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
        ProvisionError
            where there is no shell: the log-in or the change of user was refused, or the connection broke.
            That says nothing of what the command would have asked.
        """
        line = command if isinstance(command, str) else shlex.join(command)
        exports = "".join(f"export {k}={shlex.quote(v)}\n" for k, v in (env or {}).items())
        # The braces make the shell read the whole script before it starts: the command may read
        # standard input too, and must not swallow the rest of the script.
        script = f"{exports}{{\n{line}\nexit $?\n}} </dev/null\n"
        start = time.monotonic()
        try:
            done = _served([*reach(self.host, user), "sh"], script, timeout=timeout)
        except TimeoutError as error:
            raise TimeoutError(f"{self.host.name}: `{line}` ran past {timeout:g} s") from error
        except FileNotFoundError as error:
            raise ProvisionError(
                stage="connect", host=self.host.name, message=f"{error.filename} is not installed"
            ) from error
        if done.lost:
            raise NoShell(self.host, user, f"{done.stderr}\n{done.stdout}", done.code)
        return Completed(
            command=line,
            code=done.code,
            stdout=done.stdout,
            stderr=done.stderr,
            duration=time.monotonic() - start,
        )


class NoShell(ProvisionError):
    """There is no shell at a host, or none any more; tells the words of what leads there."""

    def __init__(self, host: Host, user: str | None, said: str, code: int) -> None:
        words = " ".join(said.split())[-300:] or f"the connection ended with exit code {code}"
        whom = f" as {user}" if user else ""
        super().__init__(stage="connect", host=host.name, message=f"no shell there{whom}: {words}")


TURNED_AWAY = r"kex_exchange_identification|Connection (?:closed|reset) by \S+ port"
"""What OpenSSH says where a busy server closes the connection before it knows who comes (MaxStartups)."""


def _served(words: Sequence[str], script: str, *, timeout: float) -> open_shell.Ended:
    """Run a script; where a server turns the connection away, knock again a few times."""
    knocks = Retrying(
        retry=retry_if_result(
            lambda ended: ended.lost and bool(re.search(TURNED_AWAY, ended.stderr))
        ),
        stop=stop_after_attempt(6),
        wait=wait_random(0.5, 3),
        retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
    )
    ended: open_shell.Ended = knocks(open_shell.run, words, script, timeout=timeout)
    return ended


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
            return [*ssh(host), *(_as(host, wanted) if wanted not in ("", host.user) else [])]


def ssh(host: Host, *first: str) -> list[str]:
    """Return the words of the SSH client for a host, up to the destination; `first` are options of ours.

    Of two values for an option OpenSSH takes the first.
    """
    program, *options = host.ssh
    return [
        program,
        *first,
        *("-o", "BatchMode=yes"),  # it must never ask: nobody answers
        *options,
        *("-o", "ServerAliveInterval=15"),
        f"{host.user}@{host.target}" if host.user else host.target,
    ]


def _as(host: Host, user: str) -> list[str]:
    """Return the words by which a command of one word runs as another user of the host."""
    match host.become.method if host.become else "runuser" if host.user == "root" else "sudo":
        case "runuser":  # of util-linux, which is everywhere; a bare machine has no sudo
            return ["runuser", "-u", user, "--"]
        case "su":
            return ["su", user, "-c"]
        case "doas":
            return ["doas", "-n", "-u", user, "--"]
    return ["sudo", "-H", "-n", "-u", user, "--"]
