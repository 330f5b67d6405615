"""A file is whole or as it was before, and what the disk refuses is told in a sentence."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from harness import files
from harness.errors import ExitCode, TestbedError

FULL = Path("/dev/full")
"""Whatever is written there finds the disk full."""


def test_a_file_is_replaced_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    for text in ("one", "two 中文"):
        files.replace(path, text)
        assert path.read_text(encoding="utf-8") == text
    files.copy(path, tmp_path / "b.json")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.json", "b.json"]


def test_a_long_name_can_be_written(tmp_path: Path) -> None:
    files.replace(tmp_path / ("n" * 250 + ".json"), "text")


def test_what_cannot_be_written_names_the_file_and_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.mkdir()
    (path / "within").touch()
    for write in (lambda: files.replace(path, "x"), lambda: files.copy(FULL.with_name("x"), path)):
        with pytest.raises(TestbedError, match=rf"^{path}: cannot be written: ") as caught:
            write()
        assert caught.value.exit_code is ExitCode.INCONCLUSIVE
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]


@pytest.mark.parametrize(
    ("path", "what"),
    [(FULL, "Make room on the disk"), (Path("/proc/x/y"), "See that its folder is there")],
)
def test_the_remedy_fits_what_the_disk_said(path: Path, what: str) -> None:
    with pytest.raises(TestbedError, match=what), files.told(path):
        path.write_text("x")


def test_a_digest_is_that_of_the_content(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    assert files.digest(tmp_path / "a") == hashlib.sha256(b"x").hexdigest()
    assert files.digest(tmp_path / "b") is None
    assert files.digest(tmp_path) is None
