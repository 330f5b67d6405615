"""HTCondor by the commands that a user types: condor_submit, condor_q, condor_rm, condor_transfer_data.

Each call runs a few lines of shell at the workstation. The token travels in the environment to a file
in memory that only the user reads, and the file ends with the call (HTCondor manual, "SciTokens
authentication": the file may be read by nobody else).
"""

from __future__ import annotations

import base64
import json
import re
import shlex
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlsplit

from harness.answer import Answer
from harness.clients.compute.element import (
    STDERR,
    STDOUT,
    ComputingElement,
    JobDescription,
    JobState,
    JobStatus,
    Submission,
    values,
)
from harness.clients.identity import Token
from harness.clients.workstation import Workstation
from harness.errors import Unreachable
from harness.shell import Completed

_STATES: Final[Mapping[int, tuple[str, JobState]]] = {
    1: ("IDLE", JobState.QUEUED),
    2: ("RUNNING", JobState.RUNNING),
    3: ("REMOVED", JobState.CANCELLED),
    4: ("COMPLETED", JobState.DONE),
    5: ("HELD", JobState.HELD),
    6: ("TRANSFERRING_OUTPUT", JobState.RUNNING),
    7: ("SUSPENDED", JobState.RUNNING),
}
"""`JobStatus` of a job's ClassAd (HTCondor manual, "Job ClassAd Attributes")."""

_ATTRIBUTES = "JobStatus,ExitCode,ExitBySignal,ExitSignal,HoldReason,RemoveReason,Owner"

_UNREACHABLE = re.compile(r"attempt to connect to \S+ failed|unknown host|Failed to connect to <")
_DENIED = re.compile(
    r"required authentication .* failed|AUTHENTICATE:\d+|[Aa]uthentication (?:error|fail)"
    r"|PERMISSION DENIED|Permission denied|DENIED|not authorized|Not authorized"
)
_NOISE = re.compile(r"^.*SciTokens cache directory.*\n?", re.M)
"""A user's command has no cache of keys, says so, and needs none: the server verifies."""


class HTCondorElement(ComputingElement):
    """A pool of HTCondor whose queue takes jobs from remote users.

    Parameters
    ----------
    endpoint
        `condor://<host>:<port>` of the pool's collector.
    workstation
        where the commands run.
    """

    POLL = 0.5

    def __init__(self, *, endpoint: str, audience: str, workstation: Workstation) -> None:
        super().__init__(name=endpoint, audience=audience)
        parts = urlsplit(endpoint)
        self.host = parts.hostname or ""
        self._pool = f"-pool {parts.netloc} -name {self.host}"
        self._workstation = workstation

    def submit(self, description: JobDescription, token: Token | None) -> Submission:
        """Submit from a folder of its own, where the outputs come back to, and leave it there."""
        folder = f'"$HOME"/testbed-jobs/{uuid.uuid4().hex}'
        files = {"job.sub": submit_file(description).encode(), **description.files}
        unpack = "\n".join(
            f'printf %s "$FILE_{number}" | base64 -d > {shlex.quote(name)}'
            for number, name in enumerate(files)
        )
        answer = self._type(
            f"mkdir -p {folder} && cd {folder}\n{unpack}\n"
            f"condor_submit -debug {self._pool} -spool -terse job.sub",
            token,
            note="condor_submit",
            env={
                f"FILE_{number}": base64.b64encode(content).decode()
                for number, content in enumerate(files.values())
            },
        )
        first = re.match(r"(\d+\.\d+)", answer.text)
        return Submission(
            **values(answer) | {"ok": answer.ok and first is not None},
            job_id=first.group(1) if first else "",
        )

    def status(self, job_id: str, token: Token | None) -> JobStatus:
        """Ask the queue; a job that has left it is looked up in the history."""
        question = f"{self._pool} {job_id} -json -attributes {_ATTRIBUTES}"
        answer = self._type(
            f"found=$(condor_q -debug {question}) || exit\n"
            f'[ -n "$found" ] || found=$(condor_history {question}) || exit\n'
            'printf %s "$found"',
            token,
            note="condor_q",
        )
        return job_status(answer)

    def output(self, job_id: str, name: str, token: Token | None) -> Answer:
        """Fetch the outputs to where the job was submitted from, and read one of them."""
        return self._type(
            f"condor_transfer_data -debug {self._pool} {job_id} >&2 || exit\n"
            f"folder=$(condor_q {self._pool} {job_id} -af SUBMIT_Iwd)\n"
            f'cat "$folder"/{shlex.quote(name)}',
            token,
            note="condor_transfer_data",
        )

    def cancel(self, job_id: str, token: Token | None) -> Answer:
        """Remove the job from the queue; it stays in the history."""
        return self._type(f"condor_rm -debug {self._pool} {job_id}", token, note="condor_rm")

    def clean(self, job_id: str, token: Token | None) -> Answer:
        """Remove an ended job from the queue, and its folder from the workstation."""
        return self._type(
            f"folder=$(condor_q -debug {self._pool} {job_id} -af SUBMIT_Iwd) || exit\n"
            f"condor_rm -debug {self._pool} {job_id} || exit\n"
            'case "$folder" in */testbed-jobs/*) rm -rf "$folder" ;; esac',
            token,
            note="condor_rm",
        )

    def _type(
        self,
        lines: str,
        token: Token | None,
        *,
        note: str,
        env: Mapping[str, str] | None = None,
    ) -> Answer:
        """Run commands of HTCondor with a token.

        Raises
        ------
        Unreachable
            where the pool does not answer, which its commands tell no other way than a refusal.
        """
        done = self._workstation.run(
            f"{_PRIVATE}\n{lines}",
            env={"TOKEN": token.value if token else "", **(env or {})},
            note=note,
        )
        return judge(done, what=f"{note} at {self.name}", host=self.host)


_PRIVATE = """\
umask 077
keep=$(mktemp -d -p /dev/shm) && trap 'rm -rf "$keep"' EXIT
[ -z "$TOKEN" ] || printf %s "$TOKEN" > "$keep/token"
export _condor_SCITOKENS_FILE="$keep/token"
unset TOKEN"""


def submit_file(description: JobDescription) -> str:
    """Write a description in HTCondor's submit language."""
    arguments = " ".join(_argument(a) for a in description.arguments)
    outputs = ", ".join(description.outputs)
    lines = {
        "executable": description.executable,
        # The path names a program of the worker: nothing is sent.
        "transfer_executable": "false",
        "arguments": f'"{arguments}"' if arguments else "",
        "transfer_input_files": ", ".join(description.files),
        "should_transfer_files": "yes",
        "when_to_transfer_output": "on_exit",
        "transfer_output_files": outputs,
        "output": STDOUT,
        "error": STDERR,
        "batch_name": description.name,
        "allowed_execute_duration": str(description.wall_time),
        "request_memory": "64MB",
    }
    return "".join(f"{k} = {v}\n" for k, v in lines.items() if v) + "queue\n"


def judge(done: Completed, *, what: str, host: str) -> Answer:
    """Read what a command of HTCondor did from its exit code and its words.

    Its exit code is 1 for everything; `-debug` makes it say why.

    Raises
    ------
    Unreachable
        where no daemon answered.
    """
    complaint = _NOISE.sub("", done.stderr).strip()
    ok = done.code == 0
    if not ok and _UNREACHABLE.search(complaint):
        raise Unreachable(f"{what}: {complaint.splitlines()[0]}", host)
    return Answer(
        what=what,
        status=done.code,
        ok=ok,
        denied=not ok and _DENIED.search(complaint) is not None,
        body=(done.stdout if ok else f"{done.stdout}{complaint}").encode(),
        duration=done.duration,
    )


def job_status(answer: Answer) -> JobStatus:
    """Read the state out of what condor_q or condor_history printed."""
    if not answer.ok:
        return JobStatus(**values(answer))
    ads: list[dict[str, Any]] = json.loads(answer.text) if answer.text.strip() else []
    if not ads:
        return JobStatus(**values(answer) | {"ok": False}, native="not in the queue")
    ad = ads[0]
    native, state = _STATES.get(int(ad["JobStatus"]), ("UNKNOWN", JobState.HELD))
    signal = ad.get("ExitSignal") if ad.get("ExitBySignal") else None
    exit_code = ad.get("ExitCode")
    if state is JobState.DONE and (signal or exit_code):
        state = JobState.FAILED
    reason = ad.get("HoldReason") or ad.get("RemoveReason") or ""
    status = JobStatus(**values(answer), state=state, native=native, exit_code=exit_code)
    return replace(status, reason=f"ended by signal {signal}" if signal else str(reason))


def _argument(text: str) -> str:
    """Quote an argument in the "new" syntax (HTCondor manual, condor_submit, `arguments`)."""
    escaped = text.replace("'", "''").replace('"', '""')
    return f"'{escaped}'" if re.search(r"\s|'", text) or not text else escaped
