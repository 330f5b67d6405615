"""One container network for each infrastructure; the router host alone stands in all of them."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

import docker
from docker.models.networks import Network

from harness.errors import PreconditionError
from harness.model import Infrastructure, Testbed
from harness.provision import labels

ROUTES = Path("/proc/net/route")
"""The kernel's IPv4 routing table (proc_net(5)): every network that this machine reaches directly."""

_UP = 0x1


def name(testbed: Testbed, infrastructure: str) -> str:
    """Return the name of an infrastructure's network."""
    return f"{testbed.name}-{infrastructure}"


def ensure(client: docker.DockerClient, testbed: Testbed) -> None:
    """Make every network that is missing; one of ours with another range is made anew.

    Raises
    ------
    PreconditionError
        where a range is in use already, naming by whom.
    """
    for infrastructure, subnet in _ranges(testbed):
        mine = _own(client, testbed, infrastructure.name)
        if mine is not None and subnet in _subnets(mine):
            continue
        if mine is not None:
            _remove(mine)
        if user := _user_of(client, subnet, own=None):
            raise PreconditionError(_in_use(testbed, infrastructure, subnet, user))
        client.networks.create(
            name(testbed, infrastructure.name),
            driver="bridge",
            ipam=docker.types.IPAMConfig(pool_configs=[docker.types.IPAMPool(subnet=str(subnet))]),
            labels=labels.of(testbed.name, "network", infrastructure=infrastructure.name),
        )


def remove(client: docker.DockerClient, testbed: Testbed) -> int:
    """Remove all networks of the testbed; return how many there were."""
    mine = client.networks.list(filters=labels.query(testbed=testbed.name))
    for network in mine:
        _remove(network)
    return len(mine)


def conflicts(client: docker.DockerClient, testbed: Testbed) -> list[str]:
    """Say for every range of the testbed that is in use by another: which, and by whom."""
    found = []
    for infrastructure, subnet in _ranges(testbed):
        own = _own(client, testbed, infrastructure.name)
        if user := _user_of(client, subnet, own=own):
            found.append(_in_use(testbed, infrastructure, subnet, user))
    return found


def _ranges(testbed: Testbed) -> Iterator[tuple[Infrastructure, IPv4Network]]:
    for infrastructure in testbed.infrastructures:
        if infrastructure.network is not None:
            yield infrastructure, infrastructure.network


def _in_use(
    testbed: Testbed, infrastructure: Infrastructure, subnet: IPv4Network, user: str
) -> str:
    return (
        f"the address range {subnet} of {infrastructure.name} is already in use by {user}.\n"
        f"  Choose another in infrastructures.{infrastructure.name}.network (and for the hosts' "
        f"addresses) in {testbed.inventory}, or free it."
    )


def _own(client: docker.DockerClient, testbed: Testbed, infrastructure: str) -> Network | None:
    mine = client.networks.list(
        filters=labels.query(testbed=testbed.name, infrastructure=infrastructure)
    )
    return mine[0] if mine else None


def _user_of(
    client: docker.DockerClient, subnet: IPv4Network, *, own: Network | None
) -> str | None:
    """Return who else uses addresses of the range; None where it is free."""
    bridges = set()
    for network in client.networks.list():
        if own is not None and network.id == own.id:
            bridges.add(_bridge(network))
            continue
        if any(subnet.overlaps(other) for other in _subnets(network)):
            owner = network.attrs.get("Labels", {}).get(labels.TESTBED)
            testbed = f" of the testbed {owner}" if owner else ""
            return f"the container network {network.name}{testbed}"
    for interface, other in routes():
        if interface not in bridges and subnet.overlaps(other):
            return f"this machine's route to {other} over {interface}"
    return None


def routes(table: Path = ROUTES) -> list[tuple[str, IPv4Network]]:
    """Return interface and network of this machine's IPv4 routes, without the default route."""
    found = []
    lines = table.read_text().splitlines()[1:] if table.exists() else []
    for line in lines:
        fields = line.split()
        interface, destination, flags, mask = fields[0], fields[1], fields[3], fields[7]
        if int(flags, 16) & _UP and int(mask, 16):
            found.append((interface, IPv4Network((_address(destination), str(_address(mask))))))
    return found


def _address(little_endian: str) -> IPv4Address:
    return IPv4Address(bytes.fromhex(little_endian)[::-1])


def _subnets(network: Network) -> list[IPv4Network]:
    pools = (network.attrs.get("IPAM") or {}).get("Config") or []
    return [
        IPv4Network(pool["Subnet"])
        for pool in pools
        if "Subnet" in pool and ":" not in pool["Subnet"]
    ]


def _bridge(network: Network) -> str:
    """Return the network's interface on this machine."""
    options = network.attrs.get("Options") or {}
    default = f"br-{str(network.id)[:12]}"
    return str(options.get("com.docker.network.bridge.name", default))


def _remove(network: Network) -> None:
    network.reload()
    for container in network.containers:
        network.disconnect(container, force=True)
    network.remove()
