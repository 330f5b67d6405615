"""What a reader of the published pages may rely on, whatever the target and whatever goes wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from rich.console import Console

from harness.errors import BadInput, PublishError
from harness.report import publish as publishing
from harness.report.publish import Published
from harness.report.publish.target import Sent, Stored
from harness.report.publish.tree import File, Tree
from tests.unit.report.publish.conftest import (
    FIRST,
    SECOND,
    Place,
    write_night,
    write_root,
)


def local(tree: Path) -> dict[str, bytes]:
    return {p.relative_to(tree).as_posix(): p.read_bytes() for p in tree.rglob("*") if p.is_file()}


def test_all_arrives_as_it_is(tree: Path, place: Place, console: Console) -> None:
    done = publishing.publish(tree, place.to, console=console)
    assert place.files() == local(tree)
    assert done.nights == (FIRST,)
    assert done.size == sum(len(content) for content in local(tree).values())
    assert f"published to {place.to}: 1 night; 8 files" in console.export_text()


def test_order_keeps_half_a_night_from_readers(tree: Path, place: Place, console: Console) -> None:
    """A night's statement comes last of it, the root after all nights, and the front page at the end."""
    write_night(tree, SECOND)
    sent = publishing.publish(tree, place.to, console=console).files
    first, second = sent.index(f"{FIRST}/statement.json"), sent.index(f"{SECOND}/statement.json")
    assert all(name.startswith(FIRST) for name in sent[: first + 1])
    assert all(name.startswith(SECOND) for name in sent[first + 1 : second + 1])
    assert sorted(sent[second + 1 :]) == ["badges/all.svg", "index.html", "runs.json", "zz.csv"]
    assert sent[-1] == "index.html"


def test_a_repetition_sends_nothing(tree: Path, place: Place, console: Console) -> None:
    publishing.publish(tree, place.to, console=console)
    again = publishing.publish(tree, place.to, console=console)
    assert again == Published(to=place.to, nights=(), files=(), size=0, kept=4)
    assert place.files() == local(tree)


def test_a_night_later_the_night_and_what_changed_is_sent(
    tree: Path, place: Place, console: Console
) -> None:
    publishing.publish(tree, place.to, console=console)
    write_night(tree, SECOND)
    write_root(tree, SECOND)
    done = publishing.publish(tree, place.to, console=console)
    assert done.nights == (SECOND,)
    assert set(done.files) == {f for f in local(tree) if f.startswith(SECOND)} | {
        "index.html",
        "runs.json",
    }
    assert place.files() == local(tree)


def test_a_whole_night_is_not_looked_into_again(tree: Path, place: Place, console: Console) -> None:
    """What is published stays as it is, also where a file of it is another here, or is gone."""
    publishing.publish(tree, place.to, console=console)
    before = place.files()
    (tree / FIRST / "index.html").write_text("later")
    (tree / FIRST / "empty.log").unlink()
    assert not publishing.publish(tree, place.to, console=console).files
    assert place.files() == before


def test_nights_that_are_gone_here_stay_there(tree: Path, place: Place, console: Console) -> None:
    publishing.publish(tree, place.to, console=console)
    before = place.files()
    for path in sorted((tree / FIRST).rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    (tree / FIRST).rmdir()
    publishing.publish(tree, place.to, console=console)
    assert place.files() == before


def test_a_published_night_is_never_changed(tree: Path, place: Place, console: Console) -> None:
    publishing.publish(tree, place.to, console=console)
    before = place.files()
    (tree / FIRST / "statement.json").write_text("{}")
    write_night(tree, SECOND)
    with pytest.raises(BadInput, match=f"{FIRST} is published there with another statement"):
        publishing.publish(tree, place.to, console=console)
    assert place.files() == before


def test_a_night_without_a_statement_is_left_out(
    tree: Path, place: Place, console: Console
) -> None:
    write_night(tree, SECOND, statement=False)
    publishing.publish(tree, place.to, console=console)
    assert not [name for name in place.files() if name.startswith(SECOND)]
    assert f"{SECOND} is incomplete" in console.export_text()


def test_a_dry_run_lists_and_sends_nothing(tree: Path, place: Place, console: Console) -> None:
    done = publishing.publish(tree, place.to, console=console, dry_run=True)
    assert set(done.files) == set(local(tree))
    assert not place.files()
    said = console.export_text()
    assert f"16 bytes  {FIRST}/evidence/a b+ü.json" in said
    assert "would publish" in said


def test_a_secret_stops_all(tree: Path, place: Place, console: Console) -> None:
    (tree / FIRST / "evidence" / "b.json").write_text('{"password": "correct-horse"}')
    with pytest.raises(BadInput, match=r"evidence/b\.json: holds a secret") as refused:
        publishing.publish(tree, place.to, console=console, secrets=["correct-horse"])
    assert "horse" not in str(refused.value)
    assert not place.files()


class Breaking:
    """A target that breaks after so many files."""

    def __init__(self, after: int) -> None:
        self.files: dict[str, bytes] = {}
        self.left = after

    def look(self, names: Sequence[str]) -> Mapping[str, Stored]:
        return {name: Stored(len(self.files[name])) for name in names if name in self.files}

    def below(self, folder: str) -> Mapping[str, Stored]:
        return self.look([name for name in self.files if name.startswith(f"{folder}/")])

    def read(self, name: str) -> bytes:
        return self.files[name]

    def put(self, files: Sequence[File], sent: Sent) -> None:
        for file in files:
            if not self.left:
                raise PublishError("breaking", "the line is cut")
            self.left -= 1
            self.files[file.name] = file.path.read_bytes()
            sent(file)

    def close(self) -> None: ...


@pytest.mark.parametrize("after", range(8))
def test_wherever_it_breaks_readers_see_the_night_before(
    tree: Path, console: Console, after: int
) -> None:
    """And the next publication sends the rest alone."""
    target = Breaking(after=99)
    publishing.send(Tree.read(tree), target, "there", console=console)
    old = dict(target.files)
    write_night(tree, SECOND)
    write_root(tree, SECOND)
    target.left = after
    with pytest.raises(PublishError, match="What was published before is as it was"):
        publishing.send(Tree.read(tree), target, "there", console=console)
    assert target.files["index.html"] == old["index.html"]
    assert {n: c for n, c in target.files.items() if n.startswith(FIRST)} == {
        n: c for n, c in old.items() if n.startswith(FIRST)
    }
    if f"{SECOND}/statement.json" in target.files:
        assert all(name in target.files for name in local(tree) if name.startswith(SECOND))
    # Nothing of the root speaks of a night that is not there as a whole.
    if target.files["runs.json"] != old["runs.json"]:
        assert f"{SECOND}/statement.json" in target.files
    target.left = 99
    rest = publishing.send(Tree.read(tree), target, "there", console=console)
    assert target.files == local(tree)
    assert len([name for name in rest.files if name.startswith(SECOND)]) == max(4 - after, 0)
