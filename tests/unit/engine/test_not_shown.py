"""The signing key of a real issuer is not to be had; that of the testbed's own issuer must be there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.suites import Ran

SCENARIOS = """
from types import SimpleNamespace

import pytest

shows = pytest.mark.requirement("AUTH-017")
pytestmark = pytest.mark.killed_by("closed")


@pytest.fixture
def user(route):
    return SimpleNamespace(infrastructure=route.home)


@pytest.fixture
def forged(forge, user):
    return forge.token(user, expired=True)


@shows
def test_forges(route, forge, user):
    forge.token(user)


@shows
def test_has_forged(route, forged):
    pass
"""
WHY = "the testbed has no signing key of the issuer of cstcloud"


def statuses(ran: Ran) -> dict[str, str]:
    return {o.scenario.partition("::")[2]: o.status for o in ran.outcomes}


@pytest.mark.usefixtures("foreign_issuer")
def test_without_a_real_issuers_key_a_scenario_is_not_run(suite: Callable[..., Ran]) -> None:
    ran = suite(SCENARIOS, "cstcloud:egi")
    assert statuses(ran) == {"test_forges": "not run", "test_has_forged": "not run"}
    assert all(o.message.startswith(WHY) for o in ran.outcomes)


@pytest.mark.parametrize(("test", "end"), [("test_forges", "failed"), ("test_has_forged", "error")])
def test_without_a_key_of_its_own_the_testbed_is_at_fault(
    suite: Callable[..., Ran], test: str, end: str
) -> None:
    ran = suite(SCENARIOS, "cstcloud:egi")
    assert statuses(ran)[test] == end
    assert WHY in ran.outcome(test).message


LOGS = """
import pytest


@pytest.mark.requirement("XFER-015")
@pytest.mark.killed_by("closed")
def test_reads_logs(route, logs):
    logs.mention("text", of=route.resource.service("webdav"))
"""


def test_a_scenario_that_needs_a_real_sites_logs_is_not_run(
    suite: Callable[..., Ran], inventory_folder: Path
) -> None:
    hosts = inventory_folder / "hosts.yml"
    text = hosts.read_text()
    assert "[trust, xrootd]" in text
    hosts.write_text(text.replace("[trust, xrootd]", "[]"))
    ran = suite(LOGS, "cstcloud:egi")
    assert statuses(ran) == {"test_reads_logs": "not run"}
    assert ran.outcomes[0].message.startswith("the testbed has no way in to se.egi.test")


MONITORING = """
import pytest


@pytest.mark.requirement("JOB-015")
@pytest.mark.killed_by("closed")
def test_watches(route, monitor):
    assert monitor.member.kind == "monitor"
"""


def test_without_a_monitor_a_scenario_of_the_monitoring_is_not_run(
    suite: Callable[..., Ran], inventory_folder: Path
) -> None:
    shared = inventory_folder / "group_vars" / "all.yml"
    lines = [line for line in shared.read_text().splitlines() if "account: cstops" not in line]
    shared.write_text("\n".join(lines) + "\n")
    ran = suite(MONITORING, "cstcloud:egi")
    assert statuses(ran) == {"test_watches": "not run"}
    said = "the inventory names no user of cstcloud of kind `monitor`"
    assert ran.outcomes[0].message.startswith(said)
