"""A pause is of seconds, or until the speaker says so."""

from __future__ import annotations

import threading

import pytest

from harness.demo.pace import Pace
from harness.errors import BadInput


@pytest.mark.parametrize("text", ["soon", "-1", "nan", "601", ""])
def test_what_is_no_pace_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="--pace"):
        Pace.parse(text)


def test_a_pace_is_seconds_or_a_key() -> None:
    assert Pace.parse("2.5").seconds == 2.5
    assert Pace.parse("key").by_key


def test_the_speaker_ends_a_pause() -> None:
    pace = Pace.parse("key")
    waiting = threading.Thread(target=pace.wait)
    waiting.start()
    while waiting.is_alive():
        pace.go()
        waiting.join(0.01)


def test_no_pause_is_none() -> None:
    Pace(0).wait()
