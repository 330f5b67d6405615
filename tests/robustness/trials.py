"""The trials: each strikes a run, and yields what changed and then each thing that came out wrong."""

from __future__ import annotations

import html
import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from harness.conformance.runs import Run
from harness.conformance.verdicts import VERDICTS, Judgement
from harness.errors import ExitCode, TestbedError
from tests.robustness.bed import PROBE, Bed
from tests.robustness.comparison import Comparison, compare
from tests.robustness.ends import End
from tests.robustness.faults import Fault, Standing, small_disk


def undisturbed(bed: Bed) -> Judgement:
    """Return the verdicts of the part where nothing disturbs it.

    Raises
    ------
    TestbedError
        where the run does not end as expected.
    """
    calm = bed.command("run", "-k", bed.part)
    if calm.code:
        raise TestbedError(f"the undisturbed run ended with {calm.code}: {calm.last_line}")
    return _judged(bed)


def try_fault(bed: Bed, fault: Fault, before: Judgement) -> Iterator[str]:
    """Strike a host in mid-run; yield what changed and then each flaw."""
    try:
        bed.struck(lambda _: fault.strike(bed))
    finally:
        fault.mend(bed)
    found = compare(before, _judged(bed), host=fault.host)
    yield from _told(found)
    yield from _next_works(bed)


def try_standing(bed: Bed, standing: Standing) -> Iterator[str]:
    """Run with a fault that is there all the time; yield the front page's first sentence, and each flaw.

    The part counts as a night here, so that it has pages.
    """
    standing.fault.strike(bed)
    try:
        bed.command("run", "-k", bed.part)
    finally:
        standing.fault.mend(bed)
    run = bed.newest()
    assert run is not None
    Run.read(run).model_copy(update={"partial": False, "keyword": ""}).write(run)
    done = bed.command("report", str(run), of_inventory=False)
    front = bed.folder / "site" / bed.model.testbed.name / run.name / "index.html"
    sentence = _headline(front) if front.exists() else ""
    yield sentence or "no page"
    if standing.told not in sentence:
        yield f"it does not say {standing.told!r}: {done.last_line}"


def _headline(page: Path) -> str:
    found = re.search(r'<p class="headline[^>]*>(.*?)</p>', page.read_text(encoding="utf-8"), re.S)
    return html.unescape(re.sub(r"<[^>]+>", "", found[1])).strip() if found else ""


def try_play(bed: Bed, fault: Fault, before: Judgement) -> Iterator[str]:
    """Provision again where a task of one host must fail; yield what changed and then each flaw.

    The play must be told to have failed, and at which host; the site goes on as it was.
    """
    fault.strike(bed)
    try:
        done = bed.command("up", "--again")
        bed.command("run", "-k", bed.part)
    finally:
        fault.mend(bed)
    found = compare(before, _judged(bed), host=fault.host)
    yield from _told(found)
    if done.code != ExitCode.INCONCLUSIVE or f"failed on {fault.host}" not in done.output:
        yield f"the play ended with {done.code}, and names no host: {done.last_line}"
    mended = bed.command("up", "--again")
    if mended.code:
        yield f"once mended, `up --again` ended with {mended.code}: {mended.last_line}"
    yield from _next_works(bed)


def try_end(bed: Bed, end: End, before: Judgement) -> Iterator[str]:
    """End a run, or a part of it, in the middle; yield what changed and then each flaw."""
    done = bed.struck(end.strike)
    run = bed.newest()
    assert run is not None
    if not (run / VERDICTS).exists():
        bed.command("judge", str(run), of_inventory=False)
    found = compare(before, _judged(bed), ended=not end.whole)
    yield from _told(found)
    if done.code not in end.codes:
        yield f"the command ended with {done.code}, not {end.codes}: {done.last_line}"
    if "Traceback" in done.output:
        yield "it shows a traceback"
    yield from _next_works(bed)


def try_full_disk(bed: Bed, before: Judgement) -> Iterator[str]:
    """Let the disk of the runs fill up in mid-run."""
    with tempfile.TemporaryDirectory() as name:
        small = Bed(bed.inventory, bed.model, Path(name), part=bed.part)
        runs = small.folder / "runs"
        runs.mkdir()
        subprocess.run(small_disk(runs, "2500k"), check=True)
        try:
            done = small.command("run", "-k", small.part)
            run = small.newest()
            empty = (
                [one.name for one in run.iterdir() if one.is_file() and not one.stat().st_size]
                if run
                else []
            )
        finally:
            subprocess.run(["umount", str(runs)], check=True)
    yield f"0 of {len(before.scenarios)}: the run is not judged"
    if done.code != 3:
        yield f"the command ended with {done.code}, not 3: {done.last_line}"
    if "No space left on device" not in done.output or "Traceback" in done.output:
        yield f"it does not say what is wrong: {done.last_line}"
    if empty:
        yield f"empty files are left: {', '.join(empty)}"
    yield from _next_works(bed)


def _told(found: Comparison) -> Iterator[str]:
    yield f"{len(found.changed)} of {found.cells}: {found.summary}"
    yield from found.wrong


def _judged(bed: Bed) -> Judgement:
    run = bed.newest()
    assert run is not None
    return Judgement.read(run)


def _next_works(bed: Bed) -> Iterator[str]:
    done = bed.command("run", "-k", PROBE)
    if done.code:
        yield f"the next command ended with {done.code}: {done.last_line}"
