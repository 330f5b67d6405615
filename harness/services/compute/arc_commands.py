"""ARC CE by the commands that a user types: arcsub, arcstat, arcget, arckill, arcclean.

The token stands in the environment, as ARC's manual has it (`BEARER_TOKEN`).
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from harness import names
from harness.answer import Answer, objects, whole
from harness.clients.outages import outages
from harness.clients.silence import raise_if_silent
from harness.clients.workstations import Workstation
from harness.services.compute.arc import xrsl
from harness.services.compute.client import (
    ComputingElement,
    JobDescription,
    JobState,
    JobStatus,
    Submission,
    state_of,
    values,
)
from harness.services.issuer.tokens import Token

_STATES: Final[Mapping[str, JobState]] = {
    **dict.fromkeys(
        ("Accepted", "Preparing", "Submitting", "Queuing", "Undefined"), JobState.QUEUED
    ),
    **dict.fromkeys(("Running", "Finishing", "Other"), JobState.RUNNING),
    "Hold": JobState.HELD,
    "Finished": JobState.DONE,
    "Failed": JobState.FAILED,
    "Killed": JobState.CANCELLED,
    "Deleted": JobState.GONE,
}
"""States as arcstat prints them (ARC's manual, "Job states")."""

_DENIED = re.compile(
    r"^(?:\[[^\]]*\] )*(?:(?:ERROR|WARNING|INFO|VERBOSE)(?::|\]) *(?:\[[^\]]*\] )*)?(?:"
    r"Failed to (?:submit all jobs|process jobs)[\w -]*: (?:401|403)(?!\d)"
    r"|(?:Unexpected|Wrong) (?:response|HTTP) code[\w ]*(?::| -) (?:401|403)(?!\d)"
    r"|(?:401|403) (?:Unauthorized|Forbidden)(?!\w)"
    r"|Cannot find any token|No supported identity)",
    re.M,
)
"""Lines in which ARC's commands tell the status of HTTP (SubmitterPluginREST), or that they hold nothing
to log in with."""


_WRITING = frozenset({"arcsub", "arckill", "arcclean"})
"""Commands that change what the element has."""


class ArcCommands(ComputingElement):
    """An ARC CE, as a user of ARC's commands sees it. The ID of a job is its URL.

    Parameters
    ----------
    endpoint
        `https://<host>[:port]/arex`.
    workstation
        where the commands run.
    """

    def __init__(self, *, endpoint: str, audience: str, workstation: Workstation) -> None:
        super().__init__(name=endpoint, audience=audience)
        self._workstation = workstation
        self._folder = names.fresh()

    def _submit(self, description: JobDescription, token: Token | None) -> Submission:
        """Submit without asking other elements, and without delegation, which no file needs here."""
        if description.files:
            raise ValueError("arcsub is given jobs without files of their own")
        answer = self._type(
            "arcsub",
            f"-C {self.name} -T arcrest -Q NONE -n -e {shlex.quote(xrsl(description))}",
            token,
        )
        found = re.search(r"^Job submitted with jobid: (\S+)\s*$", answer.text, re.M)
        if not (answer.ok and found):
            return Submission(**values(answer) | {"ok": False})
        return Submission(**values(answer), job_id=found.group(1))

    def statuses(self, job_ids: Sequence[str], token: Token | None) -> list[JobStatus]:
        """Ask with arcstat."""
        answer = self._type("arcstat", f"--json {' '.join(job_ids)}", token)
        found = {str(job.get("id")): job for job in arc_jobs(answer)}
        if answer.ok and any(job_id not in found for job_id in job_ids):
            self._require_answer()
        return [arc_status(answer, found.get(job_id)) for job_id in job_ids]

    def listing(self, token: Token | None) -> Answer:
        """Ask with arcstat, which has the jobs that were submitted from here."""
        return self._type("arcstat", "--json -a", token)

    def jobs(self, token: Token | None) -> frozenset[str]:
        """List the jobs that were submitted from here."""
        return frozenset(str(job["id"]) for job in arc_jobs(self.listing(token)))

    def output(self, job_id: str, name: str, token: Token | None) -> Answer:
        """Download all output files with arcget, keep the job, and read one of the files."""
        file = f"output/{job_id.rsplit('/', 1)[-1]}/{shlex.quote(name)}"
        return self._type("arcget", f"-k -f -D output {job_id} >&2 && cat {file}", token)

    def cancel(self, job_id: str, token: Token | None) -> Answer:
        """Cancel the job with arckill."""
        return self._type("arckill", f"-k {job_id}", token)

    def clean(self, *job_ids: str, token: Token | None) -> Answer:
        """Remove the jobs with arcclean."""
        return self._type("arcclean", f"-f {' '.join(job_ids)}", token)

    def close(self) -> None:
        """Remove the jobs that are still there, and the folder at the workstation."""
        super().close()
        self._workstation.run(f"rm -rf ~/{self._folder}")

    def _require_answer(self) -> None:
        """Look whether the element answers at all: ARC's commands do not tell that from other failures.

        Raises
        ------
        Unreachable
            where it does not.
        """
        done = self._workstation.run(
            f"curl --silent --show-error --insecure --max-time 10 --output /dev/null {self.name}",
            note="does it answer?",
        )
        raise_if_silent(done, tool="curl", host=urlsplit(self.name).hostname or self.name)

    def _type(self, command: str, rest: str, token: Token | None) -> Answer:
        with outages.asking(self.name, via=self._workstation.host.name):
            done = self._workstation.run(
                f"{command} -j jobs.dat --token-authentication {rest}",
                folder=self._folder,
                env={"BEARER_TOKEN": token.value} if token else None,
                writes=command in _WRITING,
            )
            denied = done.code != 0 and _DENIED.search(done.stderr) is not None
            if done.code and not denied:
                self._require_answer()
        return Answer(
            what=f"{command} at {self.name}",
            status=done.code,
            ok=done.code == 0,
            denied=denied,
            body=(done.stdout if done.code == 0 else f"{done.stdout}{done.stderr}").encode(),
            duration=done.duration,
        )


def arc_status(answer: Answer, job: Mapping[str, Any] | None) -> JobStatus:
    """Read what arcstat says of one job."""
    if job is None:
        return JobStatus(**values(answer) | {"ok": False}, native="not in the answer")
    native = str(job.get("state") or "")
    errors = job.get("jobError")
    told = errors if isinstance(errors, list) else [errors] if isinstance(errors, str) else []
    return JobStatus(
        **values(answer),
        state=state_of(_STATES, native or "undefined"),
        native=native,
        exit_code=whole(job.get("exitCode")),
        reason="; ".join(str(error) for error in told),
    )


def arc_jobs(answer: Answer) -> list[Mapping[str, Any]]:
    """Read the jobs out of what arcstat printed.

    Raises
    ------
    AssertionError
        where it printed no object of JSON with `jobs`.
    """
    if not answer.ok:
        return []
    if "jobs" not in answer.json:
        raise AssertionError(f"no `jobs` in the output of the command: {answer}")
    return list(objects(answer.json["jobs"]))
