"""Collection ends with a message that names the file, whatever the file does when it is imported."""

from __future__ import annotations

import pytest

from tests.unit.suites import Suite

SOUND = """
import pytest


@pytest.mark.requirement("AUTH-017")
@pytest.mark.killed_by("closed")
def test_passes(route):
    pass
"""


@pytest.mark.parametrize(
    ("line", "how"),
    [
        ("import sys; sys.exit(0)", "SystemExit(0) ends the program while the file is imported."),
        ("raise SystemExit('no')", "SystemExit(no) ends the program while the file is imported."),
        ("pytest.exit('no more', returncode=0)", "in <module>"),  # pytest tells this itself
    ],
)
def test_a_file_that_ends_the_program_is_named(suite: Suite, line: str, how: str) -> None:
    ran = suite(SOUND + line + "\n")
    assert ran.code == 1, ran.output
    place = f"auth/test_suite.py:{len(SOUND.splitlines()) + 1}"
    assert "harness.errors.BadInput: auth/test_suite.py: cannot be collected" in ran.output
    assert f"{place}: {how}" in ran.output
    assert not (ran.folder / "plan.jsonl").exists()


def test_a_conftest_that_ends_the_program_is_named(suite: Suite) -> None:
    conftest = suite.place / "suite" / "conftest.py"
    conftest.parent.mkdir()
    conftest.write_text("import sys\nsys.exit(0)\n")
    ran = suite(SOUND)
    assert ran.code == 1, ran.output
    assert f"harness.errors.BadInput: {conftest}:2: SystemExit(0) ends the program" in ran.output


def test_a_scenario_that_hides_another_is_not_collected(suite: Suite) -> None:
    ran = suite(SOUND + SOUND)
    assert "test_suite.py:15: test_passes has the same name as the scenario" in ran.output
    assert not (ran.folder / "plan.jsonl").exists()


def test_a_thread_that_would_be_forked_breaks_the_run_down_and_is_named(suite: Suite) -> None:
    prelude = """
        import threading
        threading.Thread(target=threading.Event().wait, name="straggler", daemon=True).start()
    """
    ran = suite(SOUND, "egi:egi", prelude=prelude)
    told = "TestbedError: internal error: a worker cannot be forked while another thread runs"
    assert f"{told} (straggler)" in ran.output
    assert not ran.outcomes
