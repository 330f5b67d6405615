"""What openstacksdk asks and nobody answers is unreachable, as for all other clients."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from harness import inventory
from harness.budget import Budget
from harness.clients import limits
from harness.clients.limits import Limits
from harness.errors import NotAllowed, Unreachable
from harness.model import Site
from harness.services.cloud import transport
from tests.unit.serving import serving

TWIN = Path(__file__).parents[4] / "inventories" / "twin"


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


def test_the_budget_of_a_site_is_kept(tmp_path: Path) -> None:
    """As by the testbed's own requests: what is sent counts before it goes, what comes once it is there."""
    with serving(lambda _: (200, {}, b"x" * 500)) as server:

        def limited(site: Site) -> Site:
            if site.name != "EGI-TWIN":
                return site
            service = site.service("org.openstack.swift")
            here = service.model_copy(update={"endpoint": f"{server.url}/v1"})
            return site.model_copy(update={"services": (here,), "budget": Budget(bytes=1000)})

        testbed = inventory.load(TWIN).testbed
        sites = tuple(map(limited, testbed.sites))
        limits.keep(Limits(testbed.model_copy(update={"sites": sites}), folder=tmp_path))
        try:
            with transport.Session() as session:
                session.put(f"{server.url}/v1/c/o", data=b"y" * 400)
                with pytest.raises(
                    NotAllowed, match="900 of them are used: 101 more would exceed it"
                ):
                    session.put(f"{server.url}/v1/c/o", data=b"y" * 101)
                session.get(f"{server.url}/v1/c/o")
                with pytest.raises(NotAllowed, match=r"1400 of them are used$"):
                    session.get(f"{server.url}/v1/c/o")
        finally:
            limits.keep(None)
    assert [one.method for one in server.asked] == ["PUT", "GET"]
