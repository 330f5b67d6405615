"""Computing elements (ARC's REST interface, version 1.1) that lie, lose things, or let anybody do anything.

The jobs of an answer stand in `job`: a list, or a single one without its list.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from gateway.exchange import Request, Response
from gateway.faults.registry import fault
from gateway.settings import Home
from gateway.site import Site
from gateway.tokens import Token

_GOOD = b'&(executable="/bin/true")'
Record = dict[str, Any]


# -- what a job did is told wrongly


@fault("reports-failed-as-done")
async def reports_failed_as_done(request: Request, site: Site) -> Response:
    """A job that failed is reported as finished."""
    return await _with_states(
        request, site, lambda state, _: "FINISHED" if state == "FAILED" else state
    )


@fault("reports-cancelled-as-done")
async def reports_cancelled_as_done(request: Request, site: Site) -> Response:
    """A job that was killed is reported as finished."""
    return await _with_states(
        request, site, lambda state, _: "FINISHED" if state == "KILLED" else state
    )


@fault("keeps-jobs-of-the-banned")
async def keeps_jobs_of_the_banned(request: Request, site: Site) -> Response:
    """A job that was cancelled is reported as running."""
    return await _with_states(
        request, site, lambda state, _: "RUNNING" if state == "KILLED" else state
    )


@fault("goes-back-in-state")
async def goes_back_in_state(request: Request, site: Site) -> Response:
    """A job that has run is told to run, and then to queue again, before it is told to have ended."""
    steps = ["RUNNING", "QUEUING"]

    def tell(state: str, job_id: str) -> str:
        key = "goes-back-in-state", job_id
        told: int = site.memory.get(key, 0)
        if state != "FINISHED" or told == len(steps):
            return state
        site.memory[key] = told + 1
        return steps[told]

    return await _with_states(request, site, tell)


@fault("tells-wrong-exit-code")
async def tells_wrong_exit_code(request: Request, site: Site) -> Response:
    """The exit code of every payload is told as 1."""
    response = await site.send(request)
    if _action(request) == "info" and response.ok:
        answer = await response.json()
        for job in _jobs(answer):
            activity = job.get("info_document", {}).get("ComputingActivity", {})
            if "ExitCode" in activity:
                activity["ExitCode"] = "1"
        response.replace_json(answer)
    return response


# -- files are lost


@fault("loses-output")
async def loses_output(request: Request, site: Site) -> Response:
    """What a job wrote is not there when its owner comes for it."""
    if request.method == "GET" and _session(request):
        return Response.of(404, b"not found\n")
    return await site.send(request)


@fault("swaps-outputs")
async def swaps_outputs(request: Request, site: Site) -> Response:
    """Who comes for an output gets that for which somebody came before."""
    if request.method == "GET" and _session(request):
        before = site.memory.get("swaps-outputs", (request.path, request.bearer))
        site.memory["swaps-outputs"] = request.path, request.bearer
        request.path = before[0]
        if before[1] is not None:
            request.bearer = before[1]
    return await site.send(request)


@fault("forgets-input")
async def forgets_input(request: Request, site: Site) -> Response:
    """The files that travel with a job arrive empty."""
    if request.method == "PUT" and _session(request):
        await request.read()
        request.replace(b"")
    return await site.send(request)


_PROGRAM = "/session/program.py"
_MISCALCULATING = """\
import re, sys
from pathlib import Path

def other(digits):
    global count
    count += 1
    return str((int(digits[1]) + 1) % 10) + digits[2] if count % 100 == 50 else digits[0]

try:
    exec(compile({source!r}, "program.py", "exec"), {{"__name__": "__main__", "__file__": __file__}})
finally:
    for path in sorted(Path(sys.argv[2]).rglob("*.*")):
        count = 0
        head, end, text = path.read_bytes().partition(b"\\n")
        text = re.sub(r"(?<![\\w.])(\\d)([\\d.]*)", other, text.decode("latin-1"))
        path.write_bytes(head + end + text.encode("latin-1"))
"""


@fault("miscalculates")
async def miscalculates(request: Request, site: Site) -> Response:
    """Of the numbers that a job's program writes, one in a hundred has another first digit."""
    if request.method == "PUT" and urlsplit(request.path).path.endswith(_PROGRAM):
        source = (await request.read()).decode()
        request.replace(_MISCALCULATING.format(source=source).encode())
    return await site.send(request)


# -- what a job is given, and what is told of it


@fault("hands-jobs-a-refresh-token")
async def hands_jobs_a_refresh_token(request: Request, site: Site) -> Response:
    """A job finds a refresh token in its environment."""
    return await _with_variable("OIDC_REFRESH_TOKEN", request, site)


@fault("hands-jobs-a-client-secret")
async def hands_jobs_a_client_secret(request: Request, site: Site) -> Response:
    """A job finds the secret of a client in its environment."""
    return await _with_variable("OIDC_CLIENT_SECRET", request, site)


@fault("tells-another-queue")
async def tells_another_queue(request: Request, site: Site) -> Response:
    """The description of the site names queues that no job uses."""
    response = await site.send(request)
    if request.method == "GET" and urlsplit(request.path).path.endswith("/info"):
        told = re.sub(rb'("MappingQueue" *: *)"[^"]*"', rb'\1"another"', await response.read())
        response.replace(told)
    return response


@fault("lists-no-jobs")
async def lists_no_jobs(request: Request, site: Site) -> Response:
    """Whoever asks for the list of the own jobs is told that there are none."""
    response = await site.send(request)
    if request.method == "GET" and urlsplit(request.path).path.endswith("/jobs"):
        response.replace_json({"job": []})
    return response


@fault("hides-why-jobs-failed")
async def hides_why_jobs_failed(request: Request, site: Site) -> Response:
    """The record of a job does not say why it failed."""
    response = await site.send(request)
    if _action(request) == "info" and response.ok:
        answer = await response.json()
        for job in _jobs(answer):
            job.get("info_document", {}).get("ComputingActivity", {}).pop("Error", None)
        response.replace_json(answer)
    return response


# -- who is who


@fault("runs-all-as-one-account")
async def runs_all_as_one_account(request: Request, site: Site) -> Response:
    """All users are one to it, and their jobs run under one account."""
    if site.tokens.good(request.bearer, request.endpoint.audience):
        request.bearer = site.tokens.of_member(request.endpoint.audience)
    return await site.send(request)


@fault("runs-as-service-account")
async def runs_as_service_account(request: Request, site: Site) -> Response:
    """The job of a member runs under the account of the batch system, as far as it can tell."""
    token = Token.parse(request.bearer)
    home = site.tokens.home(token) if token else None
    if _action(request) == "new" and token and home and token.claims.get("sub") == home.subject:
        asked = rb'\(executable="/usr/bin/id"\)\(arguments=[^)]*\)'
        told = b'(executable="/bin/echo")(arguments="slurm")'
        request.replace(re.sub(asked, told, await request.read()))
    return await site.send(request)


@fault("lets-others-see-jobs")
async def lets_others_see_jobs(request: Request, site: Site) -> Response:
    """Whoever may run jobs sees where a member's job stands."""
    return await _as_owner(request, site, where=_action(request) in ("status", "info"))


@fault("lets-others-fetch-output")
async def lets_others_fetch_output(request: Request, site: Site) -> Response:
    """Whoever may run jobs fetches what a member's job wrote."""
    return await _as_owner(request, site, where=request.method == "GET" and _session(request))


@fault("lets-others-cancel")
async def lets_others_cancel(request: Request, site: Site) -> Response:
    """Whoever may run jobs ends a member's job."""
    return await _as_owner(request, site, where=_action(request) == "kill")


@fault("lets-others-clean")
async def lets_others_clean(request: Request, site: Site) -> Response:
    """Whoever may run jobs cleans a member's job."""
    return await _as_owner(request, site, where=_action(request) == "clean")


@fault("denies-but-cancels")
async def denies_but_cancels(request: Request, site: Site) -> Response:
    """Whoever may not end a job is told so, and the job ends all the same."""
    asked = await request.read()
    response = await _as_owner(request, site, where=False)
    if _action(request) == "kill" and not all(map(_taken, _jobs(await response.json()))):
        again = request.another("POST", body=asked, **_JSON)
        await (await _as_owner(again, site, where=True)).read()
    return response


@fault("accepts-non-members")
async def accepts_non_members(request: Request, site: Site) -> Response:
    """Everybody whom the issuer knows may run jobs, whatever virtual organisation they belong to."""
    token = site.tokens.good(request.bearer, request.endpoint.audience)
    home = site.tokens.home(token) if token else None
    if token and home and home.entitlement not in token.claims.get("eduperson_entitlement", ()):
        request.bearer = site.tokens.of_member(request.endpoint.audience, home)
    return await site.send(request)


@fault("accepts-anonymous-jobs")
async def accepts_anonymous_jobs(request: Request, site: Site) -> Response:
    """The jobs of nobody in particular run as a member's."""
    if request.bearer is None:
        request.bearer = site.tokens.of_member(request.endpoint.audience)
    return await site.send(request)


# -- what is asked is not done


@fault("ignores-cancel")
async def ignores_cancel(request: Request, site: Site) -> Response:
    """Whoever ends a job is told that it is done, and the job goes on; to clean it ends it yet."""
    if _action(request) == "kill":
        return await _promised(request)
    return await site.send(request)


@fault("forgets-nothing")
async def forgets_nothing(request: Request, site: Site) -> Response:
    """Whoever cleans a job is told that it is done, and the job stays; the second time it goes."""
    if _action(request) == "clean":
        key = "forgets-nothing", await request.read()
        if key not in site.memory:
            site.memory[key] = True
            return await _promised(request)
    return await site.send(request)


# -- descriptions and versions


@fault("refuses-good-beside-bad")
async def refuses_good_beside_bad(request: Request, site: Site) -> Response:
    """Where one job of a request is bad, none is taken."""
    response = await site.send(request)
    if _action(request) == "new" and response.ok:
        answer = await response.json()
        jobs = _jobs(answer)
        bad = [job for job in jobs if not _taken(job)]
        good = [job for job in jobs if _taken(job)]
        if bad and good:
            await _clean(good, request, site)
            response.replace_json({"job": [bad[0] for _ in jobs]})
    return response


@fault("gives-jobs-one-id")
async def gives_jobs_one_id(request: Request, site: Site) -> Response:
    """The jobs of one request are all told the id of the first."""
    response = await site.send(request)
    if _action(request) == "new" and response.ok:
        answer = await response.json()
        taken = [job for job in _jobs(answer) if _taken(job)]
        if len(taken) > 1:
            await _clean(taken[1:], request, site)
            for job in taken:
                job["id"] = taken[0]["id"]
            response.replace_json(answer)
    return response


@fault("accepts-any-description")
async def accepts_any_description(request: Request, site: Site) -> Response:
    """In the place of a job that cannot be read or run, another is made, and nobody is told."""
    return await _mending_descriptions(request, site, lambda _, made: made)


@fault("names-jobs-that-it-refuses")
async def names_jobs_that_it_refuses(request: Request, site: Site) -> Response:
    """A description that cannot be read is refused with a reason, and a job is made all the same."""
    return await _mending_descriptions(request, site, lambda bad, made: {**bad, "id": made["id"]})


@fault("refuses-without-reason")
async def refuses_without_reason(request: Request, site: Site) -> Response:
    """Whoever hands in a bad description is not told what is wrong with it."""
    response = await site.send(request)
    if _action(request) == "new":
        answer = await response.json()
        for job in _jobs(answer):
            if not _taken(job):
                job["reason"] = "Error"
        response.replace_json(answer)
    return response


@fault("accepts-any-version")
async def accepts_any_version(request: Request, site: Site) -> Response:
    """A version of the interface that does not exist is served as one that does."""
    request.path = re.sub(r"/rest/\d[^/]*/", "/rest/1.1/", request.path)
    return await site.send(request)


@fault("hides-its-version")
async def hides_its_version(request: Request, site: Site) -> Response:
    """The list of versions lacks the one that is spoken."""
    response = await site.send(request)
    if urlsplit(request.path).path.rstrip("/").endswith("/rest"):
        response.replace_json({"version": ["1.0"]})
    return response


# -- what they share

_JSON = {"Content_Type": "application/json", "Accept": "application/json"}
_RSL = {"Content_Type": "application/rsl", "Accept": "application/json"}


def _action(request: Request) -> str:
    """Return what is asked of jobs (`new`, `status`, `kill`...); empty where it is something else."""
    parts = urlsplit(request.path)
    if request.method != "POST" or not parts.path.endswith("/jobs"):
        return ""
    return "".join(parse_qs(parts.query).get("action", []))


def _session(request: Request) -> bool:
    """Tell whether a request is for a file of a job."""
    return "/session/" in urlsplit(request.path).path


def _texts(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else [str(one) for one in value or ()]


def _jobs(answer: Record) -> list[Record]:
    """Return the jobs of a request or an answer."""
    jobs = answer.get("job", [])
    return jobs if isinstance(jobs, list) else [jobs]


def _taken(job: Record) -> bool:
    return str(job.get("status-code", "")).startswith("2")


async def _as_owner(request: Request, site: Site, *, where: bool) -> Response:
    """Send a request; `where` it is told, a user who may come in comes in as the owner of its jobs.

    Members of any infrastructure run jobs here, so the owner of a job is noted when it is made.
    """
    token = site.tokens.good(request.bearer, request.endpoint.audience)
    if token is not None and where:
        owner = await _owner(request, site)
        request.bearer = site.tokens.of_member(request.endpoint.audience, owner)
    response = await site.send(request)
    home = site.tokens.home(token) if token is not None else None
    if _action(request) == "new" and home is not None:
        for job in _jobs(await response.json()):
            site.memory["owner", request.endpoint.host, job.get("id")] = home
    return response


async def _owner(request: Request, site: Site) -> Home | None:
    """Return the home of the member who made the first job that a request names; None where unknown."""
    in_path = urlsplit(request.path).path.partition("/jobs/")[2].partition("/")[0]
    named = [{"id": in_path}] if in_path else _jobs(await request.json())
    known = (site.memory.get(("owner", request.endpoint.host, job.get("id"))) for job in named)
    return next(known, None)


async def _with_states(request: Request, site: Site, tell: Callable[[str, str], str]) -> Response:
    """Tell the states of jobs otherwise: `tell(state, job id)`."""
    response = await site.send(request)
    if _action(request) == "status" and response.ok:
        answer = await response.json()
        for job in _jobs(answer):
            if "state" in job:
                job["state"] = tell(str(job["state"]), str(job.get("id")))
        response.replace_json(answer)
    return response


async def _with_variable(name: str, request: Request, site: Site) -> Response:
    """Add a variable with something secret to the environment of a job."""
    if _action(request) == "new":
        description = await request.read()
        if description.startswith(b"&"):
            extra = f'(environment=("{name}" "{secrets.token_urlsafe(24)}"))'
            request.replace(description + extra.encode())
    return await site.send(request)


async def _promised(request: Request) -> Response:
    """Answer that what is asked of jobs will be done."""
    asked = Response.of(201, await request.read())
    told = [
        {"id": job.get("id"), "status-code": "202", "reason": "Accepted"}
        for job in _jobs(await asked.json())
    ]
    return Response.of_json(201, {"job": told})


async def _clean(jobs: list[Record], request: Request, site: Site) -> None:
    """Remove jobs of which the user will never hear."""
    body = json.dumps({"job": [{"id": job["id"]} for job in jobs]}).encode()
    path = request.path.replace("action=new", "action=clean")
    await (await site.send(request.another("POST", path, body, **_JSON))).read()


async def _mending_descriptions(
    request: Request, site: Site, tell: Callable[[Record, Record], Record]
) -> Response:
    """Make a job for each that is refused; `tell(the refusal, the job)` is what is told of it."""
    response = await site.send(request)
    if _action(request) != "new" or response.denies:
        return response
    told = []
    for job in _jobs(await response.json()):
        if _taken(job):
            told.append(job)
        else:
            again = await site.send(request.another("POST", body=_GOOD, **_RSL))
            made = _jobs(await again.json())
            told.append(tell(job, made[0]) if made else job)
    if told:
        response.replace_json({"job": told})
    return response
