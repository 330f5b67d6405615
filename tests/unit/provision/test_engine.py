"""An engine that a testbed has stopped is no fault: nothing runs, and that is what is told."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from docker.errors import DockerException
from rich.console import Console

from harness import inventory as inventories
from harness.errors import PreconditionError
from harness.provision import engine, removal, status
from harness.provision.progress import Progress

ROOT = Path(__file__).resolve().parents[3]


class Client:
    """Of an engine in which so many containers are left."""

    def __init__(self, *left: str) -> None:
        self.containers, self._left, self.closed = self, list(left), False

    def list(self, *, all: bool) -> list[str]:
        assert all
        return self._left

    def close(self) -> None:
        self.closed = True


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No engine answers; `DOCKER_HOST` names none."""

    def refuse() -> None:
        raise DockerException("connection refused")

    monkeypatch.setenv("TESTBED_STATE", str(tmp_path))
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.setattr(engine, "_connect", refuse)
    return tmp_path


@pytest.fixture
def daemon(state: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process by the name of dockerd, which a testbed has started."""
    program = state / "dockerd"
    sleep = shutil.which("sleep")
    assert sleep
    program.symlink_to(sleep)
    with subprocess.Popen([program, "300"]) as process:
        (state / "engine.pid").write_text(f"{process.pid}\n")
        yield process
        process.kill()


@pytest.fixture
def console() -> Console:
    return Console(file=io.StringIO(), width=200)


def said(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def twin() -> inventories.Inventory:
    return inventories.load(ROOT / "inventories" / "twin")


def test_it_is_stopped_with_its_last_container_alone(daemon: subprocess.Popen[bytes]) -> None:
    assert not engine.release(Client("se"))  # type: ignore[arg-type]
    assert daemon.poll() is None
    with pytest.raises(PreconditionError, match="no container engine is reachable"):
        engine.awake()
    assert engine.release(Client())  # type: ignore[arg-type]
    assert daemon.wait(10) < 0
    assert engine.awake() is None


def test_where_none_was_stopped_its_absence_is_told(console: Console) -> None:
    with pytest.raises(PreconditionError, match="no container engine is reachable"):
        removal.down(twin(), console=console)


def test_one_that_is_named_must_be_there(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (state / "engine.stopped").touch()
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    with pytest.raises(PreconditionError, match="DOCKER_HOST"):
        engine.awake()


def test_a_second_down_says_that_nothing_runs(state: Path, console: Console) -> None:
    (state / "engine.stopped").touch()
    removal.down(twin(), console=console)
    assert "nothing of twin is running" in said(console)
    status.show(twin(), console=console)
    assert "se.egi.test" in said(console)
    assert "stopped the container engine" in said(console)


def test_an_engine_that_is_used_again_is_expected_again(
    state: Path, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    (state / "engine.stopped").touch()
    with monkeypatch.context() as there:
        there.setattr(engine, "_connect", Client)
        engine.ensure(Progress(console))
    assert not os.path.lexists(state / "engine.stopped")
    with pytest.raises(PreconditionError, match="no container engine is reachable"):
        engine.awake()


@pytest.mark.parametrize("address", ["unix://{}/none.sock", "http+unix://{}/none.sock"])
def test_a_socket_where_nobody_listens_is_left_closed(tmp_path: Path, address: str) -> None:
    with pytest.raises(DockerException, match=r"none\.sock: No such file"):
        engine._knock(address.format(tmp_path))


def test_an_engine_of_another_machine_is_not_knocked_at() -> None:
    engine._knock("tcp://engine.invalid:2376")
