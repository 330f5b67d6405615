"""ARC CE by its REST interface, version 1.1 (NorduGrid, "The REST interface of ARC CE")."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from harness.answer import Answer, objects, whole
from harness.clients.http import Http
from harness.services.compute.client import (
    STDERR,
    STDOUT,
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
        ("ACCEPTING", "ACCEPTED", "PREPARING", "PREPARED", "SUBMITTING", "QUEUING"),
        JobState.QUEUED,
    ),
    **dict.fromkeys(
        ("RUNNING", "EXITINGLRMS", "OTHER", "EXECUTED", "FINISHING", "KILLING"), JobState.RUNNING
    ),
    "HELD": JobState.HELD,
    "FINISHED": JobState.DONE,
    "FAILED": JobState.FAILED,
    "KILLED": JobState.CANCELLED,
    "WIPED": JobState.GONE,
}
_NOT_FOUND = frozenset({404, 410})
"""Own status codes of jobs that are not there; their state is then the word `None`."""


class ArcElement(ComputingElement):
    """An ARC CE.

    Parameters
    ----------
    endpoint
        `https://<host>[:port]/arex`.
    connect
        makes a client of HTTP. Each user gets one, as each user's tools have connections of their own:
        ARC takes who came first on a connection for all who follow on it.
    """

    def __init__(self, *, endpoint: str, audience: str, connect: Callable[[], Http]) -> None:
        super().__init__(name=endpoint, audience=audience)
        self.endpoint = endpoint.rstrip("/")
        self._connect = connect
        self._clients: dict[tuple[Token | None, str], Http] = {}

    def over(self, http: Http) -> ArcElement:
        """Return the same computing element, reached by all users over the connections of one client."""
        return ArcElement(endpoint=self.endpoint, audience=self.audience, connect=lambda: http)

    def close(self) -> None:
        """End and clean the jobs that are still there, and close the connections."""
        super().close()
        self.disconnect()

    def disconnect(self) -> None:
        """Close the connections of all users."""
        while self._clients:
            self._clients.popitem()[1].close()

    def _leave(self, job_ids: Sequence[str], token: Token | None) -> None:
        """Kill, then clean: who cleans alone lets what runs go on to its own end."""
        self._act("kill", job_ids, token)
        super()._leave(job_ids, token)

    # -- the interface of all computing elements

    def _submit(self, description: JobDescription, token: Token | None) -> Submission:
        """Submit a description in xRSL, then upload the files that it names."""
        (taken,) = self._submit_many([xrsl(description)], token)
        for name, content in description.files.items():
            if not taken.ok:
                break
            upload = self.request("PUT", f"/jobs/{taken.job_id}/session/{name}", token, content)
            if not upload.ok:
                return Submission(**values(upload), job_id=taken.job_id)
        return taken

    def statuses(self, job_ids: Sequence[str], token: Token | None) -> list[JobStatus]:
        """Ask for the states; of jobs that have ended, also what their records say of the payload."""
        found = self._act("status", job_ids, token)
        states = [
            JobState.GONE if answer.status in _NOT_FOUND else state_of(_STATES, job.get("state"))
            for answer, job in found
        ]
        ended = [
            job_id
            for job_id, state in zip(job_ids, states, strict=True)
            if state in (JobState.DONE, JobState.FAILED)
        ]
        records = dict(zip(ended, self._activities(ended, token), strict=True)) if ended else {}
        return [
            JobStatus(
                **values(answer),
                state=state,
                native=str(job.get("state") or ""),
                exit_code=whole(records.get(job_id, {}).get("ExitCode")),
                reason="; ".join(_texts(records.get(job_id, {}).get("Error"))),
            )
            for job_id, state, (answer, job) in zip(job_ids, states, found, strict=True)
        ]

    def output(self, job_id: str, name: str, token: Token | None) -> Answer:
        """Download a file of the job's session folder."""
        return hidden(self.request("GET", f"/jobs/{job_id}/session/{name}", token))

    def cancel(self, job_id: str, token: Token | None) -> Answer:
        """Kill the job."""
        return self._act("kill", [job_id], token)[0][0]

    def clean(self, *job_ids: str, token: Token | None) -> Answer:
        """Remove jobs and all that belongs to them."""
        return self._act("clean", job_ids, token)[0][0]

    def listing(self, token: Token | None) -> Answer:
        """Ask for the list of the user's jobs."""
        return self.request("GET", "/jobs", token)

    def jobs(self, token: Token | None, *, native: str | None = None) -> frozenset[str]:
        """Ask for the list of the user's jobs; `native` asks for those alone that are in that state."""
        path = f"/jobs?state={native}" if native else "/jobs"
        return frozenset(str(job["id"]) for job in _jobs(self.request("GET", path, token)))

    # -- what ARC's REST interface has beyond that

    def versions(self, token: Token | None) -> list[str]:
        """Ask which versions of the interface there are."""
        answer = self.request("GET", "", token, version="").expect_ok()
        return [str(version) for version in _list(answer.json.get("version", []))]

    def queues(self, token: Token | None) -> dict[str, str]:
        """Return the queues by the ids of their shares, as the element describes itself.

        The description is in GLUE 2 (GFD.147): every `ComputingShare` names its queue.
        """
        answer = self.request("GET", "/info?schema=glue2", token).expect_ok()
        shares = [s for value in named(answer.json, "ComputingShare") for s in objects(value)]
        return {str(share["ID"]): str(share["MappingQueue"]) for share in shares}

    def queue_of(self, job_id: str, token: Token | None) -> tuple[str, str]:
        """Return the id of the share and the queue that a job used, by its own record in GLUE 2.

        Raises
        ------
        AssertionError
            where the record does not tell.
        """
        record = next(iter(self._activities([job_id], token)))
        associations = record.get("Associations")
        shares = associations.get("ComputingShareID") if isinstance(associations, dict) else None
        share = next(iter(_list(shares)), None)
        if share is None or "Queue" not in record:
            raise AssertionError(
                f"the record of {job_id} names no `Associations.ComputingShareID` or no `Queue`: {record}"
            )
        return str(share), str(record["Queue"])

    def submit_many(self, descriptions: Sequence[str], token: Token | None) -> list[Submission]:
        """Submit descriptions in xRSL in one request; return one answer for each.

        A request that is refused as a whole is the answer of each of them.
        """
        self._take(len(descriptions))
        submissions = self._submit_many(descriptions, token)
        for submission in submissions:
            self._remember(submission, token)
        return submissions

    def request(
        self,
        method: str,
        path: str,
        token: Token | None,
        content: bytes | None = None,
        *,
        content_type: str = "application/octet-stream",
        version: str = "1.1",
        scheme: str = "",
    ) -> Answer:
        """Send a request to a path below a version of the interface, and ask for JSON.

        `scheme` spells the word before the token in another way than `Bearer` (RFC 9110, section 11.1).
        """
        user = token, scheme
        if user not in self._clients:
            self._clients[user] = self._connect()
        headers = {"Accept": "application/json"}
        if content is not None:
            headers["Content-Type"] = content_type
        if scheme and token is not None:
            headers["Authorization"], token = f"{scheme} {token.value}", None
        return self._clients[user].request(
            method,
            f"{self.endpoint}/rest/{version}{path}",
            token=token.value if token else None,
            headers=headers,
            content=content,
        )

    def _submit_many(self, descriptions: Sequence[str], token: Token | None) -> list[Submission]:
        several = "+" + "".join(f"({description})" for description in descriptions)
        answer = self.request(
            "POST",
            "/jobs?action=new",
            token,
            (several if len(descriptions) > 1 else descriptions[0]).encode(),
            content_type="application/rsl",
        )
        if not answer.ok:
            return [Submission(**values(answer)) for _ in descriptions]
        jobs = _jobs(answer)
        if len(jobs) != len(descriptions):
            raise AssertionError(
                f"{len(descriptions)} jobs were submitted, but the answer lists {len(jobs)}: {answer}"
            )
        return [
            Submission(**values(_inner(answer, job)), job_id=str(job.get("id", ""))) for job in jobs
        ]

    def _act(
        self, action: str, job_ids: Sequence[str], token: Token | None
    ) -> list[tuple[Answer, Mapping[str, Any]]]:
        """Send an action on jobs; each one's own status code stands within the answer."""
        body = json.dumps({"job": [{"id": job_id} for job_id in job_ids]}).encode()
        answer = self.request(
            "POST", f"/jobs?action={action}", token, body, content_type="application/json"
        )
        if not answer.ok:
            return [(answer, {}) for _ in job_ids]
        found = {str(job.get("id")): job for job in _jobs(answer)}
        return [
            (hidden(_inner(answer, found.get(job_id, {}))), found.get(job_id, {}))
            for job_id in job_ids
        ]

    def _activities(
        self, job_ids: Sequence[str], token: Token | None
    ) -> Iterator[Mapping[str, Any]]:
        """Yield the GLUE 2 record of each job (GFD.147, ComputingActivity)."""
        for _, job in self._act("info", job_ids, token):
            document = job.get("info_document")
            activities = document.get("ComputingActivity") if isinstance(document, dict) else None
            yield next(iter(objects(activities)), {})


def xrsl(description: JobDescription) -> str:
    """Write a description in ARC's extended resource specification language."""
    files = "".join(f'({_quoted(name)} "")' for name in description.files)
    outputs = "".join(f'({_quoted(name)} "")' for name in (STDOUT, STDERR, *description.outputs))
    arguments = " ".join(_quoted(argument) for argument in description.arguments)
    return (
        f"&(executable={_quoted(description.executable)})"
        + (f"(arguments={arguments})" if arguments else "")
        + (f"(inputfiles={files})" if files else "")
        # What stands not among the outputs is deleted when the job ends, its standard output too.
        + f"(outputfiles={outputs})"
        + f"(stdout={_quoted(STDOUT)})(stderr={_quoted(STDERR)})"
        + f"(walltime={_quoted(f'{description.wall_time} seconds')})"
        + f"(jobname={_quoted(description.name)})"
    )


def hidden(answer: Answer) -> Answer:
    """Read "not found" of a job as a denial too.

    Who may not know that a job exists is told so (RFC 9110, section 15.5.5); beside a control that
    finds the job, nothing else is left for it to mean.
    """
    return Answer(**values(answer) | {"denied": answer.denied or answer.status == 404})


def named(document: Any, name: str) -> Iterator[Any]:
    """Yield every value of that name in a document, however deep."""
    inner = document.items() if isinstance(document, Mapping) else ()
    for key, value in inner:
        if key == name:
            yield value
    for value in document if isinstance(document, list) else dict(inner).values():
        yield from named(value, name)


def _list(value: Any) -> list[Any]:
    """Return the members of an element of XML in JSON; a single one comes without its list."""
    return value if isinstance(value, list) else [value]


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _jobs(answer: Answer) -> list[Mapping[str, Any]]:
    """Return the jobs of an answer."""
    return list(objects(answer.json.get("job", [])))


def _inner(answer: Answer, job: Mapping[str, Any]) -> Answer:
    """Return the answer for one job: its own status code, whatever that of the request is."""
    code = whole(job.get("status-code")) or 0
    return Answer(
        **values(answer)
        | {
            "what": f"{answer.what} (this job's own status)",
            "status": code,
            "ok": 200 <= code < 300,
            "denied": code in (401, 403),
            "body": json.dumps(dict(job)).encode(),
        }
    )


def _texts(value: Any) -> Iterable[str]:
    if value is None:
        return []
    return [str(v) for v in value] if isinstance(value, list) else [str(value)]
