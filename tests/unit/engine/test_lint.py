"""The rules for scenarios: each is broken on purpose here, and kept by what we ship."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from harness.engine import lint, session
from harness.errors import BadInput

PAGES = session.ROOT / "docs" / "rules"

GOOD = '''
import pytest

FAULTS = [pytest.param({"expired": True}, marks=pytest.mark.requirement("AUTH-017"))]
pytestmark = pytest.mark.killed_by("ignores-expiry")


@pytest.mark.parametrize("fault", FAULTS)
def test_it(route, refused, fault):
    """It is so."""
    answer = refused(lambda x: x, good=1, bad=2)
    assert answer.denied
    assert not answer.ok
'''
KILLED = 'pytestmark = pytest.mark.killed_by("closed")'
TOKEN = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0."


def codes(folder: Path, source: str) -> list[tuple[str, int]]:
    (folder / "test_it.py").write_text(textwrap.dedent(source))
    return [(f.code, f.line) for f in lint.breaches(folder)]


def scenario(body: str, *, mark: str = '@pytest.mark.requirement("AUTH-017")') -> str:
    """Return a file of one scenario, whose body begins in line 5."""
    function = f'def test_it(route, refused):\n    """It is so."""\n    {body}\n'
    return f"import pytest; {KILLED}\n{mark}\n{function}"


def test_the_scenarios_that_we_ship_keep_all_rules() -> None:
    assert lint.breaches(session.SCENARIOS) == []


def test_a_good_scenario_keeps_them(tmp_path: Path) -> None:
    assert codes(tmp_path, GOOD) == []


@pytest.mark.parametrize(
    "body",
    [
        "assert route.get().denied",
        "assert not route.get().ok",
        "x = route.get(); assert x.denied, str(x)",
        "x = route.get(); assert x.denied and x.status == 403",
        "assert route.get().ok is False",
        "assert route.get().denied == True",
    ],
)
def test_a_refusal_has_its_control(tmp_path: Path, body: str) -> None:
    assert codes(tmp_path, scenario(body)) == [("TB002", 5)]


@pytest.mark.parametrize(
    "body",
    [
        "assert route.get().ok",
        "assert not route.get().active",
        "assert refused(route.get, good=1, bad=2).denied",
        "x = rejected(route.get, good=1, bad=2); assert not x.ok",
    ],
)
def test_what_is_no_refusal_needs_none(tmp_path: Path, body: str) -> None:
    assert codes(tmp_path, scenario(body)) == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ('pytest.skip("not today")', "TB003"),
        ('pytest.xfail("known")', "TB003"),
        ('pytest.importorskip("x")', "TB003"),
        ("from pytest import skip", "TB003"),
        ("time.sleep(1)", "TB004"),
        ("await_ = asyncio.sleep(1)", "TB004"),
        ("from time import sleep", "TB004"),
        ('x = "https://se.egi.test/f"', "TB005"),
        ('x = f"https://{route}.se.egi.test:443"', "TB005"),
        ('x = "10.111.1.10"', "TB005"),
        (f'x = "{TOKEN}"', "TB006"),
    ],
)
def test_the_line_of_each_fault_is_told(tmp_path: Path, body: str, code: str) -> None:
    assert codes(tmp_path, scenario(body)) == [(code, 5)]


@pytest.mark.parametrize("mark", ["skip", "skipif(True)", "xfail"])
def test_marks_that_skip_are_refused(tmp_path: Path, mark: str) -> None:
    source = scenario("pass", mark=f'@pytest.mark.{mark}\n@pytest.mark.requirement("AUTH-017")')
    assert codes(tmp_path, source) == [("TB003", 2)]


@pytest.mark.parametrize(
    "body",
    [
        'x = "/bin/sleep"',
        'x = "https://issuer.invalid"',
        'x = "a.test_b"',
        'x = "version 1.1"',
        'x = "eyJ"',
        "route.skip()",
    ],
)
def test_what_only_looks_alike_is_left_alone(tmp_path: Path, body: str) -> None:
    assert codes(tmp_path, scenario(body)) == []


def test_a_docstring_may_name_hosts_and_must_be_there(tmp_path: Path) -> None:
    source = scenario("pass").replace("It is so.", "Seen at se.egi.test.")
    assert codes(tmp_path, source) == []
    assert codes(tmp_path, scenario("pass").replace('"""It is so."""', "pass")) == [("TB007", 3)]


def test_a_fault_says_code_file_line_and_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(scenario("time.sleep(1)"))
    with pytest.raises(BadInput) as caught:
        lint.check(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}/test_it.py:5: TB004 a sleep is too long or too short: wait for the state "
        "with the client, or with tenacity (docs/rules/TB004.md)"
    )


def test_a_file_that_is_no_python_is_left_to_pytest(tmp_path: Path) -> None:
    assert codes(tmp_path, "def test_(") == []


def test_the_command_ends_with_1_where_a_rule_is_broken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert codes(tmp_path, scenario("import time; time.sleep(1)"))
    assert lint.main([str(tmp_path)]) == 1
    assert "TB004" in capsys.readouterr().out
    assert lint.main([str(session.SCENARIOS)]) == 0


@pytest.mark.parametrize("code", lint.RULES)
def test_every_rule_has_its_page(code: str) -> None:
    assert (PAGES / f"{code}.md").read_text().startswith(f"# {code}: ")


def test_every_page_has_its_rule() -> None:
    of_marks = {"TB001", "TB008"}
    assert {path.stem for path in PAGES.glob("*.md")} == {*lint.RULES, *of_marks}
