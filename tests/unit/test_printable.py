"""What a site says reaches the terminal as text, never as an order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from harness.printable import printable, storable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, and 中文 with é", "plain, and 中文 with é"),
        ("\x1b[2J\x1b]0;title\x07", r"\x1b[2J\x1b]0;title\x07"),
        ("one\r\ntwo\tthree", r"one\r\ntwo\tthree"),
        ("\x9b31m", r"\x9b31m"),  # the C1 form of an escape sequence
        ("\x7f", r"\x7f"),
        ("abc\u202ecba", r"abc\u202ecba"),  # turns the direction of what follows
        ("one\u2028two", r"one\u2028two"),
        ("half \ud83d", r"half \ud83d"),  # would fail to be encoded
        ("wide\u3000and\u00a0fixed spaces", "wide\u3000and\u00a0fixed spaces"),
    ],
)
def test_controls_are_escaped_and_text_is_left(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(some.text(some.characters(codec=None)))
def test_nothing_that_a_terminal_obeys_is_left(text: str) -> None:
    shown = printable(text)
    assert not any(ord(char) < 0x20 or 0x7F <= ord(char) < 0xA0 for char in shown)
    assert shown.encode().decode() == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("one\r\ntwo\n\tthree", "one\r\ntwo\n\tthree"),
        ("one\rtwo", r"one\rtwo"),
        ("\r\r\n\n", "\\r\r\n\n"),
        ("one\n\x1b[2J", "one\n" + r"\x1b[2J"),
        ("half\n\ud83d", "half\n" + r"\ud83d"),
        ("wide\u3000\nspace", "wide\u3000\nspace"),
    ],
)
def test_a_text_of_several_lines_keeps_its_layout_alone(text: str, shown: str) -> None:
    assert storable(text) == shown
