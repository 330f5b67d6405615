"""The issuers' keys that a service keeps: how long, and what it does when that time has passed."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

from harness.engine import disturbance
from harness.engine.not_shown import NotRun
from harness.errors import Unreachable
from harness.evidence import step
from harness.inventory import ROLES
from harness.model import Host, Route, Service, Testbed
from harness.shell import Shell

_PROGRAM = ROLES / "xrootd" / "files" / "kept_keys.py"
"""Says how long an issuer's keys are kept, and changes it."""

_IN_DATABASE = "xrootd"
"""The implementation whose keys can be reached: the others keep them in memory."""


@dataclass(frozen=True)
class KeyTimes:
    """When a service fetches an issuer's keys anew, and when it drops them: seconds from now."""

    refresh: int
    expiry: int


class KeyCache:
    """The keys of the home's issuer that one service has cached."""

    def __init__(self, service: Service, *, host: Host, issuer: str) -> None:
        self._service, self._host, self._issuer = service, host, issuer

    def times(self) -> KeyTimes:
        """Return how long the keys will still be cached.

        Raises
        ------
        Unreachable
            where the service holds no keys of the issuer.
        """
        found = self._edit()
        if found is None:
            raise Unreachable(f"no keys of {self._issuer} are cached", self._host.name)
        return found

    def age(self, seconds: int) -> None:
        """Make the cached keys older by so many seconds."""
        self._edit(older=seconds)

    def make_due(self) -> None:
        """Make the service fetch the keys again at the next token.

        Those that keep them in memory (mod_auth_openidc, mod_oauth2) do so at each key unknown to them.
        """
        if self._service.implementation == _IN_DATABASE:
            self._edit(due=True)

    def _edit(self, *, older: int = 0, due: bool = False) -> KeyTimes | None:
        if self._service.implementation != _IN_DATABASE:
            raise NotRun(
                f"{self._service.implementation} at {self._host.name} caches keys in memory, "
                "where the testbed cannot change them."
            )
        with step(f"{self._host.name}: keys of {self._issuer}") as record:
            record.send("a look for new ones is due" if due else f"older by {older} s")
            program = _PROGRAM.read_text(encoding="utf-8")
            env = {"ISSUER": self._issuer, "OLDER": str(older), "DUE": "1" if due else ""}
            done = Shell(self._host).run(["python3", "-c", program], env=env)
            record.receive(done.stdout + done.stderr)
            if done.code:
                raise Unreachable(f"the kept keys: {done.stderr.strip()[-200:]}", self._host.name)
            return KeyTimes(**json.loads(done.stdout)) if done.stdout.strip() else None


class KeyCaches:
    """The keys of the home's issuer that the services of the resource have cached."""

    def __init__(self, testbed: Testbed, route: Route) -> None:
        self._testbed, self._route = testbed, route

    def of(self, service: Service) -> KeyCache:
        """Return the keys that a service keeps; where it may not be disturbed the scenario is not run."""
        host = self._testbed.host(service.host)
        disturbance.require(host, "or its cached keys")
        return KeyCache(service, host=host, issuer=self._route.home.issuer)


@pytest.fixture
def key_caches(testbed: Testbed, route: Route) -> KeyCaches:
    """The keys of the home's issuer that the services of the resource have cached."""
    return KeyCaches(testbed, route)
