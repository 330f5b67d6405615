"""Runs scenarios side by side: forked workers that share what pytest has read already.

Scenarios wait far more than they compute, so many of them should wait at once. A worker of
pytest-xdist imports and collects everything anew, which costs seconds of a small machine's time for
each; a fork costs milliseconds, so there can be as many as the sites can bear. Threads would be
cheaper still, but pytest and Allure keep the running test in globals.

The parent hands out one test at a time and receives the reports; a worker that dies is reported
and replaced. No more than a set number of tests burden one family's services at one site at once.
Scenarios that disturb a service run after all others, one at a time in each lane.
"""

from __future__ import annotations

import os
import signal
import sys
from collections import Counter, deque
from collections.abc import Hashable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import zip_longest
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from typing import NoReturn

import pytest
from _pytest._io import TerminalWriter

ALONE = "alone"
"""Mark of a scenario that disturbs a service of the resource for others.

It runs when all others have ended, beside nothing but such scenarios of other sites or families.
"""

LONG = "long"
"""Mark of a scenario that waits for 15 s or more: it begins before the others of its family."""

CRASHED = "crashed"
"""The phase that the report of a test names whose worker died."""

_GLANCE = 1.0
"""Seconds after which the parent looks whether it was interrupted, where no worker speaks."""
_PATIENCE = 20.0
"""Seconds that workers get to clean up after an interruption."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option of the pool."""
    parser.getgroup("testbed").addoption(
        "--workers", type=int, default=0, metavar="N", help="run so many scenarios at once"
    )
    parser.getgroup("testbed").addoption(
        "--per-service",
        type=int,
        default=sys.maxsize,
        metavar="N",
        help="run so many scenarios of one family at once at one site",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Take over the running of tests where workers are asked for."""
    config.addinivalue_line(
        "markers",
        f"{ALONE}: runs when all others have ended, for it disturbs a service of the site",
    )
    config.addinivalue_line(
        "markers", f"{LONG}: begins before the others of its family, for it waits long"
    )
    if config.option.workers > 0 and not config.option.collectonly:
        pool = Pool(config.option.workers, per_service=config.option.per_service)
        config.pluginmanager.register(pool, "testbed-pool")


@dataclass
class _Worker:
    name: str
    pid: int
    connection: Connection
    lane: deque[int]
    """The tests that it takes its own from."""
    item: int | None = None
    """Index of the test that it runs; None while it waits for one."""


class Pool:
    """The parent's side.

    Parameters
    ----------
    size
        how many workers run tests side by side.
    per_service
        how many of them may run tests of one family at one site.
    """

    def __init__(self, size: int, *, per_service: int) -> None:
        self._size, self._per_service = size, per_service
        self._made = 0
        self._interrupted = False
        self._workers: dict[Connection, _Worker] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Run all tests of the session."""
        if session.testsfailed:
            return None  # collection failed; pytest's own loop knows what to say
        side_by_side, alone = parted(session.items)
        before = signal.signal(signal.SIGINT, self._note)
        try:
            self._run(session, [(deque(side_by_side), self._size)])
            self._run(session, [(deque(lane), 1) for lane in alone])
        except BaseException:
            self._stop()
            raise
        finally:
            signal.signal(signal.SIGINT, before)
        return True

    def _note(self, _signal: int, _frame: object) -> NoReturn:
        """Remember Ctrl-C: raised within a finalizer, an exception is lost without a trace."""
        self._interrupted = True
        raise KeyboardInterrupt

    def _run(self, session: pytest.Session, lanes: Sequence[tuple[deque[int], int]]) -> None:
        """Run some of the tests, of each lane so many at once."""
        while self._workers or any(lane for lane, _ in lanes):
            for lane, size in lanes:
                self._fill(session, lane, size)
            self._listen(session)

    def _fill(self, session: pytest.Session, lane: deque[int], size: int) -> None:
        while lane and sum(w.lane is lane for w in self._workers.values()) < size:
            self._made += 1
            worker = _start(session, f"w{self._made}", lane, list(self._workers))
            self._workers[worker.connection] = worker
            self._hand_out(session, worker)

    def _hand_out(self, session: pytest.Session, worker: _Worker) -> None:
        """Give a worker its next test, or tell it that there is none; else it waits for another's end."""
        worker.item = self._next(session, worker.lane)
        if worker.item is None and worker.lane:
            return
        # A worker that died meanwhile is found out by the next look at its connection.
        with suppress(OSError):
            worker.connection.send(worker.item)

    def _next(self, session: pytest.Session, lane: deque[int]) -> int | None:
        """Take the first test off a lane whose services bear one more."""
        running = [w.item for w in self._workers.values() if w.item is not None]
        load = Counter(_service(session.items[number]) for number in running)
        for number in lane:
            if load[_service(session.items[number])] < self._per_service:
                lane.remove(number)
                return number
        return None

    def _release(self, session: pytest.Session, worker: _Worker) -> None:
        """Note that a worker's test has ended; whoever waits for that gets a test."""
        worker.item = None
        for waiting in [w for w in self._workers.values() if w.item is None]:
            self._hand_out(session, waiting)

    def _listen(self, session: pytest.Session) -> None:
        if self._interrupted:
            raise KeyboardInterrupt
        for ready in wait(list(self._workers), timeout=_GLANCE):
            assert isinstance(ready, Connection)
            worker = self._workers[ready]
            try:
                data = ready.recv()
            except (EOFError, OSError):
                self._bury(session, worker)
                continue
            if data is None:
                self._release(session, worker)
            else:
                hook = session.config.hook
                report = hook.pytest_report_from_serializable(config=session.config, data=data)
                hook.pytest_runtest_logreport(report=report)

    def _bury(self, session: pytest.Session, worker: _Worker) -> None:
        """Take a worker off; say so where it had not finished its test."""
        del self._workers[worker.connection]
        worker.connection.close()
        _, status = os.waitpid(worker.pid, 0)
        if worker.item is not None:
            item = session.items[worker.item]
            session.config.hook.pytest_runtest_logreport(
                report=pytest.TestReport(
                    nodeid=item.nodeid,
                    location=item.location,
                    keywords={},
                    outcome="failed",
                    longrepr=f"worker {worker.name} died: {_ending(status)}",
                    when=CRASHED,  # type: ignore[arg-type]
                )
            )
        self._release(session, worker)

    def _stop(self) -> None:
        """Let the workers clean up, and end those that do not come to an end."""
        with suppress(KeyboardInterrupt):
            for worker in self._workers.values():
                os.kill(worker.pid, signal.SIGTERM)
            left = dict(self._workers)
            while left and (ready := wait(list(left), timeout=_PATIENCE)):
                for connection in ready:
                    assert isinstance(connection, Connection)
                    with suppress(EOFError, OSError):
                        connection.recv()
                        continue
                    os.waitpid(left.pop(connection).pid, 0)
                    del self._workers[connection]
        for worker in self._workers.values():
            os.kill(worker.pid, signal.SIGKILL)
            os.waitpid(worker.pid, 0)


def parted(items: Sequence[pytest.Item]) -> tuple[list[int], list[list[int]]]:
    """Return the tests that run side by side, in a good order, and in lanes those that run alone.

    A lane is for the tests of one family that disturb one site: families use different services.
    """
    lanes: dict[tuple[str, str], list[int]] = {}
    for number, item in enumerate(items):
        if item.get_closest_marker(ALONE):
            lanes.setdefault(_service(item), []).append(number)
    others = [n for n, item in enumerate(items) if not item.get_closest_marker(ALONE)]
    others.sort(key=lambda number: items[number].get_closest_marker(LONG) is None)
    order = spread([_burdens(items[number]) for number in others])
    return [others[number] for number in order], list(lanes.values())


def _route(item: pytest.Item) -> str:
    callspec = getattr(item, "callspec", None)
    return str(callspec.params.get("route")) if callspec else ""


def _resource(item: pytest.Item) -> str:
    """Return the infrastructure of the resource, whose services a test may disturb."""
    return _route(item).partition("~")[0].partition(":")[2]


def _burdens(item: pytest.Item) -> tuple[str, str]:
    """Return what a test puts a load on: its family's services, at the sites of its route."""
    return str(item.path.parent), _route(item)


def _service(item: pytest.Item) -> tuple[str, str]:
    """Return what bears the most of a test: its family's services at the resource."""
    return str(item.path.parent), _resource(item)


def spread(burdens: Sequence[Hashable]) -> list[int]:
    """Return an order in which neighbours burden different services, as long as there are several.

    Tests come sorted by file and route: left so, all workers would submit jobs to the same site at
    one time, and then none.
    """
    queues: dict[Hashable, deque[int]] = {}
    for index, burden in enumerate(burdens):
        queues.setdefault(burden, deque()).append(index)
    turns = zip_longest(*queues.values())
    return [index for turn in turns for index in turn if index is not None]


def _ending(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name


def _start(
    session: pytest.Session, name: str, lane: deque[int], inherited: list[Connection]
) -> _Worker:
    ours, theirs = Pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if not pid:
        for connection in (ours, *inherited):
            connection.close()
        _work(session, name, theirs)
    theirs.close()
    return _Worker(name, pid, ours, lane)


def _work(session: pytest.Session, name: str, parent: Connection) -> NoReturn:
    """Run tests until the parent has no more; then end without the parent's own clean-up."""
    code = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's; it sends SIGTERM
        signal.signal(signal.SIGTERM, _interrupt)
        _become_worker(session, name, parent)
        while (index := parent.recv()) is not None:
            item = session.items[index]
            # The session as "next test" keeps what lives as long as the session, and nothing else:
            # which test this worker is given next, nobody knows yet.
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=session)
            parent.send(None)
        code = 0
    except (EOFError, OSError, KeyboardInterrupt):
        pass
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        try:
            session._setupstate.teardown_exact(None)
        finally:
            parent.close()
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)


def _interrupt(_signal: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


def _become_worker(session: pytest.Session, name: str, parent: Connection) -> None:
    """Leave all that is told of tests to the parent: here, reports are only sent there."""
    config = session.config
    config.workerinput = {"workerid": name}  # type: ignore[attr-defined]
    for plugin in config.pluginmanager.get_plugins():
        if type(plugin).__name__ in ("TerminalReporter", "LogXML") or hasattr(plugin, PARENT_ONLY):
            config.pluginmanager.unregister(plugin)
    config.pluginmanager.register(_Mute(), "terminalreporter")
    config.pluginmanager.register(_Forwarder(config, parent))


PARENT_ONLY = "parent_only"
"""Attribute by which a plugin says that it belongs to the parent alone."""


class _Mute:
    """Stands for pytest's terminal, which pytest-timeout asks for a writer."""

    def __init__(self) -> None:
        self._tw = TerminalWriter(open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115


class _Forwarder:
    """Sends the reports of a worker's tests to the parent."""

    def __init__(self, config: pytest.Config, parent: Connection) -> None:
        self._config, self._parent = config, parent

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._parent.send(
            self._config.hook.pytest_report_to_serializable(config=self._config, report=report)
        )
