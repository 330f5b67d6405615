"""What a run keeps of a result: figures, and a crate that other programs can read."""

from __future__ import annotations

import json
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest
from rocrate.rocrate import ROCrate

from harness import inventory
from harness.model import Route
from harness.science import records
from harness.science.records import METADATA, Record
from tests.unit.science.trials import judged_seawater

TWIN = Path(__file__).parents[3] / "inventories" / "twin"


@pytest.fixture(scope="module")
def route() -> Route:
    (found,) = inventory.load(TWIN).testbed.select(["cstcloud:EGI-TWIN"], [])
    return found


@pytest.fixture
def kept(tmp_path: Path, route: Route) -> Record:
    return records.keep(judged_seawater(), route, tmp_path)


def test_what_is_kept_can_be_read_again(kept: Record, tmp_path: Path) -> None:
    assert list(records.read(tmp_path)) == [kept]
    assert records.result(tmp_path, kept).keys() == {"seawater.csv"}
    assert [one.right for one in kept.figures["right"]] == [True] * 4
    wrong = [one.what for one in kept.figures["control"] if not one.right]
    assert wrong == ["largest error of the density", "largest error of the speed of sound"]


def test_the_run_seals_all_that_is_kept(kept: Record, tmp_path: Path) -> None:
    assert kept.crate in records.names(tmp_path)
    assert len(records.names(tmp_path)) == 2
    assert kept.crate_sha256 == sha256((tmp_path / kept.crate).read_bytes()).hexdigest()


def test_the_crate_says_what_was_computed_by_what_from_what_where(
    kept: Record, tmp_path: Path
) -> None:
    ROCrate(tmp_path / kept.crate)  # reads it as any tool would
    with zipfile.ZipFile(tmp_path / kept.crate) as crate:
        graph = {one["@id"]: one for one in json.loads(crate.read(METADATA))["@graph"]}
        content = crate.read("right/seawater.csv")
    action = next(one for one in graph.values() if one["@type"] == "CreateAction")

    def named(key: str) -> list[dict[str, object]]:
        return [graph[one["@id"]] for one in action[key]]

    assert [one["name"] for one in named("instrument")][:2] == ["GSW-Python", "NumPy"]
    assert named("instrument")[0]["license"] == "BSD-3-Clause"
    assert [one["name"] for one in named("object")] == ["casts.csv", "conservative_temperature"]
    assert named("result")[0]["sha256"] == sha256(content).hexdigest()
    assert "ce.egi.test" in action["description"]
    assert graph[action["location"]["@id"]]["name"] == "EGI-TWIN"
    assert (action["startTime"], action["endTime"]) == (
        "2026-11-30T14:00:00Z",
        "2026-11-30T14:00:02Z",
    )
    checks = [one for one in graph.values() if one["@type"] == "AssessAction"]
    assert len(checks) == 2


def test_a_record_that_cannot_be_read_is_left_out(kept: Record, tmp_path: Path) -> None:
    (tmp_path / "science" / "broken.json").write_text("{")
    assert list(records.read(tmp_path)) == [kept]
