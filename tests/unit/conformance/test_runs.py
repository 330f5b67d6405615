from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness.conformance import outcomes, runs
from harness.conformance.runs import Run
from harness.conformance.verdicts import Judgement, Verdict
from harness.errors import BadInput


def test_ids_are_made_of_time_and_are_never_the_same(tmp_path: Path) -> None:
    folders = [runs.make_folder(tmp_path) for _ in range(20)]
    assert len(set(folders)) == 20
    assert all((folder / "logs").is_dir() for folder in folders)


def test_latest_points_at_the_newest_run(tmp_path: Path) -> None:
    for _ in range(2):
        folder = runs.make_folder(tmp_path)
        runs.point_latest(folder)
        assert (tmp_path / "latest").resolve() == folder.resolve()
        assert not (tmp_path / "latest").readlink().is_absolute()
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


def test_a_run_is_read_as_it_was_written(tmp_path: Path) -> None:
    run = Run(
        id="x",
        start=runs.now(),
        testbed="twin",
        inventory="inventories/twin",
        routes=(),
        harness="0",
        versions={"se": {"XRootD": "5.8"}},
    )
    run.write(tmp_path)
    assert Run.read(tmp_path) == run


@pytest.mark.parametrize("name", ["nowhere", "file"])
def test_what_is_no_run_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadInput, match="is no run"):
        Run.read(tmp_path / name)


def test_a_broken_record_is_named(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text("{")
    with pytest.raises(BadInput, match=r"run\.json"):
        Run.read(tmp_path)


@pytest.fixture
def run(tmp_path: Path, outcome: Any) -> Run:
    """A run of one scenario, which failed."""
    made = Run(id="x", start=runs.now(), testbed="t", inventory="i", routes=(), harness="0")
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
    first = runs.judge(tmp_path, run)
    assert runs.judge(tmp_path, run) == first
    assert [c.verdict for c in first.scenarios] == [Verdict.SITE_FAULT]
    (tmp_path / "known-deviations.yaml").write_text(KNOWN)
    assert [c.verdict for c in runs.judge(tmp_path, run).scenarios] == [Verdict.KNOWN_DEVIATION]


@pytest.mark.parametrize(("name", "line"), [("plan.jsonl", 1), ("known-deviations.yaml", 2)])
def test_a_requirement_that_the_catalogue_has_not_is_named(
    tmp_path: Path, run: Run, name: str, line: int
) -> None:
    (tmp_path / "known-deviations.yaml").write_text(KNOWN)
    path = tmp_path / name
    path.write_text(path.read_text().replace("AUTH-017", "AUTH-999"))
    with pytest.raises(BadInput) as caught:
        runs.judge(tmp_path, run)
    assert str(caught.value) == f"{path}:{line}: the catalogue has no requirement 'AUTH-999'."


def test_a_broken_outcome_is_told_by_the_judge(tmp_path: Path, run: Run) -> None:
    with (tmp_path / "outcomes.jsonl").open("a") as file:
        file.write("no outcome\n")
    with pytest.raises(BadInput, match=r"outcomes\.jsonl:2: no outcome"):
        runs.judge(tmp_path, run)


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
    judged = runs.judge(tmp_path, run)
    path = tmp_path / name
    if content is None:
        path.unlink()
    else:
        path.write_text(content)
    with pytest.raises(BadInput) as caught:
        runs.judge(tmp_path, run.model_copy(update={"end": ENDED}))
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
    judged = runs.judge(tmp_path, run.model_copy(update=update))
    assert [c.verdict for c in judged.scenarios] == [Verdict.NOT_RUN]


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b'{"id": "20260101T', b"[]"])
def test_a_broken_record_is_told_in_a_line_with_what_to_do(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "run.json").write_bytes(content)
    with pytest.raises(BadInput) as caught:
        Run.read(tmp_path)
    first, *rest = str(caught.value).splitlines()
    assert first.startswith(f"{tmp_path / 'run.json'}: no record of a run: ")
    assert len(rest) == 1
    assert "Put it back" in rest[0]
