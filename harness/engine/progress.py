"""What the user sees while scenarios run: how many are done, and each failure as it comes."""

from __future__ import annotations

from collections import Counter
from types import TracebackType
from typing import ClassVar

import pytest
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from harness.conformance.outcomes import Outcome
from harness.engine.recording import OUTCOME


class Live:
    """A plugin of pytest's parent process; a bar on a terminal, elsewhere only what fails."""

    parent_only = True  # see harness.engine.pool

    colours: ClassVar = {
        "passed": "green",
        "failed": "red",
        "error": "yellow",
        "not offered": "dim",
        "not run": "dim",
    }
    news: ClassVar = frozenset({"failed", "error"})
    """Words that are told one by one; the others are counted."""

    def __init__(self, console: Console, *, cells: int, what: str) -> None:
        self._console = console
        self._counts: Counter[str] = Counter()
        self._bar = Progress(
            TextColumn(what),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[counts]}"),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task(what, total=cells, counts="")

    def __enter__(self) -> Live:
        # Pytest's own output goes to a log; the console must not follow it there.
        self._console.file = self._console.file
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count what has ended."""
        # Not before the first report: the bar has a thread, and workers are forked without threads.
        self._bar.start()
        fields = getattr(report, OUTCOME, None)
        if fields is None:
            if report.when not in ("setup", "call", "teardown"):
                self._count("error", f"{report.nodeid}: its worker crashed")
            return
        outcome = Outcome.model_validate(fields)
        where = f"{outcome.key[1]}  {outcome.scenario}"
        text = f"{where}\n    {outcome.stage}: {outcome.message}" if outcome.stage else where
        self._count(self.word(outcome), text)

    def word(self, outcome: Outcome) -> str:
        """Return the word under which an outcome is counted."""
        return outcome.status

    def _count(self, word: str, text: str) -> None:
        self._counts[word] += 1
        if word in self.news:
            self._console.print(f"[{self.colours[word]}]{word}[/] ", end="")
            self._console.print(text, markup=False, highlight=False)
        counts = "  ".join(f"[{self.colours[w]}]{n} {w}[/]" for w, n in self._counts.items())
        self._bar.update(self._task, advance=1, counts=counts)
