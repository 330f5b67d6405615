"""What ARC's commands say when they fail; where it is not a refusal, the element itself is asked."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from harness.errors import Unreachable
from harness.services.compute.arc_commands import ArcCommands
from harness.services.compute.client import JobDescription
from harness.services.issuer.tokens import Token
from harness.shell import Completed

TOKEN = Token("e30.e30.secret")
JOB = "https://ce.a.test/arex/rest/1.0/jobs/1"
NOT_SUBMITTED = Completed(
    "", 1, "", "ERROR: One or multiple job descriptions was not submitted.\n", 0.1
)
AWAY = Completed("", 7, "", "curl: (7) Failed to connect to ce.a.test port 443\n", 0.1)
THERE = Completed("", 0, "", "", 0.1)


class Workstation:
    """Says the same to each command of ARC, and something else to curl."""

    host = SimpleNamespace(name="ui.a.test")

    def __init__(self, said: Completed, curl: Completed) -> None:
        self._said, self._curl = said, curl
        self.asked = 0

    def run(self, line: str, **_: Any) -> Completed:
        if not line.startswith("curl "):
            return self._said
        self.asked += 1
        assert line.endswith("https://ce.a.test/arex")
        return self._curl


def element(workstation: Workstation) -> ArcCommands:
    return ArcCommands(
        endpoint="https://ce.a.test/arex",
        audience="a",
        workstation=workstation,  # type: ignore[arg-type]
    )


def test_an_element_that_is_away_is_unreachable() -> None:
    away = element(Workstation(NOT_SUBMITTED, AWAY))
    with pytest.raises(Unreachable, match=r"curl got no answer from ce\.a\.test: curl: \(7\)"):
        away.submit(JobDescription(), TOKEN)


def test_an_element_that_answers_has_failed() -> None:
    assert not element(Workstation(NOT_SUBMITTED, THERE)).submit(JobDescription(), TOKEN).ok


def test_a_refusal_needs_no_second_look() -> None:
    there = Workstation(
        Completed("", 1, "", "ERROR: Failed to submit all jobs: 403 Forbidden\n", 0.1), AWAY
    )
    assert element(there).submit(JobDescription(), TOKEN).denied
    assert not there.asked


@pytest.mark.parametrize("curl", [AWAY, THERE])
def test_a_job_that_is_not_listed_is_gone_only_where_the_element_answers(curl: Completed) -> None:
    nothing = element(Workstation(Completed("", 0, json.dumps({"jobs": []}), "", 0.1), curl))
    if curl is AWAY:
        with pytest.raises(Unreachable):
            nothing.status(JOB, TOKEN)
    else:
        assert not nothing.status(JOB, TOKEN).ok


def denied(said: str) -> bool:
    return element(Workstation(Completed("", 1, "", said, 0.1), THERE)).listing(None).denied


@pytest.mark.parametrize(
    "said",
    [
        "ERROR: Failed to submit all jobs: 403 Forbidden",
        "[2026-11-22 11:06:40] [Arc.SubmitterPlugin.REST] [INFO] Failed to submit all jobs: 401 no",
        "INFO: Unexpected response code from delegation endpoint: 403, Forbidden.",
        "ERROR: Cannot find any token",
    ],
)
def test_a_status_that_the_command_tells_denies(said: str) -> None:
    assert denied(f"WARNING: of no matter\n{said}\n")


@pytest.mark.parametrize(
    "said",
    [
        "ERROR: Job https://ce.test/arex/rest/1.0/jobs/403 not found",
        "ERROR: Failed to submit all jobs: 500 Forbidden by 403",
        "ERROR: Failed to connect to forbidden.example:403",
        "INFO: Unexpected response code from delegation endpoint: 4031",
        "ERROR: Failed uploading local input file not authorized.txt, 401 bytes",
    ],
)
def test_a_number_or_a_word_elsewhere_denies_nothing(said: str) -> None:
    assert not denied(said)
