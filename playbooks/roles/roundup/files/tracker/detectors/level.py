"""The clock of a unit's level: it begins with the ticket, and stops with the first answer of an agent."""

import json

from roundup.date import Date, Interval

with open("/etc/helpdesk.json", encoding="utf-8") as file:
    SETTINGS = json.load(file)


def _due(db, unit, priority, since):
    """Return until when a ticket must be answered."""
    hours = SETTINGS["hours"][db.unit.get(unit, "name")][db.priority.get(priority, "name")]
    return since + Interval(hours * SETTINGS["hour"])


def begin(db, cl, nodeid, values):
    """Give a new ticket a unit, an urgency, a state, and a time until which it must be answered."""
    values["unit"] = values.get("unit") or db.unit.lookup(SETTINGS["default"])
    values["priority"] = values.get("priority") or db.priority.lookup("less urgent")
    values["status"] = values.get("status") or db.status.lookup("new")
    if SETTINGS["fault"] != "starts-no-clock":
        values["due"] = _due(db, values["unit"], values["priority"], Date("."))


def follow(db, cl, nodeid, values):
    """Follow a change of unit or urgency, and stop the clock when an agent has answered."""
    if SETTINGS["fault"] != "starts-no-clock" and {"unit", "priority"} & set(values):
        unit, priority = (values.get(name) or cl.get(nodeid, name) for name in ("unit", "priority"))
        values["due"] = _due(db, unit, priority, cl.get(nodeid, "creation"))
    added = set(values.get("messages", ())) - set(cl.get(nodeid, "messages"))
    roles = {role for one in added for role in db.user.get_roles(db.msg.get(one, "author"))}
    if "agent" in roles and not cl.get(nodeid, "answered"):
        values["answered"] = Date(".")
        values["status"] = db.status.lookup("open")


def init(db):
    """Called by Roundup."""
    db.issue.audit("create", begin)
    db.issue.audit("set", follow)
