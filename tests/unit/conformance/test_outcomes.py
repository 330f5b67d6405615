from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness.conformance import evidence, outcomes
from harness.conformance.outcomes import Recorder
from harness.errors import BadInput, TestbedError


def test_each_outcome_is_on_disk_when_it_was_added(tmp_path: Path, outcome: Any) -> None:
    recorder = Recorder(tmp_path)
    made = [
        outcome("egi:CSTCLOUD-TWIN"),
        outcome("egi:EGI-TWIN", "failed", message="ein Fehler: 中文"),
    ]
    for number, one in enumerate(made, start=1):
        recorder.add(one)
        assert outcomes.read(tmp_path) == tuple(made[:number])
    recorder.close()


def test_a_second_attempt_is_appended(tmp_path: Path, outcome: Any) -> None:
    for attempt in (1, 2):
        recorder = Recorder(tmp_path)
        recorder.add(outcome("egi:EGI-TWIN", attempt=attempt))
        recorder.close()
    assert [o.attempt for o in outcomes.read(tmp_path)] == [1, 2]


def test_a_line_cut_off_by_a_kill_is_ignored(tmp_path: Path, outcome: Any) -> None:
    line = outcome("egi:EGI-TWIN").model_dump_json()
    (tmp_path / "outcomes.jsonl").write_text(f"{line}\n{line[:40]}")
    assert len(outcomes.read(tmp_path)) == 1


def test_a_broken_line_is_named(tmp_path: Path, outcome: Any) -> None:
    (tmp_path / "outcomes.jsonl").write_text(outcome("egi:EGI-TWIN").model_dump_json() + "\n{}\n")
    with pytest.raises(BadInput, match=r"outcomes\.jsonl:2: no outcome"):
        outcomes.read(tmp_path)


def test_a_folder_without_outcomes_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="is not a run"):
        outcomes.read(tmp_path)


def test_the_plan_is_read_as_it_was_written(tmp_path: Path, cell: Any) -> None:
    cells = (cell("egi:EGI-TWIN"), cell("cstcloud:EGI-TWIN"))
    outcomes.write_plan(tmp_path, cells)
    assert outcomes.read_plan(tmp_path) == cells


def test_a_plan_of_two_cells_with_one_file_of_evidence_is_not_written(
    tmp_path: Path, cell: Any
) -> None:
    cells = [cell("egi:EGI-TWIN"), cell("egi:EGI-TWIN", title="another")]
    with pytest.raises(
        BadInput, match=r"two cells have the same file of evidence, evidence/.*\.json"
    ):
        outcomes.write_plan(tmp_path, cells)
    assert not (tmp_path / "plan.jsonl").exists()


def test_cells_that_differ_in_punctuation_alone_have_evidence_of_their_own(
    tmp_path: Path, cell: Any
) -> None:
    names = [f"auth/test_tokens.py::test_it[{word}]" for word in ("a#b", "a+b", ":443", ":443/")]
    cells = [cell("egi:EGI-TWIN", scenario=name) for name in names]
    outcomes.write_plan(tmp_path, cells)
    files = {evidence.name(one.key, attempt) for one in cells for attempt in (1, 2)}
    assert len(files) == 8
    assert all(map(evidence.is_name, files))


def test_the_digest_of_evidence_is_recorded_with_its_outcome(tmp_path: Path, outcome: Any) -> None:
    (tmp_path / "evidence").mkdir()
    (tmp_path / "evidence" / "a.json").write_text("{}")
    recorder = Recorder(tmp_path)
    recorder.add(outcome("egi:EGI-TWIN", evidence="evidence/a.json"))
    assert evidence.recorded(tmp_path) == evidence.on_disk(tmp_path)
    recorder.add(outcome("egi:CSTCLOUD-TWIN", evidence="evidence/never-written.json"))
    recorder.close()
    assert list(evidence.recorded(tmp_path)) == ["evidence/a.json"]


def test_a_full_disk_is_told_with_the_file(tmp_path: Path, outcome: Any) -> None:
    (tmp_path / "outcomes.jsonl").symlink_to("/dev/full")
    recorder = Recorder(tmp_path)
    with pytest.raises(TestbedError, match=r"outcomes\.jsonl: cannot be written: No space left"):
        recorder.add(outcome("egi:EGI-TWIN"))
    with pytest.raises(TestbedError):
        recorder.close()


def test_an_attempt_that_is_there_twice_is_told_with_both_lines(
    tmp_path: Path, outcome: Any
) -> None:
    line = outcome("egi:EGI-TWIN").model_dump_json() + "\n"
    other = outcome("egi:EGI-TWIN", attempt=2).model_dump_json() + "\n"
    (tmp_path / "outcomes.jsonl").write_text(line + other + line)
    with pytest.raises(BadInput, match=r"outcomes\.jsonl:3: attempt 1 at .* already, in line 1"):
        outcomes.read(tmp_path)


@pytest.mark.parametrize("name", ["start", "stop"])
@pytest.mark.parametrize("time", ["", "noon", "2026-01-01T00:00:00", "2026-01-01T00:00:00+08:00"])
def test_a_time_that_is_none_is_told(tmp_path: Path, outcome: Any, name: str, time: str) -> None:
    line = outcome("egi:EGI-TWIN", **{name: time}).model_dump_json()
    (tmp_path / "outcomes.jsonl").write_text(f"{line}\n")
    with pytest.raises(BadInput, match=rf"outcomes\.jsonl:1: no outcome: {name}: .* is not a time"):
        outcomes.read(tmp_path)


def test_only_a_line_feed_ends_a_line(tmp_path: Path, outcome: Any) -> None:
    """What else Unicode takes for the end of a line may stand in a message."""
    made = outcome("egi:EGI-TWIN", "failed", message="one\u2028two\x85three\x0cfour")
    recorder = Recorder(tmp_path)
    recorder.add(made)
    recorder.close()
    assert outcomes.read(tmp_path) == (made,)


@pytest.mark.parametrize("line", [b"\xff\xfe", b"not json", b"", b'{"scenario": 1}'])
@pytest.mark.parametrize("name", ["outcomes.jsonl", "plan.jsonl"])
def test_whatever_a_line_holds_it_is_named(
    tmp_path: Path, outcome: Any, name: str, line: bytes
) -> None:
    good = outcome("egi:EGI-TWIN").model_dump_json().encode()
    (tmp_path / name).write_bytes(good + b"\n" + line + b"\n" + good + b"\n")
    read = {"outcomes.jsonl": outcomes.read, "plan.jsonl": outcomes.read_plan}[name]
    with pytest.raises(BadInput) as caught:
        read(tmp_path)
    assert str(caught.value).startswith(f"{tmp_path / name}:2: no ")
