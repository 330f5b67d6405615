"""From the id of a job to its user, by the records of the computing element."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Mapping

import pytest

from harness.engine.not_shown import NotRun
from harness.engine.site_records import SiteRecords, Trace
from harness.model import Route
from harness.services.compute.kind import ARC, HTCONDOR

TracedJob = Callable[[str], Trace]

_ATTRIBUTES = {
    "issuer": "AuthTokenIssuer",
    "subject": "AuthTokenSubject",
    "token_id": "AuthTokenId",
}
"""Of a job's ClassAd (HTCondor manual, "Job ClassAd Attributes")."""


def _condor(job_id: str) -> str:
    """Return the command that prints the record of a job: of the queue, or of those that have left it."""
    names = ",".join(_ATTRIBUTES.values())
    question = f"{shlex.quote(job_id)} -json -attributes {names}"
    return f'found=$(condor_q {question}) && echo "${{found:-$(condor_history {question})}}"'


_CONTROL, _LOG = "/var/spool/arc/jobstatus/jobs", "/var/log/arc/arex-jobs.log"


def _arc(job_id: str) -> str:
    """Return the command that prints when the job came and whose it is, and while it is kept, its claims.

    A-REX writes its log at once. Its folder of the job goes when the owner cleans the job.
    """
    folder = "/".join(job_id[at : at + 3] for at in range(0, len(job_id), 3))
    local = shlex.quote(f"{_CONTROL}/{folder}/local")
    started = shlex.quote(f"Started - job id: {job_id},")
    return (
        f"grep -hF {started} {_LOG}* || true\n"
        f"[ ! -e {local} ] || grep -E '^(clientname|tokenclaim[.](iss|sub|jti))=' {local} || true"
    )


def of_condor(printed: str) -> Trace:
    """Read the record of a job in a queue of HTCondor."""
    jobs = json.loads(printed.strip() or "[]")
    ad = jobs[0] if jobs else {}
    return Trace(**{name: str(ad.get(key, "")) for name, key in _ATTRIBUTES.items()})


def of_arc(printed: str) -> Trace:
    """Read A-REX's log of jobs, whose owner is issuer and subject with a slash between, and the claims."""
    said = dict(re.findall(r"^(?:tokenclaim[.])?(clientname|iss|sub|jti)=(.*)$", printed, re.M))
    owner = re.search(r'owner: "([^"]*)/([^"/]*)"', printed)
    issuer, subject = owner.groups() if owner else (said.get("iss", ""), said.get("sub", ""))
    return Trace(
        issuer=issuer,
        subject=subject,
        token_id=said.get("jti", ""),
        address=said.get("clientname", "").rpartition(":")[0].strip("[]"),
    )


_READERS: Mapping[str, tuple[Callable[[str], str], Callable[[str], Trace]]] = {
    "arc": (_arc, of_arc),
    "htcondor": (_condor, of_condor),
}
"""Implementation -> the command that its administrator types, and how its answer is read."""


@pytest.fixture
def traced_job(site_records: SiteRecords, route: Route) -> TracedJob:
    """Tell by the records of the resource's computing element whose a job is.

    Where the testbed has not made the host, the scenario is not run.
    """
    service = route.resource.service(ARC, HTCONDOR)
    if service.implementation not in _READERS:
        raise NotRun(f"the testbed cannot read the records of {service.implementation}.")
    command, read = _READERS[service.implementation]

    def find(job_id: str) -> Trace:
        return read(site_records.read(service, command(job_id), sought=f"job {job_id}"))

    return find
