from __future__ import annotations

from contextlib import suppress

import pytest

from harness.evidence import (
    EARLIER,
    LIMIT,
    Step,
    collect,
    exhibit,
    observed,
    remember,
    replay,
    step,
)
from harness.redaction import redactor


def test_steps_are_collected_with_those_within() -> None:
    with collect() as steps, step("outer"):
        with step("first") as first:
            first.send("a request")
            first.receive("an answer")
        with step("second"):
            pass
    (outer,) = steps
    assert [inner.title for inner in outer.steps] == ["first", "second"]
    assert (outer.steps[0].sent, outer.steps[0].answer) == ("a request", "an answer")
    assert outer.status == "passed"
    assert outer.duration >= outer.steps[0].duration >= 0


def test_what_fails_is_marked_says_why_and_goes_on_its_way() -> None:
    with (
        pytest.raises(ValueError, match="no good"),
        collect() as steps,
        step("outer"),
        step("inner"),
    ):
        raise ValueError("no good")
    assert [steps[0].status, steps[0].steps[0].status] == ["failed", "failed"]
    assert steps[0].steps[0].answer == "ValueError: no good"


def test_no_secret_reaches_a_step() -> None:
    secret = redactor.remember("canary-0123456789")
    with collect() as steps, suppress(ValueError), step(f"send {secret}") as it:
        it.send(f"password={secret}")
        raise ValueError(secret)
    assert steps[0].answer == "ValueError: [redacted]"
    assert secret not in str(steps[0].as_dict())


def test_what_is_long_is_cut_and_the_cut_is_said() -> None:
    with collect() as steps, step("long") as it:
        it.receive("x" * (LIMIT + 17))
    assert steps[0].answer.endswith("[cut: 17 more characters]")
    assert len(steps[0].answer) < LIMIT + 50


def test_a_secret_across_the_cut_is_cut_out_first() -> None:
    secret = redactor.remember("canary-9876543210")
    with collect() as steps, step("long") as it:
        it.receive("x" * (LIMIT - 5) + secret)
    assert "canar" not in steps[0].answer


def test_braces_in_a_title_are_no_format() -> None:
    with collect() as steps, step('POST {"a": {0}}'):
        pass
    assert steps[0].title == 'POST {"a": {0}}'


def test_without_a_collector_steps_go_nowhere_and_hurt_nobody() -> None:
    with step("alone") as it:
        it.send("x")
    assert it.sent == "x"


def test_what_was_done_before_is_shown_again_with_all_that_is_within() -> None:
    with collect() as first, step("outer") as outer:
        outer.send("asked")
        with step("inner") as inner:
            inner.receive("yes")
        outer.receive("so it is")
    with collect() as second:
        replay(first, note="seen earlier")
    (again,) = second
    assert again.title == "outer (seen earlier)"
    assert (again.sent, again.answer) == ("asked", "so it is")
    assert [(s.title, s.answer) for s in again.steps] == [("inner (seen earlier)", "yes")]


def test_what_is_remembered_is_shown_once_to_each_later_test() -> None:
    with collect() as first:
        with step("before"):
            pass
        with remember() as kept, step("made") as made:
            made.send("a request")
        kept.show()
    assert [one.title for one in first] == ["before", "made"], "who made it has seen it"
    for _ in range(2):
        with collect() as later:
            kept.show()
            kept.show()
        assert [(one.title, one.sent) for one in later] == [(f"made ({EARLIER})", "a request")]


def test_what_is_made_outside_a_test_is_shown_to_none() -> None:
    with remember() as kept, step("made"):
        pass
    with collect() as steps:
        kept.show()
    assert steps == []


class Heard:
    """Notes what it hears, and how many steps were around."""

    def __init__(self) -> None:
        self.all: list[tuple[str, str, int]] = []

    def opened(self, step: Step, within: tuple[Step, ...]) -> None:
        self.all.append(("opened", step.title, len(within)))

    def sends(self, step: Step, within: tuple[Step, ...]) -> None:
        self.all.append(("sends", step.title, len(within)))

    def closed(self, step: Step, within: tuple[Step, ...]) -> None:
        self.all.append((step.status, step.title, len(within)))

    def exhibited(self, name: str, content: bytes) -> None:
        self.all.append(("exhibited", name, len(content)))


def test_an_observer_hears_of_steps_as_they_happen() -> None:
    heard = Heard()
    with observed(heard), step("outer"), step("inner") as inner:
        inner.send("a request")
        exhibit("a.png", lambda: b"1234")
    with step("later"):
        pass
    assert heard.all == [
        ("opened", "outer", 0),
        ("opened", "inner", 1),
        ("sends", "inner", 1),
        ("exhibited", "a.png", 4),
        ("passed", "inner", 1),
        ("passed", "outer", 0),
    ]


def test_an_observer_hears_of_a_failure() -> None:
    heard = Heard()
    with suppress(ValueError), observed(heard), step("outer"):
        raise ValueError
    assert heard.all[-1] == ("failed", "outer", 0)


def test_an_observer_hears_nothing_again_that_is_shown_to_another_test() -> None:
    heard = Heard()
    with collect(), remember() as kept, step("a log-in") as it:
        it.send("a request")
    with observed(heard), collect() as again:
        kept.show()
    assert heard.all == []
    assert len(again) == 1


def test_a_secret_that_goes_along_unseen_is_in_no_record() -> None:
    with collect() as steps, step("a command") as it:
        it.send("condor_q", carrying=["canary-carried-77"])
    assert "canary-carried-77" not in str(steps[0].as_dict())
    assert "canary-carried-77" not in repr(steps[0])
