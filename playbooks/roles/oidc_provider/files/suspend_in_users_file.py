"""Suspends a user of the issuer, or lets the user in again.

NAME is the user's name, SUSPENDED is 1 or 0. The issuer reads its file of users anew when it changes.
"""

import fcntl
import json
import os
from pathlib import Path

USERS = Path("/etc/openid-provider/users.json")

if __name__ == "__main__":
    with open(f"{USERS}.lock", "w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        users = json.loads(USERS.read_text())
        [user] = [user for user in users if user["name"] == os.environ["NAME"]]
        user["suspended"] = os.environ["SUSPENDED"] == "1"
        kept = USERS.stat()
        with open(f"{USERS}.new", "w") as file:
            os.chmod(file.fileno(), kept.st_mode)
            os.chown(file.fileno(), kept.st_uid, kept.st_gid)
            file.write(json.dumps(users, indent=4) + "\n")
        os.replace(f"{USERS}.new", USERS)
