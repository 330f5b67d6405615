"""What is seen of all parts while they run: their folders are read as they grow."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.markup import escape

from harness.cluster.order import Order
from harness.conformance import outcomes
from harness.conformance.outcomes import Outcome
from harness.conformance.runs import Run
from harness.engine.progress import RunLive
from harness.errors import BadInput


class _Followed:
    """One part: how far its newest attempt has been read."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.attempt = 0
        self.record: Run | None = None
        self.noted = False
        """Whether the faults of hosts are taken note of that were found before the first scenario."""
        self._read = 0

    def moved_on(self) -> bool:
        """Tell whether another attempt has begun; then that one is followed."""
        if (number := self.order.attempts()) == self.attempt:
            return False
        self.attempt, self.record, self._read = number, None, 0
        return True

    @property
    def place(self) -> Path:
        return self.order.place(self.attempt)

    def began(self) -> bool:
        """Tell whether the part has made its plan since this was asked last."""
        if self.record is None and self.attempt:
            try:
                self.record = Run.read(self.place)
            except BadInput:
                return False
            return True
        return False

    def news(self) -> list[Outcome]:
        """Return the outcomes that are new."""
        try:
            with (self.place / outcomes.OUTCOMES).open("rb") as file:
                file.seek(self._read)
                lines, end, _ = file.read().rpartition(b"\n")
        except OSError:
            return []
        self._read += len(lines + end)
        return [Outcome.model_validate_json(line) for line in lines.splitlines() if line]


class Following:
    """Follows all parts of a run."""

    def __init__(self, orders: list[Order], live: RunLive, console: Console) -> None:
        self._parts = [_Followed(order) for order in orders]
        self._live, self._console = live, console

    def look(self) -> None:
        """Tell what has come since the last look."""
        for part in self._parts:
            if part.moved_on() and part.attempt > 1:
                said = f"part {part.order.shard} was lost with its worker; it is run again"
                self._console.print(f"[yellow]{escape(said)}[/]", highlight=False)
            if part.began():
                self._live.expect(sum(p.record.planned or 0 for p in self._parts if p.record))
            if part.record is not None:
                self._see(part)
        self._live.pytest_testbed_tick()

    def _see(self, part: _Followed) -> None:
        news = part.news()
        if news and not part.noted:
            part.noted = True
            self._live.note(Run.read(part.place).faults)
        for outcome in news:
            if outcome.attempt == 1:  # each cell once
                self._live.see(outcome)
