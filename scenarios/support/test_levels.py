"""Support units answer within the time of their level; the clock of the testbed is accelerated."""

from __future__ import annotations

import datetime as dt

import pytest

from harness.engine.measure import Measure
from harness.model import Route
from harness.services.support.fixtures import Correspondent, Helpdesks
from harness.services.support.levels import HOURS, WARNING, Level

SECONDS = dt.timedelta(seconds=3)
"""By which the helpdesk may round."""
LOOK = dt.timedelta(seconds=60)
"""In which the helpdesk must have seen that a time is over."""


@pytest.mark.long
@pytest.mark.requirement("OLA-016")
@pytest.mark.needs("egi.GGUS", "levels")
@pytest.mark.parametrize("level", HOURS)
@pytest.mark.killed_by("starts-no-clock")
def test_a_ticket_is_answered_within_the_time_of_its_level(
    route: Route,
    helpdesks: Helpdesks,
    correspondent: Correspondent,
    mark: str,
    measure: Measure,
    level: Level,
) -> None:
    """The helpdesk gives a ticket the time of level and urgency, and records that it was answered in it."""
    helpdesk = helpdesks.at(route.resource)
    correspondent.write(helpdesk.address(level), mark).expect_ok()
    ticket = helpdesk.find(mark)
    for urgency in HOURS[level]:
        allowed = helpdesk.allowed(level, urgency)
        helpdesk.set_urgency(ticket.number, level, urgency)
        found = helpdesk.read(ticket.number)
        assert found.due is not None, f"{urgency}: the ticket has no time until which to answer"
        assert abs(found.due - found.created - allowed) <= SECONDS, urgency
    helpdesk.answer(ticket.number, "It is repaired.")
    answered = helpdesk.read(ticket.number).answered
    assert answered is not None
    assert answered - ticket.created <= helpdesk.allowed(level, "top priority")
    measure(
        "time to answer",
        helpdesk.service,
        (answered - ticket.created).total_seconds(),
        detail=level,
    )


@pytest.mark.long
@pytest.mark.requirement("OLA-017")
@pytest.mark.needs("egi.GGUS", "levels")
@pytest.mark.needs("egi.GGUS", "escalation")
@pytest.mark.killed_by("never-warns", "never-escalates")
def test_a_ticket_without_an_answer_is_escalated(
    route: Route, helpdesks: Helpdesks, correspondent: Correspondent, mark: str
) -> None:
    """The helpdesk warns at 75 % of the time and escalates at its end, unless the ticket was answered."""
    helpdesk = helpdesks.at(route.resource)
    allowed = helpdesk.allowed("advanced", "top priority")
    forgotten, answered = f"{mark} forgotten", f"{mark} answered"
    numbers = {}
    for words in (answered, forgotten):
        correspondent.write(helpdesk.address("advanced"), words).expect_ok()
        numbers[words] = helpdesk.find(words).number
        helpdesk.set_urgency(numbers[words], "advanced", "top priority")
    helpdesk.answer(numbers[answered], "It is repaired.")
    begun = helpdesk.read(numbers[forgotten])
    assert begun.due is not None
    ticket = helpdesk.follow(
        begun.number,
        lambda found: found.escalated is not None,
        patience=(allowed + LOOK).total_seconds(),
    )
    assert ticket.warned is not None, "the support unit was not warned"
    assert begun.created + WARNING * allowed - SECONDS <= ticket.warned < begun.due
    assert ticket.escalated is not None, "the operations were not called"
    assert begun.due - SECONDS <= ticket.escalated <= begun.due + LOOK
    other = helpdesk.read(numbers[answered])
    assert (other.warned, other.escalated) == (None, None)
