"""Logs are searched where the testbed has a way in, and nowhere else."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from harness.engine import host_logs
from harness.engine.host_logs import Logs
from harness.errors import NoWayIn, Unreachable
from harness.model import Host
from harness.shell import Completed

SERVICE: Any = SimpleNamespace(host="se.a.test")


def logs_of(*roles: str) -> Logs:
    host = Host(
        name="se.a.test", infrastructure="a", site="A", roles=roles, connection="local", target="x"
    )
    testbed: Any = SimpleNamespace(host=lambda name: {"se.a.test": host}[name])
    return Logs(testbed)


def answering(monkeypatch: pytest.MonkeyPatch, answer: Any) -> list[dict[str, str]]:
    asked: list[dict[str, str]] = []

    def run(self: Any, command: str, *, env: dict[str, str], timeout: float) -> Completed:
        asked.append(env)
        if isinstance(answer, Exception):
            raise answer
        return Completed(command, 0, answer, "", 0.1)

    monkeypatch.setattr(host_logs.Shell, "run", run)
    return asked


@pytest.mark.parametrize(("counted", "mentioned"), [("0\n", False), ("3\n", True)])
def test_a_text_is_looked_for(monkeypatch, counted, mentioned):
    asked = answering(monkeypatch, counted)

    assert logs_of("xrootd").mention("secret", of=SERVICE) is mentioned
    assert asked == [{"SOUGHT": "secret"}]


@pytest.mark.parametrize("answer", ["", TimeoutError("too long")], ids=["nothing", "too late"])
def test_a_search_that_fails_is_not_taken_for_silence(monkeypatch, answer):
    answering(monkeypatch, answer)

    with pytest.raises(Unreachable):
        logs_of("xrootd").mention("secret", of=SERVICE)


def test_a_real_sites_logs_are_not_read():
    with pytest.raises(NoWayIn, match=r"se\.a\.test"):
        logs_of().mention("secret", of=SERVICE)


def test_what_is_searched_is_found(tmp_path, monkeypatch):
    (tmp_path / "a.log").write_text("one\nthe secret is here\n")
    program = host_logs._program().replace("/var/log", str(tmp_path))
    monkeypatch.setattr(host_logs, "_program", lambda: program)

    assert logs_of("xrootd").mention("secret", of=SERVICE)
    assert not logs_of("xrootd").mention("another", of=SERVICE)
