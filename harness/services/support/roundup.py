"""Roundup, by its REST interface (www.roundup-tracker.org/docs/rest.html)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from harness.answer import Answer
from harness.clients.http import Http
from harness.model import Service
from harness.redaction import redactor
from harness.services.support.helpdesk import AGENT, Helpdesk, Message, Ticket
from harness.services.support.levels import Level, Urgency
from harness.services.support.mail import Attachment

_TRACKER = "support"
_TIME = "%Y-%m-%d.%H:%M:%S"


class Roundup(Helpdesk):
    """A Roundup tracker, used by an agent."""

    def __init__(self, service: Service, http: Http, password: str) -> None:
        super().__init__(service)
        self._http, self._password = http, redactor.remember(password)
        self._web = f"https://{self.host}/{_TRACKER}"

    def numbers(self, words: str) -> Sequence[int]:
        """Return the numbers of the tickets that have these words in their subject."""
        found = self._get("issue", title=words, **{"@fields": "title"})["collection"]
        # Roundup looks for each word by itself.
        return [int(one["id"]) for one in found if words in one["title"]]

    def read(self, number: int) -> Ticket:
        """Return a ticket as it stands."""
        found = self._issue(number)["attributes"]
        return Ticket(
            number=number,
            subject=found["title"],
            created=_time(found["creation"]) or dt.datetime.min.replace(tzinfo=dt.UTC),
            due=_time(found["due"]),
            answered=_time(found["answered"]),
            warned=_time(found["warned"]),
            escalated=_time(found["escalated"]),
            messages=tuple(map(self._message, found["messages"])),
        )

    def answer(self, number: int, text: str, attachments: Sequence[Attachment] = ()) -> None:
        """Answer, as an agent; whoever takes part in the ticket gets a mail."""
        self._write(number, text, [self._file(one) for one in attachments])

    def forward(self, ticket: Ticket, to: str) -> None:
        """Let an address take part in a ticket, and send it what the user wrote and attached."""
        first = self._issue(ticket.number)["attributes"]["messages"][0]
        files = self._item("msg", first)["attributes"]["files"]
        known = self._get("user", **{"address:": to})["collection"]
        partner = str(known[0]["id"]) if known else self._partner(to)
        self._write(ticket.number, ticket.messages[0].text, files, nosy=partner)

    def set_urgency(self, number: int, level: Level, urgency: Urgency) -> None:
        """Say how urgent a ticket of a level's support unit is."""
        unit = self._get("unit", name=level)["collection"][0]["id"]
        found = self._get("priority", **{"@fields": "name"})["collection"]
        priority = next(one["id"] for one in found if one["name"] == urgency)
        self._change(number, {"unit": unit, "priority": priority})

    def _partner(self, address: str) -> str:
        """Enter a partner's support unit as a user to whom tickets go."""
        user = {"username": address, "address": address, "roles": "User"}
        return str(self._ask("POST", "user", json=user).json["data"]["id"])

    def _write(self, number: int, text: str, files: Sequence[str], *, nosy: str = "") -> None:
        author = self._get("user", username=AGENT)["collection"][0]["id"]
        message = {"content": text, "type": "text/plain", "author": author, "files": list(files)}
        made = self._ask("POST", "msg", json=message).json["data"]["id"]
        before = self._issue(number)["attributes"]
        changes: dict[str, Any] = {"messages": [*before["messages"], made]}
        if nosy:
            changes["nosy"] = [*before["nosy"], nosy]
        self._change(number, changes)

    def _change(self, number: int, changes: dict[str, Any]) -> None:
        tag = self._issue(number)["@etag"]
        self._ask("PUT", f"issue/{number}", json=changes, headers={"If-Match": tag})

    def _file(self, attachment: Attachment) -> str:
        kind = "application/octet-stream"
        answer = self._ask(
            "POST",
            "file",
            data={"name": attachment.name, "type": kind},
            files={"content": (attachment.name, attachment.content, kind)},
        )
        return str(answer.json["data"]["id"])

    def _message(self, id_: str) -> Message:
        files = self._item("msg", id_)["attributes"]["files"]
        named = {one: self._item("file", one)["attributes"]["name"] for one in files}
        attachments = tuple(Attachment(name, self._raw("file", one)) for one, name in named.items())
        return Message(self._raw("msg", id_).decode(errors="replace"), attachments)

    def _issue(self, number: int) -> Any:
        fields = "title,creation,due,answered,warned,escalated,messages,nosy"
        return self._item("issue", str(number), **{"@fields": fields})

    def _item(self, class_: str, id_: str, **query: str) -> Any:
        return self._get(f"{class_}/{id_}", **{"@verbose": "0", **query})

    def _get(self, path: str, **query: str) -> Any:
        return self._ask("GET", path, params=query).json["data"]

    def _raw(self, class_: str, id_: str) -> bytes:
        path = f"{class_}/{id_}/binary_content"
        return self._ask("GET", path, headers={"Accept": "*/*"}).body

    def _ask(
        self, method: str, path: str, *, headers: dict[str, str] | None = None, **rest: Any
    ) -> Answer:
        """Send a request with what Roundup wants against forged ones of browsers."""
        own = {
            "Accept": "application/json",
            "X-Requested-With": "rest",
            "Origin": f"https://{self.host}",
            "Referer": f"{self._web}/",
        }
        return self._http.request(
            method,
            f"{self._web}/rest/data/{path}",
            auth=(AGENT, self._password),
            headers={**own, **(headers or {})},
            **rest,
        ).expect_ok()


def _time(written: str | None) -> dt.datetime | None:
    return dt.datetime.strptime(written, _TIME).replace(tzinfo=dt.UTC) if written else None
