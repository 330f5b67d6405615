"""The pages of the framework: policy, rule, requirement and verdict, of the policies that are adopted."""

from __future__ import annotations

import io
import json
import re
from html import unescape
from pathlib import Path

import pytest
from rich.console import Console

from harness import inventory
from harness.conformance import catalogue, framework
from harness.conformance.runs import Run
from harness.errors import BadInput
from harness.report import site as sites
from tests.unit.nights import TOKENS, make_night
from tests.unit.routes import CROSS
from tests.unit.sealed import make_sealed_night

NIGHT = "20261201T011500Z-00aa"
"""The agreement of the twin is valid then."""
ADOPTED = "policies: [access, support, incident, capacity]"
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def night(tmp_path: Path, inventory_folder: Path) -> Path:
    """A night in which one scenario shows AUTH-017, and fails across the border."""
    (tmp_path / "runs").mkdir()
    return make(tmp_path, inventory_folder)


def make(tmp_path: Path, inventory_folder: Path, id_: str = NIGHT) -> Path:
    failed = {(TOKENS, CROSS): "an expired token was accepted"}
    return make_sealed_night(tmp_path / "runs", id_, inventory.load(inventory_folder), failed)


def build(night: Path, tmp_path: Path) -> Path:
    """Publish a night, and return the folder of its pages."""
    console = Console(file=io.StringIO(), width=200)
    index = sites.build(night, console=console, sites=tmp_path / "site", proofs=tmp_path / "proofs")
    return index.parent / night.name


def adopt(inventory_folder: Path, policies: str) -> None:
    file = inventory_folder / "agreement.yaml"
    text = file.read_text()
    assert ADOPTED in text
    file.write_text(text.replace(ADOPTED, policies))


def row(page: str, id_: str) -> str:
    """Return the row of a requirement."""
    (found,) = re.findall(
        rf"<tr><th scope=\"row\">(?:<a [^>]*>)?{id_}\b.*?(?=<tr|</tbody>|\Z)", page, re.S
    )
    return str(found)


def test_the_page_leads_from_policy_to_rule_to_requirement_to_verdict(
    night: Path, tmp_path: Path
) -> None:
    pages = build(night, tmp_path)
    page = (pages / "framework.html").read_text()
    policies = framework.load(catalogue.load())
    order = [f'id="{name}"' for name in ("access", "support", "incident", "capacity")]
    assert sorted(order, key=page.index) == order, "in the order of the agreement"
    for policy in policies:
        for rule in policy.rules:
            assert f'<tbody id="{rule.id}">' in page
            body = page.partition(f'<tbody id="{rule.id}">')[2].partition("</tbody>")[0]
            for id_ in rule.requirements:
                assert row(body, id_)
    shown = row(page, "AUTH-017")
    assert 'href="requirements/AUTH-017.html"' in shown
    verdicts = json.loads((night / "statement.json").read_text())["requirements"]
    letters = {
        one["route"]: one["verdict"][0].upper() for one in verdicts if one["id"] == "AUTH-017"
    }
    routes = re.findall(r'data-route="(.*?)"', page.partition("</thead>")[0])
    assert re.findall(r"<td class=(\w)>\1", shown) == [letters[route] for route in routes]
    assert letters[CROSS] == "D"
    assert 'href="framework.html"' in page.partition("</nav>")[0]


def test_what_is_not_tested_says_so_with_the_reason_of_the_catalogue(
    night: Path, tmp_path: Path
) -> None:
    page = (build(night, tmp_path) / "framework.html").read_text()
    unshown = catalogue.load()["OLA-017"].unshown
    assert unshown
    assert f"Not tested: {unshown}" in unescape(row(page, "OLA-017"))
    assert "Not tested: no scenario of this run shows it" in row(page, "AUTH-001")
    assert "11 rules, 19 requirements, of which 0 have a verdict and 19 are not tested" in page


def test_the_text_of_a_policy_is_a_page_that_leads_to_the_verdicts(
    night: Path, tmp_path: Path
) -> None:
    pages = build(night, tmp_path)
    page = (pages / "framework" / "incident.html").read_text()
    assert '<h3 id="INCIDENT-1"><a href="../framework.html#INCIDENT-1">INCIDENT-1</a> ' in page
    assert "Within: 4 hours of discovery" in page
    page = (pages / "framework" / "access.html").read_text()
    assert '<a href="../requirements/AUTH-017.html">AUTH-017</a>' in page


def test_a_requirement_s_page_names_its_rule(night: Path, tmp_path: Path) -> None:
    page = (build(night, tmp_path) / "requirements" / "AUTH-017.html").read_text()
    assert '<a href="../framework.html#ACCESS-14">ACCESS-14</a>' in page


def test_only_what_the_agreement_adopts_is_shown(tmp_path: Path, inventory_folder: Path) -> None:
    adopt(inventory_folder, "policies: [support]")
    (tmp_path / "runs").mkdir()
    pages = build(make(tmp_path, inventory_folder), tmp_path)
    page = (pages / "framework.html").read_text()
    assert "SUPPORT-1" in page
    assert "ACCESS-1" not in page
    assert [path.name for path in (pages / "framework").iterdir()] == ["support.html"]
    assert "ACCESS" not in (pages / "requirements" / "AUTH-017.html").read_text()


@pytest.mark.parametrize(
    ("policies", "id_"),
    [("policies: []", NIGHT), ("", NIGHT), (ADOPTED, "20261031T011500Z-00aa")],
    ids=["none", "no key", "before the agreement"],
)
def test_a_night_without_policies_says_so(
    tmp_path: Path, inventory_folder: Path, policies: str, id_: str
) -> None:
    adopt(inventory_folder, policies)
    (tmp_path / "runs").mkdir()
    pages = build(make(tmp_path, inventory_folder, id_), tmp_path)
    assert "No policy is adopted" in (pages / "framework.html").read_text()
    assert not (pages / "framework").exists()


def test_a_run_of_a_former_version_is_published_without_policies(tmp_path: Path) -> None:
    pages = build(make_night(tmp_path / "runs", NIGHT), tmp_path)
    assert "No policy is adopted" in (pages / "framework.html").read_text()


def test_a_run_that_is_older_than_the_framework_is_published(
    tmp_path: Path, inventory_folder: Path
) -> None:
    """It has copies, but none of policies, and its agreement has no such key."""
    adopt(inventory_folder, "")
    (tmp_path / "runs").mkdir()
    night = make(tmp_path, inventory_folder)
    run = Run.read(night)
    for file in (night / "framework").iterdir():
        file.unlink()
    (night / "framework").rmdir()
    files = {name: one for name, one in run.files.items() if not name.startswith("framework/")}
    run.model_copy(update={"files": files}).write(night)
    assert "No policy is adopted" in (build(night, tmp_path) / "framework.html").read_text()


def test_the_pages_are_made_from_the_run_s_own_copies(night: Path, tmp_path: Path) -> None:
    copy = night / "framework" / "access.md"
    copy.write_text(copy.read_text().replace("has one lasting identifier", "has another title"))
    pages = build(night, tmp_path)
    assert "has another title" in (pages / "framework.html").read_text()
    assert "has another title" in (pages / "framework" / "access.html").read_text()


def test_a_broken_copy_is_told_with_file_and_line(night: Path, tmp_path: Path) -> None:
    copy = night / "framework" / "access.md"
    copy.write_text(copy.read_text().replace("AUTH-012", "AUTH-912"))
    with pytest.raises(BadInput, match=r"access\.md:\d+: ACCESS-1: unknown requirement 'AUTH-912'"):
        build(night, tmp_path)


def test_html_in_a_copy_is_shown_and_never_run(night: Path, tmp_path: Path) -> None:
    copy = night / "framework" / "access.md"
    text = copy.read_text().replace("has one lasting identifier", f"has {SCRIPT}")
    text = text.replace("15 minutes to 6 hours", f"{SCRIPT} [x](javascript:alert(1))")
    copy.write_text(text.replace("# Cross-infrastructure access", f"# {SCRIPT}"))
    pages = build(night, tmp_path)
    for page in (pages / "framework.html", pages / "framework" / "access.html"):
        found = page.read_text()
        assert SCRIPT not in found
        assert 'href="javascript' not in found
        assert "&lt;script&gt;alert(1)" in found


def test_a_requirement_of_the_families_without_a_rule_is_told(night: Path, tmp_path: Path) -> None:
    copy = night / "framework" / "access.md"
    copy.write_text(copy.read_text().replace("AUTH-011, AUTH-012", "AUTH-011"))
    page = (build(night, tmp_path) / "framework.html").read_text()
    assert "Requirements of its families without a rule: AUTH-012." in page


def test_the_pages_are_small(night: Path, tmp_path: Path) -> None:
    pages = build(night, tmp_path)
    found = [pages / "framework.html", *(pages / "framework").iterdir()]
    assert len(found) == 5
    assert max(path.stat().st_size for path in found) < 100_000
