from __future__ import annotations

from pathlib import Path

import pytest

from harness.conformance import runs
from harness.conformance.runs import Run
from harness.errors import BadInput


def test_ids_are_made_of_time_and_are_never_the_same(tmp_path: Path) -> None:
    folders = [runs.make_folder(tmp_path) for _ in range(20)]
    assert len(set(folders)) == 20
    assert all((folder / "logs").is_dir() for folder in folders)


def test_a_run_of_the_future_is_told(tmp_path: Path) -> None:
    """The clock was wrong; a run that has just begun elsewhere is none."""
    for name in ("20990101T000000Z-00aa", "20200101T000000Z-00aa"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "run.json").touch()
    (runs.make_folder(tmp_path) / "run.json").touch()
    (tmp_path / "99999999-no-run").mkdir()
    folder = runs.make_folder(tmp_path)
    assert runs.of_the_future(folder) == ["20990101T000000Z-00aa"]


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
    with pytest.raises(BadInput, match="is not a run"):
        Run.read(tmp_path / name)


def test_a_broken_record_is_named(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text("{")
    with pytest.raises(BadInput, match=r"run\.json"):
        Run.read(tmp_path)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b'{"id": "20260101T', b"[]"])
def test_a_broken_record_is_told_in_a_line_with_what_to_do(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "run.json").write_bytes(content)
    with pytest.raises(BadInput) as caught:
        Run.read(tmp_path)
    first, *rest = str(caught.value).splitlines()
    assert first.startswith(f"{tmp_path / 'run.json'}: not a record of a run: ")
    assert len(rest) == 1
    assert "Restore it" in rest[0]
