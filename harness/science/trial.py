"""Tries a field on this machine, without any site: `python -m harness.science.trial environment`.

Makes the bundle, runs the job as a worker would, shows the figures of the right run and of the control, and
writes the pictures of both.
"""

from __future__ import annotations

import argparse
import secrets
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from harness.errors import TestbedError
from harness.provision.progress import Progress
from harness.science import archive, bundles
from harness.science.field import Field, WrongResult, field
from harness.science.pictures import picture
from harness.science.plan import PLAN, READ, WRITE, Archive, Plan
from harness.science.result import Result, judge, read, report


def attempt(chosen: Field, *, python: str, room: Path, console: Console) -> Result:
    """Run the job of a field in a folder.

    Raises
    ------
    WrongResult
        where it fails.
    """
    bundle = bundles.ensure(chosen, Progress(console))
    given = archive.pack(chosen.inputs())
    home, worker = room / "home", room / "worker"
    home.mkdir()
    worker.mkdir()
    (home / "input").write_bytes(given)
    plan = Plan(
        field=chosen,
        run=secrets.token_hex(8),
        bundle=Archive(f"file://{bundle.path}", bundle.sha256, bundle.size),
        input=Archive.of(f"file://{home}/input", given),
        output=f"file://{home}/result",
    )
    for name, content in plan.files({READ: "none", WRITE: "none"}).items():
        (worker / name).write_bytes(content)
    done = subprocess.run(
        [python, "job.py", PLAN], cwd=worker, capture_output=True, text=True, check=False
    )
    told = report(done.stdout or done.stderr)
    return read((home / "result").read_bytes(), plan, told)


def main() -> int:
    """Try the field that is named; return 0 where the right run is right and the control is wrong."""
    parser = argparse.ArgumentParser(prog="python -m harness.science.trial")
    parser.add_argument("field")
    parser.add_argument("--python", default=shutil.which("python3.13") or "python3")
    parser.add_argument("--pictures", type=Path, default=Path.cwd(), metavar="FOLDER")
    options = parser.parse_args()
    console = Console(highlight=False, soft_wrap=True)
    with tempfile.TemporaryDirectory() as name:
        try:
            chosen = field(options.field)
            result = attempt(chosen, python=options.python, room=Path(name), console=console)
        except (TestbedError, WrongResult, LookupError) as error:
            console.print(f"[red]✗[/] {error}")
            return 1
    for run, files in result.runs.items():
        took = result.manifest.runs[run]
        console.print(f"{run}: {took.seconds:.1f} s, {took.memory} MiB, {dict(took.parameters)}")
        for figure in chosen.check(files):
            console.print(f"  {'[green]right[/]' if figure.right else '[red]wrong[/]'} {figure}")
        place = options.pictures / f"{chosen.name}-{run}.png"
        place.write_bytes(picture(chosen, files))
        console.print(f"  {place}")
    try:
        judge(result)
    except WrongResult as error:
        console.print(f"[red]✗[/] {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
