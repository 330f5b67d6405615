"""Runs scenarios side by side: scenarios wait far more than they compute, so many should wait at once.

The pool hands out one test at a time and receives the reports; a worker that dies is reported and
replaced. What is run next says `harness.engine.scheduling`; how it is run, `harness.engine.workers`.
"""

from __future__ import annotations

import sys

import pytest

from harness import interruption
from harness.engine import hooks
from harness.engine.scheduling.fair import Fair
from harness.engine.scheduling.protocol import Pause, Scheduling
from harness.engine.scheduling.tasks import ALONE, LONG, tasks_of
from harness.engine.workers.forked import Forked
from harness.engine.workers.protocol import Event, Gone, Ready, Reported, Workers
from harness.interruption import Interruption

CRASHED = "crashed"
"""The phase that the report of a test names whose worker died."""

_LAST_PHASE = "teardown"

_GLANCE = 1.0
"""Seconds after which the pool looks at the clock and for interruptions, where no worker speaks."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the pool."""
    parser.getgroup("testbed").addoption(
        "--workers",
        type=_number,
        default=0,
        metavar="N",
        help="maximum number of scenarios that run at once",
    )
    parser.getgroup("testbed").addoption(
        "--per-service",
        type=_number,
        default=sys.maxsize,
        metavar="N",
        help="maximum number of scenarios of one family that run at once at one site",
    )


def _number(text: str) -> int:
    """Return a whole number, 1 or more.

    Raises
    ------
    ValueError
        where it is none; pytest says which option has it.
    """
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Add the hook by which the pool tells that time goes by."""
    pluginmanager.add_hookspecs(hooks)


def pytest_configure(config: pytest.Config) -> None:
    """Take over the running of tests where workers are asked for."""
    config.addinivalue_line(
        "markers",
        f"{ALONE}: runs after all others, because it disturbs or fills a service of the site",
    )
    config.addinivalue_line("markers", f"{LONG}: starts before the others, because it waits long")
    if config.option.workers > 0 and not config.option.collectonly:
        config.pluginmanager.register(_Loop(), "testbed-pool")


class _Loop:
    """The plugin that runs the tests in pytest's place."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Run all tests of the session."""
        if session.testsfailed:
            return None  # collection failed; pytest's own loop knows what to say
        options = session.config.option
        policy = Fair(
            tasks_of(session.items), size=options.workers, per_service=options.per_service
        )
        with interruption.noted() as noted:
            Pool(session, policy, Forked(session), noted).run()
        return True


class Pool:
    """Lets workers run the tests of a session, as a policy says."""

    def __init__(
        self,
        session: pytest.Session,
        policy: Scheduling,
        workers: Workers,
        noted: Interruption,
    ) -> None:
        self._session, self._policy, self._workers = session, policy, workers
        self._interruption = noted
        self._started = 0
        self._doing: dict[str, int | Pause] = {}
        """What each worker does: the test that it runs, or the pause that it has."""
        self._reported: set[int] = set()
        """Tests of which the last report is there."""

    def run(self) -> None:
        """Run all tests.

        Raises
        ------
        KeyboardInterrupt
            where the run was interrupted; the workers have cleaned up then, and are gone.
        """
        try:
            self._start_workers()
            while self._doing:
                self._interruption.check()
                self._session.config.hook.pytest_testbed_tick()
                for event in self._workers.events(timeout=_GLANCE):
                    self._handle(event)
                self._start_workers()
        except BaseException:
            self._workers.stop(hurry=self._interruption.is_urgent)
            raise

    def _start_workers(self) -> None:
        while self._policy.wants_worker():
            self._interruption.check()
            self._started += 1
            name = f"w{self._started}"
            self._workers.start(name)
            self._policy.joined(name)
            self._hand_out(name)

    def _hand_out(self, worker: str) -> None:
        """Give a worker what it does next."""
        self._doing[worker] = task = self._policy.next(worker)
        if task is Pause.LEAVE:
            self._workers.dismiss(worker)
        elif task is not Pause.WAIT:
            self._workers.give(worker, task)

    def _handle(self, event: Event) -> None:
        match event:
            case Reported(worker, report):
                self._report(report)
                task = self._doing[worker]
                if report.when == _LAST_PHASE and isinstance(task, int):
                    self._reported.add(task)
            case Ready(worker):
                self._policy.ended(worker)
                self._doing[worker] = Pause.WAIT
                self._end_pauses()
            case Gone(worker, how):
                # A signal to all processes of the run is no crash of its workers.
                self._interruption.check()
                self._policy.left(worker)
                self._tell_crash(worker, self._doing.pop(worker), how)
                self._end_pauses()

    def _end_pauses(self) -> None:
        """Give work to those that waited for another's end."""
        for worker in [name for name, doing in self._doing.items() if doing is Pause.WAIT]:
            self._hand_out(worker)

    def _tell_crash(self, worker: str, task: int | Pause, how: str) -> None:
        """Report the test that a worker had not finished; one whose last report is there, had ended."""
        if isinstance(task, Pause) or task in self._reported:
            return
        item = self._session.items[task]
        self._report(
            pytest.TestReport(
                nodeid=item.nodeid,
                location=item.location,
                keywords={},
                outcome="failed",
                longrepr=f"worker {worker} died: {how}",
                when=CRASHED,  # type: ignore[arg-type]
            )
        )

    def _report(self, report: pytest.TestReport) -> None:
        self._session.config.hook.pytest_runtest_logreport(report=report)
