"""The signals that end a run are noted, or raised, and those that are ignored stay so."""

from __future__ import annotations

import os
import signal

import pytest

from harness import interruption


@pytest.fixture(autouse=True)
def nothing_has_come(monkeypatch: pytest.MonkeyPatch) -> None:
    """What these tests send stays with each of them."""
    monkeypatch.setattr(interruption, "_come", [])


@pytest.fixture(params=interruption.SIGNALS)
def number(request: pytest.FixtureRequest) -> signal.Signals:
    found: signal.Signals = request.param
    return found


def test_a_signal_is_noted_and_raises_where_it_is_asked_for(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with interruption.noted() as noted:
        noted.check()
        os.kill(os.getpid(), number)
        with pytest.raises(KeyboardInterrupt):
            noted.check()
        assert not noted.is_urgent()
        os.kill(os.getpid(), number)
        assert noted.is_urgent()
    assert signal.getsignal(number) is before


def test_a_signal_ends_what_runs_as_ctrl_c_does(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with pytest.raises(KeyboardInterrupt), interruption.raised():
        os.kill(os.getpid(), number)
    assert signal.getsignal(number) is before


def test_the_exit_code_tells_which_signal_came_first(number: signal.Signals) -> None:
    assert interruption.exit_code() == 130
    with interruption.noted():
        os.kill(os.getpid(), number)
        os.kill(os.getpid(), signal.SIGINT)
    assert interruption.exit_code() == 128 + number


def test_what_was_to_be_ignored_is_ignored(number: signal.Signals) -> None:
    """`nohup testbed nightly` outlives its terminal."""
    before = signal.signal(number, signal.SIG_IGN)
    try:
        with interruption.noted() as noted:
            os.kill(os.getpid(), number)
            noted.check()
    finally:
        signal.signal(number, before)


def test_a_signal_waits_until_the_end_of_what_must_not_be_done_by_half(
    number: signal.Signals,
) -> None:
    before, done = signal.getsignal(number), []

    def act() -> None:
        with interruption.raised(), interruption.deferred():
            os.kill(os.getpid(), number)
            done.append("all of it")

    with pytest.raises(KeyboardInterrupt):
        act()
    assert done == ["all of it"]
    assert signal.getsignal(number) is before
