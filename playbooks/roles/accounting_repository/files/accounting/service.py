"""The door of the repository: AMS's REST form for sites, and a list of records for who may read."""

from __future__ import annotations

import base64
import binascii
import json
import re
import secrets
import ssl
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from accounting.settings import Settings
from accounting.signatures import Refused, verify
from accounting.store import Store, Verdict

_TOKEN = re.compile(r"/v1/service-types/ams/hosts/[\w.:-]+:authx509")
_PUBLISH = re.compile(r"/v1/projects/accounting/topics/[\w.-]+:publish")
_MESSAGE = re.compile(r"/v1/projects/accounting/messages/(\w+)")
_RECORDS = re.compile(r"/v1/projects/accounting/records/(job|summary|storage)")
_LARGEST = 2**24
"""Bytes of a request."""
_PATIENCE = 60
"""Seconds for which a connection may be silent."""


class Service:
    """Listens at both ports while the context lasts."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.store = Store(settings.database)
        self.tokens: dict[str, str] = {settings.reader_key: "reader"}
        """Token -> whose it is."""
        self._servers: list[ThreadingHTTPServer] = []

    def __enter__(self) -> Service:
        ports = (self.settings.port, ssl.CERT_NONE), (self.settings.token_port, ssl.CERT_REQUIRED)
        for port, wanted in ports:
            server = _Server(("", port), self, self._context(wanted))
            threading.Thread(target=server.serve_forever, daemon=True).start()
            self._servers.append(server)
        return self

    def __exit__(self, *_: object) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def _context(self, wanted: ssl.VerifyMode) -> ssl.SSLContext:
        context = ssl.create_default_context(
            ssl.Purpose.CLIENT_AUTH, capath=self.settings.authorities
        )
        context.load_cert_chain(self.settings.certificate, self.settings.key)
        context.verify_mode = wanted
        return context

    def take(self, message: Mapping[str, Any]) -> str:
        """Judge a message that was handed in, and return its id."""
        id_ = secrets.token_hex(8)
        try:
            text = base64.b64decode(str(message.get("data", "")), validate=True).decode()
            signed = verify(text, authorities=self.settings.authorities)
        except (binascii.Error, UnicodeDecodeError) as error:
            self.store.note(id_, "", Verdict("refused", rule="form", reason=str(error)))
        except Refused as error:
            self.store.note(id_, "", Verdict("refused", rule=error.rule, reason=str(error)))
        else:
            site = self.settings.publishers.get(signed.signer)
            verdict = self.store.take(id_, signed, site=site)
            print(f"message {id_} of {signed.signer}: {verdict}", flush=True)
        return id_


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], service: Service, context: ssl.SSLContext) -> None:
        super().__init__(address, _Handler)
        self.service, self._tls = service, context

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Agree on keys in the connection's own thread, so that who is slow delays nobody else."""
        request.settimeout(_PATIENCE)
        try:
            secured = self._tls.wrap_socket(request, server_side=True)
        except OSError:
            return
        try:
            super().finish_request(secured, client_address)
        finally:
            secured.close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a client that has left."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        """Give a token to a host, or records to a reader."""
        parts = urlsplit(self.path)
        if _TOKEN.fullmatch(parts.path):
            return self._give_token()
        if parts.path == "/health":
            return self._answer(200, {"status": "ok"})
        if self._holder() != "reader":
            return self._unauthorized()
        if found := _MESSAGE.fullmatch(parts.path):
            known = self.server.service.store.message(found[1])
            return (
                self._answer(200, known)
                if known
                else self._answer(404, _error(404, "no such message"))
            )
        if found := _RECORDS.fullmatch(parts.path):
            asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
            listed = self.server.service.store.records(
                found[1], since=_moment(asked.get("since", "")), site=asked.get("site", "")
            )
            return self._answer(200, {"records": list(listed)})
        return self._answer(404, _error(404, "no such resource"))

    def do_POST(self) -> None:
        """Take messages."""
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > _LARGEST:
            self.close_connection = True
            return self._answer(413, _error(413, "a length of at most 16 MiB is needed"))
        body = self.rfile.read(int(length))
        if not self._holder():
            return self._unauthorized()
        if not _PUBLISH.fullmatch(urlsplit(self.path).path):
            return self._answer(404, _error(404, "no such topic"))
        try:
            messages = [dict(one) for one in json.loads(body)["messages"]]
        except (ValueError, KeyError, TypeError):
            return self._answer(400, _error(400, "no list of messages"))
        return self._answer(
            200, {"messageIds": [self.server.service.take(one) for one in messages]}
        )

    def _give_token(self) -> None:
        peer: Mapping[str, Any] = getattr(self.connection, "getpeercert", dict)() or {}
        names = [
            value
            for part in peer.get("subject", ())
            for name, value in part
            if name == "commonName"
        ]
        if not names:
            return self._unauthorized()
        token = secrets.token_hex(20)
        self.server.service.tokens[token] = names[-1]
        return self._answer(200, {"token": token})

    def _holder(self) -> str:
        """Return whose token a request brings; empty where it brings none that counts."""
        asked = parse_qs(urlsplit(self.path).query).get("key", [""])
        return self.server.service.tokens.get(self.headers.get("x-api-key", asked[0]), "")

    def _unauthorized(self) -> None:
        self._answer(401, _error(401, "Unauthorized"))

    def _answer(self, status: int, value: Mapping[str, Any]) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, form: str, *args: object) -> None:
        """Log without tokens, which AMS takes in the query."""
        print(self.address_string(), re.sub(r"key=\w+", "key=...", form % args), flush=True)


def _error(code: int, message: str) -> Mapping[str, Any]:
    return {
        "error": {"code": code, "message": message, "status": message.upper().replace(" ", "_")}
    }


def _moment(text: str) -> float:
    try:
        return float(text or 0)
    except ValueError:
        return 0.0
