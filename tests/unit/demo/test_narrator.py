"""What is done is told once, by whom to whom, with what a token says; what waits is told as a whole."""

from __future__ import annotations

import json

import pytest

from harness.demo.events import Begin, End, Figures, Part, PartEnd, Picture
from harness.engine.refusal import CONTROL_STEP, REFUSED_STEP
from harness.evidence import collect, exhibit, observed, remember, step
from harness.model import Testbed
from harness.redaction import redactor
from tests.unit.demo.story import ELEMENT, HOME, ISSUER, REPORT, UI, Told, ask, demonstration, token


def test_an_action_is_told_before_it_is_done_and_when_it_is_done(told: Told) -> None:
    with observed(told.narrator):
        ask(f"PUT {HOME}/x/data", "HTTP 201 in 0.1 s")
    begin, end = told.events
    assert isinstance(begin, Begin)
    assert (begin.source, begin.target, begin.moves) == ("user", "EGI-TWIN/storage", True)
    assert begin.text == "The user stores the file data."
    assert isinstance(end, End)
    assert (end.number, end.how, end.result) == (begin.number, "done", "HTTP 201")


def test_what_comes_from_a_service_goes_to_the_user(told: Told) -> None:
    with observed(told.narrator):
        ask(f"GET {HOME}/x/data", "HTTP 200 in 0.1 s")
    assert (told.events[0].source, told.events[0].target) == ("EGI-TWIN/storage", "user")


@pytest.mark.parametrize(
    ("sent", "source", "target"),
    [
        (f"source: {HOME}/x/data", "EGI-TWIN/storage", "CSTCLOUD-TWIN/storage"),
        (f"destination: {HOME}/x/data", "CSTCLOUD-TWIN/storage", "EGI-TWIN/storage"),
    ],
)
def test_a_third_party_copy_goes_from_storage_to_storage(
    told: Told, sent: str, source: str, target: str
) -> None:
    with observed(told.narrator):
        url = "https://se.cstcloud.test/vo.interop/x/copy"
        ask(f"COPY {url}", "HTTP 201 in 0.1 s", sent=sent)
    assert (told.events[0].source, told.events[0].target) == (source, target)


def test_a_service_that_declines_is_told_apart_from_a_client_that_fails(told: Told) -> None:
    with observed(told.narrator):
        ask(f"GET {HOME}/x/data", "HTTP 403 in 0.1 s")
        with pytest.raises(AssertionError):
            ask(f"GET {HOME}/x/data", "", raises="no answer")
    assert [one.how for one in told.events if isinstance(one, End)] == ["declined", "failed"]


def test_the_token_that_goes_along_is_told_and_not_shown(told: Told) -> None:
    secret = token()
    with observed(told.narrator):
        ask(f"PUT {HOME}/x/data", "HTTP 201 in 0.1 s", carrying=(f"Bearer {secret}",))
    shown = told.events[0].credential
    assert ("permits", "compute.create compute.read") in shown.rows
    assert secret not in json.dumps([one.model_dump() for one in told.events])


def test_a_command_carries_its_token_in_its_environment(told: Told) -> None:
    with observed(told.narrator):
        ask(f"{UI} condor_submit {ELEMENT} -spool", "exit code 0 in 1 s", carrying=(token(),))
    assert told.events[0].target == "CSTCLOUD-TWIN/compute"
    assert told.events[0].credential.good


def test_a_token_that_an_issuer_gives_is_told_with_its_answer(told: Told) -> None:
    answer = json.dumps({"access_token": token()})
    with observed(told.narrator):
        ask(f"POST {ISSUER}", f"HTTP 200 in 0.1 s\n\n{answer}", sent="grant_type=password")
    assert told.events[0].source == "EGI-TWIN/issuer"
    assert told.events[1].credential.good


def test_questions_of_somebody_who_waits_are_not_told_one_by_one(told: Told) -> None:
    with observed(told.narrator), step("wait until 1.0 has ended") as waiting:
        for _ in range(5):
            ask(f"{UI} condor_q {ELEMENT} 1.0", "exit code 0 in 0.1 s")
        waiting.receive("done (COMPLETED)")
    assert told.kinds() == ["begin", "end"]
    assert told.events[0].target == "CSTCLOUD-TWIN/compute"
    assert "COMPLETED" in told.events[1].answer


def test_what_a_job_has_moved_is_told_by_its_own_report(told: Told) -> None:
    with observed(told.narrator):
        command = f"{UI} condor_transfer_data {ELEMENT} 1.0 >&2 && cat stdout.txt"
        ask(command, f"exit code 0 in 0.1 s\n\n{json.dumps(REPORT)}\n\na word of the tool")
    ways = [(one.source, one.target) for one in told.events if isinstance(one, Begin)][1:]
    home, there = "EGI-TWIN/storage", "CSTCLOUD-TWIN/compute"
    assert ways == [(home, there), (home, there), (there, home)]


def test_a_job_that_failed_is_told_to_have_moved_nothing(told: Told) -> None:
    with observed(told.narrator):
        command = f"{UI} condor_transfer_data {ELEMENT} 1.0 >&2 && cat stdout.txt"
        ask(command, 'exit code 0 in 0.1 s\n\n{"failed": "input", "why": "HTTP 403"}')
    assert told.kinds() == ["begin", "end"]


@pytest.mark.parametrize(
    ("title", "role", "said"),
    [(CONTROL_STEP, "control", "Granted."), (REFUSED_STEP, "refused", "Refused, as required.")],
)
def test_a_refusal_is_told_beside_its_control(told: Told, title: str, role: str, said: str) -> None:
    with observed(told.narrator), step(title):
        ask(f"GET {HOME}/x/data", "HTTP 200 in 0.1 s")
    part, begin, _end, close = told.events
    assert isinstance(part, Part)
    assert isinstance(close, PartEnd)
    assert (part.role, begin.role, close.text) == (role, role, said)


def test_a_refusal_that_did_not_happen_is_not_told_as_one(told: Told) -> None:
    with pytest.raises(AssertionError), observed(told.narrator), step(REFUSED_STEP):
        raise AssertionError("accepted")
    assert not told.events[-1].ok
    assert told.events[-1].text == "Not refused!"


def test_clean_up_is_told_in_a_line(told: Told) -> None:
    with observed(told.narrator):
        told.narrator.clean_up()
        for _ in range(2):
            ask(f"DELETE {HOME}/x/data", "HTTP 204 in 0.1 s")
    assert told.kinds() == ["part"]


def test_what_was_done_for_an_earlier_scenario_is_not_told_as_done_again(told: Told) -> None:
    with collect(), remember() as kept:
        ask(f"GET {HOME}/x/data", "HTTP 200 in 0.1 s")
    with observed(told.narrator), collect():
        kept.show()
    assert told.events == []


def test_a_picture_and_figures_are_shown(told: Told) -> None:
    row = {"what": "x", "value": 1.5, "unit": "m", "low": 2.0, "high": 2.0, "right": False}
    content = json.dumps({"figures": [row], "wrong": "It is done wrongly."}).encode()
    with observed(told.narrator):
        exhibit("figures.json", lambda: content)
        exhibit("a.png", lambda: b"\x89PNG")
        exhibit("crate.zip", lambda: b"PK")
    figures, picture = told.events
    assert isinstance(figures, Figures)
    assert (figures.rows[0].value, figures.rows[0].wanted) == ("1.5 m", "exactly 2 m")
    assert figures.title.endswith("seen to fail: It is done wrongly.")
    assert isinstance(picture, Picture)
    assert picture.data.startswith("data:image/png;base64,")


def test_a_whole_demonstration_holds_no_token(twin: Testbed) -> None:
    told = demonstration(twin)
    text = "".join(one.model_dump_json() for one in told.feed.since(0)) + told.output.getvalue()
    assert "eyJ" not in text
    assert not [secret for secret in redactor.known if secret in text and len(secret) > 20]


def test_a_command_that_asks_nobody_is_not_told(told: Told) -> None:
    with observed(told.narrator):
        ask(f"{UI} rm -f stdout.txt", "exit code 0 in 0.1 s")
    assert told.events == []


def test_figures_are_not_told_twice(told: Told) -> None:
    with observed(told.narrator), step("the result of environment, computed at ce") as checked:
        checked.receive("right: largest error of the density: 0 kg/m3")
    part, end = told.events
    assert part.title == "The result is checked as a scientist would check it."
    assert end.text == ""
