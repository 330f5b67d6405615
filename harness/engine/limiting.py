"""The limits of a run, kept by all clients: budgets of sites, downtimes, and a run that only reads."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from harness.clients import limits
from harness.clients.limits import Limits
from harness.conformance import downtimes
from harness.conformance.downtimes import Downtime
from harness.engine.case import case_of
from harness.engine.needs import Need, needs_of
from harness.engine.not_shown import NotRun
from harness.engine.plugin import testbed_of
from harness.errors import BadInput
from harness.kinds import registry
from harness.model import Route, Service, Testbed
from harness.state import State

READ_ONLY = "--read-only"
_OWN = pytest.StashKey[ExitStack]()
"""Holds the limits of a session whose caller keeps none."""


@contextmanager
def kept(
    testbed: Testbed, beside: Path, *, read_only: bool = False, folder: Path | None = None
) -> Iterator[None]:
    """Let all clients of this process keep the limits until the block ends, as of one run.

    So what a run asks before its first scenario, and in its second attempt, counts with the rest.

    Parameters
    ----------
    beside
        folder of the inventory, in which `downtimes.yaml` is.
    folder
        tells what of the sites' budgets is used, and is shared by all parts of a run; the state's own where
        there is none.

    Raises
    ------
    BadInput
        where the downtimes cannot be read.
    """
    declared = downtimes.load(beside / downtimes.FILE, testbed)
    # Not emptied here: parts of a run share it. Who holds the testbed alone forgets what it tells.
    folder = folder or State(testbed.name).make().limits
    folder.mkdir(exist_ok=True)
    limits.keep(
        Limits(
            testbed,
            folder=folder,
            read_only=read_only,
            closed=lambda service: closed(service, declared),
        )
    )
    try:
        yield
    finally:
        limits.keep(None)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option of a run that only reads."""
    group = parser.getgroup("testbed")
    group.addoption(READ_ONLY, action="store_true", help="store and submit nothing")


def pytest_sessionstart(session: pytest.Session) -> None:
    """Let all clients keep the limits, before the workers are forked from this process."""
    config = session.config
    if config.option.collectonly or limits.are_kept():
        return
    path = config.option.inventory
    own = config.stash.setdefault(_OWN, ExitStack())
    try:
        own.enter_context(
            kept(
                testbed_of(config),
                path if path.is_dir() else path.parent,
                read_only=config.option.read_only,
            )
        )
    except BadInput as error:
        raise pytest.UsageError(str(error)) from error


def pytest_unconfigure(config: pytest.Config) -> None:
    """Let the limits end with the session, where it began them."""
    if _OWN in config.stash:
        config.stash[_OWN].close()


def closed(
    service: Service, declared: Sequence[Downtime], *, now: dt.datetime | None = None
) -> str:
    """Say why a service is not to be asked: a downtime that lasts; nothing where there is none.

    What is only at risk is asked.
    """
    time = now or dt.datetime.now(dt.UTC)
    for one in declared:
        if one.is_outage and one.affects(service) and one.covers(time):
            return (
                f"{service.type} at {service.host} ({service.site}) is in a declared downtime until "
                f"{one.end:%Y-%m-%d %H:%M} UTC: {one.description}"
            )
    return ""


def check(item: pytest.Item, route: Route, testbed: Testbed) -> None:
    """Do not run a scenario that asks a service in downtime, or that writes in a run that only reads.

    What shows only when the scenario runs, its clients refuse.

    Raises
    ------
    NotRun
        with the reason.
    """
    for service in _asked(item, route, testbed):
        if why := limits.closed(service):
            raise NotRun(why)
    if item.config.option.read_only:
        for need in needs_of(item):
            if _writes(need):
                raise NotRun(f"the run is read-only ({READ_ONLY}), and the scenario needs {need}")


def _asked(item: pytest.Item, route: Route, testbed: Testbed) -> Iterable[Service]:
    """Return the services that a scenario is known to ask: those that it tests, and what it needs."""
    yield from (tested.service for tested in case_of(item).tested)
    for need in needs_of(item):
        services = need.services(need.site(route, testbed))
        if len(services) == 1:
            yield from services


def _writes(need: Need) -> bool:
    kinds = [registry().of(type_) for type_ in need.types]
    return any(one in kind.writing for kind in kinds for one in need.capabilities)
