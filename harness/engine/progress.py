"""What the user sees while scenarios run: how many are done, and each new failure as it comes.

What a run knows to deviate, and what is only recommended, is counted: a block of lines for each would
hide what is new.
"""

from __future__ import annotations

import datetime as dt
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import ClassVar, Self

import pytest
from rich.columns import Columns
from rich.console import Console, Group, RenderableType
from rich.live import Live as Display
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from harness.conformance.deviations import KnownDeviation
from harness.conformance.judge import judge
from harness.conformance.outcomes import OURS, Outcome
from harness.conformance.verdicts import CellVerdict, HostFault, Verdict
from harness.engine.cells import requirements
from harness.engine.pool import CRASHED
from harness.engine.recording import OUTCOME
from harness.printable import printable

CLIENT_BROKE = OURS["crash"]
"""What is said of a failure that is neither an assertion's nor a service's."""

_INTERVAL = 1.0
"""Seconds after which the clock is drawn anew."""
_INDENT = 4
_LINES = 3
"""Lines that a message fills at most; the report has all of it."""


class Live(ABC):
    """A plugin of pytest's parent process; a bar on a terminal, elsewhere only what is new.

    It has no thread of its own, for the parent forks workers: the pool's tick moves the clock.
    """

    parent_only = True  # see harness.engine.workers.protocol

    colours: ClassVar[Mapping[str, str]]
    """The words under which ends are counted, each with its colour."""
    news: ClassVar[frozenset[str]]
    """Words that are told one by one."""
    hushed: ClassVar[Mapping[str, str]] = {}
    """Words whose number alone is told at the end -> the same for several."""
    broken: ClassVar[str]
    """The word for a test whose worker crashed."""

    def __init__(self, console: Console, *, cells: int, what: str) -> None:
        self._console = console
        self._counts: Counter[str] = Counter()
        self._drawn = time.monotonic()
        self._bar = Progress(
            TextColumn(what),
            BarColumn(bar_width=24, complete_style="green"),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            auto_refresh=False,
        )
        self._task = self._bar.add_task(what, total=cells)
        self._display = Display(
            console=console,
            get_renderable=self._picture,
            auto_refresh=False,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )

    @abstractmethod
    def word(self, outcome: Outcome) -> str:
        """Return the word under which an outcome is counted."""

    def what(self, outcome: Outcome) -> str:
        """Return what happened, in a line: the stage and the message, where it failed."""
        if not outcome.stage:
            return ""
        said = OURS.get(outcome.error)
        return f"{f'{said} ({outcome.stage})' if said else outcome.stage}: {outcome.message}"

    def __enter__(self) -> Self:
        # Pytest's own output goes to a log; the console must not follow it there.
        self._console.file = self._console.file
        if self._console.is_terminal:
            with self._writing():
                self._display.start(refresh=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._writing():
            self._display.stop()
            if said := ", ".join(
                f"{number} {word if number == 1 else several}"
                for word, several in self.hushed.items()
                if (number := self._counts[word])
            ):
                self._console.print(f"[dim]not listed here: {said}[/]", highlight=False)

    def pytest_testbed_tick(self) -> None:
        """Move the clock."""
        if time.monotonic() - self._drawn >= _INTERVAL:
            self._draw()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count what has ended."""
        if (fields := getattr(report, OUTCOME, None)) is not None:
            self.see(Outcome.model_validate(fields))
        elif report.when == CRASHED:
            self._count(self.broken, report.nodeid, f"{CLIENT_BROKE}: {report.longreprtext}")

    def see(self, outcome: Outcome) -> None:
        """Count an outcome, of this process or of another."""
        self._count(self.word(outcome), f"{outcome.key[1]}  {outcome.scenario}", self.what(outcome))

    def expect(self, cells: int) -> None:
        """Let the bar go to another number of cells."""
        self._bar.update(self._task, total=cells)

    def _count(self, word: str, where: str, what: str) -> None:
        self._counts[word] += 1
        self._bar.advance(self._task)
        if word in self.news:
            self._tell(word, where, what)
        self._draw()

    def _tell(self, word: str, where: str, what: str) -> None:
        """Print a block of a few lines."""
        head = Text.assemble((word, self.colours[word]), " ", printable(where), overflow="fold")
        with self._writing():
            self._console.print(head)
            for line in self._wrapped(Text(printable(what))):
                self._console.print(Text(" " * _INDENT).append_text(line))

    def _wrapped(self, message: Text) -> Iterator[Text]:
        """Yield the first lines of a message; none where there is none."""
        width = self._console.width - _INDENT
        lines = list(message.wrap(self._console, width)) if message else []
        for number, line in enumerate(lines[:_LINES], start=1):
            line.rstrip()
            if number == _LINES < len(lines):
                line.truncate(width - 1)
                line.append("…")
            yield line

    def _picture(self) -> RenderableType:
        """Return the bar, and below it the counts, so that both fit into a narrow terminal."""
        counts = [
            Text(f"{number} {word}", style=self.colours[word], no_wrap=True)
            for word in self.colours
            if (number := self._counts[word])
        ]
        return Group(self._bar, Columns(counts, padding=(0, 2))) if counts else self._bar

    def _draw(self) -> None:
        self._drawn = time.monotonic()
        if self._display.is_started:
            with self._writing():
                self._display.refresh()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Go on in silence where the terminal was closed: the run shall be judged all the same."""
        try:
            yield
        except (OSError, SystemExit):  # rich ends the program where a pipe is broken
            self._console.quiet = True


class RunLive(Live):
    """The view of a run: it counts by the judge's words, as far as they can be known at once.

    Whether a failure is the site's own shows when its control has ended, so both are `failed` here.

    Parameters
    ----------
    known
        the known deviations that the run is judged by.
    faults
        the hosts that failed their health check before the run.
    day
        the run's, on which known deviations count or have expired.
    """

    colours: ClassVar = {
        Verdict.CONFORMANT: "green",
        "failed": "red",
        Verdict.INCONCLUSIVE: "yellow",
        Verdict.WARNING: "cyan",
        Verdict.KNOWN_DEVIATION: "dim",
        Verdict.NOT_OFFERED: "dim",
        Verdict.NOT_RUN: "dim",
    }
    news: ClassVar = frozenset({"failed", Verdict.INCONCLUSIVE})
    hushed: ClassVar = {
        Verdict.KNOWN_DEVIATION: "known deviations",
        Verdict.WARNING: "warnings",
    }
    broken: ClassVar = Verdict.INCONCLUSIVE

    def __init__(
        self,
        console: Console,
        *,
        cells: int,
        what: str,
        known: Iterable[KnownDeviation],
        faults: Iterable[HostFault],
        day: dt.date,
    ) -> None:
        super().__init__(console, cells=cells, what=what)
        self._known, self._day = tuple(known), day
        self._faults = list(faults)

    def note(self, faults: Iterable[HostFault]) -> None:
        """Take note of hosts of which something shows only now."""
        self._faults += [one for one in faults if one not in self._faults]

    def word(self, outcome: Outcome) -> str:
        """Return the verdict, or `failed` where the control decides which."""
        verdict = self._judged(outcome).verdict
        return "failed" if verdict in (Verdict.DEVIATION, Verdict.SITE_FAULT) else verdict

    def what(self, outcome: Outcome) -> str:
        """Return what happened; of one that passed, why it shows nothing."""
        if outcome.status == "passed":
            return self._judged(outcome).reason
        return super().what(outcome)

    def _judged(self, outcome: Outcome) -> CellVerdict:
        """Return what the judge says of an outcome that stands alone."""
        judgement = judge(
            [outcome],
            [outcome],
            catalogue=requirements(),
            faults=self._faults,
            known=self._known,
            day=self._day,
        )
        (judged,) = judgement.scenarios
        return judged
