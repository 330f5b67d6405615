"""What may be asked of a host: each probe is one question to testinfra, put anew at each call."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from pydantic import BaseModel, ConfigDict

from harness.model import Host

_DISCARD = 9
"""A port at which no service of a site listens (RFC 863)."""

_KNOCK = 2.0
"""Seconds that a container gets to answer on this machine's own bridge."""


class Expectations(BaseModel):
    """What a role's `health.yml` says; a key that is not known is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    units: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()
    urls: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    versions: Mapping[str, str] = {}


@dataclass(frozen=True)
class Probe:
    """A question by its name; `ask` returns what is wrong, and nothing where all is well."""

    name: str
    ask: Callable[[], str]


def of_network(host: Host) -> Iterator[Probe]:
    """Return the question whether a container answers at its address, whatever its services say inside."""
    if host.connection == "docker" and host.address is not None:
        yield Probe(f"address {host.address}", partial(_answers, str(host.address)))


def of(host: Host, role: Expectations, target: Any) -> Iterator[Probe]:
    """Return the questions that a role gives rise to; `target` is testinfra's host."""
    for unit in role.units:
        yield Probe(f"unit {unit}", partial(_unit, target, unit))
    for port in role.ports:
        yield Probe(f"port {port}", partial(_port, target, port))
    for template in role.urls:
        url = template.replace("{host}", host.name)
        yield Probe(f"GET {url}", partial(_url, target, url))
    for command in role.commands:
        yield Probe(command, partial(_command, target, command))


def version(target: Any, command: str) -> str:
    """Return the first line of what a command prints; `unknown` where it fails."""
    answer = target.run(command)
    lines = (answer.stdout.strip() or answer.stderr.strip()).splitlines()
    return lines[0].strip() if answer.rc == 0 and lines else "unknown"


def _answers(address: str) -> str:
    """Knock at a port where nobody listens: a machine that is there refuses."""
    try:
        socket.create_connection((address, _DISCARD), timeout=_KNOCK).close()
    except ConnectionRefusedError:
        return ""
    except OSError as error:
        return f"the host is cut off from its network: {error}"
    return ""


def _unit(target: Any, unit: str) -> str:
    try:
        if target.service(unit).is_running:
            return ""
    except AssertionError:  # testinfra asserts that the unit is there at all
        pass
    answer = target.run("systemctl show -P ActiveState -P SubState -P Result %s", unit)
    return " ".join(answer.stdout.split()) or "unknown to systemd"


def _port(target: Any, port: int) -> str:
    # On any address: testinfra's `is_listening` asks for all addresses of both IP versions.
    listening = target.socket.get_listening_sockets()
    ok = any(s.startswith("tcp://") and s.endswith(f":{port}") for s in listening)
    return "" if ok else "nothing listens"


def _url(target: Any, url: str) -> str:
    answer = target.run("curl -sS -o /dev/null -w '%%{http_code}' --max-time 10 %s", url)
    status = answer.stdout.strip()
    if answer.rc == 0 and status.isdigit() and int(status) < 500:
        return ""
    return answer.stderr.strip() or f"HTTP status {status}"


def _command(target: Any, command: str) -> str:
    answer = target.run(command)
    said = (answer.stderr.strip() or answer.stdout.strip())[-200:]
    return "" if answer.rc == 0 else f"exit code {answer.rc} {said}".strip()
