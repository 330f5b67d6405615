"""`latest/`: the addresses of a night's pages, each of which leads to that page of the newest night.

A page there asks `latest.js` beside the nights which night is the newest, so it says the same after every
night: it is written, and published, once. A page that the newest night has not says so. Small files for
other tools are copies.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from harness import files
from harness.report.site.templating import environment, time

FOLDER = "latest"
POINTER = "latest.js"
_SCRIPT = "forward.js"
_PAGES = ".html"
_BADGES = "badges"


def renew(site: Path, id_: str, start: str) -> None:
    """Let `latest/` mean a night, whose pages are there already; `start` is when it began.

    Raises
    ------
    OSError
        where a file cannot be written.
    """
    newest, folder = site / id_, site / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    script = Path(__file__).parent / "assets" / _SCRIPT
    files.replace(folder / _SCRIPT, script.read_text(encoding="utf-8"))
    shown = set(_pages(newest))
    leading = _Copies(folder, gone=False)
    for page in shown:
        leading.put(page)
    pair = json.dumps([id_, time(start)])
    files.replace(site / POINTER, f"window.testbedLatest = {pair};\n")
    ending = _Copies(folder, gone=True)
    for page in set(_pages(folder)) - shown:
        ending.put(page)
    for file in _small(newest):
        place = folder / file.relative_to(newest)
        place.parent.mkdir(exist_ok=True)
        files.replace(place, file.read_text(encoding="utf-8"))


def _pages(folder: Path) -> Iterator[str]:
    """Return the pages of a folder, as paths within it."""
    for place, _, names in os.walk(folder):
        within = os.path.relpath(place, folder)
        for name in names:
            if name.endswith(_PAGES):
                yield name if within == "." else f"{within}/{name}"


def _small(newest: Path) -> Iterator[Path]:
    """Return what other tools read of a night: figures, verdicts, badges."""
    for folder in (newest, newest / _BADGES):
        with suppress(FileNotFoundError):
            yield from (one for one in folder.iterdir() if one.is_file() and one.suffix != _PAGES)


class _Copies:
    """A page that is the same at many places: written once for each depth, and linked from there on."""

    def __init__(self, folder: Path, *, gone: bool) -> None:
        self._folder, self._gone = folder, gone
        self._texts: dict[int, bytes] = {}
        self._first: dict[int, Path] = {}

    def put(self, page: str) -> None:
        """Put it at a place, unless it is there already."""
        depth = page.count("/")
        if depth not in self._texts:
            template = environment().get_template("forward.html")
            self._texts[depth] = template.render(up="../" * depth, gone=self._gone).encode()
        place, text = self._folder / page, self._texts[depth]
        try:
            if place.read_bytes() == text:
                self._first.setdefault(depth, place)
                return
        except FileNotFoundError:
            place.parent.mkdir(parents=True, exist_ok=True)
        self._write(place, depth)

    def _write(self, place: Path, depth: int) -> None:
        """Put a page in its place whole: a reader may be just asking for it."""
        part = place.with_name(f".{place.name}.{os.getpid()}")
        try:
            if (first := self._first.get(depth)) is None:
                part.write_bytes(self._texts[depth])
            else:
                try:
                    os.link(first, part)
                except OSError:  # another disk, or as many links as it can have
                    shutil.copyfile(first, part)
            part.replace(place)
        finally:
            part.unlink(missing_ok=True)
        self._first.setdefault(depth, place)
