"""A terminal of 80 columns shows a demonstration in each language, and no line is wider."""

from __future__ import annotations

import io

import pytest
from rich.cells import cell_len
from rich.console import Console

from harness.demo.events import Closing
from harness.demo.terminal import Terminal
from harness.model import Testbed
from harness.translation import Speaker
from tests.unit.demo.story import demonstration


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["The user submits the job", "⊘ exit code 1", "Refused, as required.", "✓ right"]),
        ("zh", ["用户向计算单元提交作业。", "⊘ exit code 1", "已按要求拒绝。", "✓ 正确"]),
    ],
)
def test_it_is_told_in_80_columns(twin: Testbed, language: str, words: list[str]) -> None:
    said = demonstration(twin, language=language).output.getvalue()
    assert [word for word in words if word not in said] == []
    assert max(cell_len(line) for line in said.splitlines()) <= 80


def test_claims_are_told_once(twin: Testbed) -> None:
    said = demonstration(twin).output.getvalue()
    assert said.count("issued by") == 2  # the good token, and the expired one


def test_a_terminal_that_was_closed_ends_nothing() -> None:
    class Closed(io.StringIO):
        def write(self, _text: str) -> int:
            raise BrokenPipeError

    terminal = Terminal(Console(file=Closed(), width=80), Speaker("en"))
    for _ in range(2):
        terminal(Closing(ok=True, text="the end"))
