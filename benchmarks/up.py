"""Times `testbed up`: warm (from snapshots) after each `down`, or cold (nothing there but the engine).

    python benchmarks/up.py [--inventory inventories/twin] [--rounds 3] [--cold]

`--cold` purges the testbed first: its snapshots, install images, keys and secrets are gone afterwards.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from pathlib import Path

TESTBED = Path(sys.executable).parent / "testbed"


def testbed(*words: str) -> float:
    """Run a command of the testbed and return the seconds that it took."""
    start = time.perf_counter()
    subprocess.run([TESTBED, *words], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    """Measure, and print a line for each round and their median."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--inventory", default="inventories/twin")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cold", action="store_true", help="purge before each round")
    given = parser.parse_args()
    where = ("--inventory", given.inventory)
    seconds = []
    for number in range(given.rounds):
        testbed("down", *where, *(["--purge"] if given.cold else []))
        seconds.append(testbed("up", *where))
        print(f"round {number + 1}: {seconds[-1]:.1f} s", flush=True)
    print(f"median {statistics.median(seconds):.1f} s ({'cold' if given.cold else 'warm'})")


if __name__ == "__main__":
    main()
