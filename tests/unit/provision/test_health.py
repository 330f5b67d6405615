"""What is asked of a host, and what its answers mean."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from ipaddress import IPv4Address
from pathlib import Path

import pytest
import testinfra.host

from harness.errors import BadInput
from harness.model import Host
from harness.provision import health, probes
from harness.provision.backend import PersistentShell


def here(connection: str = "local") -> Host:
    return Host(
        name="localhost",
        infrastructure=None,
        site=None,
        roles=("some",),
        connection=connection,
        target="no-such-container",
    )


@pytest.fixture
def shell() -> Iterator[PersistentShell]:
    with PersistentShell(here()) as backend:
        yield backend


def test_one_shell_answers_one_command_after_another(shell: PersistentShell) -> None:
    first = shell.run("echo out; echo err >&2; exit 3")
    assert (first.stdout, first.stderr, first.rc) == ("out\n", "err\n", 3)
    second = shell.run("printf %s", "two words")
    assert (second.stdout, second.stderr, second.rc) == ("two words", "", 0)


def test_a_command_that_reads_swallows_nothing(shell: PersistentShell) -> None:
    assert shell.run("cat").stdout == ""
    assert shell.run("echo still there").stdout == "still there\n"


def test_testinfra_s_modules_work_over_it(shell: PersistentShell) -> None:
    target = testinfra.host.Host(shell)
    assert target.file("/etc/passwd").exists
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        assert address in target.socket.get_listening_sockets()


def test_a_container_is_asked_at_its_address_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that is there refuses a connection to a port where nobody listens."""
    host = here("docker").model_copy(update={"address": IPv4Address("127.0.0.9")})
    (probe,) = probes.of_network(host)
    assert probe.name == "address 127.0.0.9"
    assert probe.ask() == ""

    def lost(*_: object, **__: object) -> None:
        raise TimeoutError("timed out")

    monkeypatch.setattr(socket, "create_connection", lost)
    assert probe.ask() == "the host is cut off from its network: timed out"


def test_a_machine_of_a_site_is_not_asked_from_outside() -> None:
    host = here("ssh").model_copy(update={"address": IPv4Address("127.0.0.9")})
    assert not list(probes.of_network(host))


def test_a_host_that_is_not_there_is_one_failed_check(tmp_path: Path) -> None:
    found = health.check_host(here("docker"), {"some": health.Expectations()}, until=0)
    assert not found.healthy
    assert [check.name for check in found.failures] == ["reachable"]


def test_every_expectation_gives_a_check() -> None:
    expected = health.Expectations(
        units=("no-such-unit",),
        commands=("true", "echo why >&2; false"),
        versions={"sh": "echo 1.2.3", "none": "false"},
    )
    found = health.check_host(here(), {"some": expected}, until=0)
    assert [(check.name, check.ok) for check in found.checks] == [
        ("reachable", True),
        ("unit no-such-unit", False),
        ("true", True),
        ("echo why >&2; false", False),
    ]
    assert found.failures[-1].detail == "exit code 1 why"
    assert found.versions == {"sh": "1.2.3", "none": "unknown"}


def test_a_key_that_is_not_known_is_refused(tmp_path: Path) -> None:
    (tmp_path / "some").mkdir()
    (tmp_path / "some" / "health.yml").write_text("prots: [443]")
    with pytest.raises(BadInput, match=r"some/health\.yml: prots: "):
        health.expectations("some", roles=tmp_path)


def test_services_that_come_up_one_after_the_other_get_time_after_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a slow machine they take longer together than the time that each has."""
    monkeypatch.setattr(health, "_PAUSE", 0.2)
    (tmp_path / "0").touch()
    # The last is asked first, so that each look finds one more.
    chain = [f"cd {tmp_path} && test -e {n} && touch {n + 1}" for n in reversed(range(8))]
    expected = {"some": health.Expectations(commands=tuple(chain))}
    found = health.check_host(here(), expected, until=time.monotonic() + 0.5)
    assert found.healthy
    expected = {"some": health.Expectations(commands=("false",))}
    assert not health.check_host(here(), expected, until=time.monotonic() + 0.5).healthy
