"""Serves the documents of pages.json (path -> object) over TLS, as an issuer serves its metadata and keys.

It needs nothing but what every host of the testbed has, and finds all its files in the working directory.
"""

import json
import ssl
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Pages(BaseHTTPRequestHandler):
    """Answers each request for a page."""

    pages: dict[str, object]

    def do_GET(self) -> None:
        """Send the page, or 404."""
        body = json.dumps(self.pages.get(self.path, {})).encode()
        self.send_response(200 if self.path in self.pages else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    Pages.pages = json.loads(Path("pages.json").read_text())
    server = ThreadingHTTPServer(("", 443), Pages)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain("certificate.pem", "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.serve_forever()
