"""What a run keeps of its usage: read again, and added up over nights."""

from __future__ import annotations

from pathlib import Path

from harness.conformance import usage
from harness.conformance.usage import Jobs, Reported, Usage


def jobs(site: str = "A", home: str = "a", **changes: int) -> Jobs:
    sums = {"users": 1, "jobs": 2, "wall": 60, "processor": 30} | changes
    return Jobs(site=site, home=home, vo="vo", **sums)


def of(*found: Reported) -> Usage:
    return Usage(since="2026-01-01T01:00:00+00:00", until="2026-01-01T02:00:00+00:00",
                 sites={"A": "a", "B": "b"}, repositories=found)  # fmt: skip


def reported(infrastructure: str, *found: Jobs) -> Reported:
    return Reported(infrastructure=infrastructure, endpoint="https://ops.test", jobs=found)


def test_it_is_read_as_it_was_kept(tmp_path: Path) -> None:
    mine = of(reported("a", jobs()))
    mine.keep(tmp_path)
    assert usage.read(tmp_path) == mine


def test_what_is_missing_or_damaged_is_none(tmp_path: Path) -> None:
    assert usage.read(tmp_path) is None
    (tmp_path / usage.FILE).write_text('{"since": ')
    assert usage.read(tmp_path) is None


def test_the_repository_of_a_sites_own_infrastructure_counts() -> None:
    mine, others = jobs(site="A"), jobs(site="B", jobs=1)
    found = of(reported("a", mine, others), reported("b", mine, jobs(site="B")))
    assert found.jobs == [mine, jobs(site="B")]
    assert [one.at("B") for one in found.repositories] == [1, 2]


def test_nights_are_added_up_and_users_are_not() -> None:
    found = usage.added(
        [of(reported("a", jobs())), of(reported("a", jobs(users=3), jobs(home="b")))]
    )
    assert found == [jobs(users=3, jobs=4, wall=120, processor=60), jobs(home="b")]


def test_without_wall_time_there_is_no_efficiency() -> None:
    assert jobs(wall=0).efficiency is None
    assert jobs().efficiency == 50
