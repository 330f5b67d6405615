"""The users' workstations (`ui`): where commands are typed, and where requests start."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence

from harness import names
from harness.clients import limits, tunnels
from harness.clients.http import Http
from harness.errors import Unreachable
from harness.evidence import step
from harness.model import Host, Testbed
from harness.redaction import redactor
from harness.shell import Completed, Shell
from harness.state import State

CONTAINERS = frozenset({"docker", "community.docker.docker"})
"""Connections to containers: these have a proxy of their own (role `proxy`), which this machine reaches."""


class Workstation:
    """The user's workstation, with the real clients. Commands run as an ordinary user."""

    def __init__(self, host: Host, *, user: str = "researcher") -> None:
        self.host = host
        self.user = user
        self._shell = Shell(host)

    def run(
        self,
        command: Sequence[str] | str,
        *,
        env: Mapping[str, str] | None = None,
        private: Mapping[str, str] | None = None,
        folder: str | None = None,
        timeout: float = 120,
        note: str = "",
        prints_secret: bool = False,
        writes: bool = False,
    ) -> Completed:
        """Run a command (words, or a line of shell) as the user. Pass secrets in `env`.

        Parameters
        ----------
        private
            what a command wants to read from a file: the variable of its environment that names the
            file, and the content. The file stands in memory, is the user's alone, and goes with the
            command; where the content is empty, there is none.
        folder
            where the command runs, below the user's home; made where it is missing.
        prints_secret
            what it prints is a secret, which is cut out of all that people read from then on.
        writes
            whether it stores or submits something at a service.

        Raises
        ------
        NotAllowed
            where a limit of the run or of a site forbids it (`harness.clients.limits`).
        Unreachable
            where the command ran past `timeout` seconds.
        """
        shown = command if isinstance(command, str) else " ".join(command)
        limits.before_command(shown, asks=" ".join((env or {}).values()), writes=writes)
        with step(f"{self.host.name}$ {shown[:120]}{f' ({note})' if note else ''}") as record:
            names = (*(env or ()), *(private or ()))
            place = f"in ~/{folder}\n" if folder else ""
            record.send(
                f"{shown}\n{place}" + "".join(f"env {name}\n" for name in names),
                carrying=(*(env or {}).values(), *(private or {}).values()),
            )
            if private:
                command, env = f"{_files(private)}{_line(command)}", {**(env or {}), **private}
            if folder:
                command = (
                    f'mkdir -p "$HOME"/{folder} && cd "$HOME"/{folder} || exit\n{_line(command)}'
                )
            try:
                done = self._shell.run(command, env=env, user=self.user, timeout=timeout)
            except TimeoutError as error:
                raise Unreachable(str(error), self.host.name) from error
            if prints_secret:
                redactor.remember(done.stdout.strip())
            record.receive(
                f"exit code {done.code} in {done.duration:.3f} s\n\n{done.stdout}\n{done.stderr}"
            )
            return done


class Workstations:
    """The workstations of all infrastructures: where commands run and requests start."""

    def __init__(self, testbed: Testbed, state: State) -> None:
        self._testbed, self._state = testbed, state
        self._http: dict[str, Http] = {}

    def at(self, infrastructure: str) -> Workstation:
        """Return the workstation of an infrastructure's users."""
        return Workstation(self._testbed.workstation(infrastructure))

    def http(self, infrastructure: str) -> Http:
        """Return an HTTP client whose requests start at that workstation and cross the WAN."""
        if infrastructure not in self._http:
            self._http[infrastructure] = self.browser(infrastructure)
        return self._http[infrastructure]

    def browser(self, infrastructure: str) -> Http:
        """Return a client with cookies of its own, for the caller to close.

        Raises
        ------
        ProvisionError
            where the workstation cannot be reached.
        """
        host = self._testbed.workstation(infrastructure)
        contact = self._testbed.contact or ""
        if host.connection in CONTAINERS:
            proxy = f"socks5h://{host.address}:1080"
            return Http(proxy=proxy, ca_bundle=self._state.ca_bundle, contact=contact)
        # Nobody has told this machine of the testbed's own authorities, which its hosts may have.
        bundle = self._state.ca_bundle if self._state.ca_bundle.exists() else None
        way = None if host.connection == "local" else tunnels.to(host).url
        return Http(proxy=way, ca_bundle=bundle, alone=False, contact=contact)

    def close(self) -> None:
        """Close all connections."""
        for client in self._http.values():
            client.close()


def _line(command: Sequence[str] | str) -> str:
    return command if isinstance(command, str) else shlex.join(command)


def _files(variables: Iterable[str]) -> str:
    """Return lines of shell that move what variables hold into files, and name these instead."""
    moved = "".join(
        f'[ -z "${name}" ] || (umask 077 && printf %s "${name}" > "$private/{name}")\n'
        f'export {name}="$private/{name}"\n'
        for name in variables
    )
    folder = f"/dev/shm/{names.fresh()}"  # noqa: S108, of the workstation
    begin = f'private={folder}\nmkdir -m 0700 "$private" || exit\n'
    return f"{begin}trap 'rm -rf \"$private\"' EXIT\n{moved}"
