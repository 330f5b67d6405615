"""What is new is told in a few lines, what is known is counted, and nothing of a site is obeyed."""

from __future__ import annotations

import datetime as dt
import io
import re
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from harness.conformance.deviations import KnownDeviation
from harness.conformance.judge import ASKED_NOBODY, judge
from harness.conformance.outcomes import Outcome
from harness.conformance.verdicts import HostFault
from harness.engine.cells import requirements
from harness.engine.pool import CRASHED
from harness.engine.progress import Live, RunLive
from harness.engine.recording import OUTCOME
from harness.mutants.catalogue import FAULTLESS
from harness.proof.live import ProofLive

DAY = dt.date(2026, 6, 1)
MUST = next(one.id for one in requirements() if one.binding and not one.profile)
SHOULD = next(one.id for one in requirements() if not one.binding and one.in_scope)


def known(expires: str = "2026-12-31") -> KnownDeviation:
    return KnownDeviation(
        requirement=MUST,
        scenario="auth/test_a.py::test_x",
        owner="somebody",
        reason="it has always been so",
        link="https://example.org/1",
        since=dt.date(2026, 1, 1),
        expires=dt.date.fromisoformat(expires),
    )


def outcome(status: str = "failed", *, shows: str = MUST, **fields: Any) -> Outcome:
    if status == "failed":
        fields = {"stage": "assert", "error": "assertion", "message": "one is not two"} | fields
    cell = {
        "scenario": "auth/test_a.py::test_x",
        "title": "X",
        "family": "auth",
        "requirements": (shows,),
        "home": "egi",
        "resource": "cstcloud",
        "site": "CSTCLOUD-TWIN",
        "start": "2026-06-01",
        "stop": "2026-06-01",
    }
    return Outcome(**cell | {"status": status} | fields)


def view(*entries: KnownDeviation, console: Console | None = None) -> RunLive:
    faults = [HostFault(host="se.cstcloud.test", when="before", what="port 443")]
    console = console or Console(file=io.StringIO())
    return RunLive(console, cells=9, what="scenarios", known=entries, faults=faults, day=DAY)


@pytest.mark.parametrize(
    ("seen", "word"),
    [
        (outcome("passed"), "conformant"),
        (outcome("not offered"), "not offered"),
        (outcome("not offered", warning="it is there"), "warning"),
        (outcome("not run"), "not run"),
        (outcome("passed", acted=False), "inconclusive"),
        (outcome(acted=False), "inconclusive"),
        (outcome(), "failed"),
        (outcome(shows=SHOULD), "warning"),
        (outcome(hosts=("se.cstcloud.test",)), "inconclusive"),
        (outcome("error", stage="setup", error="unreachable"), "inconclusive"),
        (outcome(stage="act", error="crash"), "inconclusive"),
    ],
)
def test_an_end_is_counted_by_the_judges_word(seen: Outcome, word: str) -> None:
    assert view().word(seen) == word


@pytest.mark.parametrize(
    ("entry", "seen", "word"),
    [
        (known(), outcome(), "known deviation"),
        (known("2026-06-01"), outcome(), "known deviation"),
        (known("2026-05-31"), outcome(), "failed"),  # it has expired
        (known(), outcome(scenario="auth/test_a.py::test_y"), "failed"),
        (known(), outcome("passed"), "conformant"),
        (known(), outcome("error", stage="setup", error="assertion"), "inconclusive"),
        (known(), outcome(stage="act", error="crash"), "inconclusive"),
    ],
)
def test_what_is_known_to_deviate_is_counted_as_such_until_it_expires(
    entry: KnownDeviation, seen: Outcome, word: str
) -> None:
    assert view(entry).word(seen) == word


@pytest.mark.parametrize("seen", [outcome(), outcome("passed"), outcome(shows=SHOULD)])
def test_the_judge_says_the_same_when_the_control_is_there(seen: Outcome) -> None:
    passed = {"status": "passed", "stage": None, "error": None}
    control = seen.model_copy(update={"home": "cstcloud"} | passed)
    judged = judge([seen], [seen, control], catalogue=requirements(), day=DAY, known=[known()])
    assert view(known()).word(seen) == judged.scenarios[0].verdict


def told(live: Live, *seen: Outcome | str) -> str:
    """Let a view hear of outcomes, or of tests whose worker crashed; return what it has written."""
    file = live._console.file
    assert isinstance(file, io.StringIO)
    with live:
        for one in seen:
            if isinstance(one, str):
                how = "worker w1 died: SIGKILL"
                report = SimpleNamespace(nodeid=one, when=CRASHED, longreprtext=how)
            else:
                report = SimpleNamespace(when="teardown")
                setattr(report, OUTCOME, one.model_dump(mode="json"))
            live.pytest_runtest_logreport(report)  # type: ignore[arg-type]
    return file.getvalue()


def test_a_good_night_says_one_line() -> None:
    seen = [outcome("passed"), outcome(), outcome(), outcome(shows=SHOULD), outcome("not offered")]
    assert told(view(known()), *seen) == "not listed here: 2 known deviations, 1 warning\n"


def test_a_night_without_any_says_nothing() -> None:
    assert told(view(), outcome("passed"), outcome("not run")) == ""


def test_what_is_new_is_told_with_stage_and_message() -> None:
    assert told(view(), outcome()) == (
        "failed egi:CSTCLOUD-TWIN  auth/test_a.py::test_x\n    assert: one is not two\n"
    )


def test_a_pass_that_asked_no_service_is_told_with_the_reason() -> None:
    said = " ".join(told(view(), outcome("passed", acted=False)).split())
    assert said.startswith("inconclusive egi:CSTCLOUD-TWIN auth/test_a.py::test_x")
    assert said.endswith(ASKED_NOBODY)


def test_a_crash_of_our_own_is_told_as_such_and_not_in_red() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, color_system="standard")
    crash = outcome(stage="act", error="crash", message="KeyError: 'missing'")
    said = told(view(known(), console=console), crash, "auth/test_a.py::test_y[egi:egi]")
    assert "\x1b[33minconclusive\x1b[0m egi:CSTCLOUD-TWIN" in said
    assert "    the testbed's own client crashed (act): KeyError: 'missing'" in said
    assert "    the testbed's own client crashed: worker w1 died: SIGKILL" in said
    assert "\x1b[31m" not in said


def test_a_proof_tells_of_our_own_crash_too() -> None:
    proof = ProofLive(Console(file=io.StringIO(), width=120), cells=9, what="pairs")
    crash = outcome(stage="act", error="crash", message="KeyError: 1", mutant=FAULTLESS)
    killed = outcome(mutant="open")
    survivor = outcome("passed", mutant="open", scenario="auth/test_a.py::test_y")
    assert told(proof, crash, killed, survivor) == (
        f"the testbed's own client crashed egi:CSTCLOUD-TWIN~{FAULTLESS}  auth/test_a.py::test_x\n"
        "    the testbed's own client crashed (act): KeyError: 1\n"
        "survived egi:CSTCLOUD-TWIN~open  auth/test_a.py::test_y\n"
    )


@pytest.mark.parametrize("width", [60, 120])
def test_a_block_has_a_few_lines_whatever_a_site_says(width: int) -> None:
    console = Console(file=io.StringIO(), width=width)
    seen = outcome(message="HTTP 500 \x1b[2J\x1b]0;gone\x07 " + "again and again " * 99)
    lines = told(view(console=console), seen).splitlines()
    assert len(lines) == 1 + 3
    assert max(map(len, lines)) <= width
    assert lines[1].startswith(r"    assert: HTTP 500 \x1b[2J\x1b]0;gone\x07 again")
    assert lines[3].endswith("…")


@pytest.mark.parametrize("width", [60, 120])
def test_the_display_fits_into_the_terminal(width: int) -> None:
    """Whatever there is to count."""
    file = io.StringIO()
    console = Console(file=file, force_terminal=True, width=width, color_system=None)
    live = RunLive(console, cells=1392, what="second attempt", known=[known()], faults=[], day=DAY)
    several = [
        outcome("passed"),
        outcome(),
        outcome(scenario="auth/test_a.py::test_y"),
        outcome(shows=SHOULD),
        outcome("not run"),
        outcome("not offered"),
        outcome(stage="act", error="crash"),
    ]
    said = told(live, *several * 100)
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", said)
    lines = re.split(r"[\r\n]+", plain)
    assert max(map(len, lines)) <= width
    bar = next(line for line in lines if " 700/1392 " in line)
    assert re.search(r"second attempt .*700/1392 \d:\d\d:\d\d", bar)
    for word in ("100 known deviation", "100 not offered", "100 inconclusive", "100 warning"):
        assert any(word in line for line in lines), word


def test_the_clock_moves_while_nothing_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    file = io.StringIO()
    live = view(console=Console(file=file, force_terminal=True, width=60))
    with live:
        drawn = len(file.getvalue())
        live.pytest_testbed_tick()
        assert len(file.getvalue()) == drawn, "not within the same second"
        monkeypatch.setattr("harness.engine.progress._INTERVAL", 0.0)
        live.pytest_testbed_tick()
        assert len(file.getvalue()) > drawn


class Closed(io.StringIO):
    """A terminal that was closed."""

    error: type[OSError] = OSError

    def write(self, text: str) -> int:
        raise self.error("nobody is there")


@pytest.mark.parametrize("error", [OSError, BrokenPipeError])
def test_a_terminal_that_was_closed_ends_no_run(
    error: type[OSError], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Closed, "error", error)
    monkeypatch.setattr("os.dup2", lambda *_: None)  # rich lets standard output go to nowhere
    live = view(console=Console(file=io.StringIO(), force_terminal=True))
    with live:
        live._console.file = Closed()
        for _ in range(2):
            live._count("failed", "somewhere", "something")
