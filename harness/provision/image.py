"""The base image of all hosts: a minimal Debian under systemd, made from a mirror by mmdebstrap.

Settings: `TESTBED_MIRROR` (any Debian mirror), `TESTBED_BASE_IMAGE` (an existing image instead, with
systemd, D-Bus, python3, python3-apt, iproute2 and curl in it).
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

import docker
from docker.errors import ImageNotFound
from docker.models.images import Image

from harness.errors import PreconditionError
from harness.provision import labels, system
from harness.provision.progress import Progress

SUITE = "trixie"
REPOSITORY = "interop-testbed-base"
# python3-apt is what Ansible's apt module needs: else it would be installed on every host anew.
PACKAGES = (
    "systemd", "systemd-sysv", "dbus", "python3", "python3-apt", "ca-certificates", "iproute2",
    "curl",
)  # fmt: skip
TIMERS = (
    "apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer", "e2scrub_all.timer",
    "fstrim.timer", "man-db.timer", "systemd-tmpfiles-clean.timer",
)  # fmt: skip
OPTIONS = (
    "--variant=minbase",
    f"--include={','.join(PACKAGES)}",
    # Stay in the image: the hosts' packages are installed under the same rules.
    "--dpkgopt=force-unsafe-io",
    "--dpkgopt=path-exclude=/usr/share/doc/*",
    "--dpkgopt=path-exclude=/usr/share/man/*",
    "--dpkgopt=path-exclude=/usr/share/locale/*",
    '--aptopt=APT::Install-Recommends "false"',
    '--aptopt=Acquire::Languages "none"',
    # The package lists stay too: no host needs to fetch them.
    "--skip=cleanup/apt/lists",
    # Housekeeping by the clock is for machines that live longer, and would run beside the plays.
    f'--customize-hook=systemctl --root="$1" --quiet mask {" ".join(TIMERS)}',
)


def find(client: docker.DockerClient) -> Image | None:
    """Return the base image as the settings name it; None where there is none yet."""
    try:
        return client.images.get(os.environ.get("TESTBED_BASE_IMAGE") or _tag(_mirror()))
    except ImageNotFound:
        return None


def ensure(client: docker.DockerClient, *, logs: Path, progress: Progress) -> Image:
    """Return the base image; make it where there is none of this recipe.

    Raises
    ------
    PreconditionError
        where the image that TESTBED_BASE_IMAGE names is not there, or none can be made.
    """
    if found := find(client):
        return found
    if name := os.environ.get("TESTBED_BASE_IMAGE"):
        raise PreconditionError(
            f"TESTBED_BASE_IMAGE names {name}, which the container engine does not have. Load it "
            "there, or unset the variable to build one."
        )
    with progress.stage("build the base image"):
        _ensure_tool(logs / "packages.log")
        return _make(client, _mirror(), log=logs / "base-image.log")


def _mirror() -> str | None:
    """Return the Debian mirror to use; None for mmdebstrap's own choice."""
    return os.environ.get("TESTBED_MIRROR") or system.debian_mirror()


def _tag(mirror: str | None) -> str:
    return f"{REPOSITORY}:{SUITE}-{recipe_key(mirror)}"


def recipe_key(mirror: str | None) -> str:
    """Return the hash of all that makes the image, but for the packages' state of the day."""
    recipe = json.dumps([SUITE, OPTIONS, mirror])
    return hashlib.sha256(recipe.encode()).hexdigest()[:12]


def _ensure_tool(log: Path) -> None:
    if shutil.which("mmdebstrap"):
        return
    if not system.can_install():
        raise PreconditionError(
            "mmdebstrap is not installed, but it is needed to build the base image. Install it "
            "(`sudo apt-get install mmdebstrap debian-archive-keyring`), or name an existing "
            "image in TESTBED_BASE_IMAGE."
        )
    system.install(("mmdebstrap", "debian-archive-keyring"), log=log)


def _make(client: docker.DockerClient, mirror: str | None, *, log: Path) -> Image:
    """Pipe the archive into the engine; the image gets its name only when all went well."""
    command = ["mmdebstrap", *OPTIONS, SUITE, "-", *([mirror] if mirror else [])]
    made = labels.of("", labels.BASE, key=recipe_key(mirror))
    with (
        log.open("wb") as errors,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors) as process,
    ):
        answer = client.api.import_image_from_stream(
            process.stdout, changes=[f'LABEL "{name}"="{value}"' for name, value in made.items()]
        )
        code = process.wait()
    image = client.images.get(json.loads(answer.strip().splitlines()[-1])["status"])
    if code:
        client.images.remove(str(image.id))
        raise PreconditionError(
            f"mmdebstrap failed with exit code {code}:\n{system.tail(log, 4)}\n"
            "  If the mirror is to blame, set TESTBED_MIRROR to another one. "
            f"Log: {log}"
        )
    image.tag(_tag(mirror))
    return client.images.get(_tag(mirror))
