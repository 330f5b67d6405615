"""A mail server that is down for a while, as its operator makes it."""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol
from urllib.parse import urlsplit

import pytest

from harness.engine import disturbance
from harness.errors import Unreachable
from harness.evidence import step
from harness.journal import Journal
from harness.model import Route, Testbed
from harness.services.support.kind import HELPDESK, REQUEST_TRACKER, ROUNDUP
from harness.shell import Shell

MINUTE = 60.0
"""Seconds for which a mail server is down, at least."""


class StoppedMail(Protocol):
    """Stops the mail server of the resource's helpdesk for a minute."""

    def __call__(self) -> AbstractContextManager[None]:
        """Stop it on entry; start it again when the block has ended and the minute is over."""
        ...


UNITS: Mapping[str, str] = {REQUEST_TRACKER: "postfix", ROUNDUP: "opensmtpd"}
"""Implementation of a helpdesk -> the unit of its mail server."""


@pytest.fixture
def stopped_mail(testbed: Testbed, route: Route, journal: Journal) -> StoppedMail:
    """Stop the mail server of the resource's helpdesk for a minute; add the mark `alone`."""
    service = route.resource.service(HELPDESK)
    host = testbed.host(urlsplit(service.endpoint).hostname or service.host)
    disturbance.require(host, "so it cannot stop its mail server")
    unit = UNITS[service.implementation]

    @contextmanager
    def stop() -> Iterator[None]:
        start = f"systemctl start {shlex.quote(unit)}"
        with journal.changed(host, f"{unit} is stopped", start):
            with step(f"stop {unit} at {host.name}") as record:
                done = Shell(host).run(["systemctl", "stop", unit])
                record.receive(done.stdout + done.stderr)
            if done.code:
                raise Unreachable(f"{unit} does not stop: {done.stderr}", host.name)
            began = time.monotonic()
            yield
            time.sleep(max(0.0, MINUTE - (time.monotonic() - began)))

    return stop
