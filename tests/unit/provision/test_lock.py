"""One process at a time works on a testbed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness.errors import Busy
from harness.provision import lock
from harness.state import State

HOLD = """
import sys
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
