"""Bare machines behind SSH, which the harness has not made: systemd containers with a label of their own.

They have Debian, systemd and an SSH server; neither Python nor sudo, unless a machine is to have that.
"""

from __future__ import annotations

import io
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import docker
from docker.models.containers import Container
from rich.console import Console

from harness.provision import engine, hosts, image
from harness.provision.progress import Progress

LABEL = "interop-machines-test"
SUBNET = "10.118.6.0/24"
ADMIN = "admin"
"""A user who may become root by sudo; the others have root alone, and no sudo."""

_BARE = """
set -e
export DEBIAN_FRONTEND=noninteractive
apt-get -qq update
apt-get -qq -y --no-install-recommends install openssh-server sudo >/dev/null
apt-get -qq -y purge --auto-remove python3 python3-apt curl iproute2 >/dev/null
rm -rf /var/lib/apt/lists/* /etc/ssh/ssh_host_*
useradd --create-home --shell /bin/bash admin
echo 'admin ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/admin
mkdir -p /root/.ssh /home/admin/.ssh
echo "$KEY" | tee /root/.ssh/authorized_keys >/home/admin/.ssh/authorized_keys
chown -R admin: /home/admin/.ssh
echo 'PasswordAuthentication no' >/etc/ssh/sshd_config.d/test.conf
"""
_INIT = (
    'ssh-keygen -A >/dev/null; [ "$SUDO" ] || SUDO_FORCE_REMOVE=yes dpkg --purge sudo >/dev/null 2>&1; '
    "exec /lib/systemd/systemd SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1"
)


@dataclass(frozen=True)
class Machine:
    """One machine: as whom to log in, and where."""

    container: Container
    address: str
    user: str

    def ssh(self, *command: str, key: Path, known: Path) -> str:
        """Run a command there over SSH, as any user of the machine would."""
        options = ("-i", str(key), "-o", f"UserKnownHostsFile={known}", "-o", "BatchMode=yes")
        done = subprocess.run(
            ["ssh", *options, f"{self.user}@{self.address}", *command],
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    def host_key(self) -> str:
        """Return the line of `known_hosts` for it."""
        _, key = self.container.exec_run(["cat", "/etc/ssh/ssh_host_ed25519_key.pub"])
        return f"{self.address} {' '.join(key.decode().split()[:2])}\n"


@contextmanager
def running(names: Mapping[str, str], *, folder: Path) -> Iterator[dict[str, Machine]]:
    """Start a machine for each name, as the user that stands beside it; they go when the block ends.

    `folder` gets the key (`key`) and the machines' host keys (`known_hosts`).
    """
    # A machine without an engine gets one here: these tests may be the first that need it.
    progress = Progress(Console(file=io.StringIO()))
    client = engine.ensure(progress)
    key = folder / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    _remove(client)
    try:
        made = _image(client, folder, key.with_suffix(".pub").read_text().strip())
        pool = docker.types.IPAMPool(subnet=SUBNET)
        client.networks.create(
            LABEL,
            ipam=docker.types.IPAMConfig(pool_configs=[pool]),
            labels={LABEL: ""},
        )
        prefix = SUBNET.rpartition(".")[0]
        addresses = {name: f"{prefix}.{number}" for number, name in enumerate(names, 10)}
        machines = {
            name: Machine(_start(client, made, name, addresses, user), addresses[name], user)
            for name, user in names.items()
        }
        for name, machine in machines.items():
            hosts.wait_until_up(machine.container, name)
        (folder / "known_hosts").write_text("".join(m.host_key() for m in machines.values()))
        yield machines
    finally:
        _remove(client)
        client.close()


def _image(client: docker.DockerClient, folder: Path, key: str) -> str:
    """Make the image of a bare machine; nothing of it stays."""
    base = image.ensure(client, logs=folder, progress=Progress(Console(file=io.StringIO())))
    container = client.containers.run(
        base.id,
        ["sh", "-c", _BARE],
        environment={"KEY": key},
        labels={LABEL: ""},
        detach=True,
    )
    code = container.wait()["StatusCode"]
    assert code == 0, container.logs().decode()
    # A commit would keep the labels of the harness's own base image.
    with subprocess.Popen(
        ["docker", "export", str(container.id)], stdout=subprocess.PIPE
    ) as exported:
        made = subprocess.run(
            ["docker", "import", "--change", f"LABEL {LABEL}=", "-"],
            stdin=exported.stdout,
            capture_output=True,
            text=True,
            check=True,
        )
    container.remove(v=True)
    return made.stdout.strip()


def _start(
    client: docker.DockerClient, made: str, name: str, addresses: Mapping[str, str], user: str
) -> Container:
    container = client.containers.create(
        made,
        ["/bin/sh", "-c", _INIT],
        name=f"{LABEL}-{name}",
        hostname=name,
        labels={LABEL: ""},
        environment={"container": "docker", "SUDO": "yes" if user == ADMIN else ""},
        stop_signal="SIGRTMIN+3",
        cap_add=["SYS_ADMIN", "NET_ADMIN"],
        cgroupns="private",
        security_opt=hosts.security(client),
        tmpfs=hosts.TMPFS,
        extra_hosts=dict(addresses),
        network=LABEL,
        networking_config={LABEL: client.api.create_endpoint_config(ipv4_address=addresses[name])},
    )
    container.start()
    return container


def _remove(client: docker.DockerClient) -> None:
    mine = {"label": LABEL}
    for container in client.containers.list(all=True, filters=mine):
        container.remove(force=True, v=True)
    for network in client.networks.list(filters=mine):
        network.remove()
    for one in client.images.list(filters=mine):
        client.images.remove(str(one.id), force=True)
