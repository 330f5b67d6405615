"""What the operator of a site does while its users work."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable

import pytest

from harness.engine import disturbance
from harness.errors import Unreachable
from harness.evidence import step
from harness.journal import Journal
from harness.model import Host, Route, Testbed
from harness.provision import health
from harness.services.compute.kind import ARC, HTCONDOR
from harness.shell import Shell

Restart = Callable[[], None]


@pytest.fixture
def restart_element(testbed: Testbed, route: Route, journal: Journal) -> Restart:
    """Restart the computing element of the resource, and wait until it is healthy again.

    Where the testbed may not disturb the host, the scenario is not run.
    """
    service = route.resource.service(ARC, HTCONDOR)
    host = testbed.host(service.host)
    disturbance.require(host, "so it cannot restart it")
    # The batch system is a role of its own: it goes on, as it would on a machine of its own.
    units = health.expectations(service.implementation).units

    def act() -> None:
        names = shlex.join(units)
        with journal.changed(host, f"{names} may be stopped", f"systemctl start {names}"):
            restart(host, units)

    return act


def restart(host: Host, units: tuple[str, ...]) -> None:
    """Restart units of a host, and wait until all that its roles promise is there again.

    Raises
    ------
    Unreachable
        where a unit does not start, or the host is unhealthy after it.
    """
    with step(f"restart {' '.join(units)} at {host.name}") as record:
        done = Shell(host).run(["systemctl", "restart", *units])
        if done.code:
            raise Unreachable(f"restart of {' '.join(units)}: {done.stderr.strip()}", host.name)
        expected = {role: health.expectations(role) for role in host.roles}
        found = health.check_host(host, expected, time.monotonic() + health.DEADLINE)
        record.receive("\n".join(f"{c.name}: {c.detail or 'ok'}" for c in found.checks))
        if not found.healthy:
            first = found.failures[0]
            raise Unreachable(f"after its restart: {first.name}: {first.detail}", host.name)
