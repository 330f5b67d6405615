"""How much of the catalogue can be shown with the members' credentials: `testbed list --coverage`.

It is told beforehand, by what the inventory declares; nobody is asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import pytest
from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness.conformance import catalogue
from harness.conformance.outcomes import Cell
from harness.engine import offer, session
from harness.engine.case import case_of
from harness.engine.cells import cell_of
from harness.engine.choice import EVERYTHING, Choice
from harness.engine.session import Selection
from harness.errors import BadInput
from harness.inventory import Inventory
from harness.kinds import registry
from harness.model import Infrastructure, Member, Testbed
from harness.routes import Side
from harness.services.issuer import credentials, sources
from harness.services.issuer.sources import device
from harness.services.issuer.sources.holding import Ability, Holding
from harness.services.issuer.stand_in import Held, held_in

CONTROLS: Mapping[str, tuple[Side, ...]] = {"logs": ("home", "resource")}
"""As `harness.kinds.Kind.controls`, of fixtures that belong to no kind."""

_FIXED = "token-file"
_ONES = {
    "none": "none (robots alone)",
    "password": "password",
    "device": "device",
    "refresh-token": "refresh-token",
    "oidc-agent": "oidc-agent",
    "mytoken": "mytoken",
    "command": "command (told of audience and scope)",
    _FIXED: "token-file, bearer-token-discovery (for any audience, with all scopes)",
}
"""What every person may have instead, and how it is called in the table."""
_REASONS = 12
"""Reasons that are listed, the most frequent first."""


@dataclass(frozen=True)
class Shown:
    """What becomes of a set of cells."""

    cells: int
    requirements: frozenset[str]
    """Those that a cell can show."""
    reasons: Counter[str]
    """Why cells show nothing, and how many."""


class Cells:
    """All cells of an inventory, with what hinders each."""

    def __init__(self, inventory: Inventory, choice: Choice = EVERYTHING) -> None:
        self.testbed = inventory.testbed
        self.items: list[pytest.Item] = []
        session.collect(Selection(inventory=inventory.path, choice=choice), [self])
        self._hindered = {item.nodeid: self._hindrance(item) for item in self.items}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Keep the tests, as pytest found them."""
        self.items = list(session.items)

    @property
    def cells(self) -> Iterator[Cell]:
        """What the tests fill."""
        return map(cell_of, self.items)

    def shown(self, held: Held) -> Shown:
        """Return what can be shown where members' credentials give this."""
        able: list[pytest.Item] = []
        reasons: Counter[str] = Counter()
        for item in self.items:
            why = self._hindered[item.nodeid] or credentials.shortfall(
                item, case_of(item).narrowed, self.testbed, held
            )
            if why:
                reasons[why] += 1
            else:
                able.append(item)
        ids = frozenset(id_ for item in able for id_ in cell_of(item).requirements)
        return Shown(len(able), ids, reasons)

    def _hindrance(self, item: pytest.Item) -> str:
        """Return why a test shows nothing, whoever has which credentials."""
        route, names = case_of(item).narrowed, getattr(item, "fixturenames", ())
        if not_held := offer.not_held(item, route):
            return not_held
        for need, site in offer.undeclared(item, route, self.testbed):
            return f"{site.name} does not declare {need}"
        for name in names:
            for host in self._hosts(item, {**CONTROLS, **registry().controls}, name):
                if not self.testbed.host(host).roles:
                    return f"the testbed has not made {host}, as the fixture `{name}` needs"
        kinds = {member.kind for member in route.home.members}
        if "monitor" in names and "monitor" not in kinds:
            return f"{route.home.name} has no member of kind `monitor`"
        return ""

    def _hosts(
        self, item: pytest.Item, controls: Mapping[str, Iterable[Side]], fixture: str
    ) -> Iterator[str]:
        """Yield the hosts that the testbed must have made for a fixture."""
        case = case_of(item)
        for side in controls.get(fixture, ()):
            if side == "home":
                yield self.testbed.issuer_service(case.route.home.name).host
            else:
                tested = [one.service for one in case.tested]
                yield from (one.host for one in tested or case.route.resource.services)


def show(inventory: Inventory, *, choice: Choice = EVERYTHING, console: Console) -> None:
    """Print the credentials of all members, what they can show, and what others would add.

    Raises
    ------
    BadInput
        where a scenario is broken, or none is what is asked for.
    """
    cells, testbed = Cells(inventory, choice), inventory.testbed
    if not cells.items:
        raise BadInput(f"no scenario matches {choice}; `testbed list --all` shows all.")
    console.print(_members(testbed))
    now = cells.shown(held_in(testbed))
    known = {one.id for one in catalogue.load() if one.in_scope}
    all_ids = {id_ for cell in cells.cells for id_ in cell.requirements} & known
    console.print(
        f"With these, {now.cells} of {len(cells.items)} cells can be shown, of "
        f"{len(now.requirements & known)} of {len(all_ids)} requirements that have a scenario.",
        highlight=False,
    )
    if any(one.audience or one.scope for one in _holdings(testbed)):
        console.print("That holds as far as the tokens are as the inventory says.", highlight=False)
    if now.reasons:
        console.print(_why_not(now.reasons))
    console.print(_others(cells, now, known))


def _members(testbed: Testbed) -> Table:
    table = Table(title="credentials", title_justify="left")
    for column in ("infrastructure", "member", "kind", "source", "gives"):
        table.add_column(column, overflow="fold")
    held = held_in(testbed)
    for home in testbed.infrastructures:
        for member in home.members:
            holding = held(home, member)
            words = [one.value for one in Ability if one in holding.abilities]
            fixed = [*holding.audience, *holding.scope.split()]
            gives = ", ".join(words) or "nothing"
            told = f"{gives}; for {' '.join(fixed)}" if fixed else gives
            table.add_row(home.name, member.name, member.kind, holding.source, Text(told))
    return table


def _holdings(testbed: Testbed) -> Iterator[Holding]:
    held = held_in(testbed)
    return (held(home, member) for home in testbed.infrastructures for member in home.members)


def _why_not(reasons: Counter[str]) -> Table:
    table = Table(title="not shown, and why", title_justify="left")
    table.add_column("cells", justify="right")
    table.add_column("why", overflow="fold")
    listed = reasons.most_common(_REASONS)
    for why, count in listed:
        table.add_row(str(count), Text(why))
    if rest := reasons.total() - sum(count for _, count in listed):
        table.add_row(str(rest), Text(f"{len(reasons) - len(listed)} other reasons"))
    return table


def _others(cells: Cells, now: Shown, known: Iterable[str]) -> Table:
    """Tell what could be shown if every person had another source; robots keep theirs."""
    table = Table(title="if each person had another source", title_justify="left")
    table.add_column("source", overflow="fold")
    for column in ("cells", "more", "requirements", "more"):
        table.add_column(column, justify="right")
    table.add_column("requirements that it would add", overflow="fold")
    asked = frozenset(known)
    alike: dict[tuple[int, frozenset[str]], list[str]] = {}
    for name, called in _ONES.items():
        found = cells.shown(_instead(cells.testbed, name))
        alike.setdefault((found.cells, found.requirements & asked), []).append(called)
    for (count, shown), names in alike.items():
        before = now.requirements & asked
        table.add_row(
            ", ".join(names),
            str(count),
            f"{count - now.cells:+d}",
            str(len(shown)),
            f"{len(shown) - len(before):+d}",
            " ".join(sorted(shown - before)),
        )
    return table


def _instead(testbed: Testbed, source: str) -> Held:
    """Return what says what members would have, if each person had this source."""

    def held(home: Infrastructure, member: Member) -> Holding:
        issuer = testbed.issuer_service(home.name)
        if member.kind == "robot":
            return sources.holding(member, issuer)
        holding = sources.sources()[source].held(None, issuer)
        if source != _FIXED:
            return holding
        return replace(holding, audience=(testbed.any_audience,), scope=device.everything())

    return held
