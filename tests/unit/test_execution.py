"""A whole run of tiny scenarios, hosts and Allure aside: what it leaves, and how it ends."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tenacity import retry, retry_if_result, stop_after_delay, wait_fixed

from harness.conformance import outcomes, verification
from tests.unit.routes import CROSS, RESOURCE, TWIN
from tests.unit.serving import dropping, serving

ROOT = Path(__file__).resolve().parents[2]

SCRIPT = """
import sys
from pathlib import Path
from rich.console import Console
from harness import execution, inventory
from harness.provision.health import Check, Health, HostHealth
from harness.shards import Shard

where, suite, sick, shard, *routes = sys.argv[1:]

def check(inventory, *, hosts, deadline=60):
    return Health(
        hosts=tuple(
            HostHealth(
                host=host.name,
                checks=(Check(name="port 443", ok=sick not in (host.name, "all")),),
                versions={"Linux": "6.1"},
            )
            for host in inventory.testbed.hosts
        ),
        seconds=0,
    )

done = execution.run(
    inventory.load(Path(where)), routes=routes, console=Console(width=100),
    scenarios=Path(suite), check=check, shard=Shard.parse(shard) if shard else None,
)
sys.exit(done.exit_code)
"""

ALLURE = """
const fs = require("fs");
const settings = JSON.parse(fs.readFileSync(process.argv[process.argv.indexOf("--config") + 1]));
fs.mkdirSync(settings.output);
fs.writeFileSync(settings.output + "/index.html", "<title>a report</title>");
"""

HEAD = """
import os
from pathlib import Path
import pytest
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed
from harness.errors import Unreachable
from harness.evidence import step
shows = pytest.mark.requirement("AUTH-017")
pytestmark = pytest.mark.killed_by("closed")
PLACE = Path(os.environ["PLACE"])


def ask(route):
    # The site's storage is asked for a file.
    url = route.resource.service("webdav").endpoint
    with step(f"GET {url}") as record:
        record.send(f"GET {url}")
"""


@dataclass(frozen=True)
class Ended:
    folder: Path
    code: int
    output: str

    def json(self, name: str) -> Any:
        return json.loads((self.folder / name).read_text())

    def verdicts(self) -> dict[tuple[str, str], str]:
        return {
            (v["scenario"].partition("::")[2], f"{v['home']}:{v['resource']}"): v["verdict"]
            for v in self.json("verdicts.json")["scenarios"]
        }


class Runner:
    """Runs suites in a folder of their own."""

    def __init__(self, place: Path, inventory: Path) -> None:
        self.place, self._inventory = place, inventory
        (place / "allure.js").write_text(ALLURE)

    @property
    def latest(self) -> Path:
        return self.place / "runs" / "latest"

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {
            "PYTHONPATH": str(ROOT),
            "PLACE": str(self.place),
            "TESTBED_STATE": str(self.place / "state"),
            "TESTBED_ALLURE": str(self.place / "allure.js"),
            "TESTBED_WORKERS": "2",
        }

    def start(
        self, source: str, *routes: str, sick: str = "none", shard: str = ""
    ) -> subprocess.Popen[str]:
        file = self.place / "suite" / "auth" / "test_suite.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(HEAD + textwrap.dedent(source))
        return subprocess.Popen(
            [
                sys.executable,
                "-c",
                SCRIPT,
                self._inventory,
                self.place / "suite",
                sick,
                shard,
                *routes,
            ],
            cwd=self.place,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def end(self, process: subprocess.Popen[str], *, within: float = 60) -> Ended:
        output, _ = process.communicate(timeout=within)
        return Ended(self.latest, process.returncode, output)


@pytest.fixture
def runner(tmp_path: Path, inventory_folder: Path) -> Runner:
    return Runner(tmp_path, inventory_folder)


@pytest.fixture
def run(runner: Runner) -> Callable[..., Ended]:
    return lambda *words, **options: runner.end(runner.start(*words, **options))


def test_a_run_leaves_its_folder(run: Callable[..., Ended]) -> None:
    ended = run(
        '''
        @shows
        def test_passes(route):
            """It is so."""
            ask(route)

        @shows
        def test_fails_abroad(route):
            """It is so."""
            ask(route)
            assert route.is_control, "not for strangers"

        @shows
        def test_comes_up_late(route):
            """Its set-up fails at the first attempt."""
            ask(route)

        @pytest.fixture(autouse=True)
        def late(request, route):
            seen = PLACE / f"seen-{route.home.name}"
            if request.node.originalname == "test_comes_up_late" and not seen.exists():
                seen.touch()
                raise Unreachable("not yet", "nowhere")
        ''',
        "egi:cstcloud",
        "cstcloud:cstcloud",
    )
    assert ended.code == 1, ended.output
    assert ended.verdicts() == {
        ("test_passes", "egi:cstcloud"): "conformant",
        ("test_passes", "cstcloud:cstcloud"): "conformant",
        ("test_fails_abroad", "egi:cstcloud"): "deviation",
        ("test_fails_abroad", "cstcloud:cstcloud"): "conformant",
        ("test_comes_up_late", "egi:cstcloud"): "conformant",
        ("test_comes_up_late", "cstcloud:cstcloud"): "conformant",
    }

    # The second attempt is on record beside the first, and was told.
    late = [o for o in outcomes.read(ended.folder) if "late" in o.scenario and o.home == "egi"]
    assert [(o.attempt, o.status) for o in late] == [(1, "error"), (2, "passed")]
    assert "2 cells showed nothing; they are tried once more" in ended.output
    assert len({o.evidence for o in late}) == 2

    record = ended.json("run.json")
    assert record["exit_code"] == 1
    assert record["start"] < record["end"]
    assert not record["interrupted"]
    assert [route["id"] for route in record["routes"]] == [CROSS, RESOURCE]
    assert record["homes"] == {"egi": "EGI-TWIN", "cstcloud": "CSTCLOUD-TWIN"}
    assert record["versions"]["se.egi.test"] == {"Linux": "6.1"}

    assert ended.folder.is_symlink()
    for name in (
        "allure-report/index.html",
        "junit.xml",
        "verdicts.txt",
        "logs/pytest.log",
        "allure-results",
    ):
        assert (ended.folder / name).exists(), name
    assert "not for strangers" in ended.output
    last = ended.output.strip().splitlines()[-1]
    assert last == f"report: runs/{ended.folder.resolve().name}/allure-report/index.html"


def test_what_breaks_in_the_middle_of_a_run_does_not_arise_from_crossing(
    run: Callable[..., Ended],
) -> None:
    """Its control had passed before; asked again, it fails too."""
    ended = run(
        '''
        @shows
        def test_breaks(route):
            """It is so."""
            ask(route)
            passed, broken = PLACE / "passed", PLACE / "broken"
            if route.home.name == "egi":
                if route.is_control and not broken.exists():
                    passed.touch()
                    return
                wait = Retrying(
                    stop=stop_after_delay(20),
                    wait=wait_fixed(0.05),
                    retry=retry_if_result(lambda there: not there),
                )
                assert wait(passed.exists)
                broken.touch()
                assert False, "its token is refused"
        ''',
        "egi:cstcloud",
        "egi:egi",
        "cstcloud:cstcloud",
        "cstcloud:egi",
    )
    assert "2 cells passed before others failed that are compared to them" in ended.output
    assert {
        (v["site"], v["verdict"], v["origin"])
        for v in ended.json("verdicts.json")["scenarios"]
        if v["home"] == "egi"
    } == {("CSTCLOUD-TWIN", "site fault", "home"), ("EGI-TWIN", "site fault", "home")}
    assert verification.verify(ended.folder) == []


NAMES = '''
    @shows
    @pytest.mark.parametrize("name", ["a#b", "a+b"])
    def test_a_name(route, name):
        """A listing shows the name."""
        with step(f"PROPFIND of {name}") as it:
            it.send(f"PROPFIND /{name}")
        assert name == "a+b", f"{name!r} is not listed"
'''


def test_each_cell_has_evidence_of_its_own(run: Callable[..., Ended]) -> None:
    """Also where parameters differ in punctuation alone."""
    ended = run(NAMES, "egi:cstcloud", "egi:egi")
    found = outcomes.read(ended.folder)
    assert len({one.evidence for one in found}) == 4
    for one in found:
        kept = ended.json(one.evidence or "")
        assert (kept["scenario"], kept["status"]) == (one.scenario, one.status)
    assert len(ended.json("statement.json")["evidence"]) == 4
    assert verification.verify(ended.folder) == []


def test_a_run_is_judged_and_reported_from_its_folder_alone(
    run: Callable[..., Ended], runner: Runner, inventory_folder: Path, tmp_path: Path
) -> None:
    """Alike where inventory, agreement and the checkout's catalogue are changed or gone."""
    (inventory_folder / "known-deviations.yaml").write_text(
        KNOWN.replace("test_fails", "test_a_name[a#b]")
    )
    ended = run(NAMES)
    names = ("verdicts.json", "statement.json")
    before = {name: ended.json(name) for name in names}
    shutil.rmtree(inventory_folder)
    away = textwrap.dedent(
        """
        import sys
        from pathlib import Path
        from rich.console import Console
        from harness import report
        from harness.conformance import catalogue
        nowhere = (Path("nowhere"),)
        catalogue.load.__defaults__ = catalogue.titles.__defaults__ = nowhere
        getattr(report, sys.argv[1])(Path(sys.argv[2]), console=Console())
        """
    )
    for command in ("judge", "build"):
        subprocess.run(
            [sys.executable, "-c", away, command, ended.folder.resolve()],
            cwd=runner.place,
            env=runner.environment,
            check=True,
        )
        assert {name: ended.json(name) for name in names} == before
    months = (runner.place / "site" / "unit" / ended.folder.resolve().name / "ola.html").read_text()
    assert "EGI-TWIN" in months


def test_evidence_that_cannot_be_written_ends_the_run_with_its_name(
    run: Callable[..., Ended],
) -> None:
    """As on a disk that is full: one sentence, and no other scenario is blamed."""
    ended = run(
        '''
        @shows
        def test_passes(route):
            """It is so."""
            folder, = PLACE.glob("runs/2*/evidence")
            folder.rmdir()
            folder.symlink_to("/dev/full")
        ''',
        "egi:egi",
    )
    assert ended.code == 1, "the script of these tests lets the error through"
    last = ended.output.strip().splitlines()
    assert "evidence/" in last[-2]
    assert "cannot be written" in last[-2]
    assert ended.json("run.json")["end"]


def test_a_report_for_junit_that_cannot_be_written_leaves_none(run: Callable[..., Ended]) -> None:
    """It is written beside its place; the verdicts are there all the same."""
    ended = run(
        '''
        @shows
        def test_passes(route):
            """It is so."""
            ask(route)
            folder, = PLACE.glob("runs/2*")
            (folder / f".junit.xml.{os.getppid()}.part").symlink_to("/dev/full")
            (folder / "allure-results" / "half.json.tmp").touch()
        ''',
        "egi:egi",
    )
    assert ended.code == 1, "the script of these tests lets the error through"
    sentence = ended.output.strip().splitlines()[-2]
    assert sentence.endswith("junit.xml: cannot be written: No space left on device.")
    assert set(ended.verdicts().values()) == {"conformant"}
    left = [path for path in ended.folder.resolve().rglob("*") if path.is_file()]
    assert {path.name for path in left if not path.stat().st_size} <= {"pytest.log"}
    assert not list(ended.folder.glob("*junit.xml*"))


SECOND_SITE = """
all:
  children:
    infrastructures:
      children:
        egi:
          children:
            egi_second:
              vars: {site: EGI-SECOND}
              hosts:
                se.second.test:
                  testbed_roles: []
                  services:
                    - {type: webdav, endpoint: 'https://se.second.test/vo', implementation: dcache}
"""


def test_a_second_site_is_run_and_judged_under_its_own_name(
    run: Callable[..., Ended], inventory_folder: Path
) -> None:
    """What fails there alone is told of that site alone, on the routes from all infrastructures."""
    (inventory_folder / "second.yml").write_text(SECOND_SITE)
    ended = run(
        '''
        @shows
        def test_which_site(route):
            """It is so."""
            ask(route)
            assert route.resource.name != "EGI-SECOND", "the second site is broken"
        '''
    )
    assert ended.code == 1, ended.output
    routes = {one["id"] for one in ended.json("run.json")["routes"]}
    assert routes == {*TWIN, "egi:EGI-SECOND", "cstcloud:EGI-SECOND"}
    found = outcomes.read(ended.folder)
    assert sorted(one.route for one in found) == sorted(routes)
    broken = [one for one in found if one.status == "failed"]
    assert {one.failed_at[0].endpoint for one in broken} == {"https://se.second.test/vo"}
    verdicts = {
        f"{v['home']}:{v['site']}": (v["verdict"], v["origin"], v["responsible"])
        for v in ended.json("verdicts.json")["scenarios"]
    }
    second = ("site fault", "resource", "EGI-SECOND")
    assert verdicts == dict.fromkeys(TWIN, ("conformant", None, "")) | {
        "egi:EGI-SECOND": second,
        "cstcloud:EGI-SECOND": second,
    }
    statuses = {
        one["site"]: one["status"]
        for one in ended.json("statement.json")["services"]
        if one["type"] == "webdav" and one["implementation"] != "apache"
    }
    assert statuses == {"EGI-TWIN": "ok", "CSTCLOUD-TWIN": "ok", "EGI-SECOND": "critical"}


SILENT = 10
"""So many sites drop all packets."""

SEVERAL_SITES = '''
@shows
@pytest.mark.needs("webdav")
@pytest.mark.parametrize("number", range(2))
def test_of_each_site(route, workstations, number):
    """It answers."""
    url = route.resource.service("webdav").endpoint
    assert workstations.http(route.home.name).request("GET", url).ok
'''


def test_sites_that_do_not_answer_cost_seconds_and_once(
    runner: Runner, inventory_folder: Path
) -> None:
    """Each is told once, before the run; the site that answers is judged as ever."""
    everywhere = inventory_folder / "group_vars" / "all.yml"
    text = everywhere.read_text().replace("connection: docker", "connection: local")
    everywhere.write_text(text)
    with ExitStack() as stack:
        server = stack.enter_context(serving(lambda asked: (200, {}, b"")))
        urls = {"EGI-SECOND": server.url}
        for number in range(1, SILENT + 1):
            port = stack.enter_context(dropping(address := f"127.0.1.{number}"))
            urls[f"SILENT-{number}"] = f"http://{address}:{port}"
        for name, url in urls.items():
            written = SECOND_SITE.replace("https://se.second.test", url)
            for word in ("egi_second", "se.second.test"):
                written = written.replace(word, f"{word}_{name}".lower().replace("_silent-", ""))
            (inventory_folder / f"{name}.yml").write_text(written.replace("EGI-SECOND", name))
        routes = [f"cstcloud:{name}" for name in urls]
        ended = runner.end(runner.start(SEVERAL_SITES, *routes), within=600)
    print(ended.output)
    assert ended.code == 3
    said = " ".join(ended.output.split())
    for url in urls.values():
        told = said.count(f"{url} does not answer: HEAD {url}/: ConnectTimeout")
        assert told == (url != server.url), url
    cells = ended.json("verdicts.json")["scenarios"]
    assert len(cells) == 2 * len(routes)
    assert {(one["site"] == "EGI-SECOND", one["verdict"]) for one in cells} == {
        (True, "conformant"),
        (False, "inconclusive"),
    }
    # One in each 5 s is asked once more; the others have the first failure as their reason.
    down = [one for one in outcomes.read(ended.folder) if one.site != "EGI-SECOND"]
    named = [one for one in down if "It is not contacted until it answers again" in one.message]
    assert len(named) == len(down)


def test_a_failure_at_a_sick_host_is_inconclusive(run: Callable[..., Ended]) -> None:
    ended = run(
        '''
        @shows
        def test_asks(route):
            """It is so."""
            ask(route)
            assert False, "no"

        @shows
        def test_asks_another(route):
            """It is so."""
            with step(f"GET {route.resource.service('org.openstack.keystone').endpoint}") as it:
                it.send("GET")
        ''',
        "egi:cstcloud",
        sick="se.cstcloud.test",
    )
    assert ended.code == 3, ended.output
    assert ended.verdicts() == {
        ("test_asks", "egi:cstcloud"): "inconclusive",
        ("test_asks_another", "egi:cstcloud"): "conformant",
    }
    assert "se.cstcloud.test failed its health check before the run (port 443)" in ended.output
    # It was tried once more, as everything that shows nothing, and both attempts are told.
    found = outcomes.read(ended.folder)
    assert [o.attempt for o in found if o.scenario.endswith("test_asks")] == [1, 2]
    verdicts = " ".join((ended.folder / "verdicts.txt").read_text().split())
    assert "attempt 1: assert failed: no" in verdicts


def test_nothing_runs_where_no_host_is_healthy(run: Callable[..., Ended]) -> None:
    ended = run('@shows\ndef test_passes(route):\n    """It is so."""\n', "egi:egi", sick="all")
    assert ended.code == 3
    assert ended.verdicts() == {("test_passes", "egi:egi"): "not run"}
    assert "no host is healthy" in ended.output


def test_a_run_that_executed_nothing_fails(run: Callable[..., Ended]) -> None:
    ended = run(
        '@shows\n@pytest.mark.needs("webdav", implementation="apache")\n'
        'def test_passes(route):\n    """It is so."""\n',
        "egi:egi",
    )
    assert ended.verdicts() == {("test_passes", "egi:egi"): "not offered"}
    assert ended.code == 1


KNOWN = """\
known_deviations:
  - requirement: AUTH-017
    scenario: auth/test_suite.py::test_fails
    owner: cloud group
    reason: It has always failed
    link: https://example.org/1
    since: 2026-01-01
    expires: 2999-12-31
"""


def test_what_is_known_to_deviate_is_judged_and_kept(
    runner: Runner, run: Callable[..., Ended], inventory_folder: Path
) -> None:
    """Also in a run of a part, which does not touch the scenario of every entry."""
    other = KNOWN.partition("\n")[2].replace("test_fails", "test_passes_elsewhere")
    text = KNOWN + other.replace("scenario:", "routes: [egi:cstcloud]\n    scenario:")
    (inventory_folder / "known-deviations.yaml").write_text(text)
    ended = run(
        '''
        @shows
        def test_fails(route):
            """It is so."""
            ask(route)
            assert not route.is_control

        @shows
        def test_passes_elsewhere(route):
            """It is so."""
            ask(route)
        ''',
        "egi:egi",
    )
    assert ended.code == 0, ended.output
    assert ended.verdicts() == {
        ("test_fails", "egi:egi"): "known deviation",
        ("test_passes_elsewhere", "egi:egi"): "conformant",
    }
    said = (ended.folder / "verdicts.txt").read_text()
    assert "owner: cloud group, until 2999-12-31" in " ".join(said.split())
    assert (ended.folder / "known-deviations.yaml").read_text() == text


def test_a_known_deviation_of_an_unknown_scenario_starts_no_run(
    runner: Runner, run: Callable[..., Ended], inventory_folder: Path
) -> None:
    (inventory_folder / "known-deviations.yaml").write_text(KNOWN)
    ended = run('@shows\ndef test_fail(route):\n    """It is so."""\n', "egi:egi")
    assert "known-deviations.yaml:2: AUTH-017" in ended.output
    assert "unknown scenario 'auth/test_suite.py::test_fails'" in ended.output
    assert not (runner.place / "runs").exists()


def test_a_scenario_that_breaks_a_rule_starts_no_run(
    runner: Runner, run: Callable[..., Ended]
) -> None:
    ended = run("@shows\ndef test_says_nothing(route):\n    pass\n", "egi:egi")
    assert ended.code != 0
    assert "TB007 test_says_nothing has no docstring" in ended.output
    assert not (runner.place / "runs").exists()


def test_an_interrupted_run_keeps_what_was_seen_and_cleans_up(runner: Runner) -> None:
    process = runner.start(
        '''
        import threading

        @pytest.fixture
        def remote_job():
            (PLACE / "job").touch()
            yield
            (PLACE / "job").unlink()

        @shows
        def test_a_passes(route):
            """It is so."""
            ask(route)

        @shows
        def test_b_waits(route, remote_job):
            """It is so."""
            threading.Event().wait(120)

        @shows
        def test_c_waits(route):
            """It is so."""
            threading.Event().wait(120)

        @shows
        def test_d_comes_too_late(route):
            """It is so."""
        ''',
        "egi:egi",
    )
    _wait_for(lambda: (runner.place / "job").exists() and _lines(runner.place) == 1)
    process.send_signal(signal.SIGINT)
    ended = runner.end(process)
    assert ended.code == 130, ended.output
    assert not (runner.place / "job").exists()
    assert ended.json("run.json")["interrupted"]
    assert ended.json("run.json")["exit_code"] == 130
    assert ended.verdicts() == {
        ("test_a_passes", "egi:egi"): "conformant",
        ("test_b_waits", "egi:egi"): "not run",
        ("test_c_waits", "egi:egi"): "not run",
        ("test_d_comes_too_late", "egi:egi"): "not run",
    }
    assert "Traceback" not in ended.output
    assert f"testbed report runs/{ended.folder.resolve().name}" in ended.output


def _lines(place: Path) -> int:
    return sum(len(p.read_text().splitlines()) for p in place.glob("runs/*/outcomes.jsonl"))


@retry(
    retry=retry_if_result(lambda there: not there),
    wait=wait_fixed(0.05),
    stop=stop_after_delay(60),
)
def _wait_for(condition: Callable[[], bool]) -> bool:
    return condition()


SHARDED = '''
@shows
def test_of_a_site(route):
    """It is so."""
    ask(route)
    assert route.is_control, "not for strangers"
'''


@pytest.fixture
def parts(runner: Runner) -> list[Path]:
    """The two parts of a run: CSTCloud's site, and EGI's."""
    folders = []
    for shard in ("1/2", "2/2"):
        ended = runner.end(runner.start(SHARDED, shard=shard))
        assert ended.code == 1, ended.output
        folders.append(ended.folder.resolve())
    return folders


def merged(runner: Runner, *parts: Path) -> Ended:
    script = "import sys; from harness.cli import main; sys.exit(main())"
    words = [sys.executable, "-c", script, "merge", *map(str, parts)]
    process = subprocess.Popen(
        words,
        cwd=runner.place,
        env=runner.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return runner.end(process)


def test_parts_are_judged_as_one_run(runner: Runner, parts: list[Path]) -> None:
    """A failure on a route of one part is held against its control in another."""
    assert [len({one.key for one in outcomes.read(part)}) for part in parts] == [2, 2]
    ended = merged(runner, *reversed(parts))
    assert ended.code == 1, ended.output
    assert ended.verdicts() == {
        ("test_of_a_site", "egi:cstcloud"): "deviation",
        ("test_of_a_site", "cstcloud:cstcloud"): "conformant",
        ("test_of_a_site", "cstcloud:egi"): "deviation",
        ("test_of_a_site", "egi:egi"): "conformant",
    }
    record = ended.json("run.json")
    assert (record["shard"], record["partial"], record["planned"]) == ("", False, 4)
    assert sorted(record["parts"]) == sorted(part.name for part in parts)
    assert {route["id"] for route in record["routes"]} == set(TWIN)
    assert verification.verify(ended.folder) == []


def test_parts_that_do_not_make_one_run_are_refused(runner: Runner, parts: list[Path]) -> None:
    for given, said in (
        ([parts[0]], "parts are missing: 2/2"),
        ([parts[0], parts[0]], "the part 1/2 is given twice"),
        ([parts[0], merged(runner, *parts).folder.resolve()], "is no part of a run"),
    ):
        ended = merged(runner, *given)
        assert ended.code == 2
        assert said in ended.output.replace("\n", " ")
    record = json.loads((parts[1] / "run.json").read_text())
    (parts[1] / "run.json").write_text(json.dumps(record | {"commit": "another"}))
    ended = merged(runner, *parts)
    assert ended.code == 2
    assert "they differ in commit" in ended.output.replace("\n", " ")
