from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness.conformance import outcomes
from harness.conformance.outcomes import Recorder
from harness.errors import BadInput


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
    with pytest.raises(BadInput, match="is no run"):
        outcomes.read(tmp_path)


def test_the_plan_is_read_as_it_was_written(tmp_path: Path, cell: Any) -> None:
    cells = (cell("egi:EGI-TWIN"), cell("cstcloud:EGI-TWIN"))
    outcomes.write_plan(tmp_path, cells)
    assert outcomes.read_plan(tmp_path) == cells


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
