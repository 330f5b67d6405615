"""A member is suspended as the AAI's operator does it, and nobody else has that member meanwhile."""

from __future__ import annotations

import json
import shlex
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.errors import Unreachable
from harness.journal import Journal
from harness.model import Host, Member
from harness.services.issuer import suspension
from harness.services.issuer.suspension import Suspension, reserved
from harness.shell import Completed
from tests.unit.suites import Ran

HOST = Host(
    name="aai.a.test", infrastructure="a", site="A", roles=("x",), connection="local", target="aai"
)
LUC, LENA = (Member(name=name, kind="leaver") for name in ("luc", "lena"))
COMMAND = "/usr/share/lemonldap-ng/bin/lemonldap-ng-sessions"


@pytest.fixture
def act(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], Suspension]:
    """Return the suspension of a member at an AAI whose files are in a folder."""
    places = {
        "/etc/openid-provider": str(tmp_path),
        "/var/lib/lemonldap-ng/users": str(tmp_path),
        COMMAND: str(tmp_path / "sessions"),
    }

    def run(_shell: object, line: str, *, env: dict[str, str], timeout: float = 0) -> Completed:
        interpreter, option, program = shlex.split(line)
        for place, here in places.items():
            program = program.replace(place, here)
        assert interpreter == "python3"
        done = subprocess.run(
            [sys.executable, option, program], env=env, capture_output=True, text=True, check=False
        )
        return Completed("python3", done.returncode, done.stdout, done.stderr, 0.1)

    monkeypatch.setattr(suspension.Shell, "run", run)
    journal = Journal(tmp_path / "journal")
    return lambda make: Suspension(HOST, implementation=make, member=LUC, journal=journal)


def test_the_file_of_users_says_so(act: Callable[[str], Suspension], tmp_path: Path) -> None:
    file = tmp_path / "users.json"
    users = [{"name": "luc", "suspended": False}, {"name": "lena", "suspended": False}]
    file.write_text(json.dumps(users))
    file.chmod(0o400)
    made = act("oidc-provider")
    made.begin()
    assert [user["suspended"] for user in json.loads(file.read_text())] == [True, False]
    assert file.stat().st_mode & 0o777 == 0o400
    made.end()
    assert json.loads(file.read_text()) == users


def test_the_database_says_so_and_sessions_end(
    act: Callable[[str], Suspension], tmp_path: Path
) -> None:
    command = tmp_path / "sessions"
    command.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/said\n')
    command.chmod(0o700)
    with sqlite3.connect(tmp_path / "users.db") as db:
        db.execute("CREATE TABLE users (uid, suspended)")
        db.execute("INSERT INTO users VALUES ('luc', 0), ('lena', 0)")
    made = act("lemonldap")
    made.begin()
    assert db.execute("SELECT suspended FROM users").fetchall() == [(1,), (0,)]
    made.end()
    assert db.execute("SELECT suspended FROM users").fetchall() == [(0,), (0,)]
    assert (tmp_path / "said").read_text() == "delete --where uid=luc\n"
    db.close()


def test_a_suspension_that_fails_is_told_and_may_stand(
    act: Callable[[str], Suspension], tmp_path: Path
) -> None:
    with pytest.raises(Unreachable, match="suspend: "):
        act("oidc-provider").begin()
    (entry,) = Journal(tmp_path / "journal").standing()
    assert str(entry) == "aai.a.test: luc is suspended"


def test_a_suspension_whose_process_was_killed_ends_by_the_journal_alone(
    act: Callable[[str], Suspension], tmp_path: Path
) -> None:
    file = tmp_path / "users.json"
    file.write_text(json.dumps([{"name": "luc", "suspended": False}]))
    act("oidc-provider").begin()
    said: list[str] = []
    Journal(tmp_path / "journal").undo_all(lambda _: HOST, said.append)
    assert json.loads(file.read_text()) == [{"name": "luc", "suspended": False}]
    assert said == [
        "aai.a.test: luc is suspended: left by a command that was killed, and undone now"
    ]


def test_nobody_else_has_a_member_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suspension, "_PATIENCE", 0.1)
    members, folder = [LUC, LENA], tmp_path / "leavers"
    with reserved(members, folder) as one, reserved(members, folder) as other:
        assert (one, other) == (LUC, LENA)
        with pytest.raises(Unreachable, match="luc, lena"), reserved(members, folder):
            pass
    with reserved(members, folder) as one:
        assert one == LUC


SCENARIO = """
import pytest

pytestmark = [pytest.mark.requirement("IDN-017"), pytest.mark.killed_by("closed")]


def test_suspends(route, suspension):
    raise AssertionError("not reached")
"""


@pytest.mark.usefixtures("foreign_issuer")
def test_nobody_is_suspended_at_a_real_site(suite: Callable[..., Ran]) -> None:
    found = suite(SCENARIO, "cstcloud:egi").outcome("test_suspends")
    assert found.status == "not run"
    assert found.message.startswith("the testbed cannot control aai.cstcloud.test")


def test_who_has_no_such_member_is_told(suite: Callable[..., Ran], inventory_folder: Path) -> None:
    variables = inventory_folder / "group_vars" / "all.yml"
    lines = variables.read_text().splitlines()
    variables.write_text("\n".join(line for line in lines if "kind: leaver" not in line) + "\n")
    found = suite(SCENARIO, "cstcloud:egi").outcome("test_suspends")
    assert found.status == "not run"
    assert "no member of kind `leaver`" in found.message
