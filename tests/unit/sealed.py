"""A whole run in its folder, with the copies that it is judged by and the digests of all that is in it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from harness.conformance import evidence, inputs, judging, outcomes, runs, statement
from harness.conformance.runs import Run
from harness.inventory import Inventory
from tests.unit.nights import make_night


def make_sealed_night(
    folder: Path,
    id_: str,
    inventory: Inventory,
    failed: Mapping[tuple[str, str], str] | None = None,
) -> Path:
    """Write a night as `testbed run` leaves it, and judge it."""
    place = make_night(folder, id_, failed)
    copies = inputs.keep(place, inventory.testbed, beside=inventory.folder)
    names = [outcomes.PLAN, outcomes.OUTCOMES, evidence.DIGESTS]
    run = Run.read(place).model_copy(
        update={
            "form": runs.FORM,
            "testbed": inventory.testbed.name,
            "inventory": str(inventory.path),
            "planned": len(outcomes.read_plan(place)),
            "files": copies | inputs.digests(place, names),
        }
    )
    run.write(place)
    statement.make(place, run, judging.judge(place, run)).write(place)
    return place
