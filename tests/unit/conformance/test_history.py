"""The history keeps every night, whoever writes, and names what is damaged."""

from __future__ import annotations

import multiprocessing
import sqlite3
from pathlib import Path

import pytest

from harness.conformance import history
from harness.conformance.history import History, HistoryError
from harness.conformance.statement import Statement
from harness.errors import BadInput
from tests.unit.nights import COPIES, TOKENS, make_statement

IDS = tuple(f"202601{day:02}T011500Z-00aa" for day in range(1, 6))
CROSS = "egi:CSTCLOUD-TWIN"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "runs" / history.FILE


@pytest.fixture
def statements(tmp_path: Path) -> list[Statement]:
    return [
        make_statement(tmp_path, id_, *([(TOKENS, CROSS)] if number == 1 else []))
        for number, id_ in enumerate(IDS[:3])
    ]


def test_a_statement_comes_back_as_it_went_in(path: Path, statements: list[Statement]) -> None:
    with History.open(path) as store:
        assert store.add(statements[0])
        assert store.statement(IDS[0]) == statements[0]


def test_the_same_statement_twice_is_one_night(path: Path, statements: list[Statement]) -> None:
    with History.open(path) as store:
        assert store.add(statements[0])
        assert not store.add(statements[0])
        assert [night.id for night in store.nights()] == [IDS[0]]


def test_a_cell_has_a_letter_for_every_night(path: Path, statements: list[Statement]) -> None:
    with History.open(path) as store:
        for one in reversed(statements):  # the order in which they come does not matter
            store.add(one)
        grid = store.grid("unit")
    assert [night.id for night in grid.nights] == list(IDS[:3])
    assert grid.strip("requirement", "AUTH-017", CROSS) == "CDC"
    assert grid.strip("scenario", COPIES, CROSS) == "CCC"
    assert grid.strip("requirement", "AUTH-099", CROSS) == "   "


def test_a_cell_that_came_later_is_absent_before(path: Path, statements: list[Statement]) -> None:
    old = statements[0].model_copy(
        update={"requirements": statements[0].requirements[:1], "scenarios": ()}
    )
    with History.open(path) as store:
        store.add(old)
        store.add(statements[1])
        grid = store.grid("unit")
    gone = statements[0].requirements[1]
    assert grid.strip("requirement", gone.id, gone.route).startswith(history.ABSENT)


def test_testbeds_do_not_mix(path: Path, statements: list[Statement]) -> None:
    other = statements[1].model_copy(
        update={"run": statements[1].run.model_copy(update={"testbed": "other"})}
    )
    with History.open(path) as store:
        store.add(statements[0])
        store.add(other)
        assert [night.id for night in store.grid("unit").nights] == [IDS[0]]
        assert [night.id for night in store.grid("other").nights] == [IDS[1]]


def test_the_last_nights_are_chosen(path: Path, statements: list[Statement]) -> None:
    with History.open(path) as store:
        for one in statements:
            store.add(one)
        grid = store.grid("unit", last=2)
    assert [night.id for night in grid.nights] == list(IDS[1:3])
    assert grid.strip("requirement", "AUTH-017", CROSS) == "DC"


def test_a_night_that_was_removed_is_gone(path: Path, statements: list[Statement]) -> None:
    with History.open(path) as store:
        store.add(statements[0])
        store.remove(IDS[0])
        assert store.nights() == []
        assert store.grid("unit").strip("requirement", "AUTH-017", CROSS) == ""
        with pytest.raises(BadInput, match=IDS[0]):
            store.remove(IDS[0])


def _write(path: Path, statement: Statement, times: int) -> None:
    for number in range(times):
        again = statement.run.model_copy(update={"start": f"2026-01-01T00:00:{number:02}+00:00"})
        with History.open(path) as store:
            store.add(statement.model_copy(update={"run": again}))


def test_two_writers_wait_for_each_other(path: Path, statements: list[Statement]) -> None:
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write, args=(path, one, 10)) for one in statements[:2]]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0]
    with History.open(path) as store:
        assert [night.id for night in store.nights()] == list(IDS[:2])
        assert store.grid("unit").strip("requirement", "AUTH-017", CROSS) == "CD"


def test_a_crash_in_the_middle_leaves_no_half_night(
    path: Path, statements: list[Statement], monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(_self: History, _statement: Statement) -> str:
        raise KeyboardInterrupt

    with History.open(path) as store:
        store.add(statements[0])
        with monkeypatch.context() as patched:
            patched.setattr(History, "_letters", crash)
            with pytest.raises(KeyboardInterrupt):
                store.add(statements[1])
        assert [night.id for night in store.nights()] == [IDS[0]]
        assert store.add(statements[1])


def test_a_damaged_entry_is_named_and_the_others_are_read(
    path: Path, statements: list[Statement]
) -> None:
    with History.open(path) as store:
        for one in statements[:2]:
            store.add(one)
    with sqlite3.connect(path) as db:
        db.execute("UPDATE runs SET statement = x'00ff' WHERE id = ?", (IDS[0],))
    db.close()
    with History.open(path) as store:
        with pytest.raises(HistoryError, match=f"{IDS[0]} is damaged.*--remove {IDS[0]}"):
            store.statement(IDS[0])
        assert store.statement(IDS[1]) == statements[1]


def test_what_is_no_history_is_told(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_text("not a database, but long enough to be taken for one " * 40)
    with pytest.raises(HistoryError, match=r"history\.sqlite.*--add"), History.open(path):
        pass


def test_a_later_form_is_left_alone(path: Path) -> None:
    with History.open(path):
        pass
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(HistoryError, match="form 99"), History.open(path):
        pass
