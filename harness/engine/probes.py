"""Whether a service can do what its site does not declare: absence is looked at, not believed.

Each probe is asked once in a session, of the same service, for the same home; scenarios that come later
are shown what it saw. How a service is asked, its kind knows.
"""

from __future__ import annotations

import pkgutil
from dataclasses import dataclass, replace
from typing import Protocol

from harness.engine.needs import Need
from harness.errors import TestbedError
from harness.evidence import EARLIER, Step, replay, step
from harness.kinds import Fixture, registry
from harness.model import Infrastructure, Service, Site

NO_ENDPOINT = "no endpoint is declared, so nothing can be probed"
NO_PROBE = "there is no probe for it, so its absence is not verified"


@dataclass(frozen=True)
class Finding:
    """What a probe saw of a capability that is not declared."""

    there: bool
    """True where the service can do it all the same."""
    seen: str
    steps: tuple[Step, ...] = ()


class Probe(Protocol):
    """What a kind of service brings: a function that looks whether a service has a capability."""

    def __call__(
        self, service: Service, capability: str, *, home: Infrastructure, fixture: Fixture
    ) -> Finding | None:
        """Ask a service as a member of `home`; None where there is no probe for it."""
        ...


class Probes:
    """Asks services, as a member of the route's home, and remembers what they answered.

    Parameters
    ----------
    fixture
        returns a fixture of the session by its name.
    """

    def __init__(self, fixture: Fixture) -> None:
        self._fixture = fixture
        self._found: dict[tuple[str, str, str], Finding] = {}

    def ask(self, need: Need, site: Site, home: Infrastructure) -> list[Finding]:
        """Look at every service of the site that could be what a scenario needs."""
        services = need.services(site)
        if not need.capabilities or not services:
            return [Finding(there=False, seen=NO_ENDPOINT)]
        return [
            self._ask(service, capability, home)
            for service in services
            for capability in need.capabilities
        ]

    def _ask(self, service: Service, capability: str, home: Infrastructure) -> Finding:
        key = (home.name, service.endpoint, capability)
        if key in self._found:
            replay(self._found[key].steps, note=EARLIER)
            return self._found[key]
        with step(f"probe: {capability} of {service.endpoint}, which is not declared") as record:
            finding = self._look(service, capability, home)
            record.receive(finding.seen)
        self._found[key] = replace(finding, steps=(record,))
        return finding

    def _look(self, service: Service, capability: str, home: Infrastructure) -> Finding:
        try:
            if name := registry().of(service.type).probe:
                probe: Probe = pkgutil.resolve_name(name)
                if found := probe(service, capability, home=home, fixture=self._fixture):
                    return found
        except (TestbedError, AssertionError) as error:
            return Finding(there=False, seen=f"the probe failed: {error}".splitlines()[0])
        return Finding(there=False, seen=NO_PROBE)
