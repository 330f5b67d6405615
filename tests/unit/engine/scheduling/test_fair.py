"""The order of tests: spread, long ones first, no service overloaded, disturbers last and apart."""

from __future__ import annotations

import pytest

from harness.engine.scheduling.fair import Fair, parted, spread
from harness.engine.scheduling.protocol import Pause, Task

EVERYTHING = 99


def task(number: int, *, site: str = "A", family: str = "jobs", **marks: bool) -> Task:
    return Task(number=number, family=family, route=f"home:{site}", site=site, **marks)


def enlist(policy: Fair) -> list[str]:
    """Let as many workers join as the policy wants; they have no test yet."""
    names: list[str] = []
    while policy.wants_worker():
        names.append(f"w{len(names)}")
        policy.joined(names[-1])
        assert len(names) < EVERYTHING
    return names


@pytest.mark.parametrize(
    ("burdens", "order"),
    [
        ("aaabbc", [0, 3, 5, 1, 4, 2]),
        ("abc", [0, 1, 2]),
        ("aaa", [0, 1, 2]),
        ("", []),
    ],
)
def test_neighbours_burden_different_services(burdens: str, order: list[int]) -> None:
    assert spread(burdens) == order


def test_what_waits_long_begins_first() -> None:
    tasks = [task(0), task(1, alone=True), task(2), task(3, long=True)]
    side_by_side, lanes = parted(tasks)
    assert [one.number for one in side_by_side] == [3, 0, 2]
    assert [[one.number for one in lane] for lane in lanes] == [[1]]


def test_a_lane_is_for_one_family_at_one_site() -> None:
    tasks = [
        task(0, alone=True),
        task(1, site="B", alone=True),
        task(2, family="data", alone=True),
        task(3, alone=True),
    ]
    _, lanes = parted(tasks)
    assert [[one.number for one in lane] for lane in lanes] == [[0, 3], [1], [2]]


def test_no_more_workers_are_wanted_than_there_may_be() -> None:
    policy = Fair([task(n) for n in range(9)], size=3, per_service=EVERYTHING)
    assert enlist(policy) == ["w0", "w1", "w2"]


def test_without_tests_no_worker_is_wanted() -> None:
    assert not Fair([], size=3, per_service=1).wants_worker()


def test_a_service_that_bears_no_more_is_passed_over_until_a_test_ends() -> None:
    policy = Fair([task(0), task(1), task(2, site="B")], size=3, per_service=1)
    one, two, three = enlist(policy)
    assert policy.next(one) == 0
    assert policy.next(two) == 2, "the test of the other site goes first"
    assert policy.next(three) is Pause.WAIT
    policy.ended(two)
    assert policy.next(three) is Pause.WAIT, "site A is as busy as before"
    policy.ended(one)
    assert policy.next(three) == 1
    assert policy.next(one) is Pause.LEAVE


def test_a_worker_that_dies_is_replaced_and_its_load_is_off() -> None:
    policy = Fair([task(0), task(1)], size=1, per_service=1)
    policy.joined("w1")
    assert policy.next("w1") == 0
    assert not policy.wants_worker()
    policy.left("w1")
    assert policy.wants_worker()
    policy.joined("w2")
    assert policy.next("w2") == 1


def test_one_that_dies_when_nothing_is_left_is_not_replaced() -> None:
    policy = Fair([task(0)], size=2, per_service=1)
    policy.joined("w1")
    assert policy.next("w1") == 0
    policy.left("w1")
    assert not policy.wants_worker()


def test_what_disturbs_begins_when_all_others_have_left() -> None:
    policy = Fair([task(0), task(1, alone=True)], size=2, per_service=EVERYTHING)
    policy.joined("w1")
    assert policy.next("w1") == 0
    policy.ended("w1")
    assert policy.next("w1") is Pause.LEAVE
    assert not policy.wants_worker(), "it still cleans up"
    policy.left("w1")
    assert policy.wants_worker()
    policy.joined("w2")
    assert policy.next("w2") == 1


def test_lanes_run_side_by_side_each_with_one_worker() -> None:
    tasks = [task(0, alone=True), task(1, alone=True), task(2, site="B", alone=True)]
    policy = Fair(tasks, size=1, per_service=EVERYTHING)
    first, second = enlist(policy)
    assert (policy.next(first), policy.next(second)) == (0, 2)
    policy.ended(second)
    assert policy.next(second) is Pause.LEAVE, "the other lane's test is not its own"
    policy.ended(first)
    assert policy.next(first) == 1
