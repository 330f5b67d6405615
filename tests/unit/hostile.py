"""A site on loopback that answers whatever hurts: each path of it is one trouble."""

from __future__ import annotations

import base64
import gzip
import json
import socket
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from urllib.parse import quote

WORDS = (
    "\x1b[2J\x1b[31mforged\x1b[0m \x1b]8;;http://evil.example\x07link\x1b]8;;\x07 "
    "\x1b]52;c;ZXZpbA==\x07 \x9b1m \u202egnp.exe\u202c \u2066x\u2069 \x00\x07\x08\x7f\ufffe "
    "</script><script>alert(1)</script><img src=x onerror=alert(2)> ]]> --> {{7*7}} "
    "[red]markup[/red] [/nothing] `code` **bold** [a](javascript:alert(3))"
)
"""Terminal escapes, bidi overrides, controls, markup of HTML, XML, Jinja, Rich and Markdown."""
FORMULAS = ("=1+1|cmd", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "\uff1d1")

_CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"


def _whole(body: bytes, *headers: str, status: str = "200 OK", kind: str = "text/plain") -> bytes:
    about = [f"Content-Type: {kind}", f"Content-Length: {len(body)}", "Connection: close"]
    lines = [f"HTTP/1.1 {status}", *about, *headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def _endless(part: bytes) -> Iterator[bytes]:
    yield _CHUNKED
    while True:
        yield f"{len(part):x}\r\n".encode() + part + b"\r\n"


def _bomb(mebibytes: int) -> bytes:
    """Return so many MiB of zeros, packed a thousand times smaller."""
    packer = zlib.compressobj(wbits=31)
    parts = [packer.compress(bytes(2**20)) for _ in range(mebibytes)]
    return b"".join([*parts, packer.flush()])


def _chunk_header() -> Iterator[bytes]:
    yield _CHUNKED + b"5;"
    while True:
        yield b"x" * 2**16


def _echo(request: bytes) -> bytes:
    """Tell a client its token in every encoding."""
    token = request.partition(b"Bearer ")[2].partition(b"\r\n")[0].decode()
    said = {
        "plain": token,
        "base64": base64.b64encode(f"you sent {token}!".encode()).decode(),
        "urlsafe": base64.urlsafe_b64encode(token.encode()).decode().rstrip("="),
        "percent": "".join(f"%{byte:02x}" for byte in token.encode()),
        "quoted": quote(quote(token, safe=""), safe=""),
        "hex": token.encode().hex(),
        "html": "".join(f"&#{ord(letter)};" for letter in token),
        "folded": "\r\n ".join(token[at : at + 16] for at in range(0, len(token), 16)),
        "escaped": "".join(f"\\u{ord(letter):04x}" for letter in token),
    }
    return _whole(json.dumps(said).encode(), kind="application/json")


def _long_header() -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nX-Long: "
    for _ in range(64):
        yield b"y" * 2**14
    yield b"\r\nContent-Length: 0\r\n\r\n"


def _redirect(location: str) -> bytes:
    return _whole(b"", f"Location: {location}", status="307 Temporary Redirect")


_TROUBLES: dict[str, Callable[[bytes], Iterable[bytes]]] = {
    "/words": lambda _: [_whole(WORDS.encode(), status="500 Not \x1b[31mwell")],
    "/half": lambda _: [_whole(b'{"error": "\\ud800 half", "n": 1' + b"0" * 5000 + b"}")],
    "/broken-utf-8": lambda _: [_whole(b"\xed\xa0\x80\xff\xfe\xc0\x80")],
    "/charset": lambda _: [_whole(b"text", kind="text/plain; charset=zlib")],
    "/endless": lambda _: _endless(b"x" * 2**16),
    "/trickle": lambda _: _endless(b"x"),
    "/chunk-header": lambda _: _chunk_header(),
    "/header": lambda _: _long_header(),
    "/headers": lambda _: [_whole(b"", *(f"X-{number}: {number}" for number in range(5_000)))],
    "/bomb": lambda _: [_whole(_bomb(256), "Content-Encoding: gzip")],
    "/bomb-within": lambda _: [_whole(gzip.compress(_bomb(256)), "Content-Encoding: gzip, gzip")],
    "/codings": lambda _: [_whole(b"", f"Content-Encoding: {', '.join(['gzip'] * 5_000)}")],
    "/no-gzip": lambda _: [_whole(b"this is no gzip", "Content-Encoding: gzip")],
    "/brotli": lambda _: [_whole(b"\x00\x01\xff", "Content-Encoding: br")],
    "/redirect-file": lambda _: [_redirect("file:///etc/passwd")],
    "/redirect-elsewhere": lambda _: [_redirect("http://elsewhere.example/")],
    "/redirect-round": lambda _: [_redirect("/redirect-round")],
    "/deep": lambda _: [_whole(b"[" * 2**20, kind="application/json")],
    "/many": lambda _: [_whole(b"[" + b"[]," * 2**22 + b"0]", kind="application/json")],
    "/echo": lambda request: [_echo(request)],
    "/other": lambda _: [_whole(b"well", "Content-Encoding: identity")],
}


class Site:
    """The site while it listens."""

    def __init__(self, server: socket.socket) -> None:
        self._server = server
        self.url = f"http://127.0.0.1:{server.getsockname()[1]}"
        self.asked: list[bytes] = []
        """All requests, each as it came."""
        self.sent = 0
        """Bytes that went out, of all answers."""

    def serve(self) -> None:
        """Answer until the socket is closed."""
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._converse, args=[connection], daemon=True).start()

    def _converse(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            request = b""
            while b"\r\n\r\n" not in request:
                part = connection.recv(2**16)
                if not part:
                    return
                request += part
            self.asked.append(request)
            path = request.split(b" ", 2)[1].decode()
            for part in _TROUBLES[path](request):
                connection.sendall(part)
                self.sent += len(part)


@contextmanager
def hostile_site() -> Iterator[Site]:
    """Let the site listen."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        site = Site(server)
        thread = threading.Thread(target=site.serve, daemon=True)
        thread.start()
        try:
            yield site
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join(10)
