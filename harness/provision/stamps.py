"""Marks on machines that say from what they were provisioned, so that the next `up` need not play again.

A machine keeps its own mark, so one that was installed anew has none. While it is played, its mark says
that a play has begun: what is half done never passes for finished.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

from harness.errors import TestbedError
from harness.inventory import ROLES, Inventory
from harness.model import Host
from harness.provision import health, hosts, keys
from harness.shell import Shell
from harness.state import State

FOLDER = "/var/lib/interop-testbed"
"""Where a machine has its marks, one for each host that it is."""

_BEGUN = "begun"

_PATIENCE = 180
"""Seconds; a machine that takes longer is played."""


def wanted(inventory: Inventory, state: State, machines: Sequence[Host]) -> dict[str, str]:
    """Return host -> hash of all that makes it: roles, variables, secrets, certificates, keys."""
    roles = keys.RoleFolder(ROLES)
    return {
        host.name: keys.of_host(inventory, state, host, install="", roles=roles)
        for host in machines
    }


def read(inventory: Inventory, machines: Sequence[Host]) -> dict[str, str]:
    """Return host -> its mark; empty where it has none, or gives no answer (a play says why)."""
    told = hosts.side_by_side(
        lambda host: _run(host, f"cat {_file(inventory, host)} 2>/dev/null"), machines
    )
    return {host.name: mark.strip() for host, mark in zip(machines, told, strict=True)}


def begin(inventory: Inventory, machines: Sequence[Host]) -> None:
    """Mark machines as those whose play has begun.

    Where another had begun and did not end, services may run by a configuration of before: the tasks that
    told them to take up the new one are done, and what they told is lost. They are stopped, so that the
    roles start them.
    """

    def mark(host: Host) -> str:
        file = _file(inventory, host)
        units = [unit for role in host.roles for unit in health.expectations(role).units]
        stop = f"systemctl stop {shlex.join(units)}" if units else ":"
        return _run(
            host,
            f'if [ "$(cat {file} 2>/dev/null)" = {_BEGUN} ]; then systemctl daemon-reload; {stop}; fi\n'
            f"mkdir -p {FOLDER} && echo {_BEGUN} >{file}",
        )

    hosts.side_by_side(mark, machines)


def end(inventory: Inventory, machines: Sequence[Host], marks: Mapping[str, str]) -> None:
    """Mark machines as finished; where a user without rights plays, they get no mark."""
    hosts.side_by_side(
        lambda host: _run(host, f"echo {marks[host.name]} >{_file(inventory, host)}"), machines
    )


def _file(inventory: Inventory, host: Host) -> str:
    return shlex.quote(f"{FOLDER}/{inventory.testbed.name}.{host.name}")


def _run(host: Host, line: str) -> str:
    try:
        return Shell(host).run(line, timeout=_PATIENCE).stdout
    except (TimeoutError, TestbedError):
        return ""
