"""What a service finds in the issuer's place is put there, looked at, and taken away again."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.journal import Journal
from harness.services.issuer.outage import _RESTORE_NAMES, renamed
from harness.state import State
from tests.unit.suites import Ran

NAMES = "127.0.0.1\tlocalhost\n10.0.0.1 aai.a.test aai\n10.0.0.2 x.aai.a.test # aai.a.test\n"


def test_a_name_has_another_address_and_no_other_name_has() -> None:
    assert renamed(NAMES, "aai.a.test", "10.9.9.9") == (
        "127.0.0.1\tlocalhost\n10.0.0.2 x.aai.a.test # aai.a.test\n10.9.9.9 aai.a.test\n"
    )


@pytest.mark.parametrize(
    ("now", "then"),
    [
        (renamed(NAMES, "aai.a.test", "10.9.9.9"), NAMES),
        (NAMES, NAMES),  # undone already
        ("10.0.0.7 aai.a.test\n", "10.0.0.7 aai.a.test\n"),  # a host that was made anew
    ],
)
def test_names_are_restored_where_they_were_changed(tmp_path: Path, now: str, then: str) -> None:
    file = tmp_path / "hosts"
    file.write_text(now)
    subprocess.run(
        ["sh", "-c", _RESTORE_NAMES.replace("/etc/hosts", str(file))],
        env={"PATH": os.environ["PATH"], "NAMES": NAMES, "LINE": "10.9.9.9 aai.a.test"},
        check=True,
    )
    assert file.read_text() == then


SCENARIOS = """
import pytest

pytestmark = [pytest.mark.requirement("AUTH-031"), pytest.mark.killed_by("closed"), pytest.mark.alone]


def test_cuts(route, cut_issuer):
    with cut_issuer(route.resource.service("webdav")):
        raise AssertionError("not reached")


def test_ages(route, key_caches):
    key_caches.of(route.resource.service("webdav")).age(1)
"""


def test_a_real_site_is_not_disturbed(suite: Callable[..., Ran], inventory_folder: Path) -> None:
    hosts = inventory_folder / "hosts.yml"
    text = hosts.read_text()
    assert "[trust, xrootd]" in text
    hosts.write_text(text.replace("[trust, xrootd]", "[]"))
    ran = suite(SCENARIOS, "cstcloud:egi")
    assert {o.status for o in ran.outcomes} == {"not run"}
    assert all(o.message.startswith("the testbed cannot control se.egi.test") for o in ran.outcomes)


def test_a_machine_is_disturbed_only_where_the_inventory_says_so(
    suite: Callable[..., Ran], inventory_folder: Path
) -> None:
    """The testbed runs it, by SSH, but it is no container of the testbed's own."""
    variables = inventory_folder / "group_vars" / "all.yml"
    text = variables.read_text()
    assert "\ndisturb: true\n" in text
    variables.write_text(
        text.replace("\ndisturb: true\n", "\n").replace(
            "ansible_connection: docker", "ansible_connection: ssh"
        )
    )
    ran = suite(SCENARIOS, "cstcloud:egi")
    assert {o.status for o in ran.outcomes} == {"not run"}
    said = "the inventory does not allow scenarios to disturb se.egi.test (`disturb: true` would)"
    assert {o.message for o in ran.outcomes} == {said}


def test_a_host_that_cannot_be_cut_off_is_unreachable_and_stays_in_the_journal(
    suite: Callable[..., Ran], state: Path
) -> None:
    """No host of this testbed exists: the cut fails, the way back too, and a later command tries it."""
    ran = suite(SCENARIOS, "cstcloud:egi")
    assert ran.outcome("test_cuts").error == "unreachable"
    assert "not reached" not in ran.outcome("test_cuts").message
    (entry,) = Journal(State("unit", root=state).journal).standing()
    assert str(entry) == "se.egi.test: it is cut off from aai.cstcloud.test"
