"""A statement says what a run found, and shows when its evidence was touched."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from harness.conformance import statement
from harness.conformance.statement import Statement
from harness.conformance.verdicts import HostFault, Origin, Verdict
from harness.errors import BadInput
from tests.unit.nights import COPIES, TOKENS, make_night

ID = "20260101T011500Z-00aa"
PUBLISHED = Path(__file__).resolve().parents[3] / "docs" / "statement.schema.json"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    failed = {(COPIES, "egi:CSTCLOUD-TWIN"): "adler32 differs"}
    return make_night(tmp_path, ID, failed)


def test_the_schema_that_we_publish_is_that_of_the_model() -> None:
    shown = json.loads(PUBLISHED.read_text())
    assert shown == statement.schema(), (
        "run `testbed history --schema > docs/statement.schema.json`"
    )


def test_a_statement_keeps_the_published_schema(folder: Path) -> None:
    jsonschema.validate(json.loads((folder / statement.FILE).read_text()), statement.schema())


def test_it_states_run_scope_verdicts_and_services(folder: Path) -> None:
    stated = Statement.read(folder)
    assert stated.run.id == ID
    assert stated.run.exit_code == 1  # XFER-001 is a MUST
    assert stated.scope.whole
    assert (stated.scope.cells, stated.scope.executed, stated.scope.covered) == (8, 8, 3)
    found = {(one.id, one.route): one.verdict for one in stated.requirements}
    assert found["XFER-017", "egi:CSTCLOUD-TWIN"] is Verdict.WARNING
    assert found["AUTH-017", "egi:CSTCLOUD-TWIN"] is Verdict.CONFORMANT
    origins = {one.id: (one.origin, one.responsible) for one in stated.requirements if one.origin}
    assert origins == {"XFER-017": (Origin.CROSSING, ""), "XFER-001": (Origin.CROSSING, "")}
    assert [one.status for one in stated.services] == ["ok", "ok"]
    assert stated.homes == {"egi": "EGI-TWIN", "cstcloud": "CSTCLOUD-TWIN"}
    assert len(stated.evidence) == 8
    measured = {one.route: one.measurements for one in stated.scenarios if one.scenario == TOKENS}
    assert [(m.seconds, m.at_least) for m in measured["egi:EGI-TWIN"]] == [
        (17.5, False),
        (60, True),
    ]


def test_a_service_is_critical_where_all_that_was_asked_of_it_failed(tmp_path: Path) -> None:
    """A healthy host makes no service ok, and an unhealthy one makes no service critical."""
    unhealthy = HostFault(host="se.egi.test", when="before", what="xrootd")
    every = {
        (scenario, route): "refused"
        for scenario in (TOKENS, COPIES)
        for route in ("egi:CSTCLOUD-TWIN", "cstcloud:CSTCLOUD-TWIN")
    }
    stated = Statement.read(make_night(tmp_path, ID, every, faults=(unhealthy,)))
    assert {one.site: one.status for one in stated.services} == {
        "EGI-TWIN": "ok",
        "CSTCLOUD-TWIN": "critical",
    }


def test_a_part_of_a_night_says_so(tmp_path: Path) -> None:
    assert not Statement.read(make_night(tmp_path, ID, keyword="copies")).scope.whole


def test_evidence_that_is_as_stated_verifies(folder: Path) -> None:
    assert statement.verify(folder) == []


def test_evidence_that_was_touched_is_named(folder: Path) -> None:
    (folder / "evidence" / "0.json").write_text("{}")
    (folder / "evidence" / "1.json").unlink()
    (folder / "evidence" / "added.json").write_text("{}")
    assert statement.verify(folder) == [
        "evidence/1.json is missing",
        "evidence/0.json was changed",
        "evidence/added.json is not in the statement",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "no statement of version 1"),
        ('{"version": "3.0"}', "version"),
        ('{"version": "1.1"}', "run: Field required"),
        ('{"version": "1.1", "routes": [1]}', "run: Field required"),
        ('{"version": "1.1", "routes": [{"id": []}], "scenarios": 1}', "run: Field required"),
        ('{"version": "1.1", "routes": [], "scenarios": [{"route": {}}]}', "run: Field required"),
        ("[]", "no statement of version 1"),
    ],
)
def test_what_is_no_statement_is_told(folder: Path, text: str, said: str) -> None:
    (folder / statement.FILE).write_text(text)
    with pytest.raises(BadInput, match=said):
        Statement.read(folder)


def test_a_folder_that_is_not_there_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="nowhere is no folder of a run"):
        Statement.read(tmp_path / "nowhere")


def test_a_later_minor_version_is_read(folder: Path) -> None:
    content = json.loads((folder / statement.FILE).read_text())
    content |= {"version": "2.7", "news": "not known yet"}
    (folder / statement.FILE).write_text(json.dumps(content))
    assert Statement.read(folder).version == "2.7"


def test_a_folder_without_one_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="testbed report"):
        Statement.read(tmp_path)
