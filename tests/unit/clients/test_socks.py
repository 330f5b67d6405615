"""A proxy has a connection to a service in time, or there is none."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from harness.clients import socks
from harness.clients.http import Http
from harness.errors import Unreachable
from tests.unit.serving import serving

CONNECTED, REFUSED = 0, 5
"""Words of a proxy's answer (RFC 1928, section 6)."""


def _pass_on(one: socket.socket, other: socket.socket) -> None:
    """Pass on what comes, and that nothing more comes."""
    with suppress(OSError):  # whoever has hung up
        while sent := one.recv(2**16):
            other.sendall(sent)
        other.shutdown(socket.SHUT_WR)


@contextmanager
def proxy(code: int | None) -> Iterator[str]:
    """Give the URL of a proxy that answers so, and passes on what comes; None: it never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            asking, _ = server.accept()
            with asking:
                if not asking.recv(3):
                    return
                asking.sendall(b"\x05\x00")
                head = asking.recv(4)
                name = asking.recv(asking.recv(1)[0]) if head[3] == 3 else asking.recv(4)
                port = int.from_bytes(asking.recv(2), "big")
                host = name.decode() if head[3] == 3 else socket.inet_ntoa(name)
                if code is None:
                    asking.recv(1)
                    return
                asking.sendall(bytes((5, code, 0, 1)) + bytes(6))
                if code == CONNECTED:
                    with socket.create_connection((host, port)) as service:
                        back = threading.Thread(target=_pass_on, args=(service, asking))
                        back.start()
                        _pass_on(asking, service)
                        back.join()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"socks5h://127.0.0.1:{server.getsockname()[1]}"
        thread.join(5)


def test_a_request_goes_through_the_proxy() -> None:
    with serving(lambda asked: (200, {}, b"here")) as server, proxy(CONNECTED) as way:
        http = Http(proxy=way, ca_bundle=None)
        assert http.request("GET", f"{server.url}/x").body == b"here"
        http.close()


def test_a_service_that_drops_packets_is_waited_for_no_longer_than_was_said() -> None:
    """The proxy waits for two minutes, and says nothing meanwhile."""
    with proxy(None) as way:
        http = Http(proxy=way, ca_bundle=None, timeout=0.3)
        with pytest.raises(Unreachable, match="ConnectTimeout: the proxy has no connection to it"):
            http.request("GET", "http://se.a.test/x")
        http.close()


def test_a_port_is_open_where_the_proxy_has_a_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as service, proxy(CONNECTED) as way:
        socks.connect(way, "127.0.0.1", service.getsockname()[1], patience=5)


@pytest.mark.parametrize(
    ("code", "patience", "why"),
    [
        (REFUSED, 30, "the proxy has no connection to it: CONNECTION_REFUSED"),
        (None, 0.5, "TimeoutError"),
    ],
)
def test_a_port_is_closed_where_it_has_none(code: int | None, patience: float, why: str) -> None:
    with proxy(code) as way, pytest.raises(Unreachable, match=why) as caught:
        socks.connect(way, "ce.a.test", 9618, patience=patience)
    assert caught.value.host == "ce.a.test"


def test_a_proxy_that_is_not_there_is_told() -> None:
    with pytest.raises(Unreachable, match="ConnectionRefusedError"):
        socks.connect("socks5h://127.0.0.1:1", "ce.a.test", 9618, patience=1)
