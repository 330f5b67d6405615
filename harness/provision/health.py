"""Is every host as its roles say? Units, ports, URLs and versions, checked with testinfra.

What to check stands in each role's `health.yml`; hosts are asked side by side.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import testinfra.host
import yaml
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from harness.errors import BadInput
from harness.inventory import ROLES, Inventory
from harness.model import Host
from harness.printable import printable, storable
from harness.provision import probes
from harness.provision.backend import PersistentShell
from harness.provision.probes import Expectations, Probe

DEADLINE = 60.0
"""Seconds without progress after which a failed check counts: a slow machine gets as long as it needs."""

_PAUSE = 0.5


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


def check(
    inventory: Inventory, *, deadline: float = DEADLINE, hosts: Sequence[Host] | None = None
) -> Health:
    """Check every host, again and again until all is well, or nothing more for `deadline` seconds.

    `hosts` are those that make the testbed, unless others are named.
    """
    start = time.monotonic()
    hosts = inventory.testbed.hosts if hosts is None else hosts
    roles = {role for host in hosts for role in host.roles}
    expected = {role: expectations(role) for role in sorted(roles)}
    # A host without roles is run by its site: we never log in there.
    machines = [host for host in hosts if host.roles]
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
            escape(printable(", ".join(f"{n} {version}" for n, version in host.versions.items()))),
        )
    console.print(table)
    for host in health.sick:
        for failure in host.failures:
            console.print(told(host.host, failure), highlight=False)


def told(host: str, failure: Check) -> str:
    """Return in Rich's markup what is wrong with a host, in the words of the host itself."""
    return f"[red]✗[/] {escape(storable(f'{host}: {failure.name}: {failure.detail}'))}"


def check_host(host: Host, expected: Mapping[str, Expectations], until: float) -> HostHealth:
    """Ask the host until every answer is good or the time is over; a good answer is not asked again.

    Each good answer gives the others as much time again as there was at the beginning.
    """
    while True:
        try:
            with PersistentShell(host) as backend:
                return _check_reached(host, expected, until, testinfra.host.Host(backend))
        except OSError as error:
            lost = Check(name="reachable", ok=False, detail=str(error))
        if time.monotonic() >= until:
            return HostHealth(host=host.name, checks=(lost,), versions={})
        time.sleep(_PAUSE)


def _check_reached(
    host: Host, expected: Mapping[str, Expectations], until: float, target: Any
) -> HostHealth:
    target.run("true")
    roles = [expected[role] for role in host.roles]
    open_: list[Probe] = [
        *probes.of_network(host),
        *(probe for role in roles for probe in probes.of(host, role, target)),
    ]
    checks = {probe.name: Check(name=probe.name, ok=False) for probe in open_}
    patience = until - time.monotonic()
    while True:
        for probe in open_:
            wrong = probe.ask()
            checks[probe.name] = Check(name=probe.name, ok=not wrong, detail=wrong)
        before, open_ = open_, [probe for probe in open_ if not checks[probe.name].ok]
        if len(open_) < len(before):
            until = time.monotonic() + patience
        if not open_ or time.monotonic() >= until:
            break
        time.sleep(_PAUSE)
    return HostHealth(
        host=host.name,
        checks=(Check(name="reachable", ok=True), *checks.values()),
        versions={
            name: probes.version(target, command)
            for role in roles
            for name, command in role.versions.items()
        },
    )
