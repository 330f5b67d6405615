"""What openstacksdk asks and nobody answers is unreachable, as for all other clients."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest
import requests

from harness.errors import Unreachable
from harness.services.cloud import transport


@pytest.fixture(
    params=[b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"],
    ids=["at once", "in the middle"],
)
def hangs_up(request: pytest.FixtureRequest) -> Iterator[str]:
    """A service that ends a connection before its answer is over."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(request.param)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/v3"
        thread.join()


def test_a_connection_that_is_lost_is_unreachable(hangs_up: str) -> None:
    with transport.Session() as session, pytest.raises(Unreachable, match=f"GET {hangs_up}") as it:
        session.get(hangs_up)
    assert it.value.host == "127.0.0.1"


def test_a_port_where_nobody_listens_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with transport.Session() as session, pytest.raises(Unreachable, match="refused"):
        session.get(f"http://127.0.0.1:{port}/")


def test_a_failure_of_tls_stays_one() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"this is no TLS\r\n\r\n")

        thread = threading.Thread(target=serve)
        thread.start()
        with transport.Session() as session, pytest.raises(requests.exceptions.SSLError):
            session.get(f"https://127.0.0.1:{server.getsockname()[1]}/")
        thread.join()
