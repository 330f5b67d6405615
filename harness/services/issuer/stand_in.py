"""A robot in a member's place: where the member cannot act, and what is shown is not about persons."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.engine.cells import requirements, requirements_of
from harness.model import Infrastructure, Member, Testbed
from harness.services.issuer import sources
from harness.services.issuer.demands import Demand
from harness.services.issuer.sources.holding import Holding

Held = Callable[[Infrastructure, Member], Holding]
"""Returns what a member's credentials give."""


def held_in(testbed: Testbed) -> Held:
    """Return what says what members' credentials give, as the inventory chooses them."""

    def held(home: Infrastructure, member: Member) -> Holding:
        return sources.holding(member, testbed.issuer_service(home.name))

    return held


ACTING = pytest.StashKey[dict[str, tuple[Member, str]]]()
"""Of a test that runs: home -> who acts for its members, as `acting` says."""


def acting(
    item: pytest.Item, home: Infrastructure, demand: Demand, held: Held, *, any_audience: str
) -> tuple[Member, str]:
    """Return who acts for the home's members in a test; where that is the robot, with the reason.

    Where nobody can, it is the member, who then lacks what the test demands.
    """
    member = home.member("member")
    lacked = demand.lacked(held(home, member), any_audience=any_audience)
    robot = next((one for one in home.members if one.kind == "robot"), None)
    if (
        not lacked
        or robot is None
        or "robot" in getattr(item, "fixturenames", ())  # which has a part of its own
        or demand.lacked(held(home, robot), any_audience=any_audience)
        or any(requirements()[id_].persons for id_ in requirements_of(item))
    ):
        return member, ""
    return robot, lacked
