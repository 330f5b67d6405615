"""A client that hangs up, in the midst of an answer or before it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from harness.clients.http import Http
from harness.errors import Unreachable

Serving = Callable[[bytes], str]


@pytest.fixture
def serving() -> Iterator[Serving]:
    """Serve one request by these bytes, and wait for the client to leave."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        left = threading.Event()

        def start(answer: bytes) -> str:
            def serve() -> None:
                connection, _ = server.accept()
                with connection:
                    connection.recv(2**16)
                    connection.sendall(answer)
                    with suppress(ConnectionResetError):
                        connection.recv(1)
                    left.set()

            threading.Thread(target=serve, daemon=True).start()
            return f"http://127.0.0.1:{server.getsockname()[1]}/file"

        yield start
        assert left.wait(10), "the connection was not closed"


@pytest.fixture
def client() -> Iterator[Http]:
    made = Http(proxy=None, ca_bundle=None)
    yield made
    made.close()


@pytest.mark.parametrize(
    "begun", [b"", b"HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nP\r\n"]
)
def test_who_hangs_up_has_closed_the_connection(client: Http, serving: Serving, begun: bytes):
    client.hang_up("COPY", serving(begun), after=0.1)


def test_an_answer_that_is_over_is_too_early(client: Http, serving: Serving):
    url = serving(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    with pytest.raises(AssertionError, match="ended before"):
        client.hang_up("COPY", url, after=5)


def test_nobody_is_there_to_hang_up_on(client: Http):
    with pytest.raises(Unreachable, match="ConnectError"):
        client.hang_up("COPY", "http://127.0.0.1:1/file", after=1)
