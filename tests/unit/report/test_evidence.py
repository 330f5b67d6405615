"""Evidence as a page shows it: of a damaged file nothing, and no error."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.report.site import evidence

STEP = {
    "title": "GET",
    "start": 1.0,
    "stop": 2.0,
    "status": "passed",
    "sent": "",
    "answer": "",
    "steps": [],
}


def read(folder: Path, content: bytes) -> evidence.Evidence | None:
    (folder / "e.json").write_bytes(content)
    return evidence.read(folder, "e.json")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"[]",
        b"[" * 100_000,
        b'{"status": "passed", "steps": null}',
        b'{"status": "passed", "steps": [null]}',
        json.dumps({"status": "passed", "steps": [STEP | {"stop": 1e999}]}).encode(),
        json.dumps({"status": "passed", "steps": [STEP | {"start": None}]}).encode(),
    ],
)
def test_a_damaged_file_is_none(tmp_path: Path, content: bytes) -> None:
    assert read(tmp_path, content) is None


def test_what_is_no_text_is_shown_as_one(tmp_path: Path) -> None:
    steps = [STEP | {"title": 1, "sent": {}, "answer": None}]
    found = read(tmp_path, json.dumps({"status": 3, "steps": steps}).encode())
    assert found is not None
    assert (found.steps[0].title, found.steps[0].sent, found.status) == ("1", "{}", "3")


@given(
    st.binary(max_size=300)
    | st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from([*STEP, "message"]), inner),
    ).map(lambda steps: json.dumps({"status": "", "steps": [STEP, steps]}).encode())
)
def test_whatever_the_file_holds_it_is_read_or_none(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    found = read(tmp_path_factory.getbasetemp(), content)
    assert found is None or isinstance(found.steps, tuple)
