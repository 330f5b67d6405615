"""A mail server that is down for a while loses no ticket."""

from __future__ import annotations

import pytest

from harness.model import Route
from harness.services.support.fixtures import Correspondent, Helpdesks
from harness.services.support.outage import StoppedMail

PATIENCE = 300
"""Seconds in which the sender's server has tried again."""


@pytest.mark.alone
@pytest.mark.long
@pytest.mark.requirement("OLA-022")
@pytest.mark.killed_by("bounces-mail-while-down")
def test_a_ticket_survives_an_outage_of_the_mail_server(
    route: Route,
    helpdesks: Helpdesks,
    correspondent: Correspondent,
    stranger: Correspondent,
    stopped_mail: StoppedMail,
    mark: str,
) -> None:
    """A mail sent while the helpdesk's mail server is down for a minute opens one ticket after it."""
    helpdesk = helpdesks.at(route.resource)
    # The site's own users cannot send meanwhile: the server is theirs.
    sender = stranger if route.is_control else correspondent
    with stopped_mail():
        sender.write(helpdesk.address(), mark).expect_ok()
        assert not helpdesk.numbers(mark)
    helpdesk.find(mark, patience=PATIENCE)
