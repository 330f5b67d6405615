"""Pages are written; those of which there are many, by as many processes as there are processors."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterable, Sequence
from multiprocessing.connection import Connection
from pathlib import Path

from harness.report.site.templating import Page

_FEW = 1000
"""Pages for which another process is not worth while: it takes some 50 ms."""


def put(path: Path, text: str) -> None:
    """Write a page, in a folder that is made where it is missing."""
    try:
        path.write_text(text, encoding="utf-8")
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def write(pages: Sequence[Callable[[], Page]], folder: Path) -> None:
    """Make pages and write them into a folder.

    Raises
    ------
    OSError
        where one cannot be written.
    """
    others = _processors() - 1 if len(pages) > _FEW and threading.active_count() == 1 else 0
    share = len(pages) // (others + 1) + 1
    context = multiprocessing.get_context("fork")  # they share what this process has read
    children = []
    try:
        for number in range(1, others + 1):
            ours, theirs = context.Pipe(duplex=False)
            mine = pages[number * share : (number + 1) * share]
            child = context.Process(target=_work, args=(mine, folder, theirs), daemon=True)
            child.start()
            theirs.close()
            children.append((child, ours))
        _all(pages[:share], folder)
        for child, ours in children:
            _await(child, ours)
    finally:
        for child, ours in children:
            child.kill()  # where another has failed; else it has ended
            child.join()
            ours.close()


def _work(pages: Iterable[Callable[[], Page]], folder: Path, told: Connection) -> None:
    """Write a share of the pages in a process of its own, and tell what went wrong."""
    try:
        _all(pages, folder)
    except Exception as error:  # noqa: BLE001, it is raised again where it is heard
        told.send(error)
    else:
        told.send(None)


def _all(pages: Iterable[Callable[[], Page]], folder: Path) -> None:
    for make in pages:
        path, text = make()
        put(folder / path, text)


def _await(child: multiprocessing.process.BaseProcess, told: Connection) -> None:
    try:
        error = told.recv()
    except EOFError:
        child.join()
        raise OSError(f"a process that wrote pages ended with {child.exitcode}") from None
    if error is not None:
        raise error


def _processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
