"""A ticket crosses between the helpdesks, and its answer comes back."""

from __future__ import annotations

import pytest

from harness.engine.measure import Measure
from harness.model import Route
from harness.services.support.fixtures import Correspondent, Helpdesks

ANSWER = "The pool was full; the job runs now."


@pytest.mark.long
@pytest.mark.requirement("OLA-018")
@pytest.mark.killed_by("answers-under-a-new-ticket")
def test_an_answer_comes_back_into_the_users_ticket(
    route: Route,
    helpdesks: Helpdesks,
    correspondent: Correspondent,
    mark: str,
    measure: Measure,
) -> None:
    """A ticket reaches the site's support unit, and the answer appears in the same ticket at home."""
    home, partner = helpdesks.at(route.home), helpdesks.at(route.resource)
    correspondent.write(home.address(), mark).expect_ok()
    ticket = home.find(mark)
    home.pass_on(ticket, partner)
    received = partner.find(mark)
    measure(
        "time to acknowledge", partner.service, (received.created - ticket.created).total_seconds()
    )
    partner.answer(received.number, ANSWER)
    answered = home.follow(ticket.number, lambda found: found.says(ANSWER))
    assert answered.says(ANSWER), f"the answer is not in ticket {ticket.number} of {home.host}"
    assert list(home.numbers(mark)) == [ticket.number]
    sent = partner.read(received.number).answered
    assert sent is not None
    measure("time to answer", partner.service, (sent - ticket.created).total_seconds())
