"""A restart of a service by whoever runs it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from harness.errors import Unreachable
from harness.model import Host
from harness.provision.health import Check, HostHealth
from harness.services.compute import restart
from harness.shell import Completed

HOST = Host(
    name="ce.a.test", infrastructure="a", site="A", roles=("arc",), connection="local", target="ce"
)


def behave(monkeypatch: pytest.MonkeyPatch, *, code: int, healthy: bool) -> list[str]:
    """Let the host answer so, and return the commands that it is given."""
    typed: list[str] = []

    def run(_shell: object, command: list[str]) -> Completed:
        typed.append(" ".join(command))
        return Completed(typed[-1], code, "", "no such unit\n", 0.1)

    def check(host: Host, _expected: Mapping[str, object], _until: float) -> HostHealth:
        return HostHealth(host.name, (Check("port 443", ok=healthy, detail="closed"),), {})

    monkeypatch.setattr(restart.Shell, "run", run)
    monkeypatch.setattr(restart.health, "check_host", check)
    return typed


def test_the_units_are_restarted(monkeypatch: pytest.MonkeyPatch) -> None:
    typed = behave(monkeypatch, code=0, healthy=True)
    restart.restart(HOST, ("one", "two"))
    assert typed == ["systemctl restart one two"]


@pytest.mark.parametrize(
    ("code", "healthy", "told"), [(5, True, "no such unit"), (0, False, "port 443: closed")]
)
def test_what_does_not_come_back_is_unreachable(
    monkeypatch: pytest.MonkeyPatch, code: int, healthy: bool, told: str
) -> None:
    behave(monkeypatch, code=code, healthy=healthy)
    with pytest.raises(Unreachable, match=told):
        restart.restart(HOST, ("one",))
