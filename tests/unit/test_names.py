from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import names
from harness.errors import BadInput
from harness.state import State

WORDS = st.lists(st.text(), min_size=1, max_size=3)


@given(WORDS, WORDS)
def test_words_that_differ_have_names_that_differ(one: list[str], other: list[str]) -> None:
    assert (names.unique(*one) == names.unique(*other)) == (one == other)


@given(WORDS)
def test_a_name_fits_any_disk_and_any_url(words: list[str]) -> None:
    name = names.unique(*words)
    assert re.fullmatch(r"[A-Za-z0-9._-]{1,140}", name)


def test_punctuation_alone_makes_another_name() -> None:
    found = {names.unique(f"data/test_names.py::test_x[{word}]") for word in ("a#b", "a+b", "a b")}
    assert len(found) == 3
    assert all(name.startswith("data-test_names.test_x-a-b.") for name in found)


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../x", "a/b", "/", "a\\b", "a\0b", "-a", "a" * 64]
)
def test_the_state_of_no_testbed_lies_elsewhere(tmp_path: Path, name: str) -> None:
    """`down --purge` removes that folder."""
    with pytest.raises(BadInput, match="is no name of a testbed"):
        State(name, root=tmp_path / "state")
    assert State("a.b_c-1", root=tmp_path).root == tmp_path / "a.b_c-1"


@pytest.mark.parametrize(
    "words", [("",), (".",), ("..",), ("a", ".."), ("a/b",), ("/etc",), ("a\0",)]
)
def test_a_path_stays_inside_its_root(tmp_path: Path, words: tuple[str, ...]) -> None:
    with pytest.raises(BadInput, match="is no name for a file or folder below"):
        names.inside(tmp_path, *words)
    assert names.inside(tmp_path, "a", "b.pem") == tmp_path / "a" / "b.pem"


def test_a_long_name_is_shown_in_part() -> None:
    with pytest.raises(
        ValueError, match=r"^'a{119}\.\.\. is no name of a site\. It has 5000 characters"
    ):
        names.SITE.checked("a" * 5000)


def test_what_a_part_makes_bears_its_name() -> None:
    try:
        names.run_part("ab12-2of8")
        assert re.fullmatch(r"interop-testbed-ab12-2of8-[0-9a-f]{12}", names.fresh())
        with pytest.raises(ValueError, match="is no name of a part of a run"):
            names.run_part("../x")
    finally:
        names.run_part("")
    assert re.fullmatch(r"interop-testbed-[0-9a-f]{12}", names.fresh())
