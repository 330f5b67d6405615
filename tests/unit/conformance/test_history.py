"""The history keeps every night, whoever writes, and names what is damaged."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import multiprocessing
import sqlite3
import zlib
from contextlib import closing
from pathlib import Path

import pytest

from harness.conformance import history
from harness.conformance.availability import Sample, Status
from harness.conformance.history import History, HistoryError
from harness.conformance.statement import Statement
from harness.conformance.verdicts import Verdict
from harness.errors import BadInput
from tests.unit.nights import COPIES, TOKENS, make_statement
from tests.unit.routes import BACK, CROSS, TWIN

IDS = tuple(f"202601{day:02}T011500Z-00aa" for day in range(1, 6))
FORMER = Path(__file__).parent / "statement-1.1.json"

FORM_1 = """
CREATE TABLE cells (
    id INTEGER PRIMARY KEY,
    testbed TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, route TEXT NOT NULL,
    UNIQUE (testbed, kind, name, route)
);
CREATE TABLE runs (
    id TEXT PRIMARY KEY,
    testbed TEXT NOT NULL, start TEXT NOT NULL, exit_code INTEGER NOT NULL,
    verdicts TEXT NOT NULL, services TEXT NOT NULL,
    sha256 TEXT NOT NULL, statement BLOB NOT NULL
) WITHOUT ROWID;
PRAGMA user_version = 1;
"""
"""The tables before routes led to sites."""


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


def test_what_is_beyond_the_extent_of_a_night_is_absent_from_it(
    path: Path, statements: list[Statement]
) -> None:
    """So that a verdict stands from full night to full night, whatever core nights lie between."""
    core = statements[1]
    heavy = core.scenarios[0]
    scenarios = (heavy.model_copy(update={"outside": True}), *core.scenarios[1:])
    core = core.model_copy(update={"scenarios": scenarios})
    with History.open(path) as store:
        for one in (statements[0], core):
            store.add(one)
        grid = store.grid(core.run.testbed)
    strip = grid.strip("scenario", heavy.scenario, heavy.route)
    assert strip[0] != history.ABSENT
    assert strip[1] == history.ABSENT


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
    with pytest.raises(HistoryError, match="format 99"), History.open(path):
        pass


@pytest.fixture
def former(path: Path) -> dict[str, object]:
    """A history of form 1 with one night, as the former version has written it; return the night."""
    content: dict[str, object] = json.loads(FORMER.read_text())
    run, listed = content["run"], []
    letters = {verdict.value: verdict.letter for verdict in Verdict}
    for kind, name, part in (
        ("requirement", "id", "requirements"),
        ("scenario", "scenario", "scenarios"),
    ):
        listed += [(kind, one[name], one["route"], one["verdict"]) for one in content[part]]  # type: ignore[attr-defined]
    text = json.dumps(content).encode()
    path.parent.mkdir(parents=True)
    with closing(sqlite3.connect(path)) as db, db:
        db.executescript(FORM_1)
        for number, (kind, name, route, _) in enumerate(listed, start=1):
            db.execute("INSERT INTO cells VALUES (?, 'twin', ?, ?, ?)", (number, kind, name, route))
        db.execute(
            "INSERT INTO runs VALUES (?, 'twin', ?, 0, ?, ?, ?, ?)",
            (
                run["id"],  # type: ignore[index]
                run["start"],  # type: ignore[index]
                " " + "".join(letters[verdict] for *_, verdict in listed),
                json.dumps({one["endpoint"]: one["status"] for one in content["services"]}),  # type: ignore[attr-defined]
                hashlib.sha256(text).hexdigest(),
                zlib.compress(text),
            ),
        )
    return content


def tonight(content: dict[str, object]) -> Statement:
    """Return what a night of today states that saw the same as a former one."""
    stated = Statement.parse(json.dumps(content).encode(), "it")
    run = stated.run.model_copy(
        update={"id": "20261130T210608Z-e25c", "start": "2026-11-30T21:10:06.089+00:00"}
    )
    return stated.model_copy(update={"run": run})


def test_a_history_of_the_former_form_is_read_on(path: Path, former: dict[str, object]) -> None:
    """Its strips go on in the nights that follow, under the names that routes have today."""
    stated = tonight(former)
    with History.open(path) as store:
        before = store.grid("twin")
        assert store.add(stated)
        grid = store.grid("twin")
    assert {route for _, _, route in before.cells} == set(TWIN)
    assert grid.cells == before.cells
    for kind, name, route in grid.cells:
        strip = grid.strip(kind, name, route)
        assert len(strip) == 2
        assert strip[0] == strip[1] != history.ABSENT
    assert grid.strip("requirement", "AUTH-047", CROSS) == "KK"
    assert grid.strip("requirement", "IDN-015", BACK) == "WW"
    with History.open(path) as store:  # once more: the change was made for good
        assert store.grid("twin") == grid


def test_a_former_night_keeps_its_statement(path: Path, former: dict[str, object]) -> None:
    with History.open(path) as store:
        found = store.statement(former["run"]["id"])  # type: ignore[index]
    assert found.version == "2.0"
    assert {one.route for one in found.scenarios} == set(TWIN)


def test_a_damaged_former_night_does_not_keep_the_others_from_being_read(
    path: Path, former: dict[str, object]
) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(
            "INSERT INTO runs VALUES ('20261101', 'twin', '2026-11-01', 0, '', '{}', '', x'00')"
        )
    with History.open(path) as store:
        assert {route for _, _, route in store.grid("twin").cells} == set(TWIN)


def test_samples_of_former_nights_are_by_endpoint_and_those_of_today_by_service(
    path: Path, former: dict[str, object]
) -> None:
    stated = tonight(former)
    endpoint = "https://se.egi.test/vo.interop"
    with History.open(path) as store:
        store.add(stated)
        found = store.samples("twin", until=stated.run.start)
    began = dt.datetime.fromisoformat(former["run"]["start"])  # type: ignore[index]
    assert found[endpoint] == [Sample(began, Status.OK)]
    assert found["EGI-TWIN", "webdav", endpoint] == [Sample(stated.run.began, Status.OK)]


def test_two_sites_with_one_endpoint_have_samples_of_their_own(
    path: Path, statements: list[Statement]
) -> None:
    one = statements[0].services[0]
    other = one.model_copy(update={"site": "EGI-SECOND", "status": "critical"})
    shared = statements[0].model_copy(update={"services": (one, other)})
    with History.open(path) as store:
        store.add(shared)
        found = store.samples("unit", until=shared.run.start)
    assert [sample.status for sample in found[one.site, one.type, one.endpoint]] == [Status.OK]
    assert [sample.status for sample in found["EGI-SECOND", one.type, one.endpoint]] == [
        Status.CRITICAL
    ]


def figures_of(path: Path) -> dict[tuple[str, str], list[float]]:
    with History.open(path) as store:
        found = store.figures("unit", until="2027")
    return {(key.site, key.detail): [one.seconds for one in of] for key, of in found.items()}


def test_figures_are_kept_by_night_of_several_routes_the_longest(
    path: Path, statements: list[Statement]
) -> None:
    with History.open(path) as store:
        for one in statements[:2]:
            store.add(one)
    found = figures_of(path)
    assert found["EGI-TWIN", ""] == [58, 58]
    assert found["EGI-TWIN", "session"] == [60, 60]


def test_a_history_without_figures_is_given_those_of_its_statements(
    path: Path, statements: list[Statement]
) -> None:
    with History.open(path) as store:
        store.add(statements[0])
    before = figures_of(path)
    with closing(sqlite3.connect(path)) as db:
        db.executescript("DROP TABLE figures; PRAGMA user_version = 2;")
    assert figures_of(path) == before
    assert before
