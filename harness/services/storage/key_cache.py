"""The issuers' keys that a service keeps: how long, and what it does when that time has passed."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

from harness.engine.offer import NotRun
from harness.errors import Unreachable
from harness.evidence import step
from harness.model import Host, Route, Service, Testbed
from harness.shell import Shell

_SCITOKENS = """
import json, os, sqlite3, time

db = sqlite3.connect("/run/xrootd-keys/scitokens/scitokens_cpp.sqllite", timeout=10)
issuer, older, due = (os.environ[name] for name in ("ISSUER", "OLDER", "DUE"))
for (text,) in db.execute("SELECT keys FROM keycache WHERE issuer = ?", (issuer,)).fetchall():
    kept, now = json.loads(text), int(time.time())
    print(json.dumps({"refresh": kept["next_update"] - now, "expiry": kept["expires"] - now}))
    kept["next_update"] = now - 1 if due else kept["next_update"] - int(older)
    kept["expires"] -= int(older)
    db.execute("UPDATE keycache SET keys = ? WHERE issuer = ?", (json.dumps(kept), issuer))
db.commit()
"""
"""Tells when an issuer's keys are due (seconds from now), and makes them older.

It is the database of scitokens-cpp, where the role `xrootd` has it; the library reads it anew for
each token, so that what stands there is what the service believes.
"""


@dataclass(frozen=True)
class KeyTimes:
    """When a service fetches an issuer's keys anew, and when it drops them: seconds from now."""

    refresh: int
    expiry: int


class KeyCache:
    """The keys of the home's issuer at one service."""

    def __init__(self, service: Service, *, host: Host, issuer: str) -> None:
        self._service, self._host, self._issuer = service, host, issuer

    def times(self) -> KeyTimes:
        """Tell how long the keys are still kept.

        Raises
        ------
        Unreachable
            where the service holds no keys of the issuer.
        """
        found = self._edit()
        if found is None:
            raise Unreachable(f"no keys of {self._issuer} are kept", self._host.name)
        return found

    def age(self, seconds: int) -> None:
        """Let the service believe that it has had the keys for so much longer."""
        self._edit(older=seconds)

    def make_due(self) -> None:
        """Let the service look for new keys at the next token.

        Those that keep them in memory (mod_auth_openidc, mod_oauth2) do so at each key unknown to them.
        """
        if self._service.implementation == "xrootd":
            self._edit(due=True)

    def _edit(self, *, older: int = 0, due: bool = False) -> KeyTimes | None:
        if self._service.implementation != "xrootd":
            raise NotRun(f"{self._service.implementation} keeps keys in memory, out of reach.")
        with step(f"{self._host.name}: keys of {self._issuer}") as record:
            record.send("a look for new ones is due" if due else f"older by {older} s")
            env = {"ISSUER": self._issuer, "OLDER": str(older), "DUE": "1" if due else ""}
            done = Shell(self._host).run(["python3", "-c", _SCITOKENS], env=env)
            record.receive(done.stdout + done.stderr)
            if done.code:
                raise Unreachable(f"the kept keys: {done.stderr.strip()[-200:]}", self._host.name)
            return KeyTimes(**json.loads(done.stdout)) if done.stdout.strip() else None


class KeyCaches:
    """What the services of the resource keep of the home's issuer."""

    def __init__(self, testbed: Testbed, route: Route) -> None:
        self._testbed, self._route = testbed, route

    def of(self, service: Service) -> KeyCache:
        """Return the keys that a service keeps; at a real site they are out of reach."""
        host = self._testbed.host(service.host)
        if not host.roles:
            raise NotRun(f"the testbed has no hand on {host.name}, nor on the keys that it keeps.")
        return KeyCache(service, host=host, issuer=self._route.home.issuer)


@pytest.fixture
def key_caches(testbed: Testbed, route: Route) -> KeyCaches:
    """What the services of the resource keep of the home's issuer."""
    return KeyCaches(testbed, route)
