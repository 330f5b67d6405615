"""Names and texts in the files of a run, which may come from other people's machines."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from harness.conformance import outcomes, runs, statement
from harness.conformance.fields import File, Name, Text, Word
from harness.conformance.history import History, HistoryError
from harness.conformance.runs import Run
from harness.conformance.statement import Statement
from harness.errors import BadInput
from tests.unit.nights import make_night

ID = "20260101T011500Z-00aa"
ELSEWHERE = [
    "../../x",
    "..",
    ".",
    "",
    "/etc",
    "a/b",
    "a\\b",
    ".hidden",
    "a\0",
    "a\n",
    "-x",
    "~/x",
    "a b",
]


class Fields(BaseModel):
    name: Name = "a"
    file: File = "a"
    word: Word = "a"
    text: Text = "a"


@given(st.text())
def test_whatever_a_name_or_file_is_it_lies_within_its_root(text: str) -> None:
    root = Path("/root/of/all")
    for field in ("name", "file"):
        try:
            found = getattr(Fields.model_validate({field: text}), field)
        except ValidationError:
            continue
        assert (root / found).resolve().is_relative_to(root)
        assert (root / found).resolve() != root


@given(st.text(st.characters(codec="utf-8")))
def test_texts_are_shown_and_words_are_refused(text: str) -> None:
    assert Fields(text=text).text.replace("\u3000", " ").isascii() or Fields(text=text).text
    assert not {"\x1b", "\n", "\u202e"} & set(Fields(text=text).text)
    if {"\x1b", "\n", "\u202e"} & set(text):
        with pytest.raises(ValidationError, match="control character"):
            Fields(word=text)


def edited(path: Path, edit: Callable[[Any], None]) -> None:
    content = json.loads(path.read_text())
    edit(content)
    path.write_text(json.dumps(content))


@pytest.mark.parametrize("name", ELSEWHERE)
@pytest.mark.parametrize(
    ("file", "place"),
    [
        (runs.RECORD, ("id",)),
        (runs.RECORD, ("testbed",)),
        (runs.RECORD, ("routes", 0, "site")),
        (statement.FILE, ("run", "id")),
        (statement.FILE, ("run", "testbed")),
        (statement.FILE, ("requirements", 0, "id")),
        (statement.FILE, ("scenarios", 0, "site")),
    ],
)
def test_a_name_that_is_a_path_is_told_with_file_and_place(
    tmp_path: Path, name: str, file: str, place: tuple[str | int, ...]
) -> None:
    folder = make_night(tmp_path, ID)

    def edit(content: Any) -> None:
        *above, last = place
        for step in above:
            content = content[step]
        content[last] = name

    edited(folder / file, edit)
    read = Run.read if file == runs.RECORD else Statement.read
    where = ".".join(map(str, place))
    with pytest.raises(BadInput, match=rf"{file}: no[t]? .*{where}: "):
        read(folder)


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "evidence/../../x", "evidence//x", ""])
def test_a_file_outside_of_the_folder_is_no_file_of_a_run(tmp_path: Path, name: str) -> None:
    folder = make_night(tmp_path, ID)
    edited(folder / runs.RECORD, lambda content: content["files"].update({name: "0" * 64}))
    with pytest.raises(BadInput, match=r"run\.json: .*not the name of a file in a run's folder"):
        Run.read(folder)
    edited(folder / statement.FILE, lambda content: content["evidence"].update({name: "0" * 64}))
    with pytest.raises(
        BadInput, match=r"statement\.json: .*not the name of a file in a run's folder"
    ):
        Statement.read(folder)


def test_an_outcome_of_another_is_shown_without_what_a_terminal_obeys(tmp_path: Path) -> None:
    folder = make_night(tmp_path, ID)
    lines = (folder / outcomes.OUTCOMES).read_text().splitlines()
    first = json.loads(lines[0]) | {"message": "\x1b[2Jforged\u202e", "title": "a\ttitle"}
    (folder / outcomes.OUTCOMES).write_text("\n".join([json.dumps(first), *lines[1:]]) + "\n")
    (seen, *_) = outcomes.read(folder)
    assert (seen.message, seen.title) == (r"\x1b[2Jforged\u202e", r"a\ttitle")
    odd = json.dumps(first | {"scenario": "a\x1b[2J"})
    (folder / outcomes.OUTCOMES).write_text("\n".join([lines[0], odd]) + "\n")
    with pytest.raises(BadInput, match=r"outcomes\.jsonl:2: no outcome: scenario: .*control"):
        outcomes.read(folder)


@pytest.mark.parametrize("change", ["testbed = '../../x'", "id = '..'", "start = 'yesterday'"])
def test_a_night_of_the_history_whose_names_lead_elsewhere_is_told(
    tmp_path: Path, change: str
) -> None:
    stated = Statement.read(make_night(tmp_path, ID))
    with History.open(tmp_path / "history.sqlite") as store:
        store.add(stated)
        store._db.execute(f"UPDATE runs SET {change}")
        with pytest.raises(HistoryError, match="no run can have entered"):
            store.nights()


def test_json_that_is_too_deep_is_told(tmp_path: Path) -> None:
    (tmp_path / statement.FILE).write_text("[" * 100_000)
    with pytest.raises(BadInput, match="no statement"):
        Statement.read(tmp_path)
