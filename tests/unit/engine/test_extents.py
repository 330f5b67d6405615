"""What belongs to the full extent is not run in a core night, says so, and costs nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.errors import BadInput
from harness.extent import chosen, includes
from tests.unit.suites import Ran


@pytest.mark.parametrize(
    ("word", "setting", "expected"),
    [("", "", "core"), ("full", "", "full"), ("", "full", "full"), ("core", "full", "core")],
)
def test_the_option_goes_before_the_environment(word, setting, expected, monkeypatch):
    monkeypatch.setenv("TESTBED_EXTENT", setting)
    assert chosen(word) == expected


@pytest.mark.parametrize(
    ("word", "setting", "names"), [("ful", "", "--extent"), ("", "all", "TESTBED_EXTENT")]
)
def test_an_unknown_extent_is_refused_and_says_where_it_stands(word, setting, names, monkeypatch):
    monkeypatch.setenv("TESTBED_EXTENT", setting)
    with pytest.raises(BadInput, match=rf"{names}=.*core, full"):
        chosen(word)


def test_the_full_extent_includes_the_core_and_not_the_other_way_round():
    assert includes("full", "core")
    assert includes("full", "full")
    assert includes("core", "core")
    assert not includes("core", "full")


HEAVY = """
from collections.abc import Callable

import pytest

@pytest.mark.requirement("XFER-001")
@pytest.mark.killed_by("ignores-scopes")
@pytest.mark.extent("full")
def test_heavy(route):
    \"\"\"It is heavy.\"\"\"

@pytest.mark.requirement("XFER-001")
@pytest.mark.killed_by("ignores-scopes")
def test_light(route):
    \"\"\"It is light.\"\"\"
"""

FULL = """
from dataclasses import replace
selection = replace(selection, extent="full")
"""


@pytest.mark.parametrize(("prelude", "status"), [("", "not run"), (FULL, "passed")])
def test_what_is_heavy_runs_in_the_full_extent_alone(
    suite: Callable[..., Ran], prelude: str, status: str
) -> None:
    ran = suite(HEAVY, "egi:cstcloud", prelude=prelude)
    heavy = ran.outcome("test_heavy")
    assert heavy.status == status, ran.output
    assert ("part of the full extent" in heavy.message) == (status == "not run")
    assert ran.outcome("test_light").status == "passed"


ASKS_THE_STORAGE = """
import pytest

@pytest.mark.requirement("XFER-001")
@pytest.mark.killed_by("ignores-scopes")
@pytest.mark.needs("webdav")
def test_storage(route):
    \"\"\"It needs a storage.\"\"\"
"""


@pytest.mark.parametrize(("prelude", "status"), [("", "not run"), (FULL, "passed")])
def test_what_needs_a_host_of_the_full_extent_runs_there_alone(
    suite: Callable[..., Ran], inventory_folder: Path, prelude: str, status: str
) -> None:
    hosts = inventory_folder / "hosts.yml"
    text = hosts.read_text().replace(
        "            se.egi.test:\n", "            se.egi.test:\n              extent: full\n"
    )
    hosts.write_text(text)
    ran = suite(ASKS_THE_STORAGE, "cstcloud:egi", prelude=prelude)
    assert ran.outcome("test_storage").status == status, ran.output
    said = "se.egi.test is part of the full extent (`--extent full`)"
    assert (said in ran.outcome("test_storage").message) == (status == "not run")


def test_a_misspelt_extent_stops_the_run(suite: Callable[..., Ran]) -> None:
    ran = suite(HEAVY.replace('"full"', '"ful"'), "egi:cstcloud")
    assert ran.code != 0
    assert "unknown extent 'ful'" in ran.output
