"""`testbed list --coverage` tells beforehand what the members' credentials can show."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Pytest is better not run within pytest.
SCRIPT = """
import json, sys
from pathlib import Path
from harness import coverage, inventory
from harness.engine.choice import Choice
from harness.services.issuer import credentials

loaded = inventory.load(Path(sys.argv[1]))
cells = coverage.Cells(loaded, Choice("test_scopes or test_files or test_device", (), ()))
told = {"all": len(cells.items)}
held = {name: coverage._instead(loaded.testbed, name) for name in coverage._ONES}
for name, one in {"now": credentials.held_in(loaded.testbed), **held}.items():
    found = cells.shown(one)
    told[name] = [found.cells, sorted(found.requirements), dict(found.reasons)]
print(json.dumps(told))
"""

Told = dict[str, tuple[int, list[str], dict[str, int]]]


def told(folder: Path) -> Told:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(folder)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    found: Told = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.fixture(scope="module")
def shipped() -> Told:
    """Of the inventory for real sites, where no issuer gives tokens for a password."""
    return told(ROOT / "inventories" / "egi-cstcloud")


def test_sources_that_can_do_more_show_more(shipped: Told) -> None:
    counts = {name: found[0] for name, found in shipped.items() if name != "all"}
    # Where a fixed token does not do, the robot stands in, as it does where there is none.
    assert counts["none"] <= counts["token-file"] <= counts["oidc-agent"] < counts["password"]
    assert counts["password"] < shipped["all"]
    assert counts["oidc-agent"] == counts["refresh-token"] == counts["mytoken"] == counts["command"]


def test_all_cells_are_told_of(shipped: Told) -> None:
    for name, found in shipped.items():
        if name != "all":
            assert found[0] + sum(found[2].values()) == shipped["all"], name


def test_what_is_about_persons_needs_a_member(shipped: Told) -> None:
    """A robot chooses scopes where a fixed token has them chosen; it logs in nowhere."""
    assert "AUTHZ-012" in shipped["token-file"][1]
    assert any("allows no log-in with a browser" in why for why in shipped["none"][2])
    assert not set(shipped["none"][1]) & {"AUTH-052", "AUTH-053"}


def test_at_the_twin_passwords_show_all_that_its_sites_offer(inventory_folder: Path) -> None:
    found = told(inventory_folder)
    assert found["now"] == found["password"]
    assert all("does not declare" in why for why in found["now"][2])


def test_the_command_prints_members_share_reasons_and_other_sources(
    process: Callable[..., subprocess.CompletedProcess[str]], inventory_folder: Path
) -> None:
    done = process("list", "--coverage", "-k", "test_device", "--inventory", inventory_folder)
    assert done.returncode == 0, done.stderr
    for words in (
        "alice",
        "log-in",
        "With these, 12 of 24 cells can be shown",
        "none (robots alone)",
    ):
        assert words in done.stdout
    assert done.stdout.count("CSTCLOUD-TWIN does not declare egi.aai.oidc") == 1
