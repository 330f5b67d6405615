"""What a command costs before its work begins: processor time of the quick ones.

    python benchmarks/commands.py [RUNS]

Prints the median and the range of user and system time (seconds) of RUNS runs each, 7 where it is not
given. Unlike elapsed time it leaves out what other processes and the network take; on a machine that is
busy it is still up to twice as long as on a quiet one. Of `token` the help is measured: the rest is the
issuer's time, on a testbed that is up. `status` asks the container engine.
"""

import argparse
import os
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COMMANDS = (("--help",), ("token", "--help"), ("status",), ("list",))


def seconds(words: tuple[str, ...]) -> float:
    """Run a command and return its processor time."""
    program = [sys.executable, "-c", "from harness.cli import main; main()", *words]
    with subprocess.Popen(
        program, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        said = process.stderr.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"testbed {' '.join(words)} ended with {process.returncode}: {said}")
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Measure, and print a line for each command."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("runs", nargs="?", type=int, default=7, help="runs of each command")
    runs = parser.parse_args().runs
    print(f"{'command':24}{'median':>8}{'least':>8}{'most':>8}")
    for words in COMMANDS:
        seconds(words)  # the first run reads everything from the disk
        found = [seconds(words) for _ in range(runs)]
        name = f"testbed {' '.join(words)}"
        print(f"{name:24}{statistics.median(found):8.2f}{min(found):8.2f}{max(found):8.2f}")


if __name__ == "__main__":
    main()
