"""A server of HTTP on this machine, for what only a real answer over a real connection shows."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Reply = tuple[int, dict[str, str], bytes]


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    method: str
    target: str
    headers: dict[str, str]
    """By lower-case names."""
    body: bytes


@dataclass
class Served:
    """A server, and what it was asked."""

    url: str
    asked: list[Asked] = field(default_factory=list)


@contextmanager
def serving(
    reply: Callable[[Asked], Reply], *, tls: ssl.SSLContext | None = None, name: str = "127.0.0.1"
) -> Iterator[Served]:
    """Serve by a function; `name` stands in its URL."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_expect_100(self) -> bool:
            return True  # a body comes anyhow

        def _do(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {key.lower(): value for key, value in self.headers.items()}
            asked = Asked(self.command, self.path, headers, body)
            served.asked.append(asked)
            status, fields, content = reply(asked)
            self.send_response(status)
            for key, value in {"Content-Length": str(len(content)), **fields}.items():
                self.send_header(key, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        do_GET = do_HEAD = do_PUT = do_COPY = do_DELETE = do_POST = do_CONNECT = _do

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    scheme = "https" if tls else "http"
    served = Served(f"{scheme}://{name}:{server.server_address[1]}")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def dropping(address: str) -> Iterator[int]:
    """Give a port of an address of this machine at which packets are dropped: no connection comes about.

    So does the kernel where nobody takes the connections that wait, and no more may wait.
    """
    with ExitStack() as stack:
        full = stack.enter_context(socket.socket())
        full.bind((address, 0))
        full.listen(0)
        port: int = full.getsockname()[1]
        for _ in range(8):
            waiting = stack.enter_context(socket.socket())
            waiting.settimeout(0.1)
            with suppress(TimeoutError):
                waiting.connect((address, port))
        yield port
