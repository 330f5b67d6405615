"""A recording: a page that replays a demonstration without a testbed, and holds no secret."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from harness import files
from harness.demo.events import Stamped
from harness.demo.page import page
from harness.errors import BadInput
from harness.printable import storable
from harness.redaction import redactor
from harness.report.publish import leaks
from harness.translation import Speaker

_EVENTS = TypeAdapter(list[Stamped])


def require_writable(path: Path) -> None:
    """Refuse, before anything is done, a file that could not be written at the end.

    Raises
    ------
    BadInput
        naming the file, and what is wrong with it.
    """
    folder = path.parent
    if not folder.is_dir():
        raise BadInput(
            f"--record {path}: there is no folder {folder}. Make it, or name another file."
        )
    if path.is_dir():
        raise BadInput(
            f"--record {path}: this is a folder. Name a file in it: {path / 'demo.html'}"
        )
    if not os.access(folder, os.W_OK) or (path.exists() and not os.access(path, os.W_OK)):
        raise BadInput(f"--record {path}: it may not be written. Name a file in a folder of yours.")


def write(path: Path, events: Iterable[Stamped], *, tr: Speaker) -> None:
    """Write a recording, after all texts are redacted once more and the file is looked through.

    What a step saw may have become known as a secret only afterwards.

    Raises
    ------
    BadInput
        where the page would hold a secret; then there is no file.
    TestbedError
        where it cannot be written.
    """
    told = [one.model_dump(mode="json") for one in events]
    html = page(tr, recorded=_EVENTS.validate_python(_redacted(told)))
    if found := leaks.find(html.encode(), redactor.known):
        raise BadInput(
            f"--record {path}: the page would hold {found}, so nothing was written. This is a fault of the "
            "testbed: report it, with the scenario that was shown."
        )
    files.replace(path, html)


def _redacted(value: Any) -> Any:
    match value:
        case str() if value.startswith("data:image/"):
            return value
        case str():
            return storable(redactor.redact(value))
        case dict():
            return {key: _redacted(inner) for key, inner in value.items()}
        case list() | tuple():
            return [_redacted(inner) for inner in value]
    return value
