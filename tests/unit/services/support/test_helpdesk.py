"""Waiting for tickets, and what counts as a refusal of mail."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence

import pytest

from harness.answer import Answer
from harness.model import Service, Settings
from harness.services.support import helpdesk as helpdesks
from harness.services.support.helpdesk import Helpdesk, Message, Ticket
from harness.services.support.levels import Level, Urgency
from harness.services.support.mail import Attachment

SENT = Answer(what="mail", status=250, ok=True, denied=False)
REFUSED = Answer(what="mail", status=550, ok=False, denied=True)
TICKET = Ticket(
    number=1,
    subject="no job",
    created=dt.datetime(2026, 11, 30, tzinfo=dt.UTC),
    due=None,
    answered=None,
    warned=None,
    escalated=None,
    messages=(Message("No job starts.", (Attachment("log", b"a"),)),),
)


class Desk(Helpdesk):
    """Has what its looks bring, one after the other."""

    def __init__(self, host: str, looks: Sequence[Sequence[int]] = ()) -> None:
        super().__init__(
            Service(
                type="egi.GGUS",
                endpoint=f"smtp://{host}",
                implementation="x",
                host=host,
                site="A",
                infrastructure="a",
                token_profile="wlcg",
                settings=Settings(working_hour=10),
            )
        )
        self.looks, self.forwarded = list(looks), list[str]()

    def numbers(self, words: str) -> Sequence[int]:
        return self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]

    def read(self, number: int) -> Ticket:
        return dataclasses.replace(TICKET, number=number)

    def answer(self, number: int, text: str, attachments: Sequence[Attachment] = ()) -> None: ...

    def forward(self, ticket: Ticket, to: str) -> None:
        self.forwarded.append(to)

    def set_urgency(self, number: int, level: Level, urgency: Urgency) -> None: ...


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(helpdesks, "POLL", 0.01)


def test_a_ticket_is_awaited() -> None:
    assert Desk("a.test", [[], [], [7]]).find("no job").number == 7


@pytest.mark.parametrize(("seen", "said"), [([], "has no ticket"), ([1, 2], "has 2 tickets")])
def test_no_ticket_or_two_are_told(seen: Sequence[int], said: str) -> None:
    with pytest.raises(AssertionError, match=said):
        Desk("a.test", [seen]).find("no job", patience=0.05)


def test_a_ticket_of_its_own_unit_is_not_forwarded() -> None:
    own, partner = Desk("a.test"), Desk("b.test")
    own.pass_on(TICKET, own)
    own.pass_on(TICKET, partner)
    assert own.forwarded == ["support@b.test"]


def test_a_mail_counts_where_it_opens_a_ticket() -> None:
    assert Desk("a.test", [[], [1]]).opened(SENT, "x").ok
    assert not Desk("a.test", [[]]).opened(SENT, "x", patience=0.05).ok
    assert Desk("a.test", [[1]]).opened(REFUSED, "x") is REFUSED


@pytest.mark.parametrize(
    ("tickets", "mails", "ok", "denied"),
    [([1], "", True, False), ([], "returned: x", False, True), ([], "", False, False)],
)
def test_a_mail_that_comes_back_was_refused(
    tickets: Sequence[int], mails: str, ok: bool, denied: bool
) -> None:
    found = Desk("a.test", [tickets]).opened_or_returned(SENT, "x", lambda: mails, patience=0.05)
    assert (found.ok, found.denied) == (ok, denied)


def test_the_clock_is_that_of_the_helpdesk() -> None:
    assert Desk("a.test").allowed("advanced", "top priority") == dt.timedelta(seconds=40)
    assert Desk("a.test").allowed("base", "urgent") == dt.timedelta(seconds=400)


def test_an_attachment_is_found_by_its_name() -> None:
    assert TICKET.attachment("log") == b"a"
    assert TICKET.attachment("other") is None
    assert TICKET.says("job")
