"""A whole small night against the site of `tests.unit.hostile`: run, judged, and made into pages."""

from __future__ import annotations

import io
from pathlib import Path

from rich.console import Console

from harness import report
from harness.conformance import judging, runs, statement
from harness.conformance.runs import Run, RunRoute
from harness.report import site as sites
from harness.report import table
from tests.unit.hostile import FORMULAS, WORDS, hostile_site
from tests.unit.routes import HOME, ends
from tests.unit.suites import Suite, copy_of_the_twin, state_of

TOKEN = "canary/of+a~token&0123456789'abcdef"
ID = "20260101T000000Z-00aa"

SUITE = '''
import pytest
from harness.clients.http import Http
from harness.engine.not_shown import NotOffered
from harness.redaction import redactor

SITE, WORDS, FORMULAS = {site!r}, {words!r}, {formulas!r}
TOKEN = redactor.remember({token!r})
pytestmark = [pytest.mark.requirement("AUTH-017"), pytest.mark.killed_by("closed")]


@pytest.fixture
def http():
    made = Http(proxy=None, ca_bundle=None, timeout=20)
    yield made
    made.close()


@pytest.mark.parametrize("path", {paths!r})
def test_trouble(route, http, path):
    """A site answers what hurts."""
    answer = http.request("GET", SITE + path, token=TOKEN)
    print(answer.text)
    assert not answer.ok, f"{{answer}}: {{answer.text}}"
    answer.expect_ok()


@pytest.mark.parametrize("number", range(len(FORMULAS)))
def test_formulas(route, http, number):
    """A site fails with a formula."""
    assert False, FORMULAS[number]


def test_half_a_pair(route):
    """A site answers half a surrogate pair, and so fails the scenario."""
    raise RuntimeError("half \\ud800 " + WORDS)


def test_words_of_what_is_not_offered(route):
    """A site does not offer what it names."""
    raise NotOffered(WORDS + "\\n" + TOKEN)
'''
PATHS = [
    *("/words", "/half", "/broken-utf-8", "/charset", "/headers", "/header", "/no-gzip", "/brotli"),
    *("/redirect-file", "/redirect-elsewhere", "/deep", "/echo", "/bomb"),
]


def make(tmp_path: Path) -> Path:
    """Run the suite against the site, judge it, make its pages, and return the folder of the run.

    The pages lie beside it in `site`; what the terminal showed, in the run's folder.
    """
    suite = Suite(tmp_path, copy_of_the_twin(tmp_path), state_of(tmp_path))
    with hostile_site() as site:
        source = SUITE.format(
            site=site.url, words=WORDS, formulas=FORMULAS, token=TOKEN, paths=PATHS
        )
        ran = suite(source, "egi:egi")
    assert len(ran.outcomes) == len(PATHS) + len(FORMULAS) + 2, ran.output
    folder = ran.folder.rename(tmp_path / ID)
    run = Run(
        id=ID,
        start=runs.now(),
        end=runs.now(),
        testbed="unit",
        inventory="nowhere",
        routes=(RunRoute(id=HOME, **ends(HOME), control=True),),
        harness="0",
        versions={"se.egi.test": {"XRootD": WORDS}},
    )
    run.write(folder)
    judgement = judging.judge(folder, run)
    statement.make(folder, run, judgement).write(folder)
    table.write(folder, run, judgement)
    shown = io.StringIO()
    console = Console(file=shown, force_terminal=True, width=100)
    report.judge(folder, console=console)
    sites.build(folder, console=console, sites=tmp_path / "site", proofs=tmp_path)
    (folder / "terminal.txt").write_text(ran.output)
    (folder / "table.txt").write_text(shown.getvalue())
    return folder
