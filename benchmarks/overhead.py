"""What the harness costs a test, against plain pytest: the same empty tests, run both ways.

    python benchmarks/overhead.py [--tests 500]

Each side runs twice, with many tests and with one, so that start-up does not count. A test of the
harness makes one step with evidence; it is recorded, and told to Allure.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from harness import inventory
from harness.conformance.outcomes import write_plan
from harness.engine.session import Selection, collect

ROOT = Path(__file__).resolve().parents[1]
ALONE = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
"""Without plugins that happen to be installed, as the harness runs its scenarios."""
PLAIN = """
import pytest
@pytest.mark.parametrize("number", range({tests}))
def test_nothing(number):
    pass
"""
SCENARIO = '''
import pytest
from harness.evidence import step
@pytest.mark.requirement("AUTH-001")
@pytest.mark.killed_by("open")
@pytest.mark.parametrize("number", range({tests}))
def test_nothing(route, number):
    """Nothing is shown."""
    with step("a request") as record:
        record.send("GET /")
        record.receive("200")
'''


def plain(tests: int, place: Path) -> float:
    """Return the seconds of plain pytest, one process."""
    path = place / "test_plain.py"
    path.write_text(PLAIN.format(tests=tests))
    words = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-c",
        "/dev/null",
        path,
    ]
    return timed(words)


def harness(tests: int, place: Path) -> float:
    """Return the seconds of the harness's pytest, one process, one route."""
    folder = place / f"auth-{tests}" / "auth"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "test_scenario.py").write_text(SCENARIO.format(tests=tests))
    path = ROOT / "inventories" / "twin"
    route = inventory.load(path).testbed.routes[0]
    selection = Selection(inventory=path, routes=(route.id,), scenarios=folder.parent)
    run = place / f"run-{tests}"
    (run / "logs").mkdir(parents=True, exist_ok=True)
    write_plan(run, collect(selection).cells)
    words = [
        sys.executable, "-m", "pytest", "-q", *selection.arguments(),
        f"--run-folder={run}", f"--alluredir={run / 'allure'}",
    ]  # fmt: skip
    return timed(words)


def timed(words: list[object]) -> float:
    """Run a command and return its seconds."""
    start = time.perf_counter()
    done = subprocess.run(
        [str(word) for word in words],
        cwd=ROOT,
        env=ALONE,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return time.perf_counter() - start


def main() -> None:
    """Measure both sides and print the cost of a test."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tests", type=int, default=500)
    tests = parser.parse_args().tests
    with tempfile.TemporaryDirectory() as folder:
        cost = {}
        for side in (plain, harness):
            place = Path(folder) / side.__name__
            place.mkdir()
            one, many = side(1, place), side(tests, place)
            cost[side.__name__] = (many - one) / (tests - 1) * 1000
            print(f"{side.__name__}: {one:.2f} s for 1 test, {many:.2f} s for {tests}")
    print(f"a test costs {cost['plain']:.2f} ms plain, {cost['harness']:.2f} ms in the harness")


if __name__ == "__main__":
    main()
