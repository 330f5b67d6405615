"""What other tools read of a night: nothing of a site's words means more there than itself."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.conformance import history
from harness.conformance.statement import Statement
from harness.conformance.verdicts import Verdict
from harness.printable import storable, tabular
from harness.report.site import machine
from tests.unit.hostile import FORMULAS, WORDS
from tests.unit.nights import TOKENS, make_night

ID = "20260101T011500Z-00aa"
ROUTE = "egi:CSTCLOUD-TWIN"


@pytest.fixture
def stated(tmp_path: Path) -> Statement:
    folder = make_night(tmp_path, ID, {(TOKENS, ROUTE): WORDS}, versions={"XRootD": WORDS})
    return Statement.read(folder)


def test_junit_is_xml_and_says_what_was_said(stated: Statement) -> None:
    root = ElementTree.fromstring(machine.junit(stated))
    messages = [one.get("message") or "" for one in root.iter("failure")]
    assert any(r"\x1b[31mforged" in message for message in messages)
    assert all(storable(message) == message for message in messages)


def test_junit_has_the_seconds_of_each_case(stated: Statement) -> None:
    first, *others = stated.scenarios
    timed = first.model_copy(update={"seconds": 2.25})
    root = ElementTree.fromstring(
        machine.junit(stated.model_copy(update={"scenarios": (timed, *others)}))
    )
    assert all(case.get("time") for case in root.iter("testcase"))
    (suite,) = [one for one in root.iter("testsuite") if one.get("name") == first.route]
    assert suite.get("time") == "2.250"
    assert [case.get("time") for case in suite.iter("testcase")].count("2.250") == 1


@pytest.mark.parametrize("verdict", Verdict)
def test_junit_passes_what_is_conformant_and_nothing_else(
    stated: Statement, verdict: Verdict
) -> None:
    """Who counts passed cases gets the number of conformant ones: a warning is none."""
    first, *_ = stated.scenarios
    alone = first.model_copy(update={"verdict": verdict, "reason": "why"})
    root = ElementTree.fromstring(machine.junit(stated.model_copy(update={"scenarios": (alone,)})))
    (case,) = root.iter("testcase")
    (told,) = case.iter("property")
    assert (told.get("name"), told.get("value")) == ("verdict", verdict.value)
    kinds = [one for one in case if one.tag != "properties"]
    assert (not kinds) == (verdict is Verdict.CONFORMANT)
    assert all(one.get("message") == f"{verdict.value}: why" for one in kinds)


ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.mark.parametrize("address", ["", "https://www.example.org/interop?a=1&b=<2>"])
def test_the_feed_says_where_it_is_where_that_is_known(address: str) -> None:
    """RFC 4287, sections 4.1.1 and 4.2.7.2."""
    night = history.Night(ID, "2026-01-01T01:15:00+00:00", "unit", 0)
    entries = [{"night": night, "title": "a & b", "text": "<b>"}]
    root = ElementTree.fromstring(
        machine.feed(entries, testbed="unit", now="2026-01-01T01:15:00+00:00", address=address)
    )
    links = {one.get("rel"): one.get("href") for one in root.findall(f"{ATOM}link")}
    (entry,) = root.findall(f"{ATOM}entry")
    link = entry.find(f"{ATOM}link")
    assert link is not None
    if address:
        assert links["self"] == f"{address}/feed.xml"
        assert link.get("href") == f"{address}/{ID}/index.html"
    else:
        assert links == {}
        assert link.get("href") == f"{ID}/index.html"


def test_verdicts_as_a_script_are_data_alone(stated: Statement) -> None:
    first, *others = stated.requirements
    odd = first.model_copy(update={"id": 'A");alert(1)//', "route": "</script>\u2028"})
    text = machine.verdicts(stated.model_copy(update={"requirements": (odd, *others)}))
    run, letters, beyond = json.loads(
        f"[{text.removeprefix('testbedVerdicts(')[: -len(');')]}".rstrip(");\n") + "]"
    )
    assert run == ID
    assert beyond == []
    assert letters['A");alert(1)// </script>\u2028'] == first.verdict.letter


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_formula_is_text_in_a_table(formula: str) -> None:
    assert tabular(formula).startswith("'")


@given(st.text(st.characters(codec=None)))
def test_any_text_can_stand_in_a_table_and_in_xml(text: str) -> None:
    page = io.StringIO()
    csv.writer(page).writerow([tabular(text), "next"])
    (row,) = csv.reader(io.StringIO(page.getvalue(), newline=""))
    assert row == [tabular(text), "next"]
    assert row[0][:1] not in tuple("=+-@\t\r\n")
    element = ElementTree.Element("e", text=storable(text))
    element.text = storable(text)
    assert ElementTree.fromstring(ElementTree.tostring(element, encoding="unicode")) is not None


@given(st.text(st.characters(codec=None)))
def test_what_is_stored_is_utf_8_and_obeyed_by_nothing(text: str) -> None:
    shown = storable(text)
    shown.encode()
    left = shown.replace("\r\n", "").replace("\n", "").replace("\t", "")
    assert not any(ord(one) < 0x20 or 0x7F <= ord(one) < 0xA0 for one in left)
    assert storable(shown) == shown
