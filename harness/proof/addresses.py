"""Lets every host of the testbed find the broken services by their names."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from harness.errors import ProvisionError
from harness.extent import Extent
from harness.model import Host, Testbed
from harness.shell import Shell

_MARK = "# broken services of `testbed prove`"


def publish(names: Mapping[str, str], testbed: Testbed, extent: Extent) -> None:
    """Write names and addresses into the hosts file of the extent's hosts; those of an earlier proof go.

    Raises
    ------
    ProvisionError
        naming the host where that was not possible.
    """
    lines = "".join(f"{address} {name} {_MARK}\n" for name, address in sorted(names.items()))
    # The file is a mount of the container engine: it can be written, but not replaced.
    command = (
        f"kept=$(grep -v {shlex.quote(_MARK)} /etc/hosts); "
        f"printf '%s\\n%s' \"$kept\" {shlex.quote(lines)} > /etc/hosts"
    )

    def write(host: Host) -> None:
        done = Shell(host).run(command)
        if done.code:
            raise ProvisionError(stage="prove", host=host.name, message=done.stderr.strip())

    machines = [host for host in testbed.hosts_of(extent) if host.roles]
    with ThreadPoolExecutor(len(machines)) as pool:
        list(pool.map(write, machines))
