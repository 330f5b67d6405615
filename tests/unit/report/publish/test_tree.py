"""What of a folder is published, and what is refused."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from harness.errors import BadInput
from harness.report.publish.tree import File, Tree
from tests.unit.report.publish.conftest import FIRST


@pytest.mark.parametrize(("made", "said"), [(False, "is not there"), (True, "has no index.html")])
def test_a_folder_without_pages_is_refused(tmp_path: Path, made: bool, said: str) -> None:
    if made:
        (tmp_path / "pages").mkdir()
    with pytest.raises(BadInput, match=f"{said}.*testbed report"):
        Tree.read(tmp_path / "pages")


def test_a_link_out_of_the_tree_is_refused(tree: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("!")
    (tree / FIRST / "more.txt").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BadInput, match=r"more\.txt: is a link that leads out"):
        Tree.read(tree).night(FIRST)


def test_a_night_that_is_a_link_is_refused(tree: Path, tmp_path: Path) -> None:
    other = FIRST.replace("aa01", "cc03")
    (tree / FIRST).rename(tmp_path / other)
    (tree / other).symlink_to(tmp_path / other)
    with pytest.raises(BadInput, match=f"{other}: is a link to a folder"):
        Tree.read(tree)


def test_a_link_to_a_file_within_is_that_file(tree: Path) -> None:
    (tree / "latest.json").symlink_to(f"{FIRST}/statement.json")
    (found,) = [file for file in Tree.read(tree).root() if file.name == "latest.json"]
    assert found.size == (tree / FIRST / "statement.json").stat().st_size


def test_a_link_to_nothing_and_what_is_no_file_are_refused(tree: Path) -> None:
    os.mkfifo(tree / "pipe")
    with pytest.raises(BadInput, match="pipe: is not a file"):
        Tree.read(tree).root()
    (tree / "pipe").unlink()
    (tree / "gone").symlink_to(tree / "nothing")
    with pytest.raises(BadInput, match="gone: is not a file"):
        Tree.read(tree).root()


def test_a_name_with_control_characters_is_refused(tree: Path) -> None:
    (tree / "a\nb").write_text("")
    with pytest.raises(BadInput, match="control characters"):
        Tree.read(tree).root()


def test_folders_that_are_no_nights_belong_to_the_root(tree: Path) -> None:
    assert [f.name for f in Tree.read(tree).root()] == [
        "badges/all.svg",
        "runs.json",
        "zz.csv",
        "index.html",
    ]


def test_what_is_just_being_made_is_left_out(tree: Path) -> None:
    """The makers of pages write beside the place, under a hidden name, and rename."""
    (tree / f".{FIRST}.4711").mkdir()
    (tree / f".{FIRST}.4711" / "statement.json").write_text("{}")
    (tree / ".index.html.4711").write_text("half")
    (tree / FIRST / ".old").write_text("")
    pages = Tree.read(tree)
    assert pages.nights == (FIRST,)
    assert not [f.name for f in (*pages.root(), *pages.night(FIRST)) if "/." in f"/{f.name}"]


def test_the_folder_of_the_latest_belongs_to_the_root(tree: Path) -> None:
    (tree / "latest").mkdir()
    (tree / "latest" / "statement.json").write_text("{}")
    pages = Tree.read(tree)
    assert pages.nights == (FIRST,)
    assert "latest/statement.json" in [file.name for file in pages.root()]


@pytest.mark.parametrize(
    ("name", "type_"),
    [
        ("a/index.html", "text/html; charset=utf-8"),
        ("statement.json", "application/json"),
        ("outcomes.jsonl", "text/plain; charset=utf-8"),
        ("badge.svg", "image/svg+xml"),
        ("shot.PNG", "image/png"),
        ("what.is-it", "application/octet-stream"),
    ],
)
def test_a_browser_is_told_what_it_gets(name: str, type_: str) -> None:
    assert File(name=name, path=Path(name), size=0).content_type == type_
