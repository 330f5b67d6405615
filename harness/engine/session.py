"""Pytest, called by the testbed: what would run, and the run itself over parallel workers."""

from __future__ import annotations

import io
import os
import traceback
from collections.abc import Generator, Iterable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import pytest

from harness import files
from harness.conformance.outcomes import Cell
from harness.engine import sources
from harness.engine.cells import cell_of, requirements
from harness.engine.choice import EVERYTHING, Choice
from harness.engine.contacts import Contacts, contacts
from harness.engine.plugin import testbed_of
from harness.errors import BadInput, TestbedError
from harness.extent import Extent

ROOT = Path(__file__).resolve().parents[2]
SCENARIOS = ROOT / "scenarios"

WORKERS = 16
"""Scenarios at once: they wait far more than they compute, so more than there are cores."""

PER_SERVICE = 8
"""Scenarios of one family at once at one site, so that none of its services is overloaded."""

_DIGITS = 3
"""Of such a number: each worker is a process."""

DEADLINE = 900
"""Seconds after which a scenario that hangs is ended. Clients have shorter time-outs, so it says nothing
about a site."""

_LOADED_LATE = ("httpcore", "openstack")
"""What scenarios import when they need it; they take a second."""

_PLUGINS = ("harness.engine.plugin", "allure_pytest.plugin", "pytest_timeout")
_UNTOUCHED = "PYTEST_DISABLE_PLUGIN_AUTOLOAD"


@dataclass(frozen=True)
class Part:
    """The part of a run that a session is; other processes, on any machine, run the others."""

    name: str
    """What it makes bears this name."""
    limits: Path
    """Folder in which all parts share what they have used of the sites' budgets."""


@dataclass(frozen=True)
class Selection:
    """Which scenarios, over which routes, of which inventory."""

    inventory: Path
    choice: Choice = EVERYTHING
    routes: tuple[str, ...] = ()
    """Names or patterns of routes (`harness.routes`); all where empty."""
    sites: tuple[str, ...] = ()
    """Only routes to these sites; all where empty."""
    scenarios: Path = SCENARIOS
    only: tuple[str, ...] = ()
    """Node ids; all scenarios where empty."""
    read_only: bool = False
    """Nothing is stored or submitted."""
    part: Part | None = None
    """None where it is all of a run, or a part that shares no name with its other tries."""
    extent: Extent = "core"
    prove: bool = False
    """Against mutants."""
    mutants: tuple[str, ...] = ()
    """Only these; all where empty."""

    def arguments(self) -> list[str]:
        """Return what pytest must be told."""
        root = ROOT if self.scenarios.is_relative_to(ROOT) else self.scenarios
        return [
            *(word for plugin in _PLUGINS for word in ("-p", plugin)),
            "-p",
            "no:cacheprovider",
            # The scenarios' own settings; pyproject.toml holds those of the project's tests.
            "-c",
            os.devnull,
            f"--rootdir={root}",
            # Above it, what a conftest.py says is for other tests.
            f"--confcutdir={root}",
            # The testbed's own process has imported parts of the plugin before pytest does.
            "-W",
            "ignore::pytest.PytestAssertRewriteWarning",
            "--strict-markers",
            "--import-mode=importlib",
            "--tb=short",
            "-ra",
            f"--inventory={self.inventory}",
            *(f"--route={route}" for route in self.routes),
            *(f"--site={site}" for site in self.sites),
            *(["--read-only"] if self.read_only else []),
            *([f"--part={self.part.name}"] if self.part else []),
            f"--extent={self.extent}",
            *(["--prove"] if self.prove else []),
            *(f"--mutant={mutant}" for mutant in self.mutants),
            *self.choice.arguments(),
            *([f"{root}/{node_id}" for node_id in self.only] or [str(self.scenarios)]),
        ]


@dataclass(frozen=True)
class Collected:
    """The cells that a selection means, each with pytest's name for it."""

    cells: tuple[Cell, ...]
    node_ids: dict[tuple[str, str], str]
    """Key of the cell -> node id."""
    contacts: frozenset[Contacts] = frozenset()
    """Whom the scenarios will ask."""


def collect(selection: Selection, plugins: Iterable[object] = ()) -> Collected:
    """Find out what would run; `plugins` of pytest see the tests themselves.

    Raises
    ------
    BadInput
        with pytest's own message, where a scenario cannot be read or its marks are wrong; where one
        hides another, or its file ends the program; where a setting of the environment is no number;
        where the catalogue has nothing of what is asked for.
    """
    _limits()  # found out before anything begins
    selection.choice.check(requirements())
    sources.check(selection.scenarios)
    catcher = _Catcher(selection.scenarios)
    said = io.StringIO()
    try:
        with redirect_stdout(said), redirect_stderr(said):
            code = _pytest([*selection.arguments(), "--collect-only", "-qq"], [catcher, *plugins])
    except SystemExit as error:  # of a conftest.py, which pytest imports before it collects
        raise BadInput(_ended(error, selection.scenarios)) from error
    if code == pytest.ExitCode.INTERRUPTED and not catcher.faults:
        raise KeyboardInterrupt
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        faults = [line.removeprefix("ERROR: ") for line in said.getvalue().splitlines()]
        raise BadInput("\n".join(line for line in catcher.faults or faults if line.strip()))
    return Collected(
        cells=tuple(catcher.cells.values()),
        node_ids={cell.key: node_id for node_id, cell in catcher.cells.items()},
        contacts=catcher.contacts,
    )


class _Catcher:
    """Takes note of what pytest collected."""

    def __init__(self, scenarios: Path) -> None:
        self._scenarios = scenarios
        self.cells: dict[str, Cell] = {}
        self.contacts: frozenset[Contacts] = frozenset()
        self.faults: list[str] = []

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Take a file that ends the program as one that cannot be collected."""
        try:
            return (yield)
        except SystemExit as error:  # of all else pytest makes such a report itself
            why = _ended(error, self._scenarios)
            return pytest.CollectReport(collector.nodeid, "failed", longrepr=why, result=[])

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.faults += [f"{report.nodeid}: cannot be collected", report.longreprtext]

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.cells = {item.nodeid: cell_of(item) for item in session.items}
        self.contacts = contacts(
            session.items, testbed_of(session.config), session.config.option.extent
        )


def _ended(error: SystemExit, scenarios: Path) -> str:
    """Say where among the scenarios the program was ended while a file was imported."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [
        f"{f.filename}:{f.lineno}" for f in frames if Path(f.filename).is_relative_to(scenarios)
    ]
    place = places[-1] if places else str(scenarios)
    return (
        f"{place}: SystemExit({error}) ends the program while the file is imported. Remove the "
        "call: a scenario file may only define scenarios."
    )


def run(
    selection: Selection,
    folder: Path,
    *,
    attempt: int,
    cells: int,
    plugins: Iterable[object],
    alone: bool = False,
) -> bool:
    """Run a selection and record it in the run's folder; return whether it was interrupted.

    Where `alone`, all of it runs in this process, one scenario after the other, and takes as long as it
    takes: whoever looks on may stop it for a while.

    Raises
    ------
    TestbedError
        where pytest itself broke down (names its log), or a file cannot be written.
    """
    workers, per_service = _limits()
    if cells > workers and not alone:
        # Here once, and not in each of the workers, which are forked from this process.
        for name in _LOADED_LATE:
            import_module(name)
    suffix = "" if attempt == 1 else f"-{attempt}"
    log = folder / "logs" / f"pytest{suffix}.log"
    junit = folder / f"junit{suffix}.xml"
    part = files.beside(junit)
    words = [
        *selection.arguments(),
        *([] if alone else [f"--workers={min(workers, cells)}"]),
        f"--per-service={per_service}",
        # Workers share the file descriptors of this process, so only Python's own streams are caught.
        "--capture=sys",
        f"--timeout={0 if alone else DEADLINE}",
        f"--run-folder={folder}",
        f"--attempt={attempt}",
        f"--junitxml={part}",
    ]
    if not selection.prove:
        words.append(f"--alluredir={folder / 'allure-results'}")
    stopped = _Stopped()
    try:
        with (
            files.told(log),
            log.open("w", encoding="utf-8") as said,
            redirect_stdout(said),
            redirect_stderr(said),
            files.told(junit),
        ):
            code = _pytest(words, [*plugins, stopped])
            if part.exists():
                part.replace(junit)
    finally:
        # What a full disk or a killed worker has left half written.
        for half in (part, *(folder / "allure-results").glob("*.json.tmp")):
            half.unlink(missing_ok=True)
        if stopped.by is not None:
            raise stopped.by
    if code == pytest.ExitCode.INTERRUPTED:
        return True
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        raise TestbedError(f"pytest ended with exit code {int(code)}; see {log}.")
    return False


class _Stopped:
    """Takes note of an error of ours that ended the session: of a file that cannot be written."""

    parent_only = True  # see harness.engine.workers.protocol

    def __init__(self) -> None:
        self.by: TestbedError | None = None

    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        if isinstance(excinfo.value, TestbedError):
            self.by = excinfo.value


def _pytest(words: Sequence[str], plugins: Iterable[object]) -> int:
    """Call pytest with our plugins and no others that happen to be installed."""
    before = os.environ.get(_UNTOUCHED)
    os.environ[_UNTOUCHED] = "1"
    try:
        return int(pytest.main(list(words), plugins=list(plugins)))
    finally:
        if before is None:
            del os.environ[_UNTOUCHED]
        else:
            os.environ[_UNTOUCHED] = before


def _limits() -> tuple[int, int]:
    """Return how many scenarios run at once, in all and of one family at one site."""
    return _setting("TESTBED_WORKERS", WORKERS), _setting("TESTBED_PER_SERVICE", PER_SERVICE)


def _setting(name: str, default: int) -> int:
    """Return a number of the environment.

    Raises
    ------
    BadInput
        where it is none.
    """
    text = os.environ.get(name, str(default))
    if not text.isdecimal() or len(text) > _DIGITS or int(text) < 1:
        raise BadInput(f"{name}={text}: a whole number is expected, from 1 to {10**_DIGITS - 1}.")
    return int(text)
