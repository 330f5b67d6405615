"""Commands that a user types at the workstation (`ui`) of the home infrastructure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.errors import Unreachable
from harness.evidence import step
from harness.model import Host
from harness.shell import Completed, Shell


class Workstation:
    """The user's workstation: the real clients, run as an ordinary user."""

    def __init__(self, host: Host, *, user: str = "researcher") -> None:
        self.host = host
        self.user = user
        self._shell = Shell(host)

    def run(
        self,
        command: Sequence[str] | str,
        *,
        env: Mapping[str, str] | None = None,
        timeout: float = 120,
        note: str = "",
    ) -> Completed:
        """Run a command (words, or a line of shell) as the user; secrets belong into `env`.

        Raises
        ------
        Unreachable
            where the command ran past `timeout` seconds.
        """
        shown = command if isinstance(command, str) else " ".join(command)
        with step(f"{self.host.name}$ {shown[:120]}{f' ({note})' if note else ''}") as record:
            record.send(f"{shown}\n" + "".join(f"env {name}\n" for name in env or ()))
            try:
                done = self._shell.run(command, env=env, user=self.user, timeout=timeout)
            except TimeoutError as error:
                raise Unreachable(str(error), self.host.name) from error
            record.receive(
                f"exit code {done.code} in {done.duration:.3f} s\n\n{done.stdout}\n{done.stderr}"
            )
            return done
