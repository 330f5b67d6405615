"""What a killed run has left at real services goes, and nothing of others; reading only leaves nothing."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from tenacity import retry, retry_if_result, stop_after_delay, wait_fixed

from harness import inventory as inventories
from harness.conformance import deviations, outcomes
from tests.e2e.conftest import ROOT
from tests.e2e.night import Night
from tests.robustness.bed import Bed

SUITE = '''
import os
import threading
from pathlib import Path

import pytest

from harness.services.compute.client import JobDescription

PLACE = Path(os.environ["PLACE"])
pytestmark = [pytest.mark.requirement("AUTH-031"), pytest.mark.killed_by("closed")]


def left(what, route):
    """Tell that something is there, and wait for the end."""
    (PLACE / f"{what}.{route.home.name}").touch()
    threading.Event().wait()


def test_file(route, storage, member):
    """A file is stored."""
    storage.at(route.resource).put("1 KiB", by=member, name="folder/file")
    left("file", route)


def test_job(route, element, member):
    """A job runs."""
    element.run(JobDescription("/bin/sleep", ("3600",)), element.token(member))
    left("job", route)


def test_container(route, cloud, member):
    """An object is stored."""
    cloud.at(route.resource).container(by=member).put("1 KiB")
    left("container", route)


def test_agent(route, agent):
    """An agent signs in."""
    agent.start_device()
    left("agent", route)
'''

SCRIPT = """
import sys
from pathlib import Path
from rich.console import Console
from harness import execution, inventory

execution.run(
    inventory.load(Path(sys.argv[1])), routes=sys.argv[3:], console=Console(), scenarios=Path(sys.argv[2])
)
"""

ROUTES = ("egi:cstcloud", "cstcloud:egi")
LEFT = {
    "file.egi",
    "file.cstcloud",
    "job.egi",
    "job.cstcloud",
    "container.egi",
    "container.cstcloud",
    "agent.egi",
}
"""What the suite leaves on these routes, by the home of the users."""

DISKS = ("se.egi.test", "/srv/xrootd"), ("se.cstcloud.test", "/srv/xrootd /srv/webdav")
READING = "test_files or test_monitoring or test_issuer_metadata"
"""Scenarios that store, that submit, and that do neither."""
OTHERS = "vo.interop/interop-notes"


@pytest.fixture(scope="module")
def bed(night: Night, inventory: Path, tmp_path_factory: pytest.TempPathFactory) -> Bed:
    """The night's testbed, and another folder to work in; a suite of our own has no known deviations."""
    folder = tmp_path_factory.mktemp("cleaning")
    ignored = shutil.ignore_patterns(deviations.FILE)
    copy = Path(shutil.copytree(inventory, folder / "inventory", ignore=ignored))
    return Bed(copy, inventories.load(copy), folder)


def stored(bed: Bed) -> set[str]:
    """Return what of the testbed's stands at the storages, as their disks say."""
    found: set[str] = set()
    for host, disks in DISKS:
        lines = bed.shell(host, f"find {disks} -name 'interop-testbed-*'").splitlines()
        found |= {f"{host}:{line}" for line in lines}
    return found


def jobs(bed: Bed) -> list[str]:
    """Return the jobs that the batch systems have, but for those that have ended."""
    queued = bed.shell("ce.egi.test", "squeue --noheader --format=%i").split()
    pool = "condor_q -allusers -constraint 'JobStatus < 3' -af ClusterId"
    return queued + bed.shell("ce.cstcloud.test", pool).split()


@retry(
    wait=wait_fixed(0.5), stop=stop_after_delay(120), retry=retry_if_result(lambda it: len(it) < 2)
)
def queued(bed: Bed) -> list[str]:
    """Wait until both batch systems have their job: ARC hands one over some seconds after it took it."""
    return jobs(bed)


@retry(wait=wait_fixed(0.5), stop=stop_after_delay(120), retry=retry_if_result(bool))
def emptied(bed: Bed) -> list[str]:
    """Wait until the batch systems have no job: ARC hands a cancellation over some seconds later."""
    return jobs(bed)


def at_work(bed: Bed) -> set[str]:
    """Return what is at EGI's workstation: folders whose names are like ours, and agents."""
    folders = bed.shell("ui.egi.test", "ls -d /home/researcher/interop-testbed-* || true")
    agents = bed.shell("ui.egi.test", "grep -lsx oidc-agent /proc/[0-9]*/comm || true")
    return {*folders.split(), *agents.split()}


@retry(wait=wait_fixed(0.2), stop=stop_after_delay(300), retry=retry_if_result(lambda it: not it))
def seen(place: Path, process: subprocess.Popen[str]) -> bool:
    """Wait until all is there that the suite leaves."""
    assert process.poll() is None, process.communicate()[0]
    return {one.name for one in place.iterdir()} >= LEFT


@pytest.fixture(scope="module")
def killed(bed: Bed) -> Iterator[set[str]]:
    """Kill a run with all its workers; return what is at EGI's workstation and is somebody else's."""
    bed.command("clean")
    bed.shell("se.egi.test", f"mkdir -p /srv/xrootd/{OTHERS}")
    bed.shell("se.cstcloud.test", f"mkdir -p /srv/webdav/{OTHERS}")
    person = "mkdir interop-testbed-mine; cd interop-testbed-mine; oidc-agent > /dev/null"
    bed.shell("ui.egi.test", f"runuser -l researcher -c '{person}'")
    mine = at_work(bed)
    assert {one.split("/")[1] for one in mine} == {"home", "proc"}, mine
    suite = bed.folder / "suite" / "auth" / "test_suite.py"
    suite.parent.mkdir(parents=True)
    suite.write_text(textwrap.dedent(SUITE))
    place = bed.folder / "place"
    place.mkdir()
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT, bed.inventory, suite.parents[1], *ROUTES],
        cwd=bed.folder,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PLACE": str(place)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            seen(place, process)
        finally:
            os.killpg(process.pid, signal.SIGKILL)
    yield mine
    agents = [one.split("/")[2] for one in mine if one.startswith("/proc/")]
    bed.shell(
        "ui.egi.test", f"kill {' '.join(agents)}; rm -rf /home/researcher/interop-testbed-mine"
    )


def test_it_is_found_and_removed_and_nothing_else(bed: Bed, killed: set[str]) -> None:
    before = stored(bed), queued(bed), at_work(bed)
    assert {one.partition(":")[0] for one in before[0]} == {host for host, _ in DISKS}
    assert len(before[2]) >= len(killed) + 2
    told = bed.command("clean", "--dry-run")
    assert told.code == 0, told.output
    assert (stored(bed), jobs(bed), at_work(bed)) == before, "a dry run only tells"
    done = bed.command("clean")
    assert done.code == 0, done.output
    assert "could not be done 0" in done.output
    for word in ("folder", "job ", "org.openstack.keystone at", "the workstation ui.egi.test"):
        assert word in done.output.replace("interop-testbed-", "folder "), done.output
    assert not stored(bed)
    emptied(bed)
    assert at_work(bed) == killed
    assert bed.shell("se.egi.test", f"ls -d /srv/xrootd/{OTHERS}")
    assert bed.shell("se.cstcloud.test", f"ls -d /srv/webdav/{OTHERS}")
    again = bed.command("clean")
    assert "found 0, removed 0, could not be done 0" in again.output


def test_who_only_reads_stores_and_submits_nothing(bed: Bed) -> None:
    """The disks, the batch systems and Apache's own log say so; some scenarios have asked all the same."""
    log = "/var/log/apache2/webdav-access.log"
    bed.shell("se.cstcloud.test", f"truncate --size 0 {log}")
    for host, disks in DISKS:
        bed.shell(host, "touch /run/before")
        assert not bed.shell(host, f"find {disks} -newer /run/before")
    before = jobs(bed)
    done = bed.command("run", "--read-only", "-k", READING)
    assert done.code in (0, 1), done.output
    found = outcomes.read(bed.folder / "runs" / "latest")
    statuses = {
        name: {one.status for one in found if name in one.scenario}
        for name in READING.split(" or ")
    }
    assert statuses == {
        "test_files": {"not run"},
        "test_monitoring": {"not run"},
        "test_issuer_metadata": {"passed"},
    }
    asked = bed.shell("se.cstcloud.test", f"cat {log}")
    methods = {line.split('"')[1].partition(" ")[0] for line in asked.splitlines()}
    assert methods <= {"GET", "HEAD", "OPTIONS", "PROPFIND", "-"}, methods
    for host, disks in DISKS:
        assert not bed.shell(host, f"find {disks} -newer /run/before"), host
    assert jobs(bed) == before
