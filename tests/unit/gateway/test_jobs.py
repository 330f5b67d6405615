"""The faults of a computing element, each against answers as ARC gives them."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from gateway.exchange import Request, Response
from gateway.faults import FAULTS, jobs
from gateway.settings import Endpoint, Home, Settings
from gateway.site import Site
from gateway.tokens import Token
from joserfc.jwk import ECKey
from multidict import CIMultiDict

CE = Endpoint(host="ce.a.test", port=443, type="org.nordugrid.arex", audience="https://ce.a.test")
ANY = "https://wlcg.cern.ch/jwt/v1/any"
TAKEN = {"status-code": "201", "reason": "Created", "id": "j1", "state": "ACCEPTING"}
OTHER = {**TAKEN, "id": "j2"}
BAD = {"status-code": "500", "reason": "xrsl parsing error"}
TOLD = {"status-code": "202", "reason": "Queued", "id": "j1"}


def home(name: str) -> Home:
    key = ECKey.generate_key("P-256", {"alg": "ES256"}, auto_kid=True).as_dict(private=True)
    return Home(
        name=name, issuer=f"https://aai.{name}.test", key=key, subject=f"member@{name}",
        subject_scope=name, entitlement=f"urn:{name}:role=member",
    )  # fmt: skip


class Behind(Site):
    """A service that gives prepared answers and keeps what it was asked."""

    def __init__(self) -> None:
        super().__init__(
            Settings(
                certificate="", key="", authorities=None, any_audience=ANY, infrastructure="a",  # type: ignore[arg-type]
                homes={name: home(name) for name in ("a", "b", "c")}, endpoints={},
            )
        )  # fmt: skip
        self.asked: list[Request] = []
        self.answers: list[Response] = []
        self.usual = Response.of(200, b"whole")

    async def send(self, request: Request) -> Response:
        await request.read()
        self.asked.append(request)
        return self.answers.pop(0) if self.answers else self.usual

    def token(self, subject: str = "someone@b", **claims: Any) -> str:
        home = self.settings.homes.get(subject.rpartition("@")[2], self.settings.homes["b"])
        return self.tokens.of_member(CE.audience, home, sub=subject, **claims)


@pytest.fixture
def site() -> Behind:
    return Behind()


def ask(method: str, path: str, token: str | None = None, body: Any = b"") -> Request:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = Request(
        headers=CIMultiDict(),
        body=content,
        method=method,
        path=f"/arex/rest/1.1{path}",
        endpoint=CE,
    )
    if token:
        request.bearer = token
    return request


def act(action: str, token: str | None = None, *ids: str) -> Request:
    return ask("POST", f"/jobs?action={action}", token, {"job": [{"id": i} for i in ids]})


def answer(*told: Mapping[str, Any]) -> Response:
    return Response.of_json(201, {"job": list(told)})


def served(name: str, request: Request, site: Behind) -> tuple[Response, Any]:
    async def serve() -> tuple[Response, Any]:
        response = await FAULTS[name](request, site)
        content = await response.read()
        return response, (await response.json()).get("job", content)

    return asyncio.run(serve())


def subject(request: Request) -> str:
    token = Token.parse(request.bearer)
    return str(token.claims["sub"]) if token else ""


MINE = [name for name, serve in FAULTS.items() if serve.__module__ == jobs.__name__]


@pytest.mark.parametrize("name", MINE)
def test_other_requests_pass(site: Behind, name: str) -> None:
    request = ask("GET", "/info", site.token("member@b"))
    path, bearer = request.path, request.bearer
    response, content = served(name, request, site)
    assert (response.status, content) == (200, b"whole")
    (asked,) = site.asked
    assert asked.path == path
    if name != "runs-all-as-one-account":
        assert asked.bearer == bearer


@pytest.mark.parametrize(
    ("name", "state", "told"),
    [
        ("reports-failed-as-done", "FAILED", "FINISHED"),
        ("reports-failed-as-done", "KILLED", "KILLED"),
        ("reports-cancelled-as-done", "KILLED", "FINISHED"),
        ("reports-cancelled-as-done", "FAILED", "FAILED"),
        ("goes-back-in-state", "QUEUING", "QUEUING"),
    ],
)
def test_states_are_told_wrongly(site: Behind, name: str, state: str, told: str) -> None:
    site.answers = [answer({"id": "j1", "state": state})]
    assert served(name, act("status"), site)[1] == [{"id": "j1", "state": told}]


def test_a_job_goes_back(site: Behind) -> None:
    seen = []
    for _ in range(4):
        site.answers = [answer({"id": "j1", "state": "FINISHED"})]
        seen += [job["state"] for job in served("goes-back-in-state", act("status"), site)[1]]
    assert seen == ["RUNNING", "QUEUING", "FINISHED", "FINISHED"]


def test_the_exit_code_is_wrong(site: Behind) -> None:
    record = {"info_document": {"ComputingActivity": {"ExitCode": "3", "Name": "x"}}}
    site.answers = [answer(record)]
    (job,) = served("tells-wrong-exit-code", act("info"), site)[1]
    assert job["info_document"]["ComputingActivity"] == {"ExitCode": "1", "Name": "x"}


def test_why_a_job_failed_is_hidden(site: Behind) -> None:
    record = {"info_document": {"ComputingActivity": {"Error": "too long", "ExitCode": "271"}}}
    site.answers = [answer(record)]
    (job,) = served("hides-why-jobs-failed", act("info"), site)[1]
    assert job["info_document"]["ComputingActivity"] == {"ExitCode": "271"}


@pytest.mark.parametrize(
    ("name", "variable"),
    [
        ("hands-jobs-a-refresh-token", b"OIDC_REFRESH_TOKEN"),
        ("hands-jobs-a-client-secret", b"OIDC_CLIENT_SECRET"),
    ],
)
def test_jobs_are_handed_a_secret(site: Behind, name: str, variable: bytes) -> None:
    served(name, ask("POST", "/jobs?action=new", site.token(), b"&(jobname=x)"), site)
    served(name, ask("POST", "/jobs?action=new", site.token(), b"<ADL/>"), site)
    told, other = (asked.body for asked in site.asked)
    assert isinstance(told, bytes)
    assert told.startswith(b'&(jobname=x)(environment=("' + variable + b'" "')
    assert other == b"<ADL/>"


def test_another_queue_is_told(site: Behind) -> None:
    site.answers = [Response.of(200, b'{"ID":"urn:batch","MappingQueue":"batch"}')]
    content = served("tells-another-queue", ask("GET", "/info?schema=glue2"), site)[1]
    assert content == b'{"ID":"urn:batch","MappingQueue":"another"}'


def test_the_list_of_jobs_is_empty(site: Behind) -> None:
    site.answers = [answer(TAKEN)]
    assert served("lists-no-jobs", ask("GET", "/jobs"), site)[1] == []


def test_files_are_lost(site: Behind) -> None:
    assert served("loses-output", ask("GET", "/jobs/j1/session/out"), site)[0].status == 404
    assert not site.asked
    served("forgets-input", ask("PUT", "/jobs/j1/session/in", body=b"much"), site)
    assert site.asked[0].body == b""


def test_a_program_computes_wrongly(site: Behind, tmp_path: Path) -> None:
    """One number of a hundred; the program itself runs as it is, and ends as it would."""
    program = (
        "from __future__ import annotations\nimport sys\nfrom pathlib import Path\n"
        "rows = [f'{x}.5,{x}' for x in range(100, 200)]\n"
        "(Path(sys.argv[2]) / 'table.csv').write_text('\\n'.join(['a,b2', *rows]))\nsys.exit(3)\n"
    )
    served("miscalculates", ask("PUT", "/jobs/j1/session/program.py", body=program.encode()), site)
    body = site.asked[0].body
    assert isinstance(body, bytes)
    found = {}
    for name, text in (("right", program.encode()), ("wrong", body)):
        (tmp_path / name).mkdir()
        (tmp_path / f"{name}.py").write_bytes(text)
        words = [sys.executable, f"{name}.py", "in", name, "parameters"]
        assert subprocess.run(words, cwd=tmp_path, check=False).returncode == 3
        found[name] = (tmp_path / name / "table.csv").read_text().splitlines()
    pairs = list(zip(found["right"], found["wrong"], strict=True))
    assert [pair for pair in pairs if pair[0] != pair[1]] == [
        ("124.5,124", "124.5,224"),
        ("174.5,174", "174.5,274"),
    ]


def test_other_files_of_a_job_are_left_alone(site: Behind) -> None:
    served("miscalculates", ask("PUT", "/jobs/j1/session/plan.json", body=b"{}"), site)
    assert site.asked[0].body == b"{}"


def test_outputs_are_swapped(site: Behind) -> None:
    for job in ("j1", "j2", "j3"):
        served("swaps-outputs", ask("GET", f"/jobs/{job}/session/out", site.token(job)), site)
    paths = [f"/arex/rest/1.1/jobs/{job}/session/out" for job in ("j1", "j1", "j2")]
    assert [asked.path for asked in site.asked] == paths
    assert [subject(asked) for asked in site.asked] == ["j1", "j1", "j2"]


@pytest.mark.parametrize(
    ("name", "request_"),
    [
        ("runs-all-as-one-account", act("new")),
        ("lets-others-see-jobs", act("status")),
        ("lets-others-see-jobs", act("info")),
        ("lets-others-fetch-output", ask("GET", "/jobs/j1/session/out")),
        ("lets-others-cancel", act("kill")),
        ("lets-others-clean", act("clean")),
    ],
)
def test_others_are_taken_for_the_member(site: Behind, name: str, request_: Request) -> None:
    request_.bearer = site.token()
    served(name, request_, site)
    request_.bearer = "rubbish"
    served(name, request_, site)
    assert site.asked[1].bearer == "rubbish"


@pytest.mark.parametrize("name", ["runs-all-as-one-account", "lets-others-see-jobs"])
def test_they_come_in_as_the_member(site: Behind, name: str) -> None:
    served(name, act("status", site.token()), site)
    assert subject(site.asked[0]) == "member@b"


@pytest.mark.parametrize(
    ("name", "request_"),
    [
        ("lets-others-see-jobs", act("status", None, "j1")),
        ("lets-others-see-jobs", act("info", None, "j1")),
        ("lets-others-fetch-output", ask("GET", "/jobs/j1/session/out")),
        ("lets-others-cancel", act("kill", None, "j1")),
        ("lets-others-clean", act("clean", None, "j1")),
    ],
)
@pytest.mark.parametrize("owner", ["b", "c"])
@pytest.mark.parametrize("stranger", ["a", "b", "c"])
def test_a_stranger_is_taken_for_the_owner(
    site: Behind, name: str, request_: Request, owner: str, stranger: str
) -> None:
    """Whichever infrastructures the two come from, one of which may be the site's own."""
    site.answers = [answer(TAKEN)]
    served(name, act("new", site.token(f"member@{owner}")), site)
    request_.bearer = site.token(f"someone@{stranger}")
    served(name, request_, site)
    assert subject(site.asked[-1]) == f"member@{owner}"


@pytest.mark.parametrize("owner", ["b", "c"])
def test_a_job_of_any_infrastructure_ends_though_its_end_is_denied(
    site: Behind, owner: str
) -> None:
    site.answers = [answer(TAKEN), answer({"status-code": "404", "id": "j1"}), answer(TOLD)]
    served("denies-but-cancels", act("new", site.token(f"member@{owner}")), site)
    served("denies-but-cancels", act("kill", site.token("someone@a"), "j1"), site)
    assert [subject(asked) for asked in site.asked[1:]] == ["someone@a", f"member@{owner}"]


def test_a_service_account_is_told(site: Behind) -> None:
    asks = b'&(executable="/usr/bin/id")(arguments="-un")(jobname="x")'
    for who in ("member@b", "someone@b"):
        request = ask("POST", "/jobs?action=new", site.token(who), asks)
        served("runs-as-service-account", request, site)
    told, own = site.asked
    assert told.body == b'&(executable="/bin/echo")(arguments="slurm")(jobname="x")'
    assert own.body == asks


def test_a_job_ends_though_its_end_is_denied(site: Behind) -> None:
    site.answers = [answer({"status-code": "404", "id": "j1"}), answer(TOLD)]
    told = served("denies-but-cancels", act("kill", site.token(), "j1"), site)[1]
    assert [job["status-code"] for job in told] == ["404"]
    denied, again = site.asked
    assert (again.path, again.body) == (denied.path, denied.body)
    assert (subject(denied), subject(again)) == ("someone@b", "member@b")


def test_one_job_that_is_ended_ends_once(site: Behind) -> None:
    site.answers = [answer(TOLD)]
    served("denies-but-cancels", act("kill", site.token(), "j1"), site)
    assert len(site.asked) == 1


def test_outsiders_and_nobody_are_let_in(site: Behind) -> None:
    outsider = site.token("o@b", eduperson_entitlement=["urn:b:other"])
    served("accepts-non-members", act("new", outsider), site)
    served("accepts-non-members", act("new", site.token()), site)
    served("accepts-anonymous-jobs", act("new"), site)
    served("accepts-anonymous-jobs", act("new", "rubbish"), site)
    assert [subject(asked) for asked in site.asked] == ["member@b", "someone@b", "member@b", ""]


@pytest.mark.parametrize(
    ("name", "claims"),
    [
        ("refuses-robots", {"eduperson_entitlement": ["urn:b:role=robot#b"]}),
        ("refuses-monitors", {"eduperson_entitlement": ["urn:b:group:ops:role=member#b"]}),
        ("refuses-several-audiences", {"aud": [CE.audience, "https://other.test"]}),
        ("refuses-any-audience", {"aud": ANY}),
    ],
)
def test_good_tokens_are_refused(site: Behind, name: str, claims: dict[str, Any]) -> None:
    of_b = site.settings.homes["b"]
    refused = site.tokens.signed(of_b, {"sub": "s@b", "aud": CE.audience, **claims})
    assert served(name, act("new", refused), site)[0].denies
    assert served(name, act("new", site.token()), site)[0].status == 200


def test_a_cancellation_is_promised_only(site: Behind) -> None:
    told = served("ignores-cancel", act("kill", site.token(), "j1"), site)[1]
    assert [(job["id"], job["status-code"]) for job in told] == [("j1", "202")]
    assert not site.asked
    served("ignores-cancel", act("clean", site.token(), "j1"), site)
    assert len(site.asked) == 1


def test_a_job_is_cleaned_the_second_time(site: Behind) -> None:
    told = served("forgets-nothing", act("clean", site.token(), "j1"), site)[1]
    assert [(job["id"], job["status-code"]) for job in told] == [("j1", "202")]
    assert not site.asked
    served("forgets-nothing", act("clean", site.token(), "j1"), site)
    assert len(site.asked) == 1


def test_good_jobs_go_with_the_bad_one(site: Behind) -> None:
    site.answers = [answer(TAKEN, BAD, OTHER)]
    told = served("refuses-good-beside-bad", act("new", site.token()), site)[1]
    assert told == [BAD, BAD, BAD]
    assert site.asked[1].path.endswith("action=clean")
    assert json.loads(site.asked[1].body) == {"job": [{"id": "j1"}, {"id": "j2"}]}  # type: ignore[arg-type]


def test_jobs_share_an_id(site: Behind) -> None:
    site.answers = [answer(TAKEN, BAD, OTHER)]
    told = served("gives-jobs-one-id", act("new", site.token()), site)[1]
    assert [job.get("id") for job in told] == ["j1", None, "j1"]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("accepts-any-description", [TAKEN, OTHER]),
        ("names-jobs-that-it-refuses", [TAKEN, {**BAD, "id": "j2"}]),
        ("refuses-without-reason", [TAKEN, {**BAD, "reason": "Error"}]),
    ],
)
def test_bad_descriptions(site: Behind, name: str, told: list[object]) -> None:
    site.answers = [answer(TAKEN, BAD), answer(OTHER)]
    assert served(name, act("new", site.token()), site)[1] == told


def test_versions(site: Behind) -> None:
    request = ask("GET", "/info")
    request.path = "/arex/rest/9.9/info"
    served("accepts-any-version", request, site)
    assert site.asked[0].path == "/arex/rest/1.1/info"
    request = ask("GET", "")
    request.path = "/arex/rest/"
    assert served("hides-its-version", request, site)[1] == b'{"version": ["1.0"]}'
