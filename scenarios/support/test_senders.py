"""Who claims to be somebody else opens no ticket."""

from __future__ import annotations

import pytest

from harness.answer import Answer
from harness.engine.refusal import Refused
from harness.model import Route
from harness.services.support.fixtures import Correspondent, Helpdesks


@pytest.mark.requirement("OLA-021")
@pytest.mark.killed_by("open")
def test_mail_by_another_server_opens_no_ticket(
    route: Route,
    helpdesks: Helpdesks,
    correspondent: Correspondent,
    stranger: Correspondent,
    mark: str,
    refused: Refused,
) -> None:
    """A user's mail opens a ticket; the same mail, sent past the user's mail server, does not."""
    helpdesk = helpdesks.at(route.resource)
    own, forged = f"{mark} own", f"{mark} forged"

    def write(words: str) -> Answer:
        if words == own:
            sent = correspondent.write(helpdesk.address(), words)
        else:
            sent = stranger.write(
                helpdesk.address(), words, sender=correspondent.address, server=helpdesk.host
            )
        return helpdesk.opened(sent, words)

    refused(write, good=own, bad=forged)
    assert not helpdesk.numbers(forged)


@pytest.mark.long
@pytest.mark.requirement("OLA-021")
@pytest.mark.killed_by("open")
def test_mail_with_another_sender_in_its_header_opens_no_ticket(
    route: Route,
    helpdesks: Helpdesks,
    correspondent: Correspondent,
    stranger: Correspondent,
    mark: str,
    refused: Refused,
) -> None:
    """A stranger's mail opens a ticket; with a user of another domain in its header it is returned."""
    helpdesk = helpdesks.at(route.resource)

    def write(sender: str) -> Answer:
        words = f"{mark} {sender.partition('@')[0]}"
        sent = stranger.write(helpdesk.address(), words, sender=sender, envelope=stranger.address)
        return helpdesk.opened_or_returned(sent, words, stranger.mailbox)

    refused(write, good=stranger.address, bad=correspondent.address)
