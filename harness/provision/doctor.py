"""What this machine must have, looked at one by one, with what to do about what it lacks."""

from __future__ import annotations

import gzip
import math
import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import docker
from docker.errors import DockerException, ImageNotFound
from rich.console import Console
from rich.table import Table

from harness.errors import BadInput, PreconditionError
from harness.inventory import Inventory
from harness.model import Testbed
from harness.provision import engine, hosts, labels, network, system

Level = Literal["ok", "warning", "fault"]

DISK_GIB = 12.0
"""Free space that the images of the twin testbed and one night's report want (GiB)."""

DISK_GIB_WARM = 2.0
"""The same where the images are there already."""

MEMORY_GIB = 6.0

# Kernel option -> what of the testbed wants it. Only drills of the network need them.
KERNEL = {
    "NET_SCH_NETEM": "delay and loss between the infrastructures",
    "NET_SCH_TBF": "limits of the rate between the infrastructures",
    "NF_TABLES": "cuts between the infrastructures",
    "NETFILTER_NETLINK_QUEUE": "changes to single packets (NFQUEUE)",
}

_MARKS = {"ok": "[green]ok[/]", "warning": "[yellow]warning[/]", "fault": "[bold red]fault[/]"}
_GIB = 2**30
_BOOT_CONFIG = Path("/boot") / f"config-{platform.release()}"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `advice` says what to do where it is not as it should be."""

    name: str
    level: Level
    found: str
    advice: str = ""


@dataclass(frozen=True)
class Findings:
    """All that was looked at."""

    findings: tuple[Finding, ...]

    @property
    def ready(self) -> bool:
        """True where nothing stops a `testbed up`."""
        return not self.faults

    @property
    def faults(self) -> tuple[Finding, ...]:
        """What stops a `testbed up`."""
        return tuple(f for f in self.findings if f.level == "fault")


def examine(inventory: Inventory) -> Findings:
    """Look at everything; nothing is changed but for one short-lived container."""
    found = [_python(), _node(), _allure()]
    if not hosts.of_containers(inventory.testbed):
        ssh = Finding(
            "container engine", "ok", "not needed: no host of the inventory is a container"
        )
        return Findings((*found, ssh))
    try:
        client = engine.connect()
    except PreconditionError as error:
        found.append(_no_engine(str(error)))
        found.append(_tool())
    else:
        version = client.version()["Version"]
        found.append(Finding("container engine", "ok", f"Docker {version}"))
        found.append(_docker_command())
        found.append(_tool())
        found.append(_base_image(client))
        found.append(_capabilities(client))
        found.append(_engine_disk(client))
        found.extend(_ranges(client, inventory.testbed))
    found.extend([_cgroup(), _memory(), inotify(), *_kernel()])
    found.append(
        Finding("ports", "ok", "no port of this machine is used: hosts have their own addresses")
    )
    return Findings(tuple(found))


def require(client: docker.DockerClient, testbed: Testbed) -> None:
    """Refuse early what would fail late: too small a disk, address ranges in use.

    Raises
    ------
    PreconditionError
        with what was found and what to do.
    """
    findings = Findings((_engine_disk(client), *_ranges(client, testbed)))
    if not findings.ready:
        raise PreconditionError("\n".join(f"{f.found}. {f.advice}" for f in findings.faults))


def show(findings: Findings, *, console: Console) -> None:
    """Print a line for each finding, with what to do."""
    table = Table()
    for column in ("", "what", "found", "what to do"):
        table.add_column(column, overflow="fold")
    for finding in findings.findings:
        table.add_row(_MARKS[finding.level], finding.name, finding.found, finding.advice)
    console.print(table)


def _python() -> Finding:
    """Too old a Python gets no further than the Makefile."""
    return Finding("python", "ok", platform.python_version())


def _node() -> Finding:
    """Node is for the report alone; it comes with the virtual environment."""
    if (Path(sys.prefix) / "bin" / "node").exists() or shutil.which("node"):
        return Finding("node", "ok", "there")
    return Finding("node", "warning", "not found", "Run `make .venv`: the report needs it.")


def _allure() -> Finding:
    root = Path(__file__).resolve().parents[2]
    if (root / "node_modules" / ".bin" / "allure").exists():
        return Finding("allure", "ok", "there")
    return Finding("allure", "warning", "not found", "Run `make setup`: the report needs it.")


def _no_engine(reason: str) -> Finding:
    if "DOCKER_HOST" not in os.environ and system.can_install():
        return Finding(
            "container engine", "warning", "none runs", "`testbed up` installs and starts it."
        )
    return Finding("container engine", "fault", reason, "See what was found.")


def _docker_command() -> Finding:
    """Ansible's connection and the scenarios' shells go through the command."""
    if shutil.which("docker"):
        return Finding("docker command", "ok", "there")
    return Finding(
        "docker command", "fault", "not found", "Install it (Debian: `apt-get install docker-cli`)."
    )


def _tool() -> Finding:
    if os.environ.get("TESTBED_BASE_IMAGE"):
        return Finding("mmdebstrap", "ok", "not needed: TESTBED_BASE_IMAGE names an image")
    if shutil.which("mmdebstrap"):
        return Finding("mmdebstrap", "ok", "there")
    if system.can_install():
        return Finding("mmdebstrap", "warning", "not installed", "`testbed up` installs it.")
    return Finding(
        "mmdebstrap",
        "fault",
        "not installed",
        "Install mmdebstrap and debian-archive-keyring, or set TESTBED_BASE_IMAGE.",
    )


def _base_image(client: docker.DockerClient) -> Finding:
    image = _any_base(client)
    if name := os.environ.get("TESTBED_BASE_IMAGE"):
        if image:
            return Finding("base image", "ok", f"TESTBED_BASE_IMAGE={name}")
        return Finding(
            "base image",
            "fault",
            f"the engine has no image {name}",
            "Load it, or unset the setting.",
        )
    found = "there" if image else "none yet: the first `testbed up` builds it"
    return Finding("base image", "ok", found)


def _any_base(client: docker.DockerClient) -> str | None:
    """Return some base image's id; None where there is none."""
    if name := os.environ.get("TESTBED_BASE_IMAGE"):
        try:
            return str(client.images.get(name).id)
        except ImageNotFound:
            return None
    images = client.api.images(filters=labels.query(kind=labels.BASE))
    return str(images[0]["Id"]) if images else None


def _capabilities(client: docker.DockerClient) -> Finding:
    """Try what a host does: a mount (systemd), a queue on an interface (the router)."""
    image = _any_base(client)
    if image is None:
        return Finding("capabilities", "ok", "not tested: there is no image yet")
    script = "mount -t tmpfs none /mnt && ip link set lo mtu 9000"
    try:
        client.containers.run(
            image,
            ["sh", "-ec", script],
            cap_add=["SYS_ADMIN", "NET_ADMIN"],
            security_opt=hosts.security(client),
            network_mode="none",
            labels=labels.of("", "doctor"),
            remove=True,
        )
    except DockerException as error:
        return Finding(
            "capabilities",
            "fault",
            " ".join(str(error).split())[-200:],
            "The engine must allow containers with SYS_ADMIN and NET_ADMIN: use one that is not "
            "rootless and not confined by another container.",
        )
    return Finding("capabilities", "ok", "containers may have SYS_ADMIN and NET_ADMIN")


def _cgroup() -> Finding:
    if Path("/sys/fs/cgroup/cgroup.controllers").exists():
        return Finding("cgroup", "ok", "version 2")
    if Path("/sys/fs/cgroup/systemd").is_dir():
        return Finding("cgroup", "ok", "version 1, with systemd's hierarchy")
    return Finding(
        "cgroup",
        "warning",
        "neither version 2 nor systemd's hierarchy of version 1",
        "If hosts do not start: mount cgroup2 on /sys/fs/cgroup.",
    )


def _engine_disk(client: docker.DockerClient) -> Finding:
    # The list alone: looking closer at each image fails where another testbed removes one meanwhile.
    warm = bool(client.api.images(filters=labels.query(kind=labels.INSTALL)))
    return disk(Path(client.info()["DockerRootDir"]), warm=warm)


def disk(folder: Path, *, warm: bool) -> Finding:
    """Look at the space where the engine keeps its data; less will do where images are there."""
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free / _GIB
    needed = setting("TESTBED_MIN_DISK_GIB", DISK_GIB_WARM if warm else DISK_GIB)
    found = f"{free:.1f} GiB are free under {folder}"
    if free >= needed:
        return Finding("disk", "ok", found)
    return Finding(
        "disk",
        "fault",
        f"{found}, and the testbed needs {needed:g} GiB",
        "Free some space there, move the engine's data (data-root in /etc/docker/daemon.json), "
        "or lower TESTBED_MIN_DISK_GIB.",
    )


def _memory() -> Finding:
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / _GIB
    if total >= MEMORY_GIB:
        return Finding("memory", "ok", f"{total:.1f} GiB")
    return Finding(
        "memory",
        "warning",
        f"{total:.1f} GiB",
        f"The twin testbed is comfortable with {MEMORY_GIB:g} GiB or more.",
    )


def inotify(path: Path = system.INOTIFY) -> Finding:
    """Look at the kernel's limit that systemd hosts meet first."""
    limit = int(path.read_text())
    if limit >= system.INOTIFY_WANTED:
        return Finding("inotify instances", "ok", str(limit))
    if os.access(path, os.W_OK):
        return Finding("inotify instances", "ok", f"{limit}; `testbed up` raises it")
    return Finding(
        "inotify instances",
        "warning",
        f"{limit} for all containers together; a host needs about six",
        f"If hosts end as they start: sysctl -w fs.inotify.max_user_instances={system.INOTIFY_WANTED}",
    )


def _ranges(client: docker.DockerClient, testbed: Testbed) -> Iterator[Finding]:
    found = network.conflicts(client, testbed)
    for conflict in found:
        what, _, advice = conflict.partition(".\n")
        yield Finding("address range", "fault", what, advice.strip())
    if not found:
        ranges = ", ".join(str(i.network) for i in testbed.infrastructures if i.network)
        yield Finding("address ranges", "ok", f"{ranges or 'none'}: free, or the testbed's own")


def _kernel() -> Iterator[Finding]:
    config = kernel_config()
    for option, purpose in KERNEL.items():
        value = config(option) if config else "?"
        if value in ("y", "m"):
            yield Finding(f"kernel {option}", "ok", "built in" if value == "y" else "a module")
        elif value == "?":
            yield Finding(f"kernel {option}", "warning", "unknown", f"It is needed for {purpose}.")
        else:
            yield Finding(
                f"kernel {option}", "warning", "missing", f"Use a kernel with it for {purpose}."
            )


def kernel_config(
    packed: Path = Path("/proc/config.gz"),
    plain: Path = _BOOT_CONFIG,
) -> Callable[[str], str] | None:
    """Return a reader of the running kernel's options; None where they are not published."""
    if packed.exists():
        text = gzip.decompress(packed.read_bytes()).decode()
    elif plain.exists():
        text = plain.read_text()
    else:
        return None
    options = dict(
        line.removeprefix("CONFIG_").split("=", 1)
        for line in text.splitlines()
        if line.startswith("CONFIG_")
    )
    return lambda option: options.get(option, "n")


def setting(name: str, default: float) -> float:
    """Return a setting that is a number, 0 or more.

    Raises
    ------
    BadInput
        where it is none.
    """
    text = os.environ.get(name)
    if text is None:
        return default
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 <= number < math.inf:
        raise BadInput(f"{name}={text}: a number is expected, 0 or greater.")
    return number
