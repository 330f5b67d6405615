from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness.conformance import judging, outcomes, runs
from harness.conformance.runs import Run, RunRoute
from harness.conformance.verdicts import Judgement, Verdict
from harness.errors import BadInput


@pytest.fixture
def run(tmp_path: Path, outcome: Any) -> Run:
    """A run of one scenario, which failed."""
    home = RunRoute(id="egi:EGI-TWIN", home="egi", resource="egi", site="EGI-TWIN", control=True)
    made = Run(id="x", start=runs.now(), testbed="t", inventory="i", routes=(home,), harness="0")
    made.write(tmp_path)
    outcomes.write_plan(tmp_path, [outcome("egi:EGI-TWIN")])
    recorder = outcomes.Recorder(tmp_path)
    recorder.add(outcome("egi:EGI-TWIN", "failed"))
    recorder.close()
    return made


KNOWN = """\
known_deviations:
  - requirement: AUTH-017
    owner: group
    reason: So it is.
    link: https://example.org/1
    since: 2020-01-01
    expires: 2999-01-01
"""


def test_an_old_run_is_judged_alike_again_and_by_what_is_known(tmp_path: Path, run: Run) -> None:
    first = judging.judge(tmp_path, run)
    assert judging.judge(tmp_path, run) == first
    assert [c.verdict for c in first.scenarios] == [Verdict.SITE_FAULT]
    (tmp_path / "known-deviations.yaml").write_text(KNOWN)
    assert [c.verdict for c in judging.judge(tmp_path, run).scenarios] == [Verdict.KNOWN_DEVIATION]


@pytest.mark.parametrize(("name", "line"), [("plan.jsonl", 1), ("known-deviations.yaml", 2)])
def test_a_requirement_that_the_catalogue_has_not_is_named(
    tmp_path: Path, run: Run, name: str, line: int
) -> None:
    (tmp_path / "known-deviations.yaml").write_text(KNOWN)
    path = tmp_path / name
    path.write_text(path.read_text().replace("AUTH-017", "AUTH-999"))
    with pytest.raises(BadInput) as caught:
        judging.judge(tmp_path, run)
    assert str(caught.value) == f"{path}:{line}: the catalogue has no requirement 'AUTH-999'."


def test_a_broken_outcome_is_told_by_the_judge(tmp_path: Path, run: Run) -> None:
    with (tmp_path / "outcomes.jsonl").open("a") as file:
        file.write("no outcome\n")
    with pytest.raises(BadInput, match=r"outcomes\.jsonl:2: no outcome"):
        judging.judge(tmp_path, run)


ENDED = "2026-01-01T01:20:00+00:00"


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("outcomes.jsonl", None, "is not there"),
        ("outcomes.jsonl", "", "is empty"),
        ("outcomes.jsonl", '{"scenario": "auth/te', "ends in the middle of a line"),
        ("plan.jsonl", "", "is empty"),
    ],
)
def test_a_run_that_ended_and_lost_its_outcomes_is_not_judged(
    tmp_path: Path, run: Run, name: str, content: str | None, fault: str
) -> None:
    judged = judging.judge(tmp_path, run)
    path = tmp_path / name
    if content is None:
        path.unlink()
    else:
        path.write_text(content)
    with pytest.raises(BadInput) as caught:
        judging.judge(tmp_path, run.model_copy(update={"end": ENDED}))
    assert str(caught.value).startswith(f"{path} {fault}, although the run ended ({ENDED}).")
    assert Judgement.read(tmp_path) == judged


@pytest.mark.parametrize(
    "update",
    [{"end": None}, {"end": ENDED, "not_run": "no host is well"}],
)
def test_what_could_not_run_or_was_killed_is_judged_by_what_it_has(
    tmp_path: Path, run: Run, update: dict[str, str]
) -> None:
    (tmp_path / "outcomes.jsonl").unlink()
    judged = judging.judge(tmp_path, run.model_copy(update=update))
    assert [c.verdict for c in judged.scenarios] == [Verdict.NOT_RUN]
