#!/usr/bin/python3
"""Looks after tickets that wait: warns their unit, and calls the operations when the time is over.

    look-after-tickets TRACKER

Roundup has no service levels of its own; a timer runs this.
"""

import json
import sys

from roundup import instance
from roundup.date import Date
from roundup.mailer import Mailer

with open("/etc/helpdesk.json", encoding="utf-8") as file:
    SETTINGS = json.load(file)


def main(tracker):
    """Look once at every ticket that waits."""
    db = instance.open(tracker).open("admin")
    try:
        solved = db.status.lookup("solved")
        for one in db.issue.list():
            ticket = db.issue.getnode(one)
            if ticket.due and not ticket.answered and ticket.status != solved:
                _look(db, ticket)
    finally:
        db.close()


def _look(db, ticket):
    begun, due, now = (time.timestamp() for time in (ticket.creation, ticket.due, Date(".")))
    steps = (
        (
            "warned",
            begun + SETTINGS["warning"] * (due - begun),
            "never-warns",
            "will soon be overdue",
            ticket.unit,
        ),
        ("escalated", due, "never-escalates", "is overdue", None),
    )
    for name, since, fault, said, unit in steps:
        if now < since or db.issue.get(ticket.id, name) or SETTINGS["fault"] == fault:
            continue
        whom = db.unit.get(unit, "name") + "-agents" if unit else "operations"
        Mailer(db.config).standard_message(
            [f"{whom}@{SETTINGS['host']}"],
            f"issue{ticket.id} {said}",
            f"{ticket.title}\n\nIt must be answered until {ticket.due} UTC.\n",
        )
        db.issue.set(ticket.id, **{name: Date(".")})
        db.commit()


if __name__ == "__main__":
    main(sys.argv[1])
