"""An archive is the same bytes wherever and whenever it is made."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from harness.science import archive
from harness.science.field import WrongResult


def test_the_same_files_are_the_same_bytes_in_whatever_order() -> None:
    assert archive.pack({"a": b"1", "b": b"2"}) == archive.pack({"b": b"2", "a": b"1"})
    assert archive.unpack(archive.pack({"a/b": b"1"})) == {"a/b": b"1"}


def test_a_folder_is_the_same_bytes_whenever_its_files_were_written(tmp_path: Path) -> None:
    packed = []
    for when in (1, 10**9):
        folder = tmp_path / str(when)
        (folder / "bin").mkdir(parents=True)
        (folder / "bin" / "program").write_text("x")
        (folder / "bin" / "program").chmod(0o755)
        (folder / "link").symlink_to("bin/program")
        os.utime(folder / "bin" / "program", (when, when))
        archive.pack_folder(folder, tmp_path / "packed")
        packed.append((tmp_path / "packed").read_bytes())
    assert packed[0] == packed[1]


def test_an_archive_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST", 10)
    assert archive.unpack(archive.pack({"a": b"x" * 10}))
    with pytest.raises(WrongResult, match="more than 10 bytes"):
        archive.unpack(archive.pack({"a": b"x" * 11}))
