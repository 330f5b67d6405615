"""Workers that are forks of this process, so they share what pytest has read already.

A worker of pytest-xdist imports and collects everything anew, which costs seconds of a small
machine's time for each; a fork costs milliseconds, so there can be as many as the sites can bear.
Threads would be cheaper still, but pytest and Allure keep the running test in globals.

A fork copies the locks of this process, and of its threads only the one that forks. So there must be
no other: a lock that another thread holds would stay locked in the worker for ever.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from typing import NoReturn

import pytest

from harness import interruption
from harness.engine import pytest_private
from harness.engine.workers.protocol import PARENT_ONLY, Event, Gone, Ready, Reported
from harness.errors import TestbedError

PATIENCE = 20.0
"""Seconds that workers get to clean up after an interruption."""

_GLANCE = 0.5
"""Seconds after which a stop looks whether it must hurry."""

_LAST_BREATH = 2.0
"""Seconds that a thread gets which was told to end already, such as that of a closed display."""


@dataclass(frozen=True)
class _Worker:
    name: str
    pid: int
    connection: Connection


class Forked:
    """`Workers` that run the tests of a session of pytest."""

    def __init__(self, session: pytest.Session) -> None:
        self._session = session
        self._workers: dict[str, _Worker] = {}

    def start(self, name: str) -> None:
        """Fork a worker.

        Raises
        ------
        TestbedError
            where this process has a second thread.
        """
        _refuse_threads()
        ours, theirs = Pipe()
        inherited = [ours, *(worker.connection for worker in self._workers.values())]
        sys.stdout.flush()
        sys.stderr.flush()
        parent = os.getpid()
        # A SIGTERM to the new worker waits until the worker has its own handler.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        try:
            pid = os.fork()
            if not pid:
                _work(self._session, name, theirs, parent, inherited)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        theirs.close()
        self._workers[name] = _Worker(name, pid, ours)

    def give(self, name: str, test: int) -> None:
        """Send a worker the number of its next test."""
        self._send(name, test)

    def dismiss(self, name: str) -> None:
        """Tell a worker that there is no more."""
        self._send(name, None)

    def _send(self, name: str, word: int | None) -> None:
        # A worker that died meanwhile is found out by the next look at its connection.
        with suppress(OSError):
            self._workers[name].connection.send(word)

    def events(self, *, timeout: float) -> Iterator[Event]:
        """Yield one event of each worker that has something to tell."""
        for worker in self._speaking(timeout):
            yield self._event(worker)

    def _speaking(self, timeout: float) -> list[_Worker]:
        ready = wait([worker.connection for worker in self._workers.values()], timeout)
        return [worker for worker in self._workers.values() if worker.connection in ready]

    def _event(self, worker: _Worker) -> Event:
        try:
            data = worker.connection.recv()
        except (EOFError, OSError):
            return Gone(worker.name, self._bury(worker))
        if data is None:
            return Ready(worker.name)
        config = self._session.config
        report = config.hook.pytest_report_from_serializable(config=config, data=data)
        return Reported(worker.name, report)

    def _bury(self, worker: _Worker) -> str:
        """Take a worker off that ends or has ended; return how."""
        del self._workers[worker.name]
        worker.connection.close()
        _, status = os.waitpid(worker.pid, 0)
        code = os.waitstatus_to_exitcode(status)
        return f"exit code {code}" if code >= 0 else signal.Signals(-code).name

    def stop(self, *, hurry: Callable[[], bool]) -> None:
        """Interrupt all workers, and after `PATIENCE` kill those that are still there."""
        for worker in self._workers.values():
            os.kill(worker.pid, signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE
        while self._workers and not hurry() and (left := deadline - time.monotonic()) > 0:
            for worker in self._speaking(min(left, _GLANCE)):
                self._event(worker)  # what was interrupted shows nothing: it is not told
        for worker in list(self._workers.values()):
            os.kill(worker.pid, signal.SIGKILL)
            self._bury(worker)


def _refuse_threads() -> None:
    """Refuse to fork beside a live thread, which is a fault of the harness."""
    others = [
        thread for thread in threading.enumerate() if thread is not threading.current_thread()
    ]
    for thread in others:
        thread.join(_LAST_BREATH)
    if threading.active_count() > 1:
        names = ", ".join(thread.name for thread in others if thread.is_alive())
        raise TestbedError(
            f"internal error: a worker cannot be forked while another thread runs ({names}). "
            "What started it must end it before the scenarios run. Please report this."
        )


def _work(
    session: pytest.Session,
    name: str,
    parent: Connection,
    parent_id: int,
    inherited: Iterable[Connection],
) -> NoReturn:
    """Run tests until the parent has no more; then end without the parent's own clean-up."""
    code = 1
    try:
        for connection in inherited:
            connection.close()  # else a worker would not see that the parent is gone
        _take_signals(parent_id)
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
            pytest_private.tear_down_everything(session)
        finally:
            parent.close()
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)


def _take_signals(parent_id: int) -> None:
    """Leave the ends of a run to the parent, and end with it: SIGTERM comes when it stops or dies."""
    for number in (signal.SIGINT, signal.SIGHUP):  # these reach the whole group of processes
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _interrupt)
    # A worker that waits for a test sees the end of the pipe; one within a test must be told.
    interruption.end_with(parent_id)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})


def _interrupt(_signal: int, _frame: object) -> NoReturn:
    """Clean up, once, and within a bounded time, whether or not the parent is there to see to it."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    # A timer beneath Python: it needs no thread, and pytest-timeout uses that of SIGALRM.
    faulthandler.dump_traceback_later(PATIENCE, exit=True, file=_nowhere())
    raise KeyboardInterrupt


def _nowhere() -> int:
    """Return a file descriptor that swallows everything."""
    return os.open(os.devnull, os.O_WRONLY)


def _become_worker(session: pytest.Session, name: str, parent: Connection) -> None:
    """Leave all that is told of tests to the parent: here, reports are only sent there."""
    config = session.config
    config.workerinput = {"workerid": name}  # type: ignore[attr-defined]
    for plugin in config.pluginmanager.get_plugins():
        if hasattr(plugin, PARENT_ONLY):
            config.pluginmanager.unregister(plugin)
    pytest_private.silence(config)
    config.pluginmanager.register(_Forwarder(config, parent))


class _Forwarder:
    """Sends the reports of a worker's tests to the parent."""

    def __init__(self, config: pytest.Config, parent: Connection) -> None:
        self._config, self._parent = config, parent

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._parent.send(
            self._config.hook.pytest_report_to_serializable(config=self._config, report=report)
        )
