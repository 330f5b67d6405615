"""Suspends a user of the portal, or lets the user in again.

NAME is the user's name, SUSPENDED is 1 or 0. A refresh token renews as long as the session lasts in which
it was issued, so a suspension ends the user's sessions.
"""

import os
import sqlite3
import subprocess

USERS = "/var/lib/lemonldap-ng/users/users.db"
SESSIONS = "/usr/share/lemonldap-ng/bin/lemonldap-ng-sessions"

if __name__ == "__main__":
    suspended, name = os.environ["SUSPENDED"] == "1", os.environ["NAME"]
    db = sqlite3.connect(USERS, timeout=10)
    changed = db.execute("UPDATE users SET suspended = ? WHERE uid = ?", (suspended, name))
    if changed.rowcount != 1:
        raise SystemExit(f"{USERS} has no user {name}")
    db.commit()
    if suspended:
        subprocess.run([SESSIONS, "delete", "--where", f"uid={name}"], check=True)
