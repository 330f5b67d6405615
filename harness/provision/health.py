"""Is every host as its roles say? Units, ports, URLs and versions, checked with testinfra.

What to check stands in each role's `health.yml`. testinfra's own backends start one process for each
question; here all questions to a host go through one shell that stays open, hosts side by side.
"""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import testinfra.host
import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from rich.console import Console
from rich.table import Table
from testinfra.backend.base import BaseBackend, CommandResult

from harness import shell
from harness.errors import BadInput
from harness.inventory import ROLES, Inventory
from harness.model import Host

DEADLINE = 60.0
"""Seconds that services get to come up before a failed check counts."""

_PAUSE = 0.5
_COMMAND_TIMEOUT = 30
_MARK = "interop-testbed-ended"


class Expectations(BaseModel):
    """What a role's `health.yml` says; a key that is not known is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    units: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()
    urls: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    versions: Mapping[str, str] = {}


@dataclass(frozen=True)
class Check:
    """One question to a host, and its answer; `detail` tells what was found where it is not ok."""

    name: str
    ok: bool
    detail: str = ""


@dataclass(frozen=True)
class HostHealth:
    """All checks of one host, and the versions of what runs there."""

    host: str
    checks: tuple[Check, ...]
    versions: Mapping[str, str]

    @property
    def healthy(self) -> bool:
        """True where every check is ok."""
        return all(check.ok for check in self.checks)

    @property
    def failures(self) -> tuple[Check, ...]:
        """The checks that are not ok."""
        return tuple(check for check in self.checks if not check.ok)


@dataclass(frozen=True)
class Health:
    """The state of all hosts at one time."""

    hosts: tuple[HostHealth, ...]
    seconds: float

    @property
    def healthy(self) -> bool:
        """True where every host is."""
        return all(host.healthy for host in self.hosts)

    @property
    def versions(self) -> dict[str, dict[str, str]]:
        """Host -> name of the middleware -> its version, as read from the host."""
        return {host.host: dict(host.versions) for host in self.hosts}

    @property
    def sick(self) -> tuple[HostHealth, ...]:
        """The hosts that are not healthy."""
        return tuple(host for host in self.hosts if not host.healthy)


def check(inventory: Inventory, *, deadline: float = DEADLINE) -> Health:
    """Check every host, again and again until all is well or `deadline` seconds have passed."""
    start = time.monotonic()
    roles = {role for host in inventory.testbed.hosts for role in host.roles}
    expected = {role: expectations(role) for role in sorted(roles)}
    # A host without roles is run by its site: we never log in there.
    machines = [host for host in inventory.testbed.hosts if host.roles]
    with ThreadPoolExecutor(max(1, len(machines))) as pool:
        found = list(pool.map(lambda host: check_host(host, expected, start + deadline), machines))
    return Health(hosts=tuple(found), seconds=time.monotonic() - start)


def expectations(role: str, roles: Path = ROLES) -> Expectations:
    """Read a role's `health.yml`; a role without one expects nothing.

    Raises
    ------
    BadInput
        naming file and key of what cannot be understood.
    """
    path = roles / role / "health.yml"
    if not path.exists():
        return Expectations()
    try:
        return Expectations.model_validate(yaml.safe_load(path.read_text()) or {})
    except yaml.YAMLError as error:
        raise BadInput(f"{path}: {' '.join(str(error).split())}") from error
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}"
            for fault in error.errors()
        )
        raise BadInput(f"{path}: {faults}") from error


def show(health: Health, *, console: Console) -> None:
    """Print a line a host, and what is wrong below it."""
    table = Table(title=f"hosts ({health.seconds:.1f} s)", title_justify="left")
    for column in ("host", "state", "checks", "versions"):
        table.add_column(column, overflow="fold")
    for host in health.hosts:
        good = sum(check.ok for check in host.checks)
        table.add_row(
            host.host,
            "[green]healthy[/]" if host.healthy else "[bold red]not healthy[/]",
            f"{good}/{len(host.checks)}",
            ", ".join(f"{name} {version}" for name, version in host.versions.items()),
        )
    console.print(table)
    for host in health.sick:
        for failure in host.failures:
            console.print(
                f"[red]✗[/] {host.host}: {failure.name}: {failure.detail}", highlight=False
            )


def check_host(host: Host, expected: Mapping[str, Expectations], until: float) -> HostHealth:
    """Ask the host until every answer is good or the time is over."""
    roles = [expected[role] for role in host.roles]
    while True:
        try:
            with PersistentShell(host) as backend:
                target = testinfra.host.Host(backend)
                checks = _ask(host, roles, target)
                while not all(c.ok for c in checks) and time.monotonic() < until:
                    time.sleep(_PAUSE)
                    checks = _ask(host, roles, target)
                return HostHealth(host=host.name, checks=checks, versions=_versions(roles, target))
        except OSError as error:
            lost = Check(name="reachable", ok=False, detail=str(error))
        if time.monotonic() >= until:
            return HostHealth(host=host.name, checks=(lost,), versions={})
        time.sleep(_PAUSE)


def _ask(host: Host, roles: list[Expectations], target: Any) -> tuple[Check, ...]:
    target.run("true")
    checks = [check for role in roles for check in _checks(host, role, target)]
    return (Check(name="reachable", ok=True), *checks)


def _versions(roles: list[Expectations], target: Any) -> dict[str, str]:
    return {
        name: _version(target, command) for role in roles for name, command in role.versions.items()
    }


def _checks(host: Host, role: Expectations, target: Any) -> Iterator[Check]:
    for unit in role.units:
        ok = _runs(target, unit)
        detail = "" if ok else _unit_state(target, unit)
        yield Check(name=f"unit {unit}", ok=ok, detail=detail)
    # On any address: testinfra's `is_listening` asks for all addresses of both IP versions.
    listening = target.socket.get_listening_sockets() if role.ports else ()
    for port in role.ports:
        ok = any(s.startswith("tcp://") and s.endswith(f":{port}") for s in listening)
        yield Check(name=f"port {port}", ok=ok, detail="" if ok else "nothing listens")
    for template in role.urls:
        url = template.replace("{host}", host.name)
        answer = target.run("curl -sS -o /dev/null -w '%%{http_code}' --max-time 10 %s", url)
        status = answer.stdout.strip()
        ok = answer.rc == 0 and status.isdigit() and int(status) < 500
        detail = "" if ok else (answer.stderr.strip() or f"HTTP status {status}")
        yield Check(name=f"GET {url}", ok=ok, detail=detail)
    for command in role.commands:
        answer = target.run(command)
        ok = answer.rc == 0
        said = (answer.stderr.strip() or answer.stdout.strip())[-200:]
        detail = "" if ok else f"exit code {answer.rc} {said}".strip()
        yield Check(name=command, ok=ok, detail=detail)


def _runs(target: Any, unit: str) -> bool:
    try:
        return bool(target.service(unit).is_running)
    except AssertionError:  # testinfra asserts that the unit is there at all
        return False


def _unit_state(target: Any, unit: str) -> str:
    answer = target.run("systemctl show -P ActiveState -P SubState -P Result %s", unit)
    return " ".join(answer.stdout.split()) or "unknown to systemd"


def _version(target: Any, command: str) -> str:
    answer = target.run(command)
    lines = (answer.stdout.strip() or answer.stderr.strip()).splitlines()
    return lines[0].strip() if answer.rc == 0 and lines else "unknown"


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
