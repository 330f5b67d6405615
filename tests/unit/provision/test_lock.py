"""One process at a time works on a testbed."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness.errors import Busy, PreconditionError
from harness.provision import lock
from harness.state import State

HOLD = """
import os, sys
from pathlib import Path
from harness.provision import lock
from harness.state import State
with lock.hold(State("twin", root=Path(sys.argv[1])), "up"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State("twin", root=tmp_path)


def test_a_second_process_is_refused_with_the_id_of_the_first(state: State) -> None:
    root = str(state.root.parent)
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, root],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "held\n"
        with (
            pytest.raises(Busy, match=rf"process {first.pid} \(`testbed up`\)"),
            lock.hold(state, "run"),
        ):
            pass
        assert lock.holder(state) == (str(first.pid), "up")
        first.kill()  # however it ends: the lock dies with it
    with lock.hold(state, "run"):
        pass


FORK = """
import os, sys, time
from pathlib import Path
from harness.provision import lock
from harness.state import State
with lock.hold(State("twin", root=Path(sys.argv[1])), "run", containers=True):
    if not os.fork():
        print("held", flush=True)  # by the parent; the fork has let go before its first line
        sys.stdin.read()  # as a worker that is within a long test
        os._exit(0)
    time.sleep(600)
"""


@pytest.mark.usefixtures("engine")
def test_a_worker_that_outlives_its_parent_holds_nothing(state: State) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", FORK, state.root.parent],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "held\n"
        assert lock.holder(state) == (str(parent.pid), "run")
        parent.kill()
        parent.wait()
        assert lock.holder(state) is None
        with lock.hold(state, "run", containers=True):
            assert lock.holder(state) == (str(os.getpid()), "run")


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An engine of these tests alone; a link leads to its socket, as /var/run does to /run."""
    (tmp_path / "var").symlink_to(tmp_path)
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/var/docker.sock")
    return tmp_path / "docker.sock"


def test_clones_with_different_states_share_containers_and_so_their_lock(
    state: State, engine: Path, tmp_path: Path
) -> None:
    other = State("twin", root=tmp_path / "other")
    script = HOLD.replace('"up")', '"up", containers=True)')
    with subprocess.Popen(
        [sys.executable, "-c", script, other.root.parent, "testbed", "--inventory", "up"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"DOCKER_HOST": f"unix://{engine}"},
    ) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "held\n"
        said = (
            rf"process {first.pid} \(`testbed up`\) is working on the containers .* another state"
        )
        with pytest.raises(Busy, match=said), lock.hold(state, "run", containers=True):
            pass
        assert lock.holder(state) == (str(first.pid), "up")
        with lock.hold(state, "check"):
            pass  # it leaves the containers alone
        with lock.hold(State("other", root=tmp_path), "run", containers=True):
            pass  # another testbed's
        first.kill()
    with lock.hold(state, "run", containers=True):
        pass


def test_another_engine_has_other_containers(
    state: State, engine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with lock.hold(state, "up", containers=True):
        monkeypatch.setenv("DOCKER_HOST", f"tcp://{engine.name}:2375")
        with lock.hold(State("twin", root=engine.parent / "b"), "up", containers=True):
            pass


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOTSUP, errno.EIO])
def test_a_disk_without_locks_is_told(
    state: State, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setenv("TESTBED_STATE", str(state.root.parent))
    monkeypatch.setattr(lock.fcntl, "flock", refuse)
    said = f"{os.strerror(number)}. TESTBED_STATE must be on a file system that supports locks."
    with pytest.raises(PreconditionError, match=said), lock.hold(state, "run"):
        pass
    with pytest.raises(PreconditionError, match=said), lock.shared_images():
        pass
    with pytest.raises(PreconditionError, match=said):
        lock.holder(state)


def test_a_holder_that_is_not_there_is_not_named(state: State) -> None:
    """Of another machine, or another namespace of processes."""
    with state.make().lock.open("w") as file:
        file.write("999999999 up\n")
        file.flush()
        lock.take(file.fileno(), state.lock, lock.fcntl.LOCK_EX)
        with pytest.raises(Busy, match="another process is working on"), lock.hold(state, "run"):
            pass


@pytest.mark.usefixtures("engine")
def test_a_command_within_a_command_holds_it_once(state: State) -> None:
    with lock.hold(state, "nightly"):
        with lock.hold(state, "up"):
            pass
        holder = (str(os.getpid()), "nightly")
        assert (state.root / "lock").read_text().split() == list(holder)
    assert lock.holder(state) is None


def test_shared_images_stay_while_anybody_builds_upon_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TESTBED_STATE", str(tmp_path))
    with lock.shared_images() as alone:
        with lock.shared_images() as other_alone:
            assert not other_alone()
        assert alone()


PART = """
import sys
from pathlib import Path
from harness.provision import lock
from harness.state import State
with lock.hold_sites(State("twin", root=Path(sys.argv[1])), sys.argv[2:]) as held:
    print("alone" if held.alone else "beside", flush=True)
    sys.stdin.readline()
    held.share()
    print("shared", flush=True)
    sys.stdin.read()
"""


def part(state: State, *sites: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PART, str(state.root.parent), *sites],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def told(process: subprocess.Popen[str], word: str = "") -> str:
    """Give a part a line, and return what it says next."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{word}\n")
    process.stdin.flush()
    return process.stdout.readline().strip()


def test_parts_hold_their_sites_beside_each_other(
    state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first has the testbed alone until it shares it; no other command comes in between."""
    monkeypatch.setattr(lock, "_PATIENCE", 0.5)
    with part(state, "A", "B") as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "alone\n"
        with (
            pytest.raises(Busy, match="is working on the testbed twin"),
            lock.hold_sites(state, ["C"]),
        ):
            pass
        assert told(first) == "shared"
        with part(state, "C") as second:
            assert second.stdout is not None
            assert second.stdout.readline() == "beside\n"
            with (
                pytest.raises(Busy, match="is working on the testbed twin"),
                lock.hold(state, "up"),
            ):
                pass
            taken = rf"process {second.pid} \(`testbed run --shard`\) is running scenarios at C"
            with pytest.raises(Busy, match=taken), lock.hold_sites(state, ["C", "D"]):
                pass
            with lock.hold_sites(state, ["D"]) as third:
                assert not third.alone
            second.kill()
        with lock.hold_sites(state, ["C"]):
            pass  # it goes with its holder
        first.kill()
    with lock.hold(state, "up") as whole:
        assert whole.alone
        with lock.hold_sites(state, ["A"]) as within:
            assert within is whole


def test_a_part_is_refused_while_the_whole_is_held(state: State) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(state.root.parent)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "held\n"
        said = rf"process {first.pid} \(`testbed up`\) is working on the testbed"
        with pytest.raises(Busy, match=said), lock.hold_sites(state, ["A"]):
            pass
        first.kill()
