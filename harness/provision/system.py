"""What this machine is, and its package manager: only Debian and Ubuntu are ever changed by us."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from harness.errors import PreconditionError

SOURCES = Path("/etc/apt")


def is_root() -> bool:
    """Tell whether we may install and start things."""
    return os.geteuid() == 0


def distribution() -> str:
    """Return the distribution's id (`debian`, `ubuntu`, ...); empty where it does not say."""
    return _release().get("ID", "")


def can_install() -> bool:
    """Tell whether missing packages may be installed: root on Debian, Ubuntu or a child of them."""
    release = _release()
    family = {release.get("ID", ""), *release.get("ID_LIKE", "").split()}
    return is_root() and bool(family & {"debian", "ubuntu"}) and shutil.which("apt-get") is not None


def has_systemd() -> bool:
    """Tell whether systemd is the first process here (sd_booted(3))."""
    return Path("/run/systemd/system").is_dir()


def install(packages: Iterable[str], *, log: Path) -> None:
    """Install Debian packages that are missing; names that the archive does not know are left out.

    Raises
    ------
    PreconditionError
        where apt fails, with its last lines.
    """
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}

    def apt(*words: str) -> None:
        with log.open("ab") as out:
            done = subprocess.run(
                ["apt-get", "-q", "-o", "DPkg::Lock::Timeout=300", *words],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=environment,
                check=False,
            )
        if done.returncode:
            raise PreconditionError(
                f"apt-get {' '.join(words)} failed with exit code {done.returncode}:\n"
                f"{tail(log, 4)}\n  Install the packages by hand, then try again. Log: {log}"
            )

    apt("update")
    known = [
        name
        for name in packages
        if subprocess.run(["apt-cache", "show", name], capture_output=True, check=False).returncode
        == 0
    ]
    apt("install", "-y", "--no-install-recommends", *known)


def debian_mirror() -> str | None:
    """Return the mirror that this machine takes Debian's packages from; None where it is no Debian.

    Read from /etc/apt/sources.list and sources.list.d, in both formats of sources.list(5).
    """
    if distribution() != "debian":
        return None
    suite = _release().get("VERSION_CODENAME", "")
    files = [SOURCES / "sources.list", *sorted((SOURCES / "sources.list.d").glob("*"))]
    for file in files:
        if not file.is_file():
            continue
        text = file.read_text(errors="replace")
        found = _deb822(text, suite) if file.suffix == ".sources" else _one_line(text, suite)
        if found:
            return found
    return None


def tail(log: Path, lines: int) -> str:
    """Return the last lines of a log, indented, for a message."""
    last = log.read_text(errors="replace").splitlines()[-lines:] if log.exists() else []
    return "\n".join(f"    {line}" for line in last)


INOTIFY = Path("/proc/sys/fs/inotify/max_user_instances")
"""How many inotify instances a user may have; all containers of an engine count as one user."""

INOTIFY_WANTED = 1024
"""A systemd host takes five or six of them. The kernel's 128 end in hosts that do not boot."""


def inotify_instances(path: Path = INOTIFY) -> int:
    """Return the limit of inotify instances, raised first where it is low and we may raise it."""
    limit = int(path.read_text())
    if limit < INOTIFY_WANTED and os.access(path, os.W_OK):
        with suppress(OSError):
            path.write_text(f"{INOTIFY_WANTED}\n")
            limit = int(path.read_text())
    return limit


def _release() -> dict[str, str]:
    try:
        return platform.freedesktop_os_release()
    except OSError:
        return {}


def _one_line(text: str, suite: str) -> str | None:
    """Find the mirror among lines such as `deb [options] URI SUITE COMPONENT...`."""
    for line in text.splitlines():
        words = line.partition("#")[0].replace("]", "] ").split()
        if not words or words[0] != "deb":
            continue
        rest = words[1:]
        if rest and rest[0].startswith("["):
            while rest and not rest[0].endswith("]"):
                rest = rest[1:]
            rest = rest[1:]
        if len(rest) >= 3 and rest[1] == suite and "main" in rest[2:]:
            return rest[0]
    return None


def _deb822(text: str, suite: str) -> str | None:
    """Find the mirror among stanzas of `Types:`, `URIs:`, `Suites:`, `Components:`."""
    for stanza in text.split("\n\n"):
        fields: dict[str, str] = {}
        for line in stanza.splitlines():
            name, colon, value = line.partition(":")
            if colon and not line.startswith((" ", "\t", "#")):
                fields[name.strip().lower()] = value.strip()
        if (
            "deb" in fields.get("types", "").split()
            and suite in fields.get("suites", "").split()
            and "main" in fields.get("components", "").split()
            and fields.get("enabled", "yes").lower() != "no"
        ):
            return fields.get("uris", "").split()[0]
    return None
