"""A repository refuses impossible and forged records, and counts the same record once."""

from __future__ import annotations

import time

import pytest

from harness.engine.refusal import Rejected
from harness.model import Route
from harness.services.accounting.fixtures import Repositories, Sender

_TOMORROW = str(int(time.time()) + 24 * 3600)


@pytest.mark.needs("egi.APELRepository", "hand-in")
@pytest.mark.parametrize(
    "changes",
    [
        pytest.param(
            {"EndTime": "1700000000", "StartTime": "1700000060"},
            id="ends-before-its-start",
            marks=[
                pytest.mark.requirement("ACC-003"),
                pytest.mark.killed_by("counts-impossible-times"),
            ],
        ),
        pytest.param(
            {"EndTime": _TOMORROW},
            id="ends-tomorrow",
            marks=[
                pytest.mark.requirement("ACC-003"),
                pytest.mark.killed_by("counts-impossible-times"),
            ],
        ),
        pytest.param(
            {"StartTime": "0"},
            id="starts-at-0",
            marks=[
                pytest.mark.requirement("ACC-003"),
                pytest.mark.killed_by("counts-impossible-times"),
            ],
        ),
        pytest.param(
            {"ServiceLevelType": "bogomips"},
            id="unknown-benchmark",
            marks=[
                pytest.mark.requirement("ACC-004"),
                pytest.mark.killed_by("counts-any-benchmark"),
            ],
        ),
        pytest.param(
            {"WallDuration": "-60"},
            id="negative-wall-time",
            marks=[
                pytest.mark.requirement("ACC-006"),
                pytest.mark.killed_by("counts-negative-times"),
            ],
        ),
    ],
)
def test_an_impossible_record_does_not_count(
    route: Route,
    accounting: Repositories,
    sender: Sender,
    rejected: Rejected,
    changes: dict[str, str],
) -> None:
    """A record with impossible times, a negative duration or an unknown benchmark is refused."""
    repository = accounting.at(route.resource)
    rejected(repository.hand_in, good=sender.message(), bad=sender.message(**changes))


@pytest.mark.requirement("ACC-014")
@pytest.mark.needs("egi.APELRepository", "hand-in")
@pytest.mark.killed_by("counts-records-of-others")
def test_a_record_signed_by_another_site_does_not_count(
    route: Route, accounting: Repositories, sender: Sender, rejected: Rejected
) -> None:
    """A record that a host of another site has signed is refused."""
    repository = accounting.at(route.resource)
    foreign = sender.message(by=sender.other_site())
    rejected(repository.hand_in, good=sender.message(), bad=foreign)


@pytest.mark.requirement("ACC-014")
@pytest.mark.needs("egi.APELRepository", "hand-in")
@pytest.mark.killed_by("counts-altered-messages")
def test_an_altered_message_does_not_count(
    route: Route, accounting: Repositories, sender: Sender, rejected: Rejected
) -> None:
    """A message that was altered after it was signed is refused."""
    repository = accounting.at(route.resource)
    rejected(repository.hand_in, good=sender.message(), bad=sender.message().tampered())


@pytest.mark.requirement("ACC-009")
@pytest.mark.needs("egi.APELRepository", "hand-in")
@pytest.mark.killed_by("counts-jobs-twice")
def test_a_record_sent_twice_counts_once(
    route: Route, accounting: Repositories, sender: Sender
) -> None:
    """A message that is sent twice is counted once."""
    repository, since = accounting.at(route.resource), time.time() - 60
    message = sender.message()
    repository.hand_in(message).expect_ok()
    repository.hand_in(message).expect_ok()
    assert len(repository.wait_for_jobs([message.job], since=since)) == 1
