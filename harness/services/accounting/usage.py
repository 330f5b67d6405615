"""What all repositories of a testbed report of a run, added up by site, home and VO."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from harness.clients.workstations import Workstations
from harness.conformance.usage import Jobs, Reported, Stored, Usage
from harness.errors import TestbedError
from harness.model import Service, Testbed
from harness.provision import vault as vaults
from harness.redaction import redactor
from harness.services.accounting.client import Repository
from harness.services.accounting.kind import KEY, REPOSITORY
from harness.services.accounting.messages import TEST
from harness.services.accounting.records import JobRecord, StorageRecord
from harness.state import State


def keep(testbed: Testbed, state: State, folder: Path, *, since: float) -> None:
    """Ask every repository for what it has received since a moment, and keep the sums in a run's folder.

    A repository that does not return its records is kept with the reason. Without one, nothing is kept.

    Raises
    ------
    TestbedError
        if the file cannot be written.
    """
    services = [one for one in testbed.services() if one.type == REPOSITORY]
    if not services:
        return
    until = dt.datetime.now(dt.UTC)
    workstations = Workstations(testbed, state)
    try:
        found = [_asked(one, testbed, state, workstations, since) for one in services]
    finally:
        workstations.close()
    Usage(
        since=dt.datetime.fromtimestamp(since, dt.UTC).isoformat(timespec="seconds"),
        until=until.isoformat(timespec="seconds"),
        sites={site.name: site.infrastructure for site in testbed.sites},
        repositories=tuple(found),
    ).keep(folder)


def _asked(
    service: Service, testbed: Testbed, state: State, workstations: Workstations, since: float
) -> Reported:
    """Return what a repository reports; it is read from a workstation of its own infrastructure."""
    home, endpoint = service.infrastructure, service.endpoint
    key = vaults.load(state).get(home, {}).get(KEY)
    if key is None:
        why = f"the testbed has no `{KEY}` of {home}"
        return Reported(infrastructure=home, endpoint=endpoint, error=why)
    try:
        http = workstations.http(home)
        repository = Repository(endpoint, http=http, key=key, site="")
        jobs = repository.jobs(since=since)
        stored = repository.storage(since=since)
        used = [one for one in jobs if not _is_test(one)]
        return Reported(
            infrastructure=home,
            endpoint=endpoint,
            jobs=tuple(added(used, issuers(testbed))),
            storage=tuple(last(stored)),
            tests=len(jobs) - len(used),
        )
    except (TestbedError, AssertionError) as error:
        why = redactor.redact(str(error).partition("\n")[0])
        return Reported(infrastructure=home, endpoint=endpoint, error=why)


def issuers(testbed: Testbed) -> Mapping[str, str]:
    """Return issuer -> infrastructure."""
    return {one.issuer.rstrip("/"): one.name for one in testbed.infrastructures}


def added(records: Iterable[JobRecord], issuers: Mapping[str, str]) -> Iterator[Jobs]:
    """Yield the sums of jobs by site, home and VO.

    Raises
    ------
    AssertionError
        if a record has no number where APEL requires one.
    """

    def key(one: JobRecord) -> tuple[str, str, str]:
        return one.site, _home(one, issuers), one.vo

    for (site, home, vo), group in itertools.groupby(sorted(records, key=key), key=key):
        same = list(group)
        yield Jobs(
            site=site,
            home=home,
            vo=vo,
            users=len({one.user or one.fields.get("LocalUserId", "") for one in same}),
            jobs=len(same),
            wall=sum(one.wall * one.processors for one in same),
            processor=sum(one.processor for one in same),
        )


def last(records: Sequence[StorageRecord]) -> Iterator[Stored]:
    """Yield what each group has stored at each site, by the last record of each share.

    Raises
    ------
    AssertionError
        if a record has no number where StAR requires one.
    """
    newest: dict[tuple[str, ...], StorageRecord] = {}
    for one in sorted(records, key=lambda one: one.number("EndTime")):
        newest[one.site, one.fields.get("StorageSystem", ""), one.share] = one

    def key(one: StorageRecord) -> tuple[str, str]:
        return one.site, one.group

    for (site, group), found in itertools.groupby(sorted(newest.values(), key=key), key=key):
        same = list(found)
        yield Stored(
            site=site,
            group=group,
            shares=len(same),
            files=sum(one.number("FileCount") for one in same),
            bytes=sum(one.number("ResourceCapacityUsed") for one in same),
        )


def _home(record: JobRecord, issuers: Mapping[str, str]) -> str:
    """Return the infrastructure whose issuer a record names; empty if it names none of them."""
    return next((name for issuer, name in issuers.items() if issuer in record.user), "")


def _is_test(record: JobRecord) -> bool:
    """Tell whether a scenario has handed the record in: nobody has used what it reports."""
    return record.fields.get("InfrastructureType") == TEST
