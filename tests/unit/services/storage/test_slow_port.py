"""A slow port lets a file through at its rate, knows who is there, and leaves nothing behind."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from harness.errors import Unreachable
from harness.model import Host
from harness.services.storage import slow_port
from harness.services.storage.slow_port import SlowPort

SIZE = 2**18


def host(*roles: str) -> Host:
    return Host(
        name="se.a.test", infrastructure="a", site="A", roles=roles, connection="local", target="se"
    )


@pytest.fixture
def service() -> Iterator[int]:
    """A service that sends its bytes to whoever asks; yield its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(100)
                    connection.sendall(bytes(SIZE))

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def slow(service: int) -> Iterator[SlowPort]:
    made = SlowPort(host("xrootd"), f"https://localhost:{service}/data/file", rate=SIZE)
    yield made
    made.close()


def connected(slow: SlowPort) -> socket.socket:
    port = int(slow.url.removeprefix("https://localhost:").removesuffix("/data/file"))
    client = socket.create_connection(("127.0.0.1", port), timeout=10)
    client.sendall(b"GET")
    return client


def test_what_comes_through_is_whole_and_slow(slow: SlowPort) -> None:
    start = time.monotonic()
    assert not slow.was_used
    with connected(slow) as client:
        received = sum(iter(lambda: len(client.recv(2**16)), 0))

    assert received == SIZE
    assert time.monotonic() - start > 0.5
    assert slow.was_used
    slow.wait_until_left()


def test_who_leaves_before_the_end_has_left(
    slow: SlowPort, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slow_port, "_PATIENCE", 0.5)
    with connected(slow) as client:
        client.recv(1)
        with pytest.raises(AssertionError, match="1 connections"):
            slow.wait_until_left()
    monkeypatch.setattr(slow_port, "_PATIENCE", 10)
    slow.wait_until_left()


def test_who_never_came_has_not_left(slow: SlowPort, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slow_port, "_PATIENCE", 0.3)
    with pytest.raises(AssertionError, match="0 bytes"):
        slow.wait_until_left()


def test_a_closed_port_is_gone(slow: SlowPort) -> None:
    slow.close()
    with pytest.raises(ConnectionRefusedError):
        connected(slow)


def test_a_host_that_runs_nothing_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slow_port, "reach", lambda _: ["ls", "--no-such-option"])
    with pytest.raises(Unreachable, match="no-such-option"):
        SlowPort(host("xrootd"), "https://localhost/data", rate=1)


def test_at_a_real_site_no_port_is_opened() -> None:
    testbed: Any = SimpleNamespace(host=lambda _: host())
    file: Any = SimpleNamespace(
        area=SimpleNamespace(webdav=SimpleNamespace(service=SimpleNamespace(host="se.a.test")))
    )
    fixture = slow_port.slow_port.__wrapped__(testbed)  # type: ignore[attr-defined]
    with pytest.raises(slow_port.NotRun, match=r"se\.a\.test"):
        next(fixture)(file, seconds=1)
