"""Pages that several processes write are those that one writes, and an error of any of them is told."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from harness.report.site import writing
from harness.report.site.templating import Page


def page(number: int) -> Page:
    return f"cells/{number % 3}/{number}.html", f"page {number}"


def pages(count: int) -> list[Callable[[], Page]]:
    return [partial(page, number) for number in range(count)]


@pytest.mark.parametrize("processors", [1, 3])
def test_each_page_is_written_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, processors: int
) -> None:
    monkeypatch.setattr(writing, "_FEW", 5)
    monkeypatch.setattr(writing, "_processors", lambda: processors)
    monkeypatch.setattr(writing.threading, "active_count", lambda: 1)
    for count in (0, 1, 6, 7, 100):
        folder = tmp_path / str(count)
        writing.write(pages(count), folder)
        found = {path.name: path.read_text() for path in folder.rglob("*.html")}
        assert found == {f"{number}.html": f"page {number}" for number in range(count)}


@pytest.mark.parametrize("number", [0, 11])
def test_a_page_that_cannot_be_written_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """By this process, which writes the first pages, and by another."""
    monkeypatch.setattr(writing, "_FEW", 5)
    monkeypatch.setattr(writing, "_processors", lambda: 2)
    monkeypatch.setattr(writing.threading, "active_count", lambda: 1)
    path, _ = page(number)
    (tmp_path / path).mkdir(parents=True)
    with pytest.raises(IsADirectoryError) as told:
        writing.write(pages(12), tmp_path)
    assert told.value.filename == str(tmp_path / path)


def test_beside_another_thread_no_process_is_forked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "_FEW", 5)
    monkeypatch.setattr(writing, "_processors", lambda: 2)
    monkeypatch.setattr(writing.threading, "active_count", lambda: 2)
    monkeypatch.setattr(writing.multiprocessing, "get_context", lambda _: None)
    writing.write(pages(12), tmp_path)
    assert len(list(tmp_path.rglob("*.html"))) == 12
