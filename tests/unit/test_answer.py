"""What a service answered is read without a crash: what is missing is a failed assertion that says so."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.answer import Answer, Fields, objects, whole


def answer(body: bytes) -> Answer:
    return Answer("GET https://a.test/x", 200, ok=True, denied=False, body=body)


def test_a_missing_field_fails_the_scenario_and_names_what_came():
    found = answer(b'{"a": {"b": [{"c": 1}]}}').json
    assert found["a"]["b"][0]["c"] == 1
    said = r"the answer to GET https://a\.test/x \(200\) has no `z`; it has: "
    for inner, names in ((found, "a"), (found["a"], "b"), (found["a"]["b"][0], "c")):
        assert inner.get("z") is None
        with pytest.raises(AssertionError, match=said + names):
            _ = inner["z"]


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b"7", b"[" * 100_000])
def test_what_is_no_object_has_no_fields(body):
    with pytest.raises(AssertionError, match="has no `z`; it has: nothing"):
        _ = answer(body).json["z"]


@pytest.mark.parametrize(
    ("value", "number"),
    [(7, 7), ("7", 7), ("-7", -7), ("", None), ("7.5", None), (True, None), (None, None), (["7"], None),
     ("9" * 5000, None), ("٣", None), ("--7", None)],
)  # fmt: skip
def test_a_whole_number_is_read_or_none(value, number):
    assert whole(value) == number


@given(st.text() | st.floats() | st.lists(st.integers()))
def test_any_value_is_a_whole_number_or_none(value):
    assert isinstance(whole(value), int | None)


@given(st.recursive(st.none() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)))
def test_objects_are_those_of_a_list_or_the_single_one(value):
    found = objects(answer(json.dumps({"it": value}).encode()).json["it"])
    expected = value if isinstance(value, list) else [value]
    assert found == [one for one in expected if isinstance(one, dict)]
    assert all(isinstance(one, Fields) for one in found)
