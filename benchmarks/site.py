"""A year of nights of a large testbed: how long the site takes, how much memory, how large its pages are.

python benchmarks/site.py [NIGHTS] [REQUIREMENTS] [INFRASTRUCTURES]
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import random
import resource
import shutil
import tempfile
import time
from pathlib import Path

from rich.console import Console

from harness.conformance import catalogue, history
from harness.conformance.catalogue import Catalogue, Requirement
from harness.conformance.history import History
from harness.conformance.runs import Run, RunRoute
from harness.conformance.statement import (
    VERSION,
    RequirementStatement,
    RunStatement,
    ScenarioStatement,
    Scope,
    ServiceStatement,
    Statement,
)
from harness.conformance.verdicts import Verdict
from harness.report import site

_NIGHTS, _REQUIREMENTS, _INFRASTRUCTURES = (365, 300, 4)
_LETTERS = (
    [Verdict.CONFORMANT] * 96
    + [Verdict.DEVIATION, Verdict.WARNING, Verdict.INCONCLUSIVE]
    + [Verdict.KNOWN_DEVIATION]
)


def routes(infrastructures: int) -> tuple[RunRoute, ...]:
    """Return every ordered pair but those at home: 12 routes of four infrastructures."""
    names = [f"i{number}" for number in range(infrastructures)]
    return tuple(
        RunRoute(
            id=f"{a}:{b.upper()}-SITE",
            home=a,
            resource=b,
            site=f"{b.upper()}-SITE",
            control=False,
        )
        for a in names
        for b in names
        if a != b
    )


def statement(
    night: int, requirements: list[Requirement], ways: tuple[RunRoute, ...], chance: random.Random
) -> Statement:
    """Return a night in which a few verdicts in a hundred are not conformant."""
    began = dt.datetime(2026, 1, 1, 1, 15, tzinfo=dt.UTC) + dt.timedelta(days=night)
    verdicts = {(one.id, way.id): chance.choice(_LETTERS) for one in requirements for way in ways}
    return Statement(
        version=VERSION,
        run=RunStatement(
            id=f"{began:%Y%m%dT%H%M%SZ}-00aa",
            start=began.isoformat(),
            end=began.isoformat(),
            testbed="large",
            inventory="inventories/large",
            harness="0",
            commit=None,
            exit_code=0,
        ),
        scope=Scope(
            catalogue=len(requirements),
            covered=len(requirements),
            cells=len(verdicts),
            executed=len(verdicts),
            whole=True,
        ),
        totals={},
        infrastructures={way.home: way.home.upper() for way in ways},
        routes=ways,
        services=tuple(
            ServiceStatement(
                site=way.site,
                infrastructure=way.resource,
                type="webdav",
                endpoint=f"https://{way.resource}.test/",
                implementation="xrootd",
                host=f"se.{way.resource}.test",
                status="ok",
            )
            for way in ways[:4]
        ),
        versions={},
        faults=(),
        exceptions=(),
        complaints=(),
        requirements=tuple(
            RequirementStatement(
                id=one.id,
                level="MUST",
                confirmed=True,
                route=way.id,
                verdict=verdicts[one.id, way.id],
                scenarios=(f"large/test_x.py::test_{one.id}",),
            )
            for one in requirements
            for way in ways
        ),
        scenarios=tuple(
            ScenarioStatement(
                scenario=f"large/test_x.py::test_{one.id}",
                title=one.statement,
                family="large",
                requirements=(one.id,),
                route=way.id,
                home=way.home,
                resource=way.resource,
                site=way.site,
                refusal=False,
                verdict=verdicts[one.id, way.id],
                reason="",
                attempts=1,
                evidence=(f"evidence/{one.id}.{way.resource}.json",),
            )
            for one in requirements
            for way in ways
        ),
        evidence={},
    )


def run_of(stated: Statement) -> Run:
    """Return the record of the run that states this."""
    return Run(
        id=stated.run.id,
        start=stated.run.start,
        end=stated.run.end,
        testbed=stated.run.testbed,
        inventory=stated.run.inventory,
        harness=stated.run.harness,
        routes=stated.routes,
    )


def evidence(folder: Path, stated: Statement) -> None:
    """Write evidence of the size that scenarios have: ten steps."""
    step = {"title": "GET https://se.test/x", "start": 1.0, "stop": 1.2, "status": "passed"}
    step |= {"sent": "GET /x\nauthorization: Bearer [redacted]", "answer": "x" * 300, "steps": []}
    text = json.dumps({"status": "passed", "message": "", "steps": [step] * 10})
    (folder / "evidence").mkdir(parents=True)
    for cell in stated.scenarios:
        (folder / cell.evidence[0]).write_text(text)


def main() -> None:
    """Make the history, then the site of the last night; print what it cost."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("nights", nargs="?", type=int, default=_NIGHTS)
    parser.add_argument("requirements", nargs="?", type=int, default=_REQUIREMENTS)
    parser.add_argument("infrastructures", nargs="?", type=int, default=_INFRASTRUCTURES)
    given = parser.parse_args()
    real = list(catalogue.load())
    requirements = [
        real[n % len(real)].model_copy(update={"id": f"REQ-{n:03}"})
        for n in range(given.requirements)
    ]
    catalogue.load = lambda *_: Catalogue(requirements)  # type: ignore[assignment]
    ways, chance = routes(given.infrastructures), random.Random(1)
    place = Path(tempfile.mkdtemp(prefix="site-"))
    try:
        start = time.monotonic()
        with History.open(place / "runs" / history.FILE) as store:
            for night in range(given.nights):
                stated = statement(night, requirements, ways, chance)
                store.add(stated)
        print(f"history of {given.nights} nights: {time.monotonic() - start:.1f} s")
        print(f"  {(place / 'runs' / history.FILE).stat().st_size / 2**20:.1f} MiB")
        folder = place / "runs" / stated.run.id
        evidence(folder, stated)
        stated.write(folder)
        run_of(stated).write(folder)
        start = time.monotonic()
        site.build(folder, console=Console(), sites=place / "site", proofs=place / "proofs")
        seconds = time.monotonic() - start
        pages = [path.stat().st_size for path in (place / "site").rglob("*.html")]
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        matrix = place / "site" / "large" / stated.run.id / "matrix.html"
        print(f"site of the last night: {seconds:.1f} s, {len(pages)} pages, peak {peak:.2f} GiB")
        print(
            f"  largest page {max(pages) / 1000:.0f} kB, matrix {matrix.stat().st_size / 1000:.0f} kB"
        )
    finally:
        shutil.rmtree(place)


if __name__ == "__main__":
    main()
