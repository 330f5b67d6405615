"""What a run sets out to do: its routes and scenarios, and the record with which it begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness import checkout
from harness.conformance import deviations, inputs, outcomes, runs
from harness.conformance.catalogue import Catalogue
from harness.conformance.deviations import KnownDeviation
from harness.conformance.outcomes import Cell
from harness.conformance.runs import Run, RunRoute, RunService
from harness.engine import session
from harness.engine.choice import Choice
from harness.engine.session import Collected, Selection
from harness.errors import BadInput
from harness.extent import Extent
from harness.inventory import Inventory
from harness.model import Route


def choose(inventory: Inventory, routes: Sequence[str], sites: Sequence[str]) -> tuple[Route, ...]:
    """Return the routes that options mean.

    Raises
    ------
    BadInput
        where one means nothing.
    """
    try:
        chosen = inventory.testbed.select(routes, sites)
    except LookupError as error:
        raise BadInput(str(error)) from error
    if not chosen:
        raise BadInput(
            f"no route leads to the sites that were named: --route {' '.join(routes)}, "
            f"--site {' '.join(sites)}. Leave one of the two out."
        )
    return chosen


def collect(selection: Selection) -> Collected:
    """Collect, and refuse a selection that means nothing."""
    collected = session.collect(selection)
    if collected.cells:
        return collected
    everything = session.collect(
        Selection(inventory=selection.inventory, scenarios=selection.scenarios)
    )
    names = sorted({cell.scenario for cell in everything.cells})
    if not names:
        raise BadInput(f"{selection.scenarios}: there is no scenario.")
    listed = "\n  ".join(names)
    raise BadInput(f"no scenario matches {selection.choice}; there are\n  {listed}")


def check_known(
    known: Sequence[KnownDeviation],
    where: Path,
    selection: Selection,
    collected: Collected,
    wanted: Catalogue,
) -> None:
    """Refuse known deviations that can cover nothing in this testbed, whatever part of it runs."""
    if deviations.faults(known, catalogue=wanted, cells=collected.cells):
        everything = Selection(inventory=selection.inventory, scenarios=selection.scenarios)
        found = session.collect(everything).cells
        if faults := deviations.faults(known, catalogue=wanted, cells=found):
            raise BadInput("\n".join(f"{where}/{fault}" for fault in faults))


@dataclass(frozen=True)
class Plan:
    """What a run sets out to do."""

    routes: Sequence[Route]
    choice: Choice
    cells: Sequence[Cell]
    partial: bool
    """True where only some scenarios or routes were asked for, whatever part of them this is."""
    shard: str = ""
    extent: Extent = "core"


def begin(inventory: Inventory, folder: Path, plan: Plan) -> Run:
    """Write what the run sets out to do, and all that it will be judged by; the record comes last."""
    copies = inputs.keep(folder, inventory.testbed, beside=inventory.folder)
    outcomes.write_plan(folder, plan.cells)
    record = Run(
        id=folder.name,
        form=runs.FORM,
        planned=len(plan.cells),
        files=inputs.digests(folder, [outcomes.PLAN]) | copies,
        start=runs.now(),
        testbed=inventory.testbed.name,
        inventory=str(inventory.path),
        keyword=plan.choice.keyword,
        requirements=plan.choice.requirements,
        families=plan.choice.families,
        infrastructures={one.name: one.title for one in inventory.testbed.infrastructures},
        homes={
            one.name: inventory.testbed.home_site(one.name).name
            for one in inventory.testbed.infrastructures
        },
        routes=tuple(
            RunRoute(
                id=route.id,
                home=route.home.name,
                resource=route.resource.infrastructure,
                site=route.resource.name,
                control=route.is_control,
            )
            for route in plan.routes
        ),
        services=tuple(
            RunService(**service.model_dump(include=set(RunService.model_fields)))
            for service in inventory.testbed.services()
        ),
        partial=plan.partial,
        shard=plan.shard,
        extent=plan.extent,
        harness=checkout.version(),
        commit=checkout.commit(),
    )
    record.write(folder)
    return record
