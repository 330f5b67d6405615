"""Keeps what a terminal would obey out of what it is shown.

A site chooses what its answers say. An escape sequence in one could clear the screen, change the
title of the window or forge a line of the table, and so could a mark that turns the direction of text.
"""

from __future__ import annotations

import re
import unicodedata

_SPACE = "Zs"
"""Category of Unicode: a space of whatever width. Python calls all but one of them not printable."""


def printable(text: str) -> str:
    r"""Return the text with each control and format character escaped, as `\x1b` and `\u202e`.

    These are the controls C0 (line ends and tabs too) and C1, DEL, marks of direction, separators of
    lines and paragraphs, and what is no character at all, such as half of a surrogate pair.
    """
    if text.isprintable():
        return text
    return "".join(char if _is_shown(char) else _escaped(char) for char in text)


def storable(text: str) -> str:
    r"""Return a text of several lines with all but line ends and tabs escaped so: `\x1b`, `\ud800`.

    What comes out can be written as UTF-8, and stand in XML 1.0.
    """
    # Most texts, of which a site's pages have millions, hold nothing else.
    if text.isprintable() or _without_layout(text).isprintable():
        return text
    return "".join(one if one in _LAYOUT else printable(one) for one in _PARTS.split(text))


def _without_layout(text: str) -> str:
    """Return a text without line ends and tabs; a carriage return alone is no line end, and stays."""
    return text.replace("\r\n", "").replace("\n", "").replace("\t", "")


_LAYOUT = frozenset({"\n", "\r\n", "\t"})
_PARTS = re.compile(r"(\r?\n|\t)")


def tabular(text: str) -> str:
    """Return a text for a cell of CSV, which no program that opens it takes for a formula.

    A spreadsheet calculates what begins with one of these signs; a quote in front makes it text (OWASP,
    CSV Injection).
    """
    shown = storable(text)
    return f"'{shown}" if _FORMULA.match(text) else shown


_FORMULA = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")
"""Also the signs in full width, which some programs read alike."""


def _is_shown(char: str) -> bool:
    return char.isprintable() or unicodedata.category(char) == _SPACE


def _escaped(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
