"""A helpdesk as its agents see it, whatever its software."""

from __future__ import annotations

import dataclasses
import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlsplit

from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_fixed

from harness.answer import Answer
from harness.model import Service
from harness.services.support.kind import HelpdeskSettings
from harness.services.support.levels import HOURS, Level, Urgency
from harness.services.support.mail import Attachment

Seen = TypeVar("Seen")

AGENT = "agent"
"""The account of the helpdesk's agents."""

POLL = 2.0
"""Seconds between two looks at a helpdesk."""

DELIVERY = 120.0
"""Seconds in which a mail has become part of a ticket: two mail servers, and two helpdesks' programs."""


@dataclass(frozen=True)
class Message:
    """What somebody wrote into a ticket."""

    text: str
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True)
class Ticket:
    """A ticket as it stands; times are UTC, and None where the helpdesk has none."""

    number: int
    subject: str
    created: dt.datetime
    due: dt.datetime | None
    """Until when it must be answered."""
    answered: dt.datetime | None
    """When its support unit first answered."""
    warned: dt.datetime | None
    """When the helpdesk warned the support unit."""
    escalated: dt.datetime | None
    """When the helpdesk called the operations."""
    messages: tuple[Message, ...]
    """The first opened it."""

    def says(self, words: str) -> bool:
        """Tell whether any message has these words."""
        return any(words in message.text for message in self.messages)

    def attachment(self, name: str) -> bytes | None:
        """Return an attachment by its name; None where no message has it."""
        found = (
            one for message in self.messages for one in message.attachments if one.name == name
        )
        return next((one.content for one in found), None)


class Helpdesk(ABC):
    """A helpdesk, used by its own agents; each has a support unit for each level."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.host = urlsplit(service.endpoint).hostname or service.host
        """Its mail server, and what comes after the `@` of its addresses."""

    def address(self, unit: str = "support") -> str:
        """Return where a support unit gets mail: that of a level, or that of the site."""
        return f"{unit}@{self.host}"

    def allowed(self, level: Level, urgency: Urgency) -> dt.timedelta:
        """Return how long a ticket may wait, by this helpdesk's own clock."""
        hour = HelpdeskSettings.of(self.service).working_hour
        return dt.timedelta(seconds=HOURS[level][urgency] * hour)

    @abstractmethod
    def numbers(self, words: str) -> Sequence[int]:
        """Return the numbers of the tickets that have these words in their subject."""

    @abstractmethod
    def read(self, number: int) -> Ticket:
        """Return a ticket as it stands.

        Raises
        ------
        AssertionError
            where the helpdesk does not show it to its agents.
        """

    @abstractmethod
    def answer(self, number: int, text: str, attachments: Sequence[Attachment] = ()) -> None:
        """Answer, as an agent; whoever takes part in the ticket gets a mail.

        Raises
        ------
        AssertionError
            where the helpdesk does not take it.
        """

    @abstractmethod
    def forward(self, ticket: Ticket, to: str) -> None:
        """Let an address take part in a ticket, and send it what the user wrote and attached.

        Raises
        ------
        AssertionError
            where the helpdesk does not do it.
        """

    @abstractmethod
    def set_urgency(self, number: int, level: Level, urgency: Urgency) -> None:
        """Say how urgent a ticket of a level's support unit is.

        Raises
        ------
        AssertionError
            where the helpdesk does not take it.
        """

    def pass_on(self, ticket: Ticket, partner: Helpdesk) -> None:
        """Pass a ticket on to the support unit of a partner; of its own unit it is already.

        Raises
        ------
        AssertionError
            where the helpdesk does not do it.
        """
        if partner.host != self.host:
            self.forward(ticket, partner.address())

    def find(self, words: str, *, patience: float = DELIVERY) -> Ticket:
        """Wait for the one ticket that has these words in its subject.

        Raises
        ------
        AssertionError
            where there is none in so many seconds, or more than one.
        """
        found = _wait(lambda: self.numbers(words), bool, patience)
        assert found, f"{self.host} has no ticket `{words}` after {patience:g} s"
        assert len(found) == 1, f"{self.host} has {len(found)} tickets `{words}`"
        return self.read(found[0])

    def follow(
        self, number: int, until: Callable[[Ticket], bool], *, patience: float = DELIVERY
    ) -> Ticket:
        """Return a ticket as soon as something is so, or as it stands after so many seconds."""
        return _wait(lambda: self.read(number), until, patience)

    def opened(self, sent: Answer, words: str, *, patience: float = DELIVERY) -> Answer:
        """Return the answer to a mail; `ok` only where the mail has opened a ticket with these words."""
        if not sent.ok:
            return sent
        found = _wait(lambda: self.numbers(words), bool, patience)
        return dataclasses.replace(sent, ok=bool(found))

    def opened_or_returned(
        self, sent: Answer, words: str, mailbox: Callable[[], str], *, patience: float = DELIVERY
    ) -> Answer:
        """Return the answer to a mail: `ok` where it has opened a ticket, `denied` where it was returned.

        Parameters
        ----------
        mailbox
            returns what mail there is for the sender.
        """
        if not sent.ok:
            return sent
        _wait(lambda: bool(self.numbers(words)) or words in mailbox(), bool, patience)
        opened = bool(self.numbers(words))
        returned = not opened and words in mailbox()
        return dataclasses.replace(sent, ok=opened, denied=returned)


def _wait(look: Callable[[], Seen], enough: Callable[[Seen], bool], patience: float) -> Seen:
    attempts = Retrying(
        retry=retry_if_result(lambda seen: not enough(seen)),
        stop=stop_after_delay(patience),
        wait=wait_fixed(POLL),
    )
    try:
        return attempts(look)
    except RetryError as error:
        last: Seen = error.last_attempt.result()
        return last
