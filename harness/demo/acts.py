"""Which scenarios a demonstration shows: a use case, and a refusal of the same kind of request."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from harness.conformance.outcomes import Cell
from harness.engine import session
from harness.engine.choice import Choice
from harness.engine.contacts import Contacts
from harness.engine.session import Selection
from harness.errors import BadInput
from harness.inventory import Inventory
from harness.model import Route
from harness.science.field import Field, fields
from harness.state import State

FULL: Final = "full"
"""A demonstration shows what is too heavy for every night, too."""

_CASES = "science/"
_REFUSALS = "jobs/test_refusals.py::"
_EXPIRED = f"{_REFUSALS}test_a_faulty_token[expired"
_NONE = f"{_REFUSALS}test_no_token"


@dataclass(frozen=True)
class Programme:
    """The scenarios of a demonstration, in their order."""

    field: Field
    route: Route
    cells: tuple[Cell, ...]
    selection: Selection
    contacts: frozenset[Contacts]
    """Whom the scenarios ask."""


def case(name: str) -> Field:
    """Return the use case of that name.

    Raises
    ------
    BadInput
        where there is none; lists those that there are.
    """
    for one in fields():
        if one.name == name:
            return one
    listed = "\n  ".join(f"{one.name}: {one.title}" for one in fields())
    said = f"unknown use case {name!r}" if name else "name a use case"
    raise BadInput(f"{said}; there are\n  {listed}")


def route(inventory: Inventory, wanted: str) -> Route:
    """Return the route that was asked for; by default the first that crosses.

    Raises
    ------
    BadInput
        where a pattern means none, or several.
    """
    try:
        found = inventory.testbed.select([wanted] if wanted else [])
    except LookupError as error:
        raise BadInput(str(error)) from error
    if wanted and len(found) > 1:
        listed = ", ".join(one.id for one in found)
        raise BadInput(f"--route {wanted} means several routes: {listed}. Name one of them.")
    return found[0]


def programme(inventory: Inventory, field: Field, route: Route) -> Programme:
    """Return what is shown of a use case on a route.

    The refusal is that of an expired token. A real issuer's key is not ours, so no expired token can be
    made there: then it is that of a request without a token.

    Raises
    ------
    BadInput
        where the route has no scenario of it: the site offers no storage or no computing.
    """
    wanted = Selection(
        inventory=inventory.path,
        choice=Choice(f"({_CASES} and {field.name}) or test_refusals"),
        routes=(route.id,),
        extent=FULL,
    )
    found = session.collect(wanted)
    key = State(inventory.testbed.name).issuer_keys / f"{route.home.name}.jwk.json"
    begins = [f"[{field.name}", _EXPIRED if key.exists() else _NONE]
    shown = [cell for start in begins if (cell := _first(found.cells, start)) is not None]
    if not shown or not shown[0].scenario.startswith(_CASES):
        raise BadInput(
            f"{field.name} cannot be shown on {route.id}: {route.resource.name} has no scenario of it. "
            "Name another route by --route; `testbed list` tells what each site offers."
        )
    ids = tuple(found.node_ids[cell.key] for cell in shown)
    selection = Selection(inventory=inventory.path, routes=(route.id,), only=ids, extent=FULL)
    return Programme(field, route, tuple(shown), selection, found.contacts)


def _first(cells: Iterable[Cell], start: str) -> Cell | None:
    """Return the first scenario of which the name, or its parameters, begin so."""
    return next(
        (
            cell
            for cell in cells
            if cell.scenario.startswith(start)
            or (start.startswith("[") and start in cell.scenario and _CASES in cell.scenario)
        ),
        None,
    )
