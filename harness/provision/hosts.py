"""Hosts of the testbed as systemd containers: made, started, stopped cleanly, removed."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar, cast

import docker
from docker.errors import NotFound
from docker.models.containers import Container
from tenacity import RetryError as GaveUp
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from harness.errors import InventoryError, PreconditionError, ProvisionError
from harness.model import Host, Testbed
from harness.provision import engine, labels, network

CONNECTIONS = frozenset({"docker", "community.docker.docker"})
"""Ansible connections whose hosts are containers that we make."""

TMPFS = {"/run": "", "/run/lock": "", "/tmp": "exec"}  # noqa: S108
"""What systemd wants in memory, as on any machine; nothing there gets into an image."""

_STOP_TIMEOUT = 300
_BOOT_TIMEOUT = 600
_SIDE_BY_SIDE = 8

# Before systemd starts as process 1: on cgroup v2 the engine mounts the tree read-only, and the
# right to mount (SYS_ADMIN) is what lets us have it writable; on v1 there is no such file.
_CGROUP = "if [ -e /sys/fs/cgroup/cgroup.controllers ]; then mount -o remount,rw /sys/fs/cgroup; fi"
# systemd 256 and later refuse a cgroup v1 machine without this word; on v2 it says nothing.
_INIT = "exec /lib/systemd/systemd SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1"
# A host that is not configured starts no service by itself: it would run on a package's defaults, to
# be configured and restarted at once. Its roles start what they need.
_NOT_CONFIGURED = " --unit=basic.target"

Item = TypeVar("Item")
Result = TypeVar("Result")


def of_containers(testbed: Testbed) -> list[Host]:
    """Return the hosts that are containers of ours, mutants too, routers first.

    A host without roles is none: its address is another host's, or somebody else runs it.
    """
    everyone = (*testbed.hosts, *testbed.mutants)
    mine = [host for host in everyone if host.roles and host.connection in CONNECTIONS]
    return sorted(mine, key=lambda host: not host.addresses)


def of_machines(among: Iterable[Host]) -> list[Host]:
    """Return those that are provisioned in place, since they are no containers of ours."""
    return [host for host in among if host.roles and host.connection not in CONNECTIONS]


def certified(testbed: Testbed, infrastructure: str) -> list[str]:
    """Return the names of an infrastructure's hosts whose certificates the testbed's authority makes."""
    return [
        host.name
        for host in testbed.hosts
        if host.infrastructure == infrastructure and host.roles and host.certificate == "testbed"
    ]


def exist(testbed: Testbed) -> bool:
    """Tell whether the engine has containers of the testbed; where none answers, it has none."""
    if not of_containers(testbed):
        return False
    try:
        client = engine.awake()
    except PreconditionError:
        return False
    query = labels.query(testbed=testbed.name)
    return client is not None and bool(client.api.containers(all=True, filters=query))


def side_by_side(work: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """Do the work for all items in threads; the first error is raised when all have ended."""
    with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
        return [future.result() for future in [pool.submit(work, item) for item in items]]


def find(client: docker.DockerClient, testbed: Testbed) -> dict[str, Container]:
    """Return the containers of finished hosts by the host's name, whether they run or not."""
    query = labels.query(testbed=testbed.name, kind=labels.RUNNING)
    found = client.containers.list(all=True, filters=query)
    return {container.labels.get(labels.HOST, ""): container for container in found}


def runs(container: Container, testbed: Testbed, *, key: str) -> bool:
    """Tell whether a host runs as it would be started now: from that snapshot, knowing all hosts by name.

    Names are given to a container when it is made, so one that is older than a host of the testbed would
    never find it.
    """
    known = container.attrs["HostConfig"].get("ExtraHosts") or ()
    return (
        container.status == "running"
        and container.labels.get(labels.KEY) == key
        and set(known) == {f"{name}:{address}" for name, address in _names(testbed).items()}
    )


def start(
    client: docker.DockerClient,
    testbed: Testbed,
    host: Host,
    *,
    image: str,
    kind: str,
    key: str,
) -> Container:
    """Make the host from an image, start it, and wait until systemd has brought it up.

    A container of that name is replaced.
    """
    remove(client, host.target)
    legs = _legs(testbed, host)
    first, address = legs[0]
    container = client.containers.create(
        image,
        ["/bin/sh", "-c", _init(testbed, host, configured=kind == labels.RUNNING)],
        name=host.target,
        hostname=host.name,
        labels=labels.of(testbed.name, kind, host=host.name, key=key, roles=" ".join(host.roles)),
        environment={"container": "docker"},
        stop_signal="SIGRTMIN+3",
        cap_add=["SYS_ADMIN", "NET_ADMIN"],
        cgroupns="private",
        security_opt=security(client),
        tmpfs=TMPFS,
        extra_hosts=_names(testbed),
        sysctls={"net.ipv4.ip_forward": "1"} if host.addresses else {},
        network=first,
        networking_config={first: client.api.create_endpoint_config(ipv4_address=address)},
    )
    for name, address in legs[1:]:
        client.networks.get(name).connect(container, ipv4_address=address)
    container.start()
    wait_until_up(container, host.name)
    return container


def wait_until_up(container: Container, host: str) -> None:
    """Wait until systemd has started everything; units that failed are for the health check.

    Raises
    ------
    ProvisionError
        where the container ends, or takes too long.
    """

    def state() -> str:
        container.reload()
        if container.status != "running":
            last = container.logs(tail=3).decode(errors="replace").strip()
            raise ProvisionError(stage="start", host=host, message=last or "the container ended")
        _, answer = execute(container, ["systemctl", "is-system-running", "--wait"])
        return answer

    attempts = Retrying(
        retry=retry_if_result(lambda answer: answer not in ("running", "degraded")),
        stop=stop_after_delay(_BOOT_TIMEOUT),
        wait=wait_fixed(0.1),
    )
    try:
        attempts(state)
    except GaveUp as error:
        last = error.last_attempt.result()
        raise ProvisionError(
            stage="start",
            host=host,
            message=f"systemd is not up after {_BOOT_TIMEOUT} s: {last}",
        ) from error


def stop(container: Container, host: str) -> None:
    """Stop a host as a shutdown does: services first, in order.

    Raises
    ------
    ProvisionError
        where it had to be killed, so that its data may be half written.
    """
    container.stop(timeout=_STOP_TIMEOUT)
    container.reload()
    code = container.attrs["State"]["ExitCode"]
    if code == 137:
        raise ProvisionError(
            stage="stop", host=host, message=f"did not shut down within {_STOP_TIMEOUT} s"
        )


def remove(client: docker.DockerClient, name: str) -> bool:
    """Remove a container with its volumes, running or not; tell whether there was one."""
    try:
        client.containers.get(name).remove(force=True, v=True)
    except NotFound:
        return False
    return True


def remove_all(client: docker.DockerClient, **wanted: str) -> int:
    """Remove all containers whose labels match (`labels.query`); return how many there were."""
    found = client.containers.list(all=True, filters=labels.query(**wanted))
    side_by_side(lambda container: remove(client, str(container.id)), found)
    return len(found)


def run(container: Container, command: list[str], *, host: str, stage: str) -> str:
    """Run a command of ours in a container.

    Raises
    ------
    ProvisionError
        where it fails.
    """
    code, output = execute(container, command)
    if code:
        raise ProvisionError(
            stage=stage, host=host, message=f"`{shlex.join(command)[:80]}`: {output[-300:]}"
        )
    return output


def execute(container: Container, command: list[str]) -> tuple[int, str]:
    """Run a command in a container; return its exit code and all that it said."""
    code, output = container.exec_run(command)
    return int(code or 0), cast("bytes", output).decode(errors="replace").strip()


def _names(testbed: Testbed) -> dict[str, str]:
    """Return the address of each host by its name, which every host knows."""
    return {host.name: str(host.address) for host in testbed.hosts if host.address}


def _legs(testbed: Testbed, host: Host) -> list[tuple[str, str]]:
    """Return network and address of each of the host's interfaces."""
    pairs = [*host.addresses.items()]
    if host.address is not None and host.infrastructure is not None:
        pairs.append((host.infrastructure, host.address))
    legs = [
        (network.name(testbed, infrastructure), str(address))
        for infrastructure, address in pairs
        if testbed.infrastructure(infrastructure).network is not None
    ]
    if not legs:
        raise InventoryError(
            f"{testbed.inventory}: host {host.name} is a container, so it needs an `address`, "
            "and its infrastructure needs a `network`."
        )
    return legs


def _init(testbed: Testbed, host: Host, *, configured: bool) -> str:
    """Return the script that becomes process 1: the cgroup tree, the routes, then systemd.

    The routes stand here, and not in a command after the start, so that they hold after every
    restart of the container.
    """
    routes = []
    routers = [h for h in testbed.hosts if h.addresses and h.connection in CONNECTIONS]
    for router in routers if not host.addresses else ():
        gateway = router.addresses.get(host.infrastructure or "")
        for other in testbed.infrastructures:
            if gateway and other.network and other.name != host.infrastructure:
                routes.append(f"ip route replace {other.network} via {gateway}")
    init = _INIT if configured else _INIT + _NOT_CONFIGURED
    return "\n".join([_CGROUP, *routes, init])


def security(client: docker.DockerClient) -> list[str]:
    """AppArmor's profile for containers forbids the mounts that systemd makes (Ubuntu)."""
    info: dict[str, Any] = client.info()
    confined = any("apparmor" in option for option in info.get("SecurityOptions") or ())
    return ["apparmor=unconfined"] if confined else []
