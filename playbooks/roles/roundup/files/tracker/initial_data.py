"""What a new tracker begins with; Roundup runs it with `db`, `adminpw` and `admin_email` in place."""

import json

with open("/etc/helpdesk.json", encoding="utf-8") as file:
    settings = json.load(file)
for order, name in enumerate(settings["hours"][settings["default"]], 1):
    db.priority.create(name=name, order=order)
for order, name in enumerate(("new", "open", "solved"), 1):
    db.status.create(name=name, order=order)
for name in settings["units"]:
    db.unit.create(name=name)
db.user.create(username="admin", password=adminpw, address=admin_email, roles="Admin")
db.user.create(username="anonymous", roles="Anonymous")
