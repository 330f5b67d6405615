"""Records are read at hosts that the testbed has made, and nowhere else."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from harness.engine import site_records
from harness.engine.site_records import SiteRecords, Trace, told
from harness.errors import NoWayIn, Unreachable
from harness.model import Host
from harness.shell import Completed


def host(name: str, address: str, *roles: str) -> Host:
    return Host(
        name=name,
        infrastructure="a",
        site="A",
        roles=roles,
        address=address,
        connection="local",
        target="x",
    )


SE, UI = host("se.a.test", "10.0.0.3", "xrootd"), host("ui.b.test", "10.0.1.5", "ui")
GATEWAY = host("gateway.a.test", "10.0.0.69", "gateway")
BROKEN = host("broken.se.a.test", "10.0.0.9", "xrootd")


def service(address: str = "se.a.test") -> Any:
    return SimpleNamespace(host="se.a.test", infrastructure="a", endpoint=f"https://{address}/x")


def records(*hosts: Host, mutants: tuple[Host, ...] = ()) -> SiteRecords:
    by_name = {one.name: one for one in (*hosts, *mutants)}
    testbed: Any = SimpleNamespace(hosts=hosts, mutants=mutants, host=by_name.__getitem__)
    return SiteRecords(testbed)


def answering(monkeypatch: pytest.MonkeyPatch, answer: Any) -> None:
    def run(self: Any, command: str, **rest: Any) -> Completed:
        if isinstance(answer, Exception):
            raise answer
        return Completed(command, *answer, duration=0.1)

    monkeypatch.setattr(site_records.Shell, "run", run)


def test_what_a_command_prints_is_the_record(monkeypatch):
    answering(monkeypatch, (0, "a line\n", ""))
    assert records(SE).read(service(), "grep x", sought="x") == "a line\n"


@pytest.mark.parametrize("answer", [(2, "", "no such file"), TimeoutError("too long")])
def test_records_that_cannot_be_read_are_not_taken_for_empty(monkeypatch, answer):
    answering(monkeypatch, answer)
    with pytest.raises(Unreachable):
        records(SE).read(service(), "grep x", sought="x")


def test_a_real_sites_records_are_not_read():
    with pytest.raises(NoWayIn, match=r"se\.a\.test"):
        records(host("se.a.test", "10.0.0.3")).read(service(), "grep x", sought="x")


def test_a_client_is_seen_by_its_own_address_or_in_a_proof_by_the_gateway_s():
    known = records(SE, UI, mutants=(GATEWAY, BROKEN))
    assert records(SE, UI).addresses(service(), of=UI) == {"10.0.1.5"}
    assert known.addresses(service("fault.se.a.test"), of=UI) == {"10.0.1.5", "10.0.0.69"}
    assert known.host(service("broken.se.a.test")) is BROKEN, "a broken host has its own records"


def test_a_trace_says_what_is_missing():
    trace = Trace(issuer="https://aai.a.test", subject="u@a")
    assert trace.user == ("https://aai.a.test", "u@a")
    assert "jti not recorded" in told([trace])
    assert told([]) == "no record"
