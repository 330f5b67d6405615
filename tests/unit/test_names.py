from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from harness import names

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
