"""Keystone is set up on a machine that is busy: an answer that is lost is asked for again."""

from __future__ import annotations

import importlib.util
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

SOURCE = (
    Path(__file__).resolve().parents[3]
    / "playbooks/roles/keystone/module_utils/keystone_api.py"
)  # fmt: skip


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module as Ansible sends it to a host."""
    spec = importlib.util.spec_from_file_location("keystone_api", SOURCE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "PAUSE", 0)
    return module


class Server(ThreadingHTTPServer):
    """A Keystone with projects, of which some answers are lost."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.projects: list[dict[str, Any]] = []
        self.lost: dict[str, list[int]] = {}
        """Method -> what becomes of its answers: a status, or 0 where the connection is cut."""
        self.asked: list[str] = []


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.reply({"projects": self.server.projects})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if "project" in body:
            made = body["project"] | {"id": "p1"}
            self.server.projects.append(made)
            body = {"project": made}
        self.reply(body)

    def reply(self, body: dict[str, Any]) -> None:
        self.server.asked.append(self.command)
        lost = self.server.lost.get(self.command, [])
        status = lost.pop(0) if lost else 200
        if not status:
            self.close_connection = True
            return
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("X-Subject-Token", "t")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as made:
        thread = threading.Thread(target=made.serve_forever)
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def keystone(api: ModuleType, server: Server) -> Any:
    return api.Keystone(f"http://127.0.0.1:{server.server_port}", "secret")


@pytest.mark.parametrize("answer", [0, 502, 503, 504])
def test_a_login_is_tried_again(api: ModuleType, server: Server, answer: int) -> None:
    server.lost = {"POST": [answer, answer]}
    keystone(api, server)
    assert server.asked == ["POST"] * 3


def test_what_was_made_without_an_answer_is_not_made_twice(api: ModuleType, server: Server) -> None:
    it = keystone(api, server)
    server.lost = {"POST": [0], "GET": [503]}
    assert it.ensure("project", "vo", domain_id="d") == "p1"
    assert len(server.projects) == 1


def test_patience_has_an_end(
    api: ModuleType, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    it = keystone(api, server)
    monkeypatch.setattr(api, "PATIENCE", -1)
    server.lost = {"GET": [0]}
    with pytest.raises(api.Lost, match="no answer"):
        it.find("project")


def test_what_keystone_itself_refuses_is_not_asked_again(api: ModuleType, server: Server) -> None:
    it = keystone(api, server)
    server.lost = {"GET": [500]}
    with pytest.raises(api.Refusal, match="HTTP 500"):
        it.find("project")
    assert server.asked == ["POST", "GET"]
