"""Storages of CRIC, in each of the forms in which it gives them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from harness import inventory
from harness.model import Service
from tests.unit.importers import exports
from tests.unit.importers.exports import results, service, written

Import = Callable[..., CompletedProcess[str]]


def services(folder: Path) -> dict[str, Service]:
    exports.filled_in(folder)
    testbed = inventory.load(folder).testbed
    return {one.endpoint: one for one in testbed.services() if one.site != "EGI-AAI"}


def test_400_storages_are_an_inventory(imports: Import, into: Path, tmp_path: Path) -> None:
    done = imports("cric", written(tmp_path / "c.json", exports.cric()))
    assert "800 services of 100 sites" in done.stdout
    assert "the testbed has no client for srm" in done.stdout
    found = services(into)
    assert len(found) == 800
    one = found["https://se0.s.example:2880/store"]
    assert (one.type, one.site, one.implementation) == ("webdav", "RC-000", "dcache")
    assert "nothing changed" in imports("cric", tmp_path / "c.json").stdout


def _by_site(storages: dict[str, Any]) -> dict[str, list[Any]]:
    grouped: dict[str, list[Any]] = {}
    for one in storages.values():
        grouped.setdefault(one["rcsite"], []).append(
            {k: v for k, v in one.items() if k != "rcsite"}
        )
    return grouped


@pytest.mark.parametrize("form", [_by_site, lambda storages: list(storages.values())])
def test_the_other_forms_tell_the_same(
    imports: Import, into: Path, tmp_path: Path, form: Callable[[dict[str, Any]], object]
) -> None:
    imports("cric", written(tmp_path / "c.json", form(exports.cric(8))))
    found = services(into)
    assert len(found) == 16
    assert {one.site for one in found.values()} == {"RC-000", "RC-001"}


def test_data_endpoints_of_an_experiment_tell_capabilities_too(
    imports: Import, into: Path, tmp_path: Path
) -> None:
    webdav = {"endpoint": "davs://se.s.example:443", "path": "/pnfs/data/"}
    door = {"endpoint": "root://se.s.example:1094", "path": "/pnfs/data/"}
    content = {
        "S_DATADISK": {
            "rc_site": "S",
            "se_flavour": "DCACHE",
            "state": "ACTIVE",
            "arprotocols": {
                "read_wan": [webdav, door],
                "write_wan": [webdav],
                "third_party_copy_read": [webdav],
            },
        }
    }
    imports("cric", written(tmp_path / "c.json", content))
    found = services(into)
    assert found["https://se.s.example:443/pnfs/data/"].capabilities == {
        "read",
        "write",
        "third-party-copy",
    }
    assert found["root://se.s.example:1094//pnfs/data/"].capabilities == set()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"rcsite": ""}, "it names no site (rcsite)"),
        ({"state": "DISABLED"}, "its state is DISABLED (--all includes it)"),
        ({"type": "CE"}, "it is not a storage (type CE)"),
        ({"protocols": {}}, "it has no address"),
        ({"protocols": {"x": {"endpoint": "se.example"}}}, "its address has no scheme"),
        (
            {"protocols": {"x": {"endpoint": "davs://u:hunter22@se.example/"}}},
            "a user or a password",
        ),
        ({"flavour": "{{ 7 * 7 }}"}, "a template mark"),
    ],
)
def test_what_cannot_be_used_is_left_out(
    imports: Import, into: Path, tmp_path: Path, change: dict[str, Any], why: str
) -> None:
    storages = exports.cric(5)
    storages["se4.s.example"] |= change
    done = imports("cric", written(tmp_path / "c.json", storages))
    assert why in " ".join(done.stdout.replace("│", " ").split())
    assert "hunter22" not in done.stdout
    assert {one.site for one in services(into).values()} == {"RC-000"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"A": {"rc_tier_level": 2, "sites": []}}, "is a list of sites"),
        ({"A": {"x": 1}}, "is a list of something else"),
        ({}, "has no storage"),
        ([], "has no storage"),
        ({"A": 7}, "a storage is expected there, not int"),
        ("text", "a mapping of storages is expected"),
    ],
)
def test_another_list_of_cric_is_refused(
    imports: Import, into: Path, tmp_path: Path, content: object, said: str
) -> None:
    import json

    (tmp_path / "c.json").write_text(json.dumps(content))
    done = imports("cric", tmp_path / "c.json", ends=2)
    assert said in done.stderr
    assert not into.exists()


def test_it_tells_the_address_that_the_gocdb_left_open(
    imports: Import, into: Path, tmp_path: Path
) -> None:
    entry = service(1, site="RC-000", host="se0.s.example", type_="webdav", url="")
    imports("gocdb", written(tmp_path / "s.xml", results(entry)))
    imports("cric", written(tmp_path / "c.json", exports.cric(1)))
    assert set(services(into)) == {
        "https://se0.s.example:2880/store",
        "root://se0.s.example:1094//store",
    }
    assert "nothing changed" in imports("gocdb", tmp_path / "s.xml").stdout
