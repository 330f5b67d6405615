"""`testbed prove`: runs scenarios against mutants, and tells which survive."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from harness import mutants
from harness.clients import limits
from harness.conformance import deviations, outcomes, runs
from harness.conformance.outcomes import Cell
from harness.engine import lint, session
from harness.engine.choice import EVERYTHING, Choice
from harness.engine.session import Collected, Selection
from harness.errors import BadInput
from harness.extent import Extent
from harness.inventory import Inventory
from harness.mutants import routes
from harness.proof import addresses, judgement, table
from harness.proof.judgement import Proof
from harness.proof.live import ProofLive
from harness.provision import hosts, keeping, lifecycle, lock
from harness.provision.progress import Progress
from harness.science import bundles
from harness.state import State

PROOFS = Path("proofs")
"""Where proofs are kept; each has a folder, and `latest` points at the newest."""


def prove(
    inventory: Inventory,
    *,
    console: Console,
    choice: Choice = EVERYTHING,
    only: Sequence[str] = (),
    extent: Extent = "core",
    scenarios: Path = session.SCENARIOS,
) -> Proof:
    """Start what makes the mutants, run every pair of scenario and mutant, judge, and show the table.

    `choice` and `only` (ids of mutants) choose a part, and `extent` how much of what is heavy.

    Raises
    ------
    BadInput
        where a mutant or a word of the choice means nothing, a scenario breaks a rule, or the inventory
        makes no mutants.
    Busy
        where another process works on the testbed.
    """
    known = mutants.load()
    for id_ in only:
        if id_ not in known:
            raise BadInput(known.unknown(id_))
    testbed = inventory.testbed
    if not testbed.mutants:
        raise BadInput(
            f"{inventory.path}: the group `mutants` is missing, so nothing here makes broken services. "
            "A proof needs the issuers' keys; it runs on the twin (--inventory inventories/twin)."
        )
    lint.check(scenarios)
    selection = Selection(
        inventory=inventory.path,
        choice=choice,
        scenarios=scenarios,
        prove=True,
        mutants=tuple(only),
        extent=extent,
    )
    collected = session.collect(selection)
    if not collected.cells:
        asked = " ".join([str(choice), *(f"--mutant {id_}" for id_ in only)]).strip()
        raise BadInput(f"no pair of scenario and mutant matches {asked}.")
    state = State(testbed.name)
    keeping.require(testbed, state)
    lifecycle.up(inventory, extent=extent, console=console, mutants=True)
    containers = bool(hosts.of_containers(testbed))
    with lock.hold(state, "prove", containers=containers):
        limits.forget(state.limits)
        addresses.publish(routes.addresses(iter(known), testbed), testbed, extent)
        bundles.prepare(collected.cells, extent, Progress(console))
        proof = _Attempt(inventory, selection, collected, console).run()
    table.show(proof, console=console)
    return proof


@dataclass(frozen=True)
class _Attempt:
    """One proof under way."""

    inventory: Inventory
    selection: Selection
    collected: Collected
    console: Console

    def run(self) -> Proof:
        folder = runs.make_folder(PROOFS)
        outcomes.write_plan(folder, self.collected.cells)
        cells = self.collected.cells
        self.console.print(
            f"proof {folder.name}: {len({c.test_name for c in cells})} scenarios, "
            f"{len({c.mutant for c in cells})} mutants, {len(cells)} pairs",
            highlight=False,
        )
        start = time.monotonic()
        interrupted = self._session(folder, self.selection, attempt=1, cells=len(cells))
        again = (
            []
            if interrupted
            else [one for one in outcomes.read(folder) if judgement.shows_nothing(one)]
        )
        if again:
            self.console.print(f"{len(again)} pairs showed nothing; they are repeated once")
            only = tuple(self.collected.node_ids[outcome.key] for outcome in again)
            retried = Selection(
                inventory=self.selection.inventory,
                scenarios=self.selection.scenarios,
                prove=True,
                mutants=self.selection.mutants,
                only=only,
                extent=self.selection.extent,
            )
            interrupted = self._session(folder, retried, attempt=2, cells=len(again))
        seconds = time.monotonic() - start
        self.console.print(f"[green]✓[/] pairs [dim]({seconds:.1f} s)[/]", highlight=False)
        proof = self._judge(folder, interrupted=interrupted)
        proof.write(folder)
        table.write(proof, folder)
        runs.point_latest(folder)
        return proof

    def _session(self, folder: Path, selection: Selection, *, attempt: int, cells: int) -> bool:
        with ProofLive(self.console, cells=cells, what="pairs") as live:
            return session.run(selection, folder, attempt=attempt, cells=cells, plugins=[live])

    def _judge(self, folder: Path, *, interrupted: bool) -> Proof:
        chosen = self.selection
        partial = bool(chosen.choice or chosen.mutants)
        everything = session.collect(
            Selection(inventory=chosen.inventory, scenarios=chosen.scenarios)
        )
        return judgement.judge(
            self.collected.cells,
            outcomes.read(folder),
            everything=everything.cells,
            excused=self._excused(everything.cells),
            partial=partial,
            interrupted=interrupted,
        )

    def _excused(self, everything: Sequence[Cell]) -> dict[str, str]:
        """Return the scenarios that have no pair, each with the reason."""
        subject = judgement.subjects(everything)
        planned = {subject(cell) for cell in self.collected.cells}
        known = deviations.load(self.inventory.folder / deviations.FILE)
        found: dict[str, str] = {}
        for cell in everything:
            if subject(cell) in planned or cell.is_control:
                continue
            places = [entry.place for entry in known if entry.covers(cell)]
            said = f"fails at the real service ({places[0]})" if places else ""
            found[subject(cell)] = found.get(subject(cell)) or said
        return {name: said or "offered on no route that crosses" for name, said in found.items()}
