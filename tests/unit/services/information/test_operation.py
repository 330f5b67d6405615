"""What a batch system says of its slots, and what an operator declares."""

from __future__ import annotations

import datetime as dt

import pytest

from harness.engine.not_shown import NotRun
from harness.errors import Unreachable
from harness.model import Host, Service
from harness.services.information import operation
from harness.shell import Completed


def host(*roles: str) -> Host:
    return Host(
        name="ce.a.test", infrastructure="a", site="A", roles=roles, connection="local", target="ce"
    )


def say(monkeypatch: pytest.MonkeyPatch, code: int, stdout: str) -> None:
    def run(_shell: object, command: str) -> Completed:
        return Completed(command, code, stdout, "", 0.1)

    monkeypatch.setattr(operation.Shell, "run", run)


@pytest.mark.parametrize("role", ["slurm", "htcondor"])
def test_a_batch_system_tells_its_slots(monkeypatch: pytest.MonkeyPatch, role: str) -> None:
    say(monkeypatch, 0, "16\n")
    assert operation.slots(host("trust", role)) == 16


@pytest.mark.parametrize(("code", "stdout"), [(1, ""), (0, "no slots\n")])
def test_what_tells_nothing_is_unreachable(
    monkeypatch: pytest.MonkeyPatch, code: int, stdout: str
) -> None:
    say(monkeypatch, code, stdout)
    with pytest.raises(Unreachable):
        operation.slots(host("slurm"))


def test_a_host_of_a_site_is_not_asked() -> None:
    with pytest.raises(NotRun, match="has not made the batch system"):
        operation.slots(host())


def test_an_outage_is_on_when_it_is_declared() -> None:
    service = Service(
        type="webdav",
        endpoint="https://se.a.test/a",
        implementation="xrootd",
        host="se.a.test",
        site="A",
        infrastructure="a",
        token_profile="wlcg",
    )
    now = dt.datetime(2026, 11, 30, 12, tzinfo=dt.UTC)
    declared = operation._outage(service, now)
    assert declared["start"] < declared["declared"] == now.isoformat() < declared["end"]
    assert (declared["site"], declared["host"], declared["type"]) == ("A", "se.a.test", "webdav")
