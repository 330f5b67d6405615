"""Z decays: what LEP has measured is right; a mean that differs, or a broken law, is wrong."""

from __future__ import annotations

import pytest

from harness.science.field import Files, WrongResult, field
from harness.science.pictures import MOST, picture

FIELD = field("physics")
LEP = (12, 16, 18, 20, 20, 22, 22, 24, 26, 28)


def events(numbers: tuple[int, ...] = LEP, charge: int = 0, momentum: str = "1e-12") -> Files:
    """Return a result of 3,000 events with these numbers of charged particles, the last one otherwise."""
    rows = [f"{numbers[i % len(numbers)]},0,1e-12" for i in range(2999)]
    rows.append(f"{numbers[-1]},{charge},{momentum}")
    return {"events.csv": "\n".join(["charged,charge,momentum", *rows]).encode()}


def wrong(files: Files) -> list[str]:
    return [one.what for one in FIELD.check(files) if not one.right]


def test_the_measured_mean_is_right() -> None:
    assert wrong(events()) == []
    assert len(picture(FIELD, events())) < MOST


def test_the_mean_without_decays_of_kaons_is_wrong() -> None:
    fewer = tuple(number - 2 for number in LEP)
    assert wrong(events(fewer)) == list(FIELD.control.wrong)


def test_a_single_event_that_breaks_a_law_is_found() -> None:
    assert wrong(events(charge=1)) == ["largest sum of charges of an event"]
    assert wrong(events(momentum="1e-3")) == ["largest sum of momenta of an event"]
    assert wrong(events(momentum="nan")) == ["largest sum of momenta of an event"]
    odd = events()["events.csv"].removesuffix(b"28,0,1e-12") + b"29,0,1e-12"
    assert wrong({"events.csv": odd}) == ["events with an odd number of charged particles"]


def test_events_that_are_missing_are_found() -> None:
    fewer = events()["events.csv"].rsplit(b"\n", 1)[0]
    assert wrong({"events.csv": fewer}) == ["events"]


@pytest.mark.parametrize(
    "files", [{}, {"events.csv": b""}, {"events.csv": b"charged\nx\n"}, {"other": b""}]
)
def test_what_is_no_result_is_told(files: Files) -> None:
    with pytest.raises(WrongResult):
        FIELD.check(files)
