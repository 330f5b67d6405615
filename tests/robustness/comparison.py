"""What trouble changed: a struck run's verdicts beside those of an undisturbed one."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from harness.conformance.verdicts import CellVerdict, Judgement, Origin, Verdict, count

OPEN = frozenset({Verdict.INCONCLUSIVE, Verdict.NOT_RUN})
"""Verdicts that blame nobody."""


@dataclass(frozen=True)
class Comparison:
    """The cells whose verdict changed, and those of them that must not have changed so."""

    cells: int
    changed: tuple[CellVerdict, ...]
    wrong: tuple[str, ...]

    @property
    def summary(self) -> str:
        """The changed cells by their verdict."""
        return count(Counter(cell.verdict for cell in self.changed)) if self.changed else "none"


def compare(
    before: Judgement, after: Judgement, *, host: str = "", ended: bool = False
) -> Comparison:
    """Compare two judgements of the same cells.

    Parameters
    ----------
    host
        where the trouble was: only cells that asked it may change. Empty where the harness itself was hit.
    ended
        whether the run was ended early, so that cells may be *not run*.
    """
    was = {cell.key: cell for cell in before.scenarios}
    changed = [cell for cell in after.scenarios if cell.verdict is not was[cell.key].verdict]
    missing = was.keys() - {cell.key for cell in after.scenarios}
    wrong = [f"{scenario} [{route}]: it is gone" for scenario, route in sorted(missing)]
    for cell in changed:
        flaw = _flaw(cell, host, ended=ended)
        if flaw:
            wrong.append(f"{cell.scenario} [{cell.route}]: {cell.verdict}: {flaw}: {cell.reason}")
    return Comparison(len(was), tuple(changed), tuple(wrong))


def _flaw(cell: CellVerdict, host: str, *, ended: bool) -> str:
    """Return what is wrong with a verdict that changed; empty where the trouble explains it."""
    if cell.verdict is Verdict.NOT_RUN:
        return "" if ended else "the run was not ended"
    if host and host not in cell.hosts and host not in cell.reason:
        return f"it did not ask {host}"
    if cell.verdict not in OPEN and cell.origin not in (Origin.RESOURCE, Origin.HOME):
        return "the trouble of one host is told as something else"
    if not host and cell.verdict not in OPEN:
        return "a site is blamed for trouble of the harness"
    if cell.stage is None:
        return "no stage is told"
    return ""
