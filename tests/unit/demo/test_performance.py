"""A demonstration runs scenarios in this process, and tells how each begins, goes on, and ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.unit.suites import PASSWORD, ROOT, copy_of_the_twin, state_of

_SCRIPT = """
import sys
from pathlib import Path
from harness import inventory
from harness.demo.acts import Programme
from harness.demo.feed import Feed
from harness.demo.pace import Pace
from harness.demo.performance import Stage
from harness.engine import session
from harness.engine.session import Selection
from harness.science.field import fields
from harness.translation import Speaker

where, suite, folder, events = map(Path, sys.argv[1:])
found = inventory.load(where)
selection = Selection(where, routes=("egi:CSTCLOUD-TWIN",), scenarios=suite)
cells = session.collect(selection).cells
route = found.testbed.select(selection.routes)[0]
programme = Programme(fields()[0], route, cells, selection, frozenset())
feed = Feed(lambda event: None)
stage = Stage(found, programme, feed, Pace(0), Speaker("en"))
try:
    code = stage.play(folder)
except KeyboardInterrupt:
    code = 130
events.write_text("[" + ",".join(one.model_dump_json() for one in feed.since(0)) + "]")
sys.exit(code)
"""

_HEAD = """
import pytest
from harness.evidence import step

@pytest.fixture
def stored():
    yield
    with step("DELETE https://se.egi.test/vo.interop/x") as it:
        it.send("")
"""


@dataclass(frozen=True)
class Shown:
    code: int
    events: list[dict[str, Any]]
    output: str

    def kinds(self) -> list[str]:
        return [one["kind"] for one in self.events]


@pytest.fixture
def show(tmp_path: Path) -> Any:
    """Show the scenarios of one file."""

    def run(source: str) -> Shown:
        inventory, state = copy_of_the_twin(tmp_path), state_of(tmp_path)
        file = tmp_path / "suite" / "auth" / "test_suite.py"
        file.parent.mkdir(parents=True)
        file.write_text(textwrap.dedent(_HEAD) + textwrap.dedent(source))
        folder, events = tmp_path / "run", tmp_path / "events.json"
        (folder / "logs").mkdir(parents=True)
        words = [
            sys.executable,
            "-c",
            _SCRIPT,
            *map(str, (inventory, file.parents[1], folder, events)),
        ]
        done = subprocess.run(
            words,
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(ROOT), "TESTBED_STATE": str(state)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert events.exists(), done.stderr[-2000:]
        found = [one["event"] for one in json.loads(events.read_text())]
        return Shown(done.returncode, found, done.stdout + done.stderr)

    return run


def test_scenarios_are_told_one_after_the_other(show: Any) -> None:
    shown = show(
        f"""
        @pytest.mark.requirement("AUTH-017")
        @pytest.mark.killed_by("ignores-expiry")
        def test_first(route, stored):
            '''The first is shown.'''
            with step("PUT https://se.egi.test/vo.interop/x") as it:
                it.send("password={PASSWORD}")
                it.receive("HTTP 201 in 0.1 s")

        @pytest.mark.requirement("AUTH-017")
        @pytest.mark.killed_by("ignores-expiry")
        def test_second(route):
            '''The second is shown.'''
            with step("GET https://se.egi.test/vo.interop/x") as it:
                it.send("")
                it.receive("HTTP 200 in 0.1 s")
        """
    )
    assert shown.code == 0
    assert shown.kinds() == (
        "opening act begin end part act-end act begin end act-end closing".split()
    )
    assert shown.events[1]["title"] == "The first is shown"
    assert shown.events[-1]["ok"]
    assert PASSWORD not in json.dumps(shown.events) + shown.output


def test_a_scenario_that_fails_is_told_to_fail(show: Any) -> None:
    shown = show(
        """
        @pytest.mark.requirement("AUTH-017")
        @pytest.mark.killed_by("ignores-expiry")
        def test_it(route):
            '''It is shown.'''
            with step("GET https://se.egi.test/vo.interop/x") as it:
                it.send("")
                it.receive("HTTP 200 in 0.1 s")
            assert False, "the checksum differs"
        """
    )
    assert shown.code == 1
    end, closing = shown.events[-2:]
    assert "the checksum differs" in end["text"]
    assert (end["ok"], closing["ok"]) == (False, False)


def test_what_cannot_be_shown_is_told(show: Any) -> None:
    shown = show(
        """
        @pytest.mark.requirement("AUTH-017")
        @pytest.mark.killed_by("ignores-expiry")
        def test_it(route):
            '''It is shown.'''
            from harness.engine.not_shown import NotRun
            raise NotRun("a real issuer's key is not ours")
        """
    )
    assert shown.code == 3
    assert shown.events[-2]["text"].startswith("not run: a real issuer's key")


def test_an_interruption_is_told(show: Any) -> None:
    shown = show(
        """
        @pytest.mark.requirement("AUTH-017")
        @pytest.mark.killed_by("ignores-expiry")
        def test_it(route, stored):
            '''It is shown.'''
            raise KeyboardInterrupt
        """
    )
    assert shown.code == 130
    assert shown.kinds() == "opening act part closing".split()
    assert shown.events[2]["role"] == "clean-up"
    assert shown.events[-1]["text"] == "The demonstration was interrupted."
