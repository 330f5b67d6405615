"""A testbed of its own for the tests: the twin under another name, in another address range."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.e2e.night import Night, Testbed

ROOT = Path(__file__).resolve().parents[2]
TESTBED = Path(sys.executable).parent / "testbed"

# A busy machine takes its time to draw a page: what counts is what it shows in the end.
expect.set_options(timeout=30_000)


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder where the commands are typed."""
    return tmp_path_factory.mktemp("nightly")


@pytest.fixture(scope="session")
def inventory(place: Path) -> Path:
    """The twin's inventory under another name and in other address ranges."""
    return copied("twin", place / "inventory", name="e2e", ranges=("10.111.", "10.113."))


def copied(inventory: str, to: Path, *, name: str, ranges: tuple[str, str]) -> Path:
    """Copy an inventory that we ship, under another name and in other address ranges."""
    shutil.copytree(ROOT / "inventories" / inventory, to)
    for path in to.rglob("*.yml"):
        text = path.read_text().replace(*ranges)
        path.write_text(text.replace(f"testbed_name: {inventory}", f"testbed_name: {name}"))
    return to


@pytest.fixture(scope="session")
def testbed(place: Path, inventory: Path, pytestconfig: pytest.Config) -> Testbed:
    """The command `testbed` on that inventory, as a user types it; the terminal shows how it goes on."""
    return command(place, inventory, pytestconfig)


def command(place: Path, inventory: Path, config: pytest.Config) -> Testbed:
    """Return the command `testbed`, typed in the folder `place` and for an inventory."""
    capture = config.pluginmanager.getplugin("capturemanager")

    def run(*words: str, of_inventory: bool = True, **env: str) -> subprocess.CompletedProcess[str]:
        chosen = ["--inventory", str(inventory)] if of_inventory else []
        typed = [str(TESTBED), *words, *chosen]
        lines = []
        with (
            capture.global_and_fixture_disabled(),
            subprocess.Popen(
                typed,
                cwd=place,
                env=os.environ | env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            ) as process,
        ):
            print(f"\n$ testbed {' '.join(words)}", flush=True)
            for line in process.stdout or ():
                print(line, end="", flush=True)
                lines.append(line)
        return subprocess.CompletedProcess(typed, process.returncode, "".join(lines))

    return run


@pytest.fixture(scope="session")
def night(place: Path, testbed: Testbed) -> Iterator[Night]:
    """One whole nightly on real containers; the testbed goes down after the last test."""
    witness = place / "witness.txt"
    try:
        done = testbed(
            "nightly",
            PYTHONPATH=str(ROOT),
            PYTEST_PLUGINS="tests.e2e.witness",
            TESTBED_WITNESS=str(witness),
        )
        if not (place / "runs" / "latest" / "verdicts.json").exists():
            pytest.fail(
                f"the night ended with {done.returncode} and no verdicts:\n{done.stdout[-3000:]}"
            )
        secrets = frozenset(witness.read_text().splitlines()) if witness.exists() else frozenset()
        yield Night(folder=place, code=done.returncode, output=done.stdout, witnessed=secrets)
    finally:
        testbed("down")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium of this machine; `make e2e` installs it where it may."""
    names = (
        os.environ.get("TESTBED_CHROMIUM", ""),
        "chromium",
        "chromium-browser",
        "google-chrome",
    )
    found = next((path for name in names if name and (path := shutil.which(name))), None)
    assert found, "Chromium is not there: `sh harness/bootstrap.sh browser` installs it"
    with sync_playwright() as tools:
        # As root, Chromium has no sandbox of its own; it opens nothing but our own pages.
        chromium = tools.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield chromium
        chromium.close()
