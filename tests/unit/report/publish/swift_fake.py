"""A small cloud on this machine: as much of Keystone and Swift as a publication asks for."""

from __future__ import annotations

import hashlib
import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

PASSWORD = "open sesame"
PAGE = 2
"""Objects in one page of a listing; few, so that there are many pages."""


@dataclass(frozen=True)
class Object:
    content: bytes
    content_type: str

    @property
    def md5(self) -> str:
        return hashlib.md5(self.content).hexdigest()


@dataclass
class Cloud:
    """Keystone (`/v3`) and one container of Swift (`/v1/AUTH_unit/box`)."""

    objects: dict[str, Object] = field(default_factory=dict)
    answers: list[int] = field(default_factory=list)
    """Statuses that the next puts are answered with, instead of being done."""
    requests: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        handler = type("Handler", (_Handler,), {"cloud": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def environment(self) -> dict[str, str]:
        return {
            "OS_AUTH_URL": f"{self.url}/v3",
            "OS_USERNAME": "web",
            "OS_PASSWORD": PASSWORD,
            "OS_PROJECT_NAME": "unit",
            "OS_USER_DOMAIN_NAME": "Default",
            "OS_PROJECT_DOMAIN_NAME": "Default",
            "OS_IDENTITY_API_VERSION": "3",
        }

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    cloud: Cloud
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None: ...

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def say(self, status: int, body: object, **headers: str) -> None:
        self.answer(status, json.dumps(body).encode(), Content_Type="application/json", **headers)

    def do_POST(self) -> None:
        """Keystone: a token for the right password."""
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if asked["auth"]["identity"]["password"]["user"]["password"] != PASSWORD:
            return self.say(
                401, {"error": {"code": 401, "message": "The request you have made ..."}}
            )
        endpoint = {
            "interface": "public",
            "region_id": "one",
            "region": "one",
            "id": "e",
            "url": f"{self.cloud.url}/v1/AUTH_unit",
        }
        token = {
            "methods": ["password"],
            "expires_at": "2099-01-01T00:00:00.000000Z",
            "issued_at": "2026-01-01T00:00:00.000000Z",
            "user": {"id": "u", "name": "web", "domain": {"id": "default", "name": "Default"}},
            "project": {"id": "p", "name": "unit", "domain": {"id": "default", "name": "Default"}},
            "roles": [],
            "catalog": [
                {"type": "object-store", "name": "swift", "id": "s", "endpoints": [endpoint]}
            ],
        }
        return self.say(201, {"token": token}, X_Subject_Token="the-token")

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        path = unquote(url.path)
        if path.startswith("/v3"):
            link = [{"rel": "self", "href": f"{self.cloud.url}/v3/"}]
            version = {"id": "v3.14", "status": "stable", "links": link}
            return self.say(200, {"version": version})
        if self.headers.get("X-Auth-Token") != "the-token":
            return self.answer(401)
        self.cloud.requests.append(f"{self.command} {path}")
        container, _, name = path.removeprefix("/v1/AUTH_unit/").partition("/")
        if container != "box":
            return self.answer(403 if container == "locked" else 404)
        if not name:
            return self.listing(parse_qs(url.query))
        if (stored := self.cloud.objects.get(name)) is None:
            return self.answer(404)
        return self.answer(200, stored.content, Etag=stored.md5)

    def listing(self, query: dict[str, list[str]]) -> None:
        (prefix,), (marker,) = query.get("prefix", [""]), query.get("marker", [""])
        names = sorted(n for n in self.cloud.objects if n.startswith(prefix) and n > marker)
        found = [(name, self.cloud.objects[name]) for name in names[:PAGE]]
        body = [{"name": n, "bytes": len(o.content), "hash": o.md5} for n, o in found]
        self.say(200, body)

    def do_PUT(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        name = unquote(self.path).removeprefix("/v1/AUTH_unit/box/")
        self.cloud.requests.append(f"PUT {name}")
        if self.cloud.answers and (status := self.cloud.answers.pop(0)):
            return self.answer(status)
        stored = Object(content, self.headers["Content-Type"])
        if self.headers["ETag"] != stored.md5:
            return self.answer(422)
        self.cloud.objects[name] = stored
        return self.answer(201)
