"""HTCondor by the commands that a user types: condor_submit, condor_q, condor_rm, condor_transfer_data.

The token stands in a file that nobody but the user reads (HTCondor manual, `SCITOKENS_FILE`).
"""

from __future__ import annotations

import base64
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlsplit

from harness import names
from harness.answer import Answer, objects, whole
from harness.clients.outages import outages
from harness.clients.workstations import Workstation
from harness.errors import Unreachable
from harness.services.compute.client import (
    STDERR,
    STDOUT,
    ComputingElement,
    JobDescription,
    JobState,
    JobStatus,
    Submission,
    values,
)
from harness.services.issuer.tokens import Token
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
_REMOVED: Final = 3

_ATTRIBUTES = (
    "ClusterId,ProcId,JobStatus,ExitCode,ExitBySignal,ExitSignal,"
    "HoldReason,HoldReasonCode,RemoveReason"
)
_SPOOLING = 16
"""`HoldReasonCode` of a job whose input files are still on their way: it is held by the queue itself."""

_NOTHING_SENT = 44
"""Our own exit code: the command has succeeded, and brought nothing."""

_UNREACHABLE = re.compile(
    r"attempt to connect to \S+ failed|unknown host|Failed to connect to <|condor_read\(\): timeout"
)
_DENIED = re.compile(
    r"^(?:\d[\d/]* [\d:.]+ )?(?:ERROR: |SECMAN: )*(?:"
    r"required authentication with .* failed, so aborting command "
    r"|AUTHENTICATE:100[34]:|SECMAN:2010:Received \"DENIED\" from server "
    r"|FAILED: Received \"DENIED\" from server |Permission denied to \w+ job \d+\.\d+"
    r"|PERMISSION DENIED to \S+ from host )",
    re.M,
)
"""Lines by which HTCondor's security layer and its queue refuse: a failed login of any method, the word
`DENIED` of a daemon, and another's job. Other lines may speak of permissions too, of files and folders."""
_LOST = re.compile(r"condor_(?:read|write)\(\)(?: failed|: Socket closed)|errno[= ]+104\b")
"""A connection that was lost; one that refuses closes it too, and says before that it does."""
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

    POLL = 2.0
    """Each question is a command with two logins, at the collector and at the queue."""

    def __init__(self, *, endpoint: str, audience: str, workstation: Workstation) -> None:
        super().__init__(name=endpoint, audience=audience)
        parts = urlsplit(endpoint)
        self.host = parts.hostname or ""
        self._pool = f"-pool {parts.netloc} -name {self.host}"
        self._workstation = workstation
        self._folders: dict[str, str] = {}

    def _submit(self, description: JobDescription, token: Token | None) -> Submission:
        """Submit from a folder of its own, to which the outputs come back."""
        return self._submit_many(submit_file(description), token, files=description.files)[0]

    def submit_many(self, text: str, token: Token | None) -> list[Submission]:
        """Submit what stands in a submit file; return one answer for each of its jobs.

        The queue takes all of them or none: a file that is refused is one answer.
        """
        self._take(_queued(text))
        submissions = self._submit_many(text, token)
        for submission in submissions:
            self._remember(submission, token)
        return submissions

    def statuses(self, job_ids: Sequence[str], token: Token | None) -> list[JobStatus]:
        """Ask the queue; jobs that have left it are looked up in the history."""
        question = f"-debug {self._pool} {' '.join(job_ids)} -json -attributes {_ATTRIBUTES}"
        answer = self._type(f"condor_q {question}", token)
        found = job_ads(answer)
        if answer.ok and len(found) < len(job_ids):
            answer = self._type(f"condor_history {question}", token)
            found = job_ads(answer) | found
        return [job_status(answer, found.get(job_id)) for job_id in job_ids]

    def listing(self, token: Token | None) -> Answer:
        """Ask the queue for the user's jobs."""
        return self._listing(token)

    def jobs(self, token: Token | None, *, name: str | None = None) -> frozenset[str]:
        """List the user's jobs in the queue; those that have ended are in the history alone.

        `name` lists the jobs alone that were submitted under it, without those that were removed, which
        leave the queue some moments later.
        """
        of_name = f'JobBatchName == "{name}" && JobStatus != {_REMOVED}'
        only = f" -constraint '{of_name}'" if name else ""
        return frozenset(job_ads(self._listing(token, only).expect_ok()))

    def output(self, job_id: str, name: str, token: Token | None) -> Answer:
        """Fetch the outputs to where the job was submitted from, and read one of them.

        Output is sent only to the job's owner; for others the command sends nothing and succeeds. Beside a
        control that gets the file, this means what "not found" means of a page (RFC 9110, section 15.5.5):
        denied.
        """
        # What an earlier call fetched goes first: it says nothing of what this token is given.
        self._workstation.run(["rm", "-f", name], folder=self._folders[job_id])
        file = shlex.quote(name)
        answer = self._type(
            f"condor_transfer_data -debug {self._pool} {job_id} >&2"
            f" && {{ [ -e {file} ] || exit {_NOTHING_SENT}; cat {file}; }}",
            token,
            folder=self._folders[job_id],
        )
        return replace(answer, denied=answer.denied or answer.status == _NOTHING_SENT)

    def cancel(self, job_id: str, token: Token | None) -> Answer:
        """Remove the job from the queue; it stays in the history."""
        return self._type(f"condor_rm -debug {self._pool} {job_id}", token)

    def clean(self, *job_ids: str, token: Token | None) -> Answer:
        """Remove jobs from the queue, and where that is done their folders from the workstation."""
        folders = [f"~/{self._folders[i]}" for i in job_ids if i in self._folders]
        answer = self._type(
            f"condor_rm -debug {self._pool} {' '.join(job_ids)} && rm -rf {' '.join(folders)}",
            token,
        )
        if answer.ok:
            self._folders = {i: f for i, f in self._folders.items() if i not in job_ids}
        return answer

    def close(self) -> None:
        """Clean the jobs that are still there, and the folders of those that the queue keeps."""
        super().close()
        if self._folders:
            folders = " ".join(f"~/{folder}" for folder in self._folders.values())
            self._workstation.run(f"rm -rf {folders}")
            self._folders.clear()

    def _listing(self, token: Token | None, only: str = "") -> Answer:
        return self._type(
            f"condor_q -debug {self._pool}{only} -json -attributes ClusterId,ProcId", token
        )

    def _submit_many(
        self, text: str, token: Token | None, *, files: Mapping[str, bytes] | None = None
    ) -> list[Submission]:
        folder = names.fresh()
        if files:
            self._write(folder, files)
        answer = self._type(
            f'printf %s "$JOB" | condor_submit -debug {self._pool} -spool -terse',
            token,
            folder=folder,
            env={"JOB": text},
        )
        ids = job_ids_of(answer)
        if not ids:
            return [Submission(**values(answer) | {"ok": False})]
        self._folders.update(dict.fromkeys(ids, folder))
        return [Submission(**values(answer), job_id=job_id) for job_id in ids]

    def _write(self, folder: str, files: Mapping[str, bytes]) -> None:
        """Write the files of a job at the workstation."""
        lines, env = [], {}
        for number, (name, content) in enumerate(files.items()):
            env[f"FILE_{number}"] = base64.b64encode(content).decode()
            lines.append(f'printf %s "$FILE_{number}" | base64 -d > {shlex.quote(name)}')
        done = self._workstation.run(" &&\n".join(lines), env=env, folder=folder)
        if done.code != 0:
            raise Unreachable(f"the job's files: {done.stderr}", self._workstation.host.name)

    def _type(
        self,
        command: str,
        token: Token | None,
        *,
        env: Mapping[str, str] | None = None,
        folder: str | None = None,
    ) -> Answer:
        """Run a command of HTCondor with a token.

        Raises
        ------
        Unreachable
            where the pool does not answer, which its commands tell no other way than a refusal.
        """
        tool = re.search(r"condor_\w+", command)
        with outages.asking(self.name, via=self._workstation.host.name):
            done = self._workstation.run(
                command,
                env=env,
                folder=folder,
                private={"_condor_SCITOKENS_FILE": token.value if token else ""},
                writes=tool is not None and tool.group() in ("condor_submit", "condor_rm"),
            )
            return judge(done, what=f"{tool and tool.group()} at {self.name}", host=self.host)


def _queued(text: str) -> int:
    """Return how many jobs a submit file asks for (HTCondor manual, condor_submit, `queue`)."""
    counts = re.findall(r"^\s*queue\b[ \t]*(\d*)", text, re.IGNORECASE | re.MULTILINE)
    return sum(int(count or 1) for count in counts) or 1


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


def job_ids_of(answer: Answer) -> list[str]:
    """Read the ids out of what `condor_submit -terse` printed: each cluster's first and last job."""
    ranges = re.findall(r"^(\d+)\.(\d+) - \1\.(\d+)\s*$", answer.text, re.M) if answer.ok else []
    return [
        f"{cluster}.{process}"
        for cluster, first, last in ranges
        for process in range(int(first), int(last) + 1)
    ]


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
    denied = not ok and _DENIED.search(complaint) is not None
    if not ok and (_UNREACHABLE.search(complaint) or (not denied and _LOST.search(complaint))):
        raise Unreachable(f"{what}: {complaint.splitlines()[0]}", host)
    return Answer(
        what=what,
        status=done.code,
        ok=ok,
        denied=denied,
        body=(done.stdout if ok else f"{done.stdout}{complaint}").encode(),
        duration=done.duration,
    )


def job_ads(answer: Answer) -> dict[str, Mapping[str, Any]]:
    """Read the jobs' ClassAds out of what condor_q or condor_history printed, by the jobs' ids.

    Raises
    ------
    AssertionError
        where that is no list of ClassAds, or one does not name its job.
    """
    if not (answer.ok and answer.text.strip()):
        return {}
    printed = answer.document
    assert isinstance(printed, list), f"the output is not a JSON list of ClassAds: {answer}"
    return {
        f"{_number(answer, ad, 'ClusterId')}.{_number(answer, ad, 'ProcId')}": ad
        for ad in objects(printed)
    }


def _number(answer: Answer, ad: Mapping[str, Any], name: str) -> int:
    found = whole(ad[name])
    assert found is not None, f"`{name}` is not a number in a ClassAd of the output: {answer}"
    return found


def job_status(answer: Answer, ad: Mapping[str, Any] | None) -> JobStatus:
    """Read the state of a job out of its ClassAd; one that is nowhere is gone."""
    if not answer.ok:
        return JobStatus(**values(answer))
    if ad is None:
        return JobStatus(**values(answer) | {"ok": False}, native="not in the queue")
    # A number that nobody knows is no end: who waits is told it where time runs out.
    unknown = (f"JobStatus {ad.get('JobStatus')}", JobState.RUNNING)
    native, state = _STATES.get(whole(ad.get("JobStatus")) or 0, unknown)
    if state is JobState.HELD and whole(ad.get("HoldReasonCode")) == _SPOOLING:
        native, state = "SPOOLING", JobState.QUEUED
    by_signal = str(ad.get("ExitBySignal")).lower() in ("true", "1")
    signal = ad.get("ExitSignal") if by_signal else None
    exit_code = whole(ad.get("ExitCode"))
    if state is JobState.DONE and (signal or exit_code):
        state = JobState.FAILED
    # A job that the pool ends has a signal too; that it was the pool, and why, says more.
    ended = f"ended by signal {signal}" if signal else ""
    reason = str(ad.get("HoldReason") or ad.get("RemoveReason") or ended)
    return JobStatus(
        **values(answer), state=state, native=native, exit_code=exit_code, reason=reason
    )


def _argument(text: str) -> str:
    """Quote an argument in the "new" syntax (HTCondor manual, condor_submit, `arguments`)."""
    escaped = text.replace("'", "''").replace('"', '""')
    return f"'{escaped}'" if re.search(r"\s|'", text) or not text else escaped
