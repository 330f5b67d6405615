"""Shows where a client takes its token: `redirecting_storage.py SCHEME COMMAND`, at a user's workstation.

Stands in for a storage that redirects each request to another origin, of that scheme, runs the command
with `{url}` in it as the address of a file there, and prints as JSON how the command ended and which
requests came. Nothing leaves the workstation: both origins listen on loopback, under two of its names.
"""

from __future__ import annotations

import http.server
import json
import os
import shlex
import ssl
import subprocess
import sys
import tempfile
import threading

CONTENT = b"elsewhere"


class Origin(http.server.ThreadingHTTPServer):
    """One of the two; `target` is where it sends its clients."""

    def __init__(self, name: str, scheme: str, host: str, target: str = "") -> None:
        super().__init__(("127.0.0.1", 0), Request)
        self.name, self.target = name, target
        self.url = f"{scheme}://{host}:{self.server_address[1]}"
        if scheme == "https":
            self.socket = certified().wrap_socket(self.socket, server_side=True)
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Request(http.server.BaseHTTPRequestHandler):
    """Answers with a redirect or the content, and notes what came."""

    server: Origin

    def answer(self) -> None:
        """Answer any method alike."""
        sent = self.headers.get("Authorization", "")
        token = bool(sent) and os.environ["BEARER_TOKEN"] in sent
        seen.append({"origin": self.server.name, "method": self.command, "token": token})
        content = b"" if self.server.target else CONTENT
        if self.server.target:
            self.send_response(307)
            self.send_header("Location", self.server.target + self.path)
        elif self.command == "PROPFIND":
            self.send_response(405)
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content)

    do_GET = do_HEAD = do_PROPFIND = answer

    def log_message(self, *_: object) -> None:
        """Say nothing: standard error is the command's."""


def certified() -> ssl.SSLContext:
    """Return TLS with a certificate that nobody has signed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{folder}/cert.pem", f"{folder}/key.pem")
    return context


if __name__ == "__main__":
    scheme, command = sys.argv[1:]
    seen: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as folder:
        made = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=localhost"
        files = f"-keyout {folder}/key.pem -out {folder}/cert.pem"
        subprocess.run(
            ["openssl", "req", "-x509", *f"{made} {files}".split()], check=True, capture_output=True
        )
        elsewhere = Origin("elsewhere", scheme, "127.0.0.1")
        storage = Origin("storage", "https", "localhost", elsewhere.url)
        line = command.replace("{url}", shlex.quote(f"{storage.url}/file"))
        line = line.replace("{file}", f"{folder}/fetched")
        done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=False)
    print(json.dumps({"code": done.returncode, "said": done.stderr[-500:], "requests": seen}))
