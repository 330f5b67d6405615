"""The life of a testbed, on real containers."""

from __future__ import annotations

import io
import re
import signal
from pathlib import Path

import docker
import pytest
from rich.console import Console

from harness.provision import hosts, labels, network, plays
from harness.provision.progress import Progress
from harness.state import State
from tests.integration.conftest import NAME, Bench

ALL = {"wan", "aai.egi.test", "aai.cstcloud.test"}


def test_every_host_runs_and_is_healthy(bench: Bench) -> None:
    assert {host: c.status for host, c in bench.containers().items()} == dict.fromkeys(
        ALL, "running"
    )
    code, output = bench.testbed("check")
    assert code == 0, output


def test_cross_traffic_goes_through_the_router(bench: Bench) -> None:
    _, route = bench.run("aai.egi.test", "ip", "route", "get", "10.114.2.10")
    assert "via 10.114.1.2" in route
    knock = "import socket; socket.create_connection(('aai.cstcloud.test', 9), timeout=5)"
    _, answer = bench.run("aai.egi.test", "python3", "-c", knock)
    assert "ConnectionRefusedError" in answer, (
        "the other host answers, by its name, that nobody listens"
    )


def test_routes_hold_after_a_restart_of_the_container(bench: Bench) -> None:
    container = bench.containers()["aai.egi.test"]
    container.restart()
    hosts.wait_until_up(container, "aai.egi.test")
    _, route = bench.run("aai.egi.test", "ip", "route", "get", "10.114.2.10")
    assert "via 10.114.1.2" in route


def test_the_second_provisioning_changes_nothing(bench: Bench, tmp_path: Path) -> None:
    machines = hosts.of_containers(bench.inventory.testbed)
    played = plays.run(
        "all",
        [bench.folder, plays.overlay(machines)],
        hosts=[host.name for host in machines],
        state=State(NAME),
        log=tmp_path / "play.log",
        progress=Progress(Console(file=io.StringIO())),
    )
    played.require()
    assert {name: tally.changed for name, tally in played.tallies.items()} == dict.fromkeys(ALL, 0)


def test_up_with_nothing_changed_leaves_running_hosts_alone(bench: Bench) -> None:
    before = bench.ids()
    code, output = bench.testbed("up")
    assert code == 0, output
    assert bench.ids() == before


def test_up_after_down_starts_from_snapshots_without_a_play(bench: Bench) -> None:
    bench.testbed("down")
    assert not bench.containers()
    code, output = bench.testbed("up")
    assert code == 0, output
    assert "start 3 hosts from snapshots" in output
    assert "configure" not in output


def test_a_changed_variable_makes_only_its_host_anew(bench: Bench) -> None:
    before = bench.ids()
    path = bench.folder / "hosts.yml"
    path.write_text(
        path.read_text().replace("address: 10.114.2.10,", "address: 10.114.2.10, new: 1,")
    )
    code, output = bench.testbed("up")
    assert code == 0, output
    after = bench.ids()
    assert {host for host in after if after[host] != before[host]} == {"aai.cstcloud.test"}


def test_a_half_made_host_never_passes_for_a_finished_one(bench: Bench) -> None:
    container = bench.containers()["aai.egi.test"]
    hosts.remove(bench.client, str(container.id))
    half = bench.client.containers.create(
        container.image,
        ["sleep", "infinity"],
        name=f"{NAME}-aai.egi.test",
        labels=labels.of(NAME, labels.CONFIGURE, host="aai.egi.test", key=""),
    )
    half.start()
    code, output = bench.testbed("up")
    assert code == 0, output
    assert bench.ids()["aai.egi.test"] != half.id
    assert bench.containers()["aai.egi.test"].labels[labels.KIND] == labels.RUNNING


def test_a_second_command_is_refused_and_an_interrupted_one_goes_on(bench: Bench) -> None:
    path = bench.folder / "hosts.yml"
    path.write_text(
        path.read_text().replace("address: 10.114.1.10,", "address: 10.114.1.10, new: 2,")
    )
    first = bench.begin("up")
    assert first.stdout is not None
    for line in first.stdout:
        if "boot 1 host" in line:  # the play is next
            break
    code, output = bench.testbed("down")
    assert code == 2
    assert f"process {first.pid} (`testbed up`)" in output
    first.send_signal(signal.SIGINT)
    rest, _ = first.communicate()
    assert first.returncode == 130, rest
    assert not _children_of_plays(first.pid)
    code, output = bench.testbed("up")
    assert code == 0, output
    assert "configure 1 host" in output


def test_an_address_range_in_use_is_refused_with_its_user(bench: Bench) -> None:
    bench.testbed("down")
    pool = docker.types.IPAMPool(subnet="10.114.1.0/28")
    other = bench.client.networks.create(
        "somebody-else-s", ipam=docker.types.IPAMConfig(pool_configs=[pool])
    )
    try:
        code, output = bench.testbed("up")
        diagnosis, findings = bench.testbed("doctor")
    finally:
        other.remove()
    assert code == 2
    assert "10.114.1.0/24" in output
    assert "somebody-else-s" in output
    assert diagnosis == 2
    assert "fault" in findings


def test_too_small_a_disk_is_refused(bench: Bench) -> None:
    code, output = bench.testbed("up", TESTBED_MIN_DISK_GIB="1000000")
    assert code == 2
    assert "GiB are free under" in output


def test_an_engine_that_is_not_there_is_refused(bench: Bench) -> None:
    code, output = bench.testbed("up", DOCKER_HOST="tcp://127.0.0.1:9")
    assert code == 2
    assert "DOCKER_HOST=tcp://127.0.0.1:9" in output


def test_down_leaves_nothing_of_its_own_and_all_of_others(bench: Bench) -> None:
    others = {c.id for c in bench.client.containers.list() if c.labels.get(labels.TESTBED) != NAME}
    assert bench.testbed("up")[0] == 0
    code, output = bench.testbed("down")
    assert code == 0, output
    assert not bench.containers()
    assert not bench.client.networks.list(filters=labels.query(testbed=NAME))
    running = {c.id for c in bench.client.containers.list()}
    assert others & running == others
    name = network.name(bench.inventory.testbed, "egi")
    assert not [n for n in bench.client.networks.list() if n.name == name]


def _children_of_plays(pid: int) -> list[str]:
    """Return command lines of Ansible that name the ended process's scratch folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if re.search(rf"ansible-playbook .*{NAME}/play-", words) and str(pid) != path.parent.name:
            found.append(words)
    return found


@pytest.fixture(autouse=True)
def _no_other_state(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command and the test must mean the same state."""
    for name in ("TESTBED_INVENTORY", "TESTBED_MIN_DISK_GIB"):
        monkeypatch.delenv(name, raising=False)
