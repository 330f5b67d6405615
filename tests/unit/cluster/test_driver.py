"""Parts on the workers of a cluster give the verdicts of one run, whatever becomes of a worker."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from tenacity import retry, retry_if_result, stop_after_delay, wait_fixed

from harness.conformance import verification
from tests.unit.cluster.bed import SITES, Asked, Bed, sites


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[int, Asked]]:
    with sites() as found:
        yield found


@pytest.fixture
def bed(tmp_path: Path, served: tuple[int, Asked]) -> Bed:
    served[1].all.clear()
    # B-ONE's storage is asked by all parts.
    return Bed(tmp_path, served[0], B_ONE={"requests_per_second": RATE})


RATE = 4

WAITS = """
from threading import Event
from harness import names


def test_waits_for_its_end(route, http):
    '''What waits at the first try is there at the second.'''
    http.request("GET", url(route))
    with (PLACE / "names").open("a") as file:
        file.write(f"{route.resource.name} {names.fresh()}\\n")
    if route.resource.name == "A-TWO" and not (PLACE / "part").exists():
        (PLACE / "part").write_text(os.environ["TESTBED_PART_OF"])
        Event().wait(300)


def test_asks_a_site_of_another_part(route, http, testbed):
    '''It is so.'''
    for _ in range(2):
        http.request("GET", testbed.site("B-ONE").service("webdav").endpoint)
"""


@retry(
    retry=retry_if_result(lambda there: not there),
    wait=wait_fixed(0.1),
    stop=stop_after_delay(300),
)
def _wait_for(path: Path) -> bool:
    return path.exists() and bool(path.read_text())


def test_a_worker_that_is_killed_changes_no_verdict(bed: Bed, served: tuple[int, Asked]) -> None:
    bed.suite(WAITS)
    (bed.place / "part").write_text("of no worker")
    whole = bed.run()
    assert whole.code == 1, whole.output
    (bed.place / "part").unlink()
    (bed.place / "names").unlink()
    served[1].all.clear()

    bed.environment["DASK_DISTRIBUTED__SCHEDULER__LOCKS__LEASE_TIMEOUT"] = "2s"
    process = bed.start(shards=2)
    _wait_for(bed.place / "part")
    worker, _, folder = (bed.place / "part").read_text().partition(" ")
    os.kill(int(worker), signal.SIGKILL)
    parts = bed.end(process)

    assert parts.code == whole.code == 1, parts.output
    assert parts.verdicts() == whole.verdicts()
    assert set(whole.verdicts().values()) == {"conformant", "deviation"}
    assert verification.verify(parts.folder) == []

    # The one part was run twice, which is told; the other once.
    shard = Path(folder).name.rpartition("-")[0].rpartition("-")[2]
    assert f"part {shard.replace('of', '/')} was lost with its worker; it is run again" in (
        parts.output
    )
    assert sorted(part.rpartition("-")[2] for part in parts.record.parts) == ["1", "2"]

    # What either try has made bears the name of the part, by which the second finds it.
    made = [line.split() for line in (bed.place / "names").read_text().splitlines()]
    begin = f"interop-testbed-{Path(folder).parent.name[-4:]}-"
    assert all(name.startswith(begin) for _, name in made)
    assert len({name.removeprefix(begin).partition("-")[0] for _, name in made}) == 2

    # All parts together ask a site no faster than it allows.
    times = served[1].times("B-ONE")
    assert len(times) > 8 * 2
    assert times[-1] - times[0] >= (len(times) - 1) / RATE

    # Nothing is left over.
    assert not any((bed.place / "runs" / "parts").iterdir())
    assert len(SITES) == len({route.site for route in parts.record.routes})


def test_a_signal_to_all_processes_ends_the_run(bed: Bed) -> None:
    """As a service manager sends it: the workers are gone, and nobody ends the parts that they ran."""
    bed.suite(WAITS)
    process = bed.start(shards=2)
    _wait_for(bed.place / "part")
    os.killpg(process.pid, signal.SIGTERM)
    ended = bed.end(process)
    assert ended.code == 143, ended.output
    assert "interrupted; what was seen is in runs/parts/" in ended.output


def test_what_a_part_refuses_ends_the_run(bed: Bed) -> None:
    bed.suite("def test_of_nothing_known(route):\n    '''It is so.'''\n")
    (bed.place / "inventory" / "known-deviations.yaml").write_text("known: [")
    ended = bed.run(shards=2)
    assert ended.code == 2
    assert "known-deviations.yaml" in ended.output


def test_an_interrupted_run_stops_its_parts(bed: Bed) -> None:
    bed.suite(WAITS)
    process = bed.start(shards=2)
    _wait_for(bed.place / "part")
    worker, _, folder = (bed.place / "part").read_text().partition(" ")
    process.send_signal(signal.SIGTERM)
    ended = bed.end(process)
    assert ended.code == 143, ended.output
    assert "interrupted; what was seen is in runs/parts/" in ended.output
    assert "Traceback" not in ended.output
    assert not Path(f"/proc/{worker}").exists()
    assert '"interrupted": true' in (Path(folder) / "run.json").read_text()
