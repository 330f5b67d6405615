"""The container engine: found, or installed from Debian's packages and started.

Docker is driven by its API. `DOCKER_HOST` is respected, and an engine that it names is never ours to
install or start. Where no systemd looks after the engine, we do: one that a testbed has started is
stopped by the `down` after which it has nothing left to run.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import docker
from docker.constants import DEFAULT_UNIX_SOCKET
from docker.errors import DockerException
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from harness.errors import PreconditionError
from harness.provision import lock, system
from harness.provision.progress import Progress
from harness.state import make_folder, state_root

_API_TIMEOUT = 600
"""Seconds; the commit of a large host is one call."""

_POOL = 40
_START_TIMEOUT = 300
_STOP_TIMEOUT = 180
_PID_FILES = {
    Path("/var/run/docker.pid"): "dockerd",
    Path("/var/run/docker/containerd/containerd.pid"): "containerd",
}


def connect() -> docker.DockerClient:
    """Return a client of the engine that runs.

    Raises
    ------
    PreconditionError
        saying why there is none and what to do.
    """
    try:
        return _connect()
    except DockerException as error:
        raise PreconditionError(_advice(error)) from error


def awake() -> docker.DockerClient | None:
    """Return a client of the engine; None where `release` has stopped it, so that nothing runs.

    Raises
    ------
    PreconditionError
        where there should be one: saying why there is none and what to do.
    """
    try:
        return _connect()
    except DockerException as error:
        if "DOCKER_HOST" not in os.environ and _rest_file().exists():
            return None
        raise PreconditionError(_advice(error)) from error


def ensure(progress: Progress) -> docker.DockerClient:
    """Return a client of the engine; install and start one where we may.

    Raises
    ------
    PreconditionError
        saying why there is none and what to do.
    """
    client = _ensure(progress)
    _rest_file().unlink(missing_ok=True)
    return client


def _ensure(progress: Progress) -> docker.DockerClient:
    try:
        return _connect()
    except DockerException as error:
        if "DOCKER_HOST" in os.environ or not system.is_root():
            raise PreconditionError(_advice(error)) from error
    log = make_folder(state_root()) / "engine.log"
    if not (shutil.which("dockerd") and shutil.which("docker")):
        if not system.can_install():
            raise PreconditionError(
                "no container engine is installed, and this is neither Debian nor Ubuntu: "
                "install Docker (dockerd and the docker command), start it, then try again."
            )
        with progress.stage("install the container engine"):
            system.install(("docker.io", "docker-cli", "iptables"), log=log)
    with progress.stage("start the container engine"):
        if system.has_systemd():
            subprocess.run(["systemctl", "start", "docker"], check=False, capture_output=True)
        else:
            _start_daemon(log)
        return _wait(log)


@contextmanager
def in_use() -> Iterator[None]:
    """Keep the engine from being stopped by another testbed's `down`."""
    path = make_folder(state_root()) / "engine.lock"
    with path.open("a") as file:
        lock.take(file.fileno(), path, fcntl.LOCK_SH, wait=True)
        yield


def release(client: docker.DockerClient) -> bool:
    """Stop the engine where a testbed has started it, and nothing needs it; tell whether it was so.

    Images stay on disk.
    """
    pid = _started()
    if pid is None or client.containers.list(all=True):
        return False
    path = state_root() / "engine.lock"
    with path.open("a") as file:
        if not lock.take(file.fileno(), path, fcntl.LOCK_EX):
            return False
        client.close()
        os.kill(pid, signal.SIGTERM)
        for attempt in Retrying(
            stop=stop_after_delay(_STOP_TIMEOUT), wait=wait_fixed(0.1), reraise=True
        ):
            with attempt:
                if _started() is not None:
                    raise TimeoutError(f"the container engine (process {pid}) did not stop")
    _pid_file().unlink(missing_ok=True)
    _rest_file().touch()
    return True


def _pid_file() -> Path:
    return state_root() / "engine.pid"


def _rest_file() -> Path:
    """Is there from when a testbed stops the engine until one needs it again."""
    return state_root() / "engine.stopped"


def _started() -> int | None:
    """Return the process id of the engine that a testbed has started; None where it has ended."""
    try:
        pid = int(_pid_file().read_text())
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (OSError, ValueError):
        return None
    name, _, rest = stat.partition("(")[2].rpartition(")")
    return pid if name == "dockerd" and rest.split()[0] != "Z" else None


def _connect() -> docker.DockerClient:
    _knock(os.environ.get("DOCKER_HOST") or DEFAULT_UNIX_SOCKET)
    client = docker.from_env(timeout=_API_TIMEOUT, max_pool_size=_POOL)
    client.ping()
    return client


def _knock(address: str) -> None:
    """Fail where nobody listens at a Unix socket; the library would leave its own end open.

    Raises
    ------
    DockerException
        as the library's own clients do.
    """
    scheme, _, path = address.partition("://")
    if scheme.rpartition("+")[2] != "unix":
        return
    with socket.socket(socket.AF_UNIX) as knocking:
        try:
            knocking.connect(path)
        except OSError as error:
            raise DockerException(f"{path}: {error.strerror or error}") from error


def _start_daemon(log: Path) -> None:
    """Start dockerd on its own, so that it outlives us; nothing else looks after it here."""
    for path, name in _PID_FILES.items():
        _drop_stale(path, name)
    with log.open("ab") as out:
        # Not by `subprocess`, whose object complains of a process that it has not seen end.
        pid = os.posix_spawnp(
            "env",
            ("env", "-C", "/", "dockerd"),
            os.environ,
            file_actions=(
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_DUP2, out.fileno(), 1),
                (os.POSIX_SPAWN_DUP2, out.fileno(), 2),
            ),
            setsid=True,
        )
    _pid_file().write_text(f"{pid}\n")


def _drop_stale(path: Path, name: str) -> None:
    """Remove a pid file whose process is gone, or is another one by now.

    An engine that was killed leaves it behind, and the next refuses to start while any process
    bears that number.
    """
    try:
        pid = int(path.read_text())
        running = Path(f"/proc/{pid}/comm").read_text().strip()
    except (OSError, ValueError):
        running = ""
    if running != name:
        path.unlink(missing_ok=True)


def _wait(log: Path) -> docker.DockerClient:
    try:
        for attempt in Retrying(
            retry=retry_if_exception_type(DockerException),
            stop=stop_after_delay(_START_TIMEOUT),
            wait=wait_fixed(0.3),
            reraise=True,
        ):
            with attempt:
                return _connect()
    except DockerException as error:
        hint = "see `journalctl -u docker`" if system.has_systemd() else f"see {log}"
        raise PreconditionError(
            f"the container engine did not start within {_START_TIMEOUT} s ({hint}):\n"
            f"{system.tail(log, 3)}"
        ) from error
    raise AssertionError("tenacity returns or raises")


def _advice(error: Exception) -> str:
    """Say what to do about an engine that does not answer."""
    reason = " ".join(str(error).split())
    if address := os.environ.get("DOCKER_HOST"):
        return (
            f"the container engine is not reachable at DOCKER_HOST={address}: {reason}\n"
            "  Start it there, correct DOCKER_HOST, or unset it to use this machine's engine."
        )
    if "Permission denied" in reason:
        return (
            f"this user may not use the container engine: {reason}\n"
            "  Add the user to the group docker (`sudo adduser $USER docker`, then log in again), "
            "or run as root."
        )
    return (
        f"no container engine is reachable: {reason}\n"
        "  Install and start Docker (`sudo apt-get install docker.io docker-cli`), or run "
        "`testbed up` as root on Debian or Ubuntu, which installs it."
    )
