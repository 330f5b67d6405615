"""What Allure is told; that it builds its page is shown end to end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from harness.conformance.runs import Run
from harness.conformance.verdicts import CellVerdict, Judgement, Verdict
from harness.errors import BadInput, PreconditionError, TestbedError
from harness.report import allure
from tests.unit.routes import CROSS, ends

RUN = Run(
    id="x",
    start="2026-01-02T03:04:05.678+00:00",
    testbed="unit",
    inventory="inventories/unit",
    harness="1.2",
    commit="abc",
    routes=(),
    versions={"se.egi.test": {"XRootD": "5.8.3"}, "ce.egi.test": {"ARC": "7.0"}},
)


def judgement(verdict: Verdict, reason: str = "") -> Judgement:
    cell = CellVerdict(
        scenario="auth/test_a.py::test_x",
        title="x",
        family="auth",
        requirements=("AUTH-017",),
        **ends(CROSS),  # type: ignore[arg-type]
        verdict=verdict,
        reason=reason,
    )
    return Judgement(
        scenarios=(cell,),
        requirements=(),
        totals={verdict: 1},
        executed=1,
        covered=1,
        catalogue=1,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A run with one result, as allure-pytest writes it."""
    (tmp_path / "logs").mkdir()
    results = tmp_path / "allure-results"
    results.mkdir()
    labels = {"scenario": "auth/test_a.py::test_x", "route": CROSS, "feature": "auth"}
    content = {
        "name": f"test_x[{CROSS}]",
        "status": "failed",
        "description": "What is shown",
        "labels": [{"name": name, "value": value} for name, value in labels.items()],
    }
    (results / "1-result.json").write_text(json.dumps(content))
    return tmp_path


def result(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / "allure-results/1-result.json").read_text())
    return content


def test_the_page_is_one_file_grouped_by_route_family_and_scenario(tmp_path: Path) -> None:
    settings = allure.configuration(tmp_path, RUN)
    options = settings["plugins"]["awesome"]["options"]
    assert options["groupBy"] == ["route", "feature", "story"]
    assert options["singleFile"] is True
    assert settings["output"] == str(tmp_path / "allure-report")


def test_the_page_names_every_version(tmp_path: Path) -> None:
    variables = allure.configuration(tmp_path, RUN)["variables"]
    assert variables["XRootD at se.egi.test"] == "5.8.3"
    assert variables["ARC at ce.egi.test"] == "7.0"
    assert variables["harness"] == "1.2 (abc)"


def test_a_missing_allure_is_told_with_what_to_do(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TESTBED_ALLURE", str(folder / "nowhere"))
    with pytest.raises(PreconditionError, match="make setup"):
        allure.build(folder, RUN, judgement(Verdict.CONFORMANT))


def test_results_bear_the_verdict_of_the_last_judgement(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Judged again, a result changes its verdict and keeps all else."""
    monkeypatch.setenv("TESTBED_ALLURE", str(folder / "nowhere"))
    for verdict, reason in ((Verdict.DEVIATION, "it fails"), (Verdict.SITE_FAULT, "so does it")):
        with pytest.raises(PreconditionError):
            allure.build(folder, RUN, judgement(verdict, reason))
    found = result(folder)
    verdicts = [label["value"] for label in found["labels"] if label["name"] == "verdict"]
    assert verdicts == ["site fault"]
    assert found["description"] == "What is shown\n\n**Verdict**: site fault - so does it"
    assert found["status"] == "failed"
    assert found["name"] == "x"


@pytest.mark.parametrize(
    ("verdict", "status"),
    [
        (Verdict.CONFORMANT, "passed"),
        (Verdict.WARNING, "unknown"),
        (Verdict.KNOWN_DEVIATION, "unknown"),
        (Verdict.NOT_OFFERED, "skipped"),
        (Verdict.INCONCLUSIVE, "broken"),
        (Verdict.DEVIATION, "failed"),
    ],
)
def test_only_what_is_new_has_failed(
    folder: Path, monkeypatch: pytest.MonkeyPatch, verdict: Verdict, status: str
) -> None:
    """A first attempt stays what it was: the verdict is that of the last."""
    first = folder / "allure-results" / "1-result.json"
    content = json.loads(first.read_text())
    first.write_text(json.dumps({**content, "stop": 1, "status": "broken"}))
    last = folder / "allure-results" / "2-result.json"
    last.write_text(json.dumps({**content, "stop": 2}))
    monkeypatch.setenv("TESTBED_ALLURE", str(folder / "nowhere"))
    with pytest.raises(PreconditionError):
        allure.build(folder, RUN, judgement(verdict))
    assert json.loads(first.read_text())["status"] == "broken"
    assert json.loads(last.read_text())["status"] == status


def test_every_verdict_has_a_status() -> None:
    assert set(allure.STATUS) == set(Verdict)


def test_an_allure_that_fails_is_told_with_its_log(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = folder / "broken.js"
    broken.write_text("console.log('I cannot'); process.exit(4)")
    monkeypatch.setenv("TESTBED_ALLURE", str(broken))
    with pytest.raises(TestbedError, match=r"exit code 4; see .*allure\.log"):
        allure.build(folder, RUN, judgement(Verdict.CONFORMANT))
    assert (folder / "logs" / "allure.log").read_text() == "I cannot\n"


def test_a_reason_is_no_markup_in_allure(folder: Path) -> None:
    """Allure shows descriptions as Markdown, which may hold HTML."""
    allure._add_verdicts(
        folder / "allure-results",
        judgement(
            Verdict.DEVIATION, "<img src=x onerror=a()> [a](javascript:b()) `c` **d** \x1b[2J"
        ),
    )
    (path,) = (folder / "allure-results").glob("*-result.json")
    said = json.loads(path.read_text())["description"]
    assert "&lt;img" in said
    assert r"\[a\](javascript:b()) \`c\` \*\*d\*\* \\x1b\[2J" in said
    assert "\x1b" not in said


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"null", b"{", b'{"labels": 3}', b"\xff", b"[" * 9999]
)
def test_a_damaged_result_is_told_by_name(folder: Path, content: bytes) -> None:
    path = folder / "allure-results" / "x-result.json"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=r"x-result\.json: no result of a test"):
        allure.ids(folder)
