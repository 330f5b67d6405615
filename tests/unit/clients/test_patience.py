"""Who is busy and says for how long is asked once more, after that long; it is told as a step."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.answer import Answer
from harness.clients import patience
from harness.clients.patience import LONGEST, delay, patiently
from harness.evidence import collect

NOW = dt.datetime(2027, 5, 1, 12, 0, 0, tzinfo=dt.UTC)


class Desk:
    """Answers one after the other."""

    def __init__(self, *answers: tuple[int, str | None]) -> None:
        self.left = list(answers)

    def __call__(self) -> Answer:
        status, after = self.left.pop(0)
        headers = {} if after is None else {"retry-after": after}
        return Answer("GET https://se.test/f", status, status < 300, False, headers=headers)


@pytest.fixture
def slept(monkeypatch):
    naps: list[float] = []
    monkeypatch.setattr(patience.time, "sleep", naps.append)
    return naps


@pytest.mark.parametrize("status", [429, 503])
def test_it_is_waited_for_once_and_told(slept, status):
    desk = Desk((status, "7"), (status, "7"), (200, None))
    with collect() as steps:
        assert patiently(desk).status == status, "the second answer stands"
    assert slept == [7]
    assert ["wait 7 s" in one.title and f"answered {status}" in one.title for one in steps] == [
        True
    ]
    assert len(desk.left) == 1


def test_the_second_answer_is_the_answer(slept):
    assert patiently(Desk((503, "2"), (201, None))).status == 201


@pytest.mark.parametrize(
    ("status", "after"),
    [(503, None), (503, ""), (503, "later"), (503, "-3"), (500, "3"), (202, "3"), (301, "3"), (401, "3")],
)  # fmt: skip
def test_nobody_else_is_asked_again(slept, status, after):
    assert patiently(Desk((status, after))).status == status
    assert slept == []


def test_who_asks_for_more_than_is_sane_has_answered(slept):
    with collect() as steps:
        assert patiently(Desk((429, "86400"))).status == 429
    assert slept == []
    assert "it is not asked again" in steps[0].title


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("12", 12), (" 12 ", 12), ("1.5", 1.5), ("0", 0),
        ("Sat, 01 May 2027 12:00:20 GMT", 20),
        ("Sat, 01 May 2027 11:00:00 GMT", 0),
        ("2027-05-01T12:00:05Z", 5),
    ],
)  # fmt: skip
def test_a_number_or_a_date_is_read(value, seconds):
    assert delay(value, now=NOW) == seconds


@given(st.text() | st.integers().map(str) | st.floats().map(str))
def test_any_header_is_a_time_to_wait_or_none(value):
    found = delay(value, now=NOW)
    assert found is None or found >= 0


def test_the_longest_wait_is_shorter_than_a_request_may_take():
    assert LONGEST < 60
