"""What the files of a run may hold where a name or a text stands: some come from other people's machines.

A name becomes a part of a path and of a page's address, so it leads nowhere else; a text is shown on
terminals and pages, so it holds nothing that these obey.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator

from harness.printable import printable

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")
_FILE = re.compile(r"[A-Za-z0-9][^/\\\x00]*(?:/[^/\\\x00.][^/\\\x00]*)*")


def is_name(text: str) -> bool:
    """Tell whether a text is a name that can stand in a path."""
    return _NAME.fullmatch(text) is not None


def _name(text: str) -> str:
    if not is_name(text):
        raise ValueError(
            f"{text[:100]!r} is not a name: letters, digits, `.`, `_` and `-`, the first a "
            "letter or a digit"
        )
    return text


def _file(text: str) -> str:
    if not _FILE.fullmatch(text):
        raise ValueError(f"{text[:100]!r} is not the name of a file in a run's folder")
    return text


def _word(text: str) -> str:
    if printable(text) != text:
        raise ValueError(f"{text[:100]!r} has a control character")
    return text


Name = Annotated[str, AfterValidator(_name)]
"""A name of a run, a testbed, an infrastructure, a site."""
File = Annotated[str, AfterValidator(_file)]
"""A file within a run's folder."""
Word = Annotated[str, AfterValidator(_word)]
"""An id, by which programs know something."""
Text = Annotated[str, AfterValidator(printable)]
"""One line for people, its control characters escaped."""
