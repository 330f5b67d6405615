"""Guards docs/findings.md: it tells of every known deviation, and each finding has its recipe."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from harness.conformance import catalogue, deviations
from harness.report import findings

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "findings.md").read_text()
ITEMS = ["Requirement", "Clause", "Software", "Seen", "Consequence", "Upstream", "Scenario"]
NO_FINDINGS = "## Known deviations that are not findings"

PARTS = {part.split()[0]: part for part in re.split(r"^### (?=F-)", TEXT, flags=re.M)[1:]}
"""Id of a finding -> its text, without what follows of the next software."""
FINDINGS = {name: re.split(r"^## ", part, flags=re.M)[0] for name, part in PARTS.items()}
EXCUSED = [line for line in TEXT.partition(NO_FINDINGS)[2].splitlines() if line.startswith("- ")]
REQUIREMENTS = catalogue.load()
KNOWN = deviations.load(ROOT / "inventories" / "twin" / deviations.FILE)


@pytest.mark.parametrize("entry", KNOWN, ids=lambda entry: f"{entry.requirement} {entry.scenario}")
def test_every_known_deviation_is_told_of_once(entry: deviations.KnownDeviation) -> None:
    told = [
        part
        for part in (*FINDINGS.values(), *EXCUSED)
        if f"`{entry.scenario}`" in part
        and entry.requirement in part
        and (entry.implementation or "").lower() in part.lower()
    ]
    assert len(told) == 1, f"docs/findings.md tells of {entry} {len(told)} times"


@pytest.mark.parametrize("name", FINDINGS)
def test_a_finding_has_its_items_in_order_and_a_recipe(name: str) -> None:
    text = FINDINGS[name]
    items = re.findall(r"^- (\w+): \S", text, flags=re.M)
    if findings.MARK in text.splitlines()[0] and items[-1] == "Disclosed":
        items.pop()
    assert items == ITEMS
    assert re.search(r"\n```console\n\$ .*\n```\n$", text.rstrip() + "\n", flags=re.S)


@pytest.mark.parametrize("name", FINDINGS)
def test_a_finding_names_requirements_and_scenarios_that_are_there(name: str) -> None:
    text = FINDINGS[name]
    (line,) = re.findall(r"^- Requirement: (.*)$", text, flags=re.M)
    named = re.findall(r"[A-Z]+-\d{3}", line)
    assert named
    assert [one for one in named if one not in REQUIREMENTS] == []
    (line,) = re.findall(r"^- Scenario: (.*)$", text, flags=re.M)
    files = re.findall(r"`(\S+?\.py)::", line)
    assert files or line == "none"
    assert [file for file in files if not (ROOT / "scenarios" / file).exists()] == []


def test_the_table_names_every_finding_in_order() -> None:
    assert re.findall(r"^\| (F-[A-Z]+-\d\d) \|", TEXT, flags=re.M) == list(FINDINGS)


def test_no_token_is_written_down() -> None:
    assert "eyJ" not in TEXT
