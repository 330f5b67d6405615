"""Says when the keys of an issuer are fetched anew and dropped, in seconds from now, and makes them older.

ISSUER is the issuer's URL. OLDER is a number of seconds; with DUE, a look for new keys is due at once.
It is the database of scitokens-cpp: the library reads it anew for each token, so that what stands there
is what the service believes.
"""

import json
import os
import sqlite3
import time

DATABASE = "/run/xrootd-keys/scitokens/scitokens_cpp.sqllite"

if __name__ == "__main__":
    db = sqlite3.connect(DATABASE, timeout=10)
    issuer, older, due = (os.environ[name] for name in ("ISSUER", "OLDER", "DUE"))
    for (text,) in db.execute("SELECT keys FROM keycache WHERE issuer = ?", (issuer,)).fetchall():
        kept, now = json.loads(text), int(time.time())
        print(json.dumps({"refresh": kept["next_update"] - now, "expiry": kept["expires"] - now}))
        kept["next_update"] = now - 1 if due else kept["next_update"] - int(older)
        kept["expires"] -= int(older)
        db.execute("UPDATE keycache SET keys = ? WHERE issuer = ?", (json.dumps(kept), issuer))
    db.commit()
