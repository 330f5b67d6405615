"""The tracker of a helpdesk: tickets of support units, with the clock of their level.

Roundup runs it with `db`, `Class`, `IssueClass`, ... in place. A unit has a level; how long a ticket may
wait follows from level and urgency (detectors/level.py).
"""

priority = Class(db, "priority", name=String(), order=Number())
priority.setkey("name")
status = Class(db, "status", name=String(), order=Number())
status.setkey("name")
unit = Class(db, "unit", name=String())
unit.setkey("name")
query = Class(db, "query", klass=String(), name=String(), url=String(), private_for=Link("user"))
user = Class(
    db,
    "user",
    username=String(),
    password=Password(),
    address=String(),
    realname=String(),
    phone=String(),
    organisation=String(),
    alternate_addresses=String(),
    queries=Multilink("query"),
    roles=String(),
    timezone=String(),
)
user.setkey("username")
msg = FileClass(
    db,
    "msg",
    author=Link("user", do_journal="no"),
    recipients=Multilink("user", do_journal="no"),
    date=Date(),
    summary=String(),
    files=Multilink("file"),
    messageid=String(),
    inreplyto=String(),
)
file = FileClass(db, "file", name=String())
issue = IssueClass(
    db,
    "issue",
    assignedto=Link("user"),
    priority=Link("priority"),
    status=Link("status"),
    unit=Link("unit"),
    due=Date(),
    answered=Date(),
    warned=Date(),
    escalated=Date(),
)

# Whoever writes becomes a user, who may write more by mail, and nothing else.
db.security.addPermission(name="Register", klass="user", description="May become a user")
db.security.addPermissionToRole("Anonymous", "Email Access")
db.security.addPermissionToRole("Anonymous", "Register", "user")
db.security.addPermissionToRole("User", "Email Access")
for name in ("issue", "msg", "file"):
    db.security.addPermissionToRole("User", "Create", name)
    db.security.addPermissionToRole("User", "Edit", name)
for name in ("issue", "msg", "file", "priority", "status", "unit"):
    db.security.addPermissionToRole("User", "View", name)

# Agents answer, and enter the units of partners as users to whom tickets go.
db.security.addRole(name="Agent", description="Answers tickets")
for permission in ("Web Access", "Rest Access", "Email Access"):
    db.security.addPermissionToRole("Agent", permission)
for name in ("issue", "msg", "file", "user", "priority", "status", "unit"):
    for permission in ("View", "Create", "Edit"):
        db.security.addPermissionToRole("Agent", permission, name)
