"""What people write and attach crosses between the helpdesks unchanged."""

from __future__ import annotations

import secrets

import pytest

from harness.model import Route
from harness.services.support.fixtures import Correspondent, Helpdesks
from harness.services.support.mail import Attachment

SUBJECT = "作业没有启动"
TEXT = "作业没有启动，日志在附件里。"
ANSWER = "已经解决：队列满了。Élargie depuis."


@pytest.mark.long
@pytest.mark.requirement("OLA-020")
@pytest.mark.killed_by("spoils-foreign-letters")
def test_chinese_text_arrives_and_returns_intact(
    route: Route, helpdesks: Helpdesks, correspondent: Correspondent, mark: str
) -> None:
    """Chinese text of a ticket arrives at the partner's helpdesk unchanged; so does the answer at home."""
    home, partner = helpdesks.at(route.home), helpdesks.at(route.resource)
    correspondent.write(home.address(), f"{mark} {SUBJECT}", TEXT).expect_ok()
    ticket = home.find(mark)
    home.pass_on(ticket, partner)
    received = partner.find(mark)
    assert SUBJECT in received.subject
    assert received.says(TEXT)
    partner.answer(received.number, ANSWER)
    assert home.follow(ticket.number, lambda found: found.says(ANSWER)).says(ANSWER)


@pytest.mark.long
@pytest.mark.requirement("OLA-020")
@pytest.mark.killed_by("loses-attachments")
def test_attachments_arrive_and_return_intact(
    route: Route, helpdesks: Helpdesks, correspondent: Correspondent, mark: str
) -> None:
    """An attachment arrives at the partner's helpdesk unchanged, and so does one of the answer."""
    log, patch = (
        Attachment(name, secrets.token_bytes(20_000)) for name in ("log.bin", "patch.bin")
    )
    home, partner = helpdesks.at(route.home), helpdesks.at(route.resource)
    correspondent.write(home.address(), mark, attachments=(log,)).expect_ok()
    ticket = home.find(mark)
    home.pass_on(ticket, partner)
    received = partner.find(mark)
    assert received.attachment(log.name) == log.content
    partner.answer(received.number, "Apply this.", (patch,))
    answered = home.follow(ticket.number, lambda found: found.attachment(patch.name) is not None)
    assert answered.attachment(patch.name) == patch.content
