"""What the operator of a site knows of its batch system, and declares in its registry."""

from __future__ import annotations

import datetime as dt
import json
import shlex
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

import pytest

from harness import names
from harness.engine import disturbance
from harness.engine.not_shown import NotRun
from harness.errors import Unreachable
from harness.evidence import step
from harness.journal import Journal
from harness.model import Host, Route, Service, Testbed
from harness.services.information.kind import REGISTRY
from harness.shell import Shell

BatchSystem = Callable[[Service], int]

_SLOTS = {
    "slurm": "sinfo --noheader --format %C | awk -F/ '{print $NF}'",
    "htcondor": "condor_status -af TotalSlotCpus -constraint PartitionableSlot "
    "| awk '{sum += $1} END {print sum + 0}'",
}
"""Role of a host -> the command by which its batch system tells how many slots it has."""

_FOLDER, _ANSWERS = "/etc/registry", "/srv/registry"
_WRITE = f"write-registry {_FOLDER} {_ANSWERS}"
"""Of the role `registry`."""


class DeclareDowntime(Protocol):
    """Declares an outage of a service in the registry of its site, while a block lasts."""

    def __call__(self, service: Service) -> AbstractContextManager[None]:
        """Declare on entry, take back on exit."""
        ...


@pytest.fixture
def batch_system(testbed: Testbed) -> BatchSystem:
    """Ask the batch system behind a computing element for its number of slots. The scenario is not
    run if the testbed has not made the host.
    """

    def ask(service: Service) -> int:
        return slots(testbed.host(service.host))

    return ask


def slots(host: Host) -> int:
    """Return how many slots the batch system of a host has.

    Raises
    ------
    NotRun
        where the testbed has not made the host.
    Unreachable
        where the batch system does not tell.
    """
    commands = [command for role, command in _SLOTS.items() if role in host.roles]
    if not commands:
        raise NotRun(
            f"the testbed has not made the batch system of {host.name}, so it cannot ask it."
        )
    with step(f"ask the batch system of {host.name}") as record:
        done = Shell(host).run(commands[0])
        record.receive(done.stdout + done.stderr)
        if done.code or not done.stdout.strip().isdecimal():
            raise Unreachable(f"{commands[0]}: {done.stdout}{done.stderr}", host.name)
    return int(done.stdout)


@pytest.fixture
def declare_downtime(testbed: Testbed, route: Route, journal: Journal) -> DeclareDowntime:
    """Declare an outage in the registry of the resource. The scenario needs the mark `alone`."""
    registry = route.resource.service(REGISTRY)
    host = testbed.host(registry.host)
    disturbance.require(host, "so it cannot declare a downtime there")

    @contextmanager
    def declare(service: Service) -> Iterator[None]:
        path = f"{_FOLDER}/downtimes/{names.fresh()}.json"
        undo = f"rm -f {shlex.quote(path)} && {_WRITE}"
        with journal.changed(host, f"an outage of {service.type} is declared", undo):
            done = Shell(host).run(
                f'printf %s "$DOWNTIME" > {shlex.quote(path)} && {_WRITE}',
                env={"DOWNTIME": json.dumps(_outage(service, dt.datetime.now(dt.UTC)))},
            )
            if done.code:
                raise Unreachable(f"no downtime can be declared: {done.stderr}", host.name)
            yield

    return declare


def _outage(service: Service, now: dt.datetime) -> dict[str, str]:
    """Return what an operator declares of an unscheduled outage that lasts an hour."""
    return {
        "site": service.site,
        "host": service.host,
        "type": service.type,
        "severity": "OUTAGE",
        "classification": "UNSCHEDULED",
        "description": "Declared by a scenario of the testbed",
        "declared": now.isoformat(),
        "start": (now - dt.timedelta(minutes=1)).isoformat(),
        "end": (now + dt.timedelta(hours=1)).isoformat(),
    }
