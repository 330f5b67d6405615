"""Canaries through the whole pipeline: planted where a scenario meets secrets, sought in what is shown."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from harness.conformance import evidence, judging, runs, statement
from harness.conformance.runs import Run, RunRoute
from harness.report import site as sites
from tests.unit.routes import HOME, ends
from tests.unit.suites import PASSWORD, Ran

KEY = base64.b64encode(b"canary-private-key-" * 8).decode()
SIGNATURE = "Q0FOQVJZLXNpZ25hdHVyZS1vZi1hLXRva2Vu"
TOKEN = f"eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.{SIGNATURE}"
OPAQUE = "canary-refresh-8c1f2a77d0"
NEEDLES = (PASSWORD, KEY, KEY[:40], SIGNATURE, TOKEN, OPAQUE)

SUITE = f'''
import pytest
from harness.evidence import step
from harness.redaction import redactor

pytestmark = [pytest.mark.requirement("AUTH-017"), pytest.mark.killed_by("closed")]
KEY = """-----BEGIN PRIVATE KEY-----
{KEY}
-----END PRIVATE KEY-----"""
TOKEN, PASSWORD = "{TOKEN}", "{PASSWORD}"


def test_in_steps(route):
    """A scenario that sends and receives secrets."""
    opaque = redactor.remember("{OPAQUE}")
    with step(f"POST /token with {{opaque}}") as it:
        it.send(f"Authorization: Bearer {{TOKEN}}\\n\\ngrant_type=password&password={{PASSWORD}}")
        it.receive(f'{{{{"access_token": "{{TOKEN}}", "refresh_token": "{{opaque}}"}}}}\\n{{KEY}}')


def test_in_a_failure(route):
    """A scenario whose failure speaks of secrets."""
    print(TOKEN, PASSWORD, KEY)
    found = {{"token": TOKEN, "password": PASSWORD, "key": KEY}}
    assert found == {{}}, f"{{TOKEN}} and {{PASSWORD}} and {{KEY}}"


@pytest.fixture
def broken():
    raise RuntimeError(f"{{PASSWORD}} {{TOKEN}} {{KEY}}")


def test_in_set_up(route, broken):
    """A scenario whose set-up speaks of secrets."""


@pytest.mark.parametrize("header", ["authorization: bearer", "cookie:", "x-auth-token:"])
def test_in_headers(route, header):
    """A scenario that shows headers."""
    with step("GET /") as it:
        it.send(f"{{header}} {{PASSWORD}}{{TOKEN}}")
        it.receive("HTTP 200\\nset-cookie: session={{PASSWORD}}")
'''


@pytest.fixture
def published(suite: Callable[..., Ran], tmp_path: Path) -> Path:
    """Run the suite, judge it, and make its pages; everything lies in one folder."""
    ran = suite(SUITE, "egi:egi")
    folder = ran.folder.rename(tmp_path / "20260101T000000Z-00aa")
    run = Run(
        id=folder.name,
        start=runs.now(),
        end=runs.now(),
        testbed="unit",
        inventory="nowhere",
        routes=(RunRoute(id=HOME, **ends(HOME), control=True),),
        harness="0",
    )
    run.write(folder)
    statement.make(folder, run, judging.judge(folder, run)).write(folder)
    console = Console(file=io.StringIO())
    sites.build(folder, console=console, sites=tmp_path / "site", proofs=tmp_path)
    (folder / "terminal.txt").write_text(ran.output)
    return tmp_path


def shown(path: Path) -> str:
    """Return a file as people read it: evidence is packed."""
    content = path.read_bytes()
    return (evidence.unpacked(content) or content).decode(errors="replace")


def test_no_canary_is_published(published: Path) -> None:
    files = [
        path
        for part in ("20260101T000000Z-00aa", "site")
        for path in (published / part).rglob("*")
        if path.is_file()
    ]
    assert len(files) > 40
    for path in files:
        text = shown(path)
        assert [needle for needle in NEEDLES if needle in text] == [], path


def test_what_was_cut_out_says_so(published: Path) -> None:
    """The canaries have come by: their places are there, redacted."""
    (packed,) = (published / "site").glob("unit/*/evidence/*test_in_steps*.js")
    assert shown(packed).count("[redacted]") >= 4
