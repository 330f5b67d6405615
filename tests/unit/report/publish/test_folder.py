"""Publishing into a folder of this machine."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from harness.errors import BadInput, PublishError
from harness.report import publish as publishing
from tests.unit.report.publish.conftest import FIRST, SECOND, Place, write_night, write_root


@pytest.fixture
def small_disk() -> Iterator[None]:
    """No file can be longer than 10 kB, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_leaves_what_was_there(
    tree: Path, folder: Place, console: Console, request: pytest.FixtureRequest
) -> None:
    publishing.publish(tree, folder.to, console=console)
    before = folder.files()
    write_night(tree, SECOND)
    (tree / SECOND / "long.html").write_bytes(b"." * 20_000)
    write_root(tree, SECOND)
    request.getfixturevalue("small_disk")
    with pytest.raises(PublishError, match="File too large"):
        publishing.publish(tree, folder.to, console=console)
    there = folder.files()
    assert {n: c for n, c in there.items() if not n.startswith(SECOND)} == before
    assert f"{SECOND}/statement.json" not in there
    assert not [name for name in there if ".publishing-" in name]


def test_what_stands_in_the_way_is_told(tree: Path, tmp_path: Path, console: Console) -> None:
    (tmp_path / "www").write_text("a file")
    with pytest.raises(BadInput, match="www: is not a folder"):
        publishing.publish(tree, str(tmp_path / "www"), console=console)
    with pytest.raises(PublishError, match="Not a directory"):
        publishing.publish(tree, str(tmp_path / "www" / "deeper"), console=console)


@pytest.mark.parametrize("where", [".", FIRST, ".."])
def test_pages_are_not_published_into_themselves(tree: Path, where: str, console: Console) -> None:
    with pytest.raises(BadInput, match="into themselves"):
        publishing.publish(tree, str(tree / where), console=console)


def test_others_may_read(tree: Path, folder: Place, console: Console) -> None:
    publishing.publish(tree, folder.to, console=console)
    assert (Path(folder.to) / "index.html").stat().st_mode & 0o777 == 0o644
