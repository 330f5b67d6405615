"""The tutorial is read and typed as its readers do; what is not as it says is told with its line."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from harness import inventory
from harness.engine import lint
from tests.e2e.tutorial import Command, Ended, File, Reader, TutorialError, chapters, read

ROOT = Path(__file__).resolve().parents[2]
TUTORIAL = ROOT / "docs" / "tutorial"
CHAPTERS = chapters(TUTORIAL)


def chapter(folder: Path, text: str) -> Path:
    path = folder / "1-test.md"
    path.write_text(text)
    return path


def console(*lines: str) -> str:
    return "\n".join(["", "```console", *lines, "```", ""])


def follow(folder: Path, text: str, **settings: object) -> Path:
    """Follow a chapter in the folder `place`, and return that."""
    place = folder / "place"
    place.mkdir(exist_ok=True)
    Reader(place, **settings).follow(chapter(folder, text))  # type: ignore[arg-type]
    return place


def test_commands_their_output_and_files_are_read_in_order(tmp_path: Path) -> None:
    text = "Text.\n" + console("$ echo a", "a", "$ echo \\", "  b", "b", "...")
    text += "\n`some/file.txt`:\n\n```text\nhello\n```\n"
    assert read(chapter(tmp_path, text)) == [
        Command("1-test.md:4", "echo a", "a", may_fail=False),
        Command("1-test.md:6", "echo \\\n  b", "b\n...", may_fail=False),
        File("1-test.md:14", "some/file.txt", "hello\n"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("```sh\necho a\n```\n", id="a block of another language"),
        pytest.param("Text:\n\n    echo a\n", id="an indented block"),
        pytest.param("Write `a.txt`:\n\n```text\na\n```\n", id="more than a name before it"),
        pytest.param(console("echo a"), id="no command in it"),
    ],
)
def test_a_block_that_no_test_would_run_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(TutorialError, match=r"1-test\.md:\d"):
        read(chapter(tmp_path, text))


def test_files_are_written_and_what_is_exported_holds_on(tmp_path: Path) -> None:
    text = console("$ export WORD=b PATH=$PWD/tools:$PATH", "$ mkdir -p tools")
    text += "\n`tools/say`:\n\n```sh\n#!/bin/sh\necho $WORD\n```\n"
    text += console("$ chmod +x tools/say", "$ say", "b", "$ cd tools", "$ ls", "say")
    place = follow(tmp_path, text)
    assert (place / "tools" / "say").exists()


def test_another_output_is_told_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(TutorialError, match=r"(?s)1-test\.md:3: .*Expected:\n    b\nGot:\n    a"):
        follow(tmp_path, console("$ echo a", "b"))


def test_dots_stand_for_anything(tmp_path: Path) -> None:
    follow(tmp_path, console("$ printf '1\\n2\\n3\\n'", "1", "...", "3"))
    with pytest.raises(TutorialError):
        follow(tmp_path, console("$ printf '1\\n2\\n3\\n'", "1", "...", "4"))


def test_a_command_that_fails_is_told_and_nothing_after_it_is_done(tmp_path: Path) -> None:
    with pytest.raises(TutorialError, match=r"1-test\.md:3: `false` ended with 1"):
        follow(tmp_path, console("$ false", "$ touch there"))
    assert not (tmp_path / "place" / "there").exists()


def test_no_chapter_is_tried_after_one_that_failed(tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    with pytest.raises(TutorialError):
        reader.follow(chapter(tmp_path, console("$ false")))
    with pytest.raises(TutorialError, match=r"was not tried, because 1-test\.md failed"):
        reader.follow(chapter(tmp_path, console("$ touch there")))
    assert not (tmp_path / "there").exists()


def test_a_failure_that_is_told_must_come(tmp_path: Path) -> None:
    follow(tmp_path, console("$ (exit 3)", "$ echo $?", "3"))
    with pytest.raises(TutorialError, match=r"1-test\.md:4"):
        follow(tmp_path, console("$ true", "$ echo $?", "3"))


def test_other_names_stand_in_commands_outputs_and_files(tmp_path: Path) -> None:
    text = console("$ echo twin", "twin") + "\n`twin`:\n\n```text\ntwin\n```\n"
    place = follow(tmp_path, text, named=lambda text: text.replace("twin", "other"))
    assert (place / "twin").read_text() == "other\n"


def test_what_was_done_already_is_not_done_again_and_compared_all_the_same(tmp_path: Path) -> None:
    text = console("$ touch there", "done")
    place = follow(tmp_path, text, known={"touch there": Ended(0, "done\n")})
    assert not (place / "there").exists()
    with pytest.raises(TutorialError, match="printed something else"):
        Reader(place, known={"touch there": Ended(0, "not done\n")}).follow(chapter(tmp_path, text))


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_every_block_of_the_tutorial_is_run(path: Path) -> None:
    assert any(isinstance(one, Command) for one in read(path))


def test_the_tutorial_leads_from_chapter_to_chapter() -> None:
    names = [path.name for path in CHAPTERS]
    assert [int(name[0]) for name in names] == list(range(1, len(names) + 1))
    assert re.findall(r"\]\((\d-[a-z]+\.md)\)", (TUTORIAL / "README.md").read_text()) == names
    for path, following in zip(CHAPTERS, names[1:], strict=False):
        assert f"]({following})" in path.read_text(), f"{path.name} does not lead on"


@pytest.mark.parametrize("path", sorted(TUTORIAL.glob("*/[0-9]*.md")), ids=str)
def test_a_translated_chapter_has_the_blocks_of_the_english_one(path: Path) -> None:
    """So that its commands and what they print are tested too."""
    assert read(path)
    texts = [
        re.findall(r"```.*?```", one.read_text(), re.S) for one in (path, TUTORIAL / path.name)
    ]
    assert texts[0] == texts[1]


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md", "docs/style.zh-CN.md"])
def test_links_of_a_first_page_lead_somewhere(name: str) -> None:
    path = ROOT / name
    for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
        assert (path.parent / link).exists(), link


@pytest.mark.parametrize(
    "path",
    [*CHAPTERS, TUTORIAL / "README.md", *sorted(TUTORIAL.glob("*/[0-9]*.md"))],
    ids=lambda path: f"{path.parent.name}-{path.stem}",
)
def test_links_of_the_tutorial_lead_somewhere(path: Path) -> None:
    for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text()):
        assert (path.parent / link).exists(), link


def files(folder: str) -> list[File]:
    """Return what the tutorial's reader writes below a folder."""
    written = [one for path in CHAPTERS for one in read(path) if isinstance(one, File)]
    return [file for file in written if file.path.startswith(folder)]


def test_scenarios_of_the_tutorial_keep_the_rules(tmp_path: Path) -> None:
    scenarios = files("scenarios/")
    assert scenarios
    for number, file in enumerate(scenarios):
        (tmp_path / f"test_{number}.py").write_text(file.text)
    assert not list(lint.breaches(tmp_path))
    ruff = [
        Path(sys.executable).parent / "ruff",
        "format",
        "--check",
        "--line-length=100",
        tmp_path,
    ]
    subprocess.run(ruff, check=True)


def test_the_site_of_the_tutorial_is_one(inventory_folder: Path) -> None:
    (site,) = files("inventories/")
    file = inventory_folder / Path(site.path).name
    file.write_text(site.text.replace("10.111.", "127.111."))
    testbed = inventory.load(inventory_folder).testbed
    assert [route.id for route in testbed.routes if route.resource.name == "MY-SITE"] == [
        "cstcloud:MY-SITE",
        "egi:MY-SITE",
    ]
