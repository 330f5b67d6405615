"""What the user sees while scenarios run: how many are done, and each failure as it comes."""

from __future__ import annotations

from collections import Counter
from types import TracebackType

import pytest
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from harness.scenario.recording import OUTCOME

_COLOURS = {
    "passed": "green",
    "failed": "red",
    "error": "yellow",
    "not offered": "dim",
    "not run": "dim",
}


class Live:
    """A plugin of pytest's parent process; a bar on a terminal, elsewhere only what fails."""

    parent_only = True  # see harness.scenario.pool

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
        name = f"{fields['home']}:{fields['resource']}  {fields['scenario']}"
        self._count(fields["status"], f"{name}\n    {fields['stage']}: {fields['message']}")

    def _count(self, status: str, text: str) -> None:
        self._counts[status] += 1
        if status in ("failed", "error"):
            colour = _COLOURS[status]
            self._console.print(f"[{colour}]{status}[/] ", end="")
            self._console.print(text, markup=False, highlight=False)
        counts = "  ".join(f"[{_COLOURS[s]}]{n} {s}[/]" for s, n in self._counts.items())
        self._bar.update(self._task, advance=1, counts=counts)
