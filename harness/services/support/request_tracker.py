"""Request Tracker, by its REST interface 2 (docs.bestpractical.com, RT::REST2)."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from harness.answer import Answer
from harness.clients.http import Http
from harness.model import Service
from harness.redaction import redactor
from harness.services.support.helpdesk import AGENT, Helpdesk, Message, Ticket
from harness.services.support.levels import Level, Urgency
from harness.services.support.mail import Attachment

WARNED, ESCALATED = 75, 100
"""Priority to which the role sets a ticket when it warns its unit, and when it calls the operations."""

_MOST = "100"
"""Entries of a list that are asked for at once."""


class RequestTracker(Helpdesk):
    """Request Tracker, used by an agent."""

    def __init__(self, service: Service, http: Http, password: str) -> None:
        super().__init__(service)
        self._http, self._password = http, redactor.remember(password)

    def numbers(self, words: str) -> Sequence[int]:
        """Return the numbers of the tickets that have these words in their subject."""
        query = {"query": f"Subject LIKE '{words}'", "fields": "Subject", "per_page": _MOST}
        return [int(one["id"]) for one in self._ask("GET", "tickets", params=query).json["items"]]

    def read(self, number: int) -> Ticket:
        """Return a ticket as it stands."""
        found = self._ask("GET", f"ticket/{number}").json
        history = self._list(f"ticket/{number}/history", "Type,Created,Field,NewValue,Creator")
        return Ticket(
            number=number,
            subject=found["Subject"],
            created=_time(found["Created"]) or dt.datetime.min.replace(tzinfo=dt.UTC),
            due=_time(found["Due"]),
            answered=_first(_answers(history)),
            warned=_first(_risen(history, WARNED)),
            escalated=_first(_risen(history, ESCALATED)),
            messages=tuple(self._messages(number, history)),
        )

    def answer(self, number: int, text: str, attachments: Sequence[Attachment] = ()) -> None:
        """Answer, as an agent; whoever takes part in the ticket gets a mail."""
        files = [
            {
                "FileName": one.name,
                "FileType": "application/octet-stream",
                "FileContent": base64.b64encode(one.content).decode(),
            }
            for one in attachments
        ]
        said: dict[str, Any] = {"Content": text, "ContentType": "text/plain"}
        if files:
            said["Attachments"] = files
        self._ask("POST", f"ticket/{number}/correspond", json=said)

    def forward(self, ticket: Ticket, to: str) -> None:
        """Let an address take part in a ticket, and send it what the user wrote and attached."""
        self._ask("PUT", f"ticket/{ticket.number}", json={"AdminCc": [to]})
        first = ticket.messages[0]
        self.answer(ticket.number, first.text, first.attachments)

    def set_urgency(self, number: int, level: Level, urgency: Urgency) -> None:
        """Say how urgent a ticket of a level's support unit is."""
        self._ask("PUT", f"ticket/{number}", json={"SLA": f"{level}, {urgency}"})

    def _messages(self, number: int, history: Iterable[Mapping[str, Any]]) -> Iterable[Message]:
        """Yield what was written, by users and by agents; not the mails that RT keeps of it."""
        written = [str(one["id"]) for one in history if one["Type"] in ("Create", "Correspond")]
        parts: dict[str, list[Mapping[str, Any]]] = {one: [] for one in written}
        for one in self._list(f"ticket/{number}/attachments", "TransactionId,ContentType,Filename"):
            transaction = _id(one["TransactionId"])
            if transaction in parts:
                parts[transaction].append(one)
        for found in parts.values():
            yield Message(
                text="\n".join(
                    self._content(one["id"]).decode(errors="replace")
                    for one in found
                    if one["ContentType"] == "text/plain" and not one.get("Filename")
                ),
                attachments=tuple(
                    Attachment(one["Filename"], self._content(one["id"]))
                    for one in found
                    if one.get("Filename")
                ),
            )

    def _content(self, id_: object) -> bytes:
        found = self._ask("GET", f"attachment/{id_}").json
        return base64.b64decode(found["Content"])

    def _list(self, path: str, fields: str) -> list[Mapping[str, Any]]:
        query = {"fields": fields, "per_page": _MOST}
        found: list[Mapping[str, Any]] = self._ask("GET", path, params=query).json["items"]
        return sorted(found, key=lambda one: int(one["id"]))

    def _ask(self, method: str, path: str, **rest: Any) -> Answer:
        return self._http.request(
            method,
            f"https://{self.host}/REST/2.0/{path}",
            auth=(AGENT, self._password),
            headers={"Accept": "application/json"},
            **rest,
        ).expect_ok()


def _answers(history: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    return (
        str(one["Created"])
        for one in history
        if one["Type"] == "Correspond" and _id(one["Creator"]) == AGENT
    )


def _risen(history: Iterable[Mapping[str, Any]], priority: int) -> Iterable[str]:
    return (
        str(one["Created"])
        for one in history
        if one.get("Field") == "Priority" and str(one.get("NewValue")) == str(priority)
    )


def _first(times: Iterable[str]) -> dt.datetime | None:
    return next(map(_time, times), None)


def _id(reference: object) -> str:
    """Return the id of what RT names by a mapping, or by the id alone."""
    return str(reference["id"] if isinstance(reference, Mapping) else reference)


def _time(written: str | None) -> dt.datetime | None:
    """Return a time; None for the beginning of 1970, by which RT says that there is none."""
    found = dt.datetime.fromisoformat(written) if written else None
    return None if found is None or found.timestamp() == 0 else found
