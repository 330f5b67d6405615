"""`testbed demo`: runs the scenarios of a demonstration, and lets people look on."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from harness import interruption, preflight
from harness.clients import limits
from harness.clients.outages import FOLDER as OUTAGES
from harness.clients.outages import outages
from harness.conformance import runs
from harness.conformance.outcomes import Outcome
from harness.demo import acts, recording
from harness.demo.acts import Programme
from harness.demo.events import Act, ActEnd, Closing, Opening
from harness.demo.feed import Feed
from harness.demo.narrator import Narrator
from harness.demo.pace import Pace, has_keys, keys
from harness.demo.page import page
from harness.demo.places import Map
from harness.demo.server import Address, Server
from harness.demo.terminal import Terminal
from harness.engine import session
from harness.engine.cells import cell_of
from harness.engine.recording import OUTCOME
from harness.errors import BadInput, ExitCode, PreconditionError
from harness.evidence import observed
from harness.inventory import Inventory
from harness.provision import hosts, keeping, lock, recovery
from harness.provision.progress import Progress
from harness.science import bundles
from harness.state import State
from harness.translation import Speaker

FOLDER = Path("demos")


def show(
    inventory: Inventory,
    *,
    case: str,
    route: str = "",
    pace: Pace,
    listen: Address | None,
    record: Path | None = None,
    tr: Speaker,
    console: Console,
) -> ExitCode:
    """Show a use case on a route, and a refusal; return how it ended.

    Parameters
    ----------
    listen
        where the page is served; None for a demonstration in the terminal alone.
    record
        the file in which it is recorded.

    Raises
    ------
    BadInput
        where something that was asked for means nothing, or cannot be used.
    PreconditionError
        where the testbed is not up.
    """
    field = acts.case(case)
    chosen = acts.route(inventory, route)
    if record is not None:
        recording.require_writable(record)
    if pace.by_key and not has_keys() and listen is None:
        raise BadInput("--pace key: there is no terminal whose keys could be heard, and no page.")
    testbed, state = inventory.testbed, State(inventory.testbed.name)
    keeping.require(testbed, state)
    with lock.hold(state, "demo", containers=hosts.exist(testbed)):
        recovery.settle(inventory, console=console)
        limits.forget(state.limits)
        programme = acts.programme(inventory, field, chosen)
        preflight.require_secrets(testbed, state, programme.contacts)
        folder = runs.make_folder(FOLDER)
        outages.keep(folder / OUTAGES)
        _require_services(inventory, programme, console, tr)
        if unmade := bundles.prepare(programme.cells, acts.FULL, Progress(console)):
            raise PreconditionError("\n".join(unmade.values()))
        for notice in preflight.make_ready(testbed, state, [chosen]):
            console.print(notice, highlight=False, soft_wrap=True)
        # Pytest's own output goes to a log; the console must not follow it there.
        console.file = console.file
        feed = Feed(Terminal(console, tr))
        stage = Stage(inventory, programme, feed, pace, tr)
        try:
            with interruption.raised(), keys(), _served(listen, feed, pace, tr, console):
                if has_keys():
                    console.print(tr("Press a key to begin."), style="dim")
                    pace.wait_for_speaker()
                code = stage.play(folder)
        finally:
            if record is not None and feed.since(0):
                recording.write(record, feed.since(0), tr=tr)
        console.print(tr("Evidence: {folder}").format(folder=folder), style="dim", soft_wrap=True)
        if record is not None:
            console.print(tr("Recorded: {file}").format(file=record), style="dim", soft_wrap=True)
    return code


def _require_services(
    inventory: Inventory, programme: Programme, console: Console, tr: Speaker
) -> None:
    """Refuse a testbed whose services do not answer."""
    testbed = inventory.testbed
    with console.status(tr("looking at the services ...")):
        faults = preflight.look(
            testbed, State(testbed.name), programme.contacts, console=Console(quiet=True)
        )
    if faults:
        told = "\n  ".join(str(fault) for fault in faults)
        raise PreconditionError(
            f"the testbed {testbed.name} is not up:\n  {told}\n"
            "  Start it by `testbed up`; `testbed check` tells what is wrong with each host."
        )


@contextlib.contextmanager
def _served(
    listen: Address | None, feed: Feed, pace: Pace, tr: Speaker, console: Console
) -> Iterator[None]:
    """Serve the page, where one is wanted, and tell its address."""
    if listen is None:
        yield
        return
    with Server(listen, html=page(tr), feed=feed, go=pace.go).running() as server:
        shown = server.speaker_url if pace.by_key else server.url
        console.print(tr("The page: {url}").format(url=shown), soft_wrap=True, highlight=False)
        yield


class Stage:
    """A plugin of pytest: tells where the scenarios begin and end, and lets the narrator tell the rest."""

    def __init__(
        self, inventory: Inventory, programme: Programme, feed: Feed, pace: Pace, tr: Speaker
    ) -> None:
        self._programme, self._feed, self._tr = programme, feed, tr
        self._map = Map(inventory.testbed, programme.route, tr)
        self._narrator = Narrator(feed.publish, places=self._map, pace=pace, tr=tr)
        self._acts = 0
        self._ended: list[Outcome] = []

    def play(self, folder: Path) -> ExitCode:
        """Run the scenarios."""
        field, tr = self._programme.field, self._tr
        self._feed.publish(
            Opening(
                title=tr(field.title),
                question=tr(field.question),
                method=tr(field.method),
                software=tuple(f"{s.name} {s.version} ({s.licence})" for s in field.software),
                route=tr("A user of {home} works at {site}.").format(
                    home=self._programme.route.home.title, site=self._programme.route.resource.name
                ),
                start=dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M UTC"),
                lands=self._map.lands,
                acts=tuple(tr(cell.title) for cell in self._programme.cells),
            )
        )
        with observed(self._narrator):
            interrupted = session.run(
                self._programme.selection,
                folder,
                attempt=1,
                cells=len(self._programme.cells),
                plugins=[self],
                alone=True,
            )
        code, text = self._judged()
        if interrupted:
            code, text = ExitCode.INCONCLUSIVE, tr("The demonstration was interrupted.")
        self._feed.publish(Closing(ok=code == ExitCode.AS_EXPECTED, text=text))
        if interrupted:
            raise KeyboardInterrupt
        return code

    def _judged(self) -> tuple[ExitCode, str]:
        tr, statuses = self._tr, {outcome.status for outcome in self._ended}
        if statuses == {"passed"} and len(self._ended) == len(self._programme.cells):
            return ExitCode.AS_EXPECTED, tr(
                "The result is right, and the request that must be refused was refused."
            )
        if "failed" in statuses:
            return ExitCode.DEVIATIONS, tr("Something did not go as required.")
        return ExitCode.INCONCLUSIVE, tr("Not everything could be shown.")

    def _word(self, outcome: Outcome) -> str:
        tr = self._tr
        words = {
            "passed": tr("as required"),
            "failed": tr("not as required"),
            "not run": tr("not run"),
            "not offered": tr("not offered"),
        }
        word = words.get(outcome.status, tr("could not be shown"))
        return f"{word}: {outcome.message}" if outcome.message else word

    # -- hooks of pytest

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """A scenario begins."""
        cell = cell_of(item)
        self._acts += 1
        self._feed.publish(Act(number=self._acts, title=self._tr(cell.title)))
        self._narrator.begin(cell)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_teardown(self) -> None:
        """Its fixtures remove what was stored."""
        self._narrator.clean_up()

    def pytest_keyboard_interrupt(self) -> None:
        """Nobody looks on any more: what was stored is removed without a pause."""
        self._narrator.clean_up()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A scenario has ended."""
        if (fields := getattr(report, OUTCOME, None)) is None:
            return
        outcome = Outcome.model_validate(fields)
        self._ended.append(outcome)
        ok = outcome.status == "passed"
        word = self._word(outcome)
        self._feed.publish(ActEnd(number=self._acts, ok=ok, text=word))
