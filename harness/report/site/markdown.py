"""Markdown as the pages show it."""

from __future__ import annotations

from markdown_it import MarkdownIt

_SCROLLED = ("pre", "table")
"""Elements that the style sheet lets scroll; the keyboard scrolls what has the focus."""


def rendered(text: str, *, trusted: bool = False) -> str:
    """Return Markdown (CommonMark, with tables) as HTML; HTML in it is text unless it is `trusted`."""
    page: str = MarkdownIt("commonmark", {"html": trusted}).enable("table").render(text)
    for name in _SCROLLED:
        page = page.replace(f"<{name}>", f'<{name} tabindex="0">')
    return page
