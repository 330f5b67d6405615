"""From a red cell to its cure: finding, owner, since when, and the lines of an issue."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.conformance.statement import Statement
from harness.conformance.verdicts import Origin, Verdict
from harness.report import findings
from harness.report.site import cure, evidence, exceptions
from tests.unit.statements import CATALOGUE, TWIN, excused, judged, night, routes, statement

WAYS = routes(TWIN)
OVERWRITE = "transfer/test_overwrite.py::test_a_file_is_not_moved_onto_another"
NO_PATH = "transfer/test_scope_without_path.py::test_a_scope_without_a_path_grants_nothing"
NAMES = {"XFER-022": OVERWRITE, "AUTHZ-001": NO_PATH}
ENTRIES = (excused("XFER-022", OVERWRITE), excused("AUTHZ-001", NO_PATH))
OPEN = "A scope opens everything"
FINDINGS = [
    *findings.read(
        f"""### F-XROOTD-16 MOVE replaces a file

- Requirement: XFER-022 (known deviation)
- Software: XRootD 5.8.1
- Seen: `Overwrite F` is ignored.
- Consequence: Two users lose a file.
- Upstream: Not mended.
- Scenario: `{OVERWRITE}`

```console
$ curl -X MOVE
```

### F-XROOTD-02 {OPEN} ⚠

- Requirement: AUTHZ-001
- Software: XRootD 5.8.1
- Seen: {OPEN}.
- Scenario: `{NO_PATH}`
- Disclosed: not yet reported
"""
    )
]


def stated(day: int, id_: str, verdict: Verdict = Verdict.KNOWN_DEVIATION) -> Statement:
    failing = judged(
        **{id_.replace("-", "_"): (verdict, Origin.RESOURCE, lambda way: way.site == "EGI-TWIN")}
    )
    return statement(
        f"202601{day:02}T011500Z-00aa",
        [CATALOGUE[one] for one in NAMES],
        WAYS,
        failing,
        exceptions=ENTRIES,
        scenario=lambda one: NAMES[one.id],
    )


@pytest.fixture
def seen(tmp_path: Path) -> evidence.Evidence:
    """The evidence of a failure within a larger step."""
    inner = {
        "title": "MOVE",
        "start": 1.0,
        "stop": 2.0,
        "status": "failed",
        "sent": "MOVE https://se.test/a\nauthorization: Bearer [redacted]\n\n",
        "answer": "HTTP 201",
        "steps": [],
    }
    before = inner | {"title": "PUT", "status": "passed", "sent": "PUT https://se.test/a\n\n"}
    outer = inner | {"title": "overwrite", "sent": "", "steps": [before, inner]}
    content = {"status": "failed", "message": "answered 201", "steps": [before, outer]}
    (tmp_path / "e.json").write_text(json.dumps(content))
    found = evidence.read(tmp_path, "e.json")
    assert found is not None
    return found


def test_the_step_that_failed_comes_first(seen: evidence.Evidence) -> None:
    assert [step.title for step in seen.failed] == ["MOVE"], "the innermost one"


def test_a_failure_has_its_finding_its_owner_and_its_dates(
    tmp_path: Path, seen: evidence.Evidence
) -> None:
    shown = night(tmp_path, stated(1, "AUTHZ-001"), stated(2, "XFER-022"), stated(3, "XFER-022"))
    cell = shown.shown_by("XFER-022", "cstcloud:EGI-TWIN")[0]
    found = cure.words(shown, cell, seen, FINDINGS)["cure"]
    assert [one.id for one in found["findings"]] == ["F-XROOTD-16"]
    assert found["owners"][0].contact.email == "admins@egi.test"
    assert found["since"].id[:8] == "20260102"
    assert [one.stated.requirement for one in found["known"]] == ["XFER-022"]
    for line in (
        "# XRootD 5.8.1: MOVE replaces a file",
        "Consequence: Two users lose a file.",
        "curl -sSi \\\n  -X MOVE",
        "Versions: XRootD 5.8.1",
    ):
        assert line in found["issue"]


def test_what_passes_needs_no_cure(tmp_path: Path) -> None:
    shown = night(tmp_path, stated(1, "XFER-022"))
    cell = shown.shown_by("XFER-022", "egi:CSTCLOUD-TWIN")[0]
    assert cure.words(shown, cell, None, FINDINGS) == {"cure": None}


def test_what_a_finding_withholds_no_other_page_tells(
    tmp_path: Path, seen: evidence.Evidence
) -> None:
    """Beside it the control: a finding that is not withheld is told of."""
    shown = night(tmp_path, stated(1, "AUTHZ-001"))
    cell = shown.shown_by("AUTHZ-001", "cstcloud:EGI-TWIN")[0]
    found = cure.words(shown, cell, seen, FINDINGS)["cure"]
    assert (found["findings"], found["issue"]) == ([], "")
    assert [one.id for one in found["withheld"]] == ["F-XROOTD-02"]
    listed = dict(exceptions.listed(shown, FINDINGS))
    assert listed["AUTHZ-001"][0].withheld
    assert not listed["XFER-022"][0].withheld
