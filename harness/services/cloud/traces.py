"""From a login to its user, by the log of the web server before a Keystone."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable

import pytest

from harness.engine.not_shown import NotRun
from harness.engine.site_records import SiteRecords, Trace
from harness.model import Route
from harness.services.cloud.kind import KEYSTONE

TracedLogins = Callable[[str], tuple[Trace, ...]]

_LINE = re.compile(
    r'client="(?P<address>[^"]*)" iss="(?P<issuer>[^"]*)" '
    r'sub="(?P<subject>[^"]*)" jti="(?P<token_id>[^"]*)"$'
)


def of_keystone(printed: str) -> tuple[Trace, ...]:
    """Read the lines of logins, which end in the client's address and the claims of the token."""
    matches = filter(None, map(_LINE.search, printed.splitlines()))
    return tuple(
        Trace(**{key: "" if value == "-" else value for key, value in match.groupdict().items()})
        for match in matches
    )


@pytest.fixture
def traced_logins(site_records: SiteRecords, route: Route) -> TracedLogins:
    """Tell by the log of the resource's Keystone who has logged in, by the name of the client's program.

    Logins of other scenarios come in the same second. Where the testbed has not made the host, the scenario
    is not run.
    """
    service = route.resource.service(KEYSTONE)
    if service.implementation != "keystone":
        raise NotRun(f"the testbed cannot read the records of {service.implementation}.")

    def find(agent: str) -> tuple[Trace, ...]:
        log = "/var/log/apache2/keystone_access.log"
        command = f"grep -hF {shlex.quote(agent)} {log} || true"
        return of_keystone(site_records.read(service, command, sought=f"logins by {agent}"))

    return find
