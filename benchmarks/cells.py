"""Tells where the time of a run went: seconds of each cell by family, and of the run as a whole.

python benchmarks/cells.py [runs/latest]
"""

from __future__ import annotations

import argparse
import datetime as dt
import statistics
from collections import defaultdict
from pathlib import Path

from harness.conformance import outcomes
from harness.conformance.outcomes import Outcome


def seconds(outcome: Outcome) -> float:
    """Return how long a cell took."""
    start, stop = (dt.datetime.fromisoformat(text) for text in (outcome.start, outcome.stop))
    return (stop - start).total_seconds()


def main() -> None:
    """Print a line for each family, the slowest cells, and the run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", nargs="?", type=Path, default=Path("runs/latest"))
    folder = parser.parse_args().run
    found = [outcome for outcome in outcomes.read(folder) if outcome.executed]
    families: dict[str, list[float]] = defaultdict(list)
    for outcome in found:
        families[outcome.family].append(seconds(outcome))
    print(f"{'family':10} {'cells':>6} {'median s':>9} {'mean s':>8} {'max s':>8}")
    for family, times in sorted(families.items()):
        print(
            f"{family:10} {len(times):6} {statistics.median(times):9.2f} "
            f"{statistics.mean(times):8.2f} {max(times):8.2f}"
        )
    span = max(dt.datetime.fromisoformat(o.stop) for o in found) - min(
        dt.datetime.fromisoformat(o.start) for o in found
    )
    wall = span.total_seconds()
    print(f"\n{len(found)} cells in {wall:.1f} s: {wall / len(found):.2f} s a cell, side by side")
    print("\nslowest:")
    for outcome in sorted(found, key=seconds, reverse=True)[:10]:
        print(f"{seconds(outcome):8.2f} s  {outcome}")


if __name__ == "__main__":
    main()
