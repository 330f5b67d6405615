"""How a text may be written so that it does not look like itself: escaped, folded, in base64, in hex.

A service that echoes what it was sent may encode it: a secret is sought in all these forms.
"""

from __future__ import annotations

import base64
import html
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

SHORTEST = 8
"""Characters that base64 of something must have to be sought: fewer may stand in any text."""

_ROUNDS = 4
"""Escapes within escapes: JSON within a string of JSON, within a query."""

_FOLD = re.compile(r"\r?\n(?:E(?= {3}))?[ \t]*")
"""An end of a line and what the next is indented by: a fold of a header (RFC 9112, section 5.2) or of
base64 (RFC 2045, section 6.8), also where pytest shows it within an error."""

_ESCAPE = re.compile(
    r"%[0-7][0-9A-Fa-f]|(?:%[89A-Fa-f][0-9A-Fa-f])+"  # RFC 3986, section 2.1
    r"|\\u[dD][89abAB][0-9A-Fa-f]{2}\\u[dD][c-fC-F][0-9A-Fa-f]{2}"  # RFC 8259, section 7
    r"|\\u[0-9A-Fa-f]{4}|\\x[0-7][0-9A-Fa-f]|(?:\\x[89A-Fa-f][0-9A-Fa-f])+|\\[\"'\\/bfnrt]"
    r"|&#[0-9]{1,7};|&#[xX][0-9A-Fa-f]{1,6};|&[A-Za-z][A-Za-z0-9]{1,30};"  # HTML, section 13.1.4
)
_LETTERS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


def encoded(text: str) -> Iterator[str]:
    """Yield a text in base64, in both alphabets and wherever it begins in what is encoded, and in hex.

    Of base64 it is what depends on nothing that stands before or behind the text.
    """
    content = text.encode(errors="surrogatepass")
    for before in range(3):
        whole = base64.b64encode(bytes(before) + content)
        known = whole[-(-8 * before // 6) : 8 * (before + len(content)) // 6].decode()
        if len(known) >= SHORTEST:
            yield known
            yield known.replace("+", "-").replace("/", "_")
    yield content.hex()
    yield content.hex().upper()


def unfolded(text: str) -> str:
    """Return a text as one line, without what its lines are indented by."""
    return _FOLD.sub("", text)


@dataclass(frozen=True)
class View:
    """A text with its escapes or folds undone, and where each part of it stands in the text itself."""

    text: str
    _of: View | None = None
    _pieces: list[tuple[int, int, int | None]] = field(default_factory=list)
    """Where a piece begins here and there; and where it ends there, if it is written otherwise."""

    def origin(self, start: int, stop: int) -> tuple[int, int]:
        """Return which part of the text itself became this part of the view."""
        if self._of is None:
            return start, stop
        first, last = self._piece(start), self._piece(stop - 1)
        begin = first[1] if first[2] else first[1] + start - first[0]
        return self._of.origin(begin, last[2] or last[1] + stop - last[0])

    def _piece(self, place: int) -> tuple[int, int, int | None]:
        return self._pieces[bisect_right(self._pieces, place, key=lambda piece: piece[0]) - 1]

    def unfolded(self) -> View:
        """Return the view as one line."""
        return self._with(_FOLD, lambda _: "")

    def layers(self) -> Iterator[View]:
        """Yield the view itself, then with each layer of its escapes undone."""
        view = self
        yield view
        for _ in range(_ROUNDS):
            if not _ESCAPE.search(view.text):
                return
            view = view._with(_ESCAPE, _unescaped)
            yield view

    def _with(self, pattern: re.Pattern[str], write: Callable[[re.Match[str]], str]) -> View:
        parts: list[str] = []
        pieces: list[tuple[int, int, int | None]] = []
        here = there = 0
        for match in pattern.finditer(self.text):
            plain, other = self.text[there : match.start()], write(match)
            if plain:
                pieces.append((here, there, None))
            if other:
                pieces.append((here + len(plain), match.start(), match.end()))
            parts += plain, other
            here, there = here + len(plain) + len(other), match.end()
        pieces.append((here, there, None))
        return View("".join([*parts, self.text[there:]]), self, pieces)


def _unescaped(match: re.Match[str]) -> str:
    written = match[0]
    match written[0], written[1]:
        case "%", _:
            return bytes.fromhex(written.replace("%", "")).decode(errors="replace")
        case "&", _:
            return html.unescape(written)
        case _, "u":
            units = bytes.fromhex(written.replace("\\u", ""))
            return units.decode("utf-16-be", "surrogatepass")
        case _, "x":
            content = bytes.fromhex(written.replace("\\x", ""))
            try:
                return content.decode()  # as bytes are shown
            except UnicodeDecodeError:
                return content.decode("latin-1")  # as texts are
        case _, letter:
            return _LETTERS.get(letter, letter)
