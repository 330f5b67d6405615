"""What of a run is tried once more: cells that showed nothing, and controls of what failed anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from harness.conformance.controls import Controls
from harness.conformance.outcomes import Outcome
from harness.conformance.verdicts import Judgement, Origin, Verdict
from harness.routes import SIDES


def showing_nothing(found: Iterable[Outcome], ill: set[str]) -> list[tuple[str, str]]:
    """Return the keys of cells where set-up or clean-up failed, no answer came, or a host is ill."""
    return [
        one.key
        for one in found
        if one.status == "error"
        or one.error == "unreachable"
        or (one.status == "failed" and ill.intersection(one.hosts))
    ]


def stale_controls(
    judgement: Judgement, found: Iterable[Outcome], homes: Mapping[str, str]
) -> list[tuple[str, str]]:
    """Return the keys of controls that passed before the cell failed which is compared to them.

    What breaks in the middle of a run, as an issuer whose keys change, fails the cells that come later, and
    their controls have passed by then: it would look as if it arose from crossing. So the controls of a new
    deviation are asked again, after it.

    Parameters
    ----------
    homes
        infrastructure -> the site where its users' data lie.
    """
    last = {one.key: one for one in sorted(found, key=lambda one: one.attempt)}
    controls = Controls(judgement.scenarios, homes)
    stale = {
        key: None
        for cell in judgement.scenarios
        if cell.verdict is Verdict.DEVIATION and cell.origin is Origin.CROSSING
        for side in SIDES
        if (key := controls.of(cell, side)) in last
        and last[key].status == "passed"
        and last[key].attempt == 1
        and last[key].stop < last[cell.key].stop
    }
    return list(stale)
