"""A whole small night against a hostile site: what is written of it is clean and holds no secret."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest

from harness.report.publish import leaks
from harness.report.publish.tree import File
from tests.unit import hostile_night
from tests.unit.hostile_night import ID, TOKEN
from tests.unit.suites import PASSWORD


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run, and its pages beside it; everything lies in one folder."""
    return hostile_night.make(tmp_path_factory.mktemp("hostile")).parent


def texts(night: Path) -> Iterator[tuple[Path, str]]:
    """Yield all that was written, as UTF-8 that is whole."""
    for part in (ID, "site"):
        for path in sorted((night / part).rglob("*")):
            if path.is_file() and path.suffix not in (".sqlite", ".png"):
                yield path, path.read_bytes().decode()


def test_what_is_written_of_a_hostile_site_is_clean(night: Path) -> None:
    for path, text in texts(night):
        shown = without_colours(text) if path.name == "table.txt" else text
        odd = {letter for letter in shown if not letter.isprintable()}
        assert odd <= {"\n", "\r", "\t", "\u00a0"}, path


def test_no_secret_is_in_it_in_any_writing(night: Path) -> None:
    for path, text in texts(night):
        folded = re.sub(r"(\\[nr]|\s)+", "", text)
        unescaped = re.sub(r"\\+u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text)
        for read in (text, unquote(unquote(text)), html.unescape(text), folded, unescaped):
            assert TOKEN not in read, path
            assert TOKEN.encode().hex() not in read, path
            assert PASSWORD not in read, path
    leaks.refuse([File(path.name, path, 0) for path, _ in texts(night)], [TOKEN, PASSWORD])
    (echoed,) = (night / ID / "evidence").glob("*echo*")
    assert echoed.read_text().count("[redacted]") >= 9


def test_the_pages_run_no_word_of_the_site(night: Path) -> None:
    pages = [(path, text) for path, text in texts(night) if path.suffix == ".html"]
    assert len(pages) > 20
    for path, text in pages:
        page = Page()
        page.feed(text)
        page.close()
        assert page.odd == [], path
    assert any("&lt;/script&gt;&lt;script&gt;" in text for _, text in pages)


def test_feed_and_junit_are_xml(night: Path) -> None:
    found = [path for path, _ in texts(night) if path.suffix == ".xml"]
    assert {path.name for path in found} >= {"feed.xml", "junit.xml"}
    for path in found:
        ElementTree.parse(path)


def test_no_cell_of_csv_is_a_formula(night: Path) -> None:
    tables = [path for path, _ in texts(night) if path.suffix == ".csv"]
    assert tables
    for path in tables:
        for row in csv.reader(io.StringIO(path.read_text())):
            assert not [cell for cell in row if cell[:1] in tuple("=+-@\t\r")], path


def test_json_is_json_and_scripts_are_data(night: Path) -> None:
    for path, text in texts(night):
        if path.suffix == ".json":
            json.loads(text)
        if path.name == "verdicts.js":
            assert text.startswith("testbedVerdicts(")
            data = text.removeprefix("testbedVerdicts(").removesuffix(");\n")
            json.loads(f"[{data}]")


def test_each_trouble_is_told_as_what_it_is(night: Path) -> None:
    found = {
        one["scenario"].partition("::")[2]: one
        for one in map(json.loads, (night / ID / "outcomes.jsonl").read_text().splitlines())
    }
    assert found["test_trouble[/header]"]["error"] == "unreachable"
    assert "longer than" in found["test_trouble[/bomb]"]["message"]
    assert "cannot be decoded" in found["test_trouble[/no-gzip]"]["message"]
    assert found["test_half_a_pair"]["error"] == "crash"
    assert "half \\ud800" in found["test_half_a_pair"]["message"]
    assert found["test_words_of_what_is_not_offered"]["status"] == "not offered"
    statuses = {name: one["status"] for name, one in found.items() if "trouble" in name}
    assert set(statuses.values()) <= {"failed", "error"}


def without_colours(text: str) -> str:
    """Return what a terminal shows: Rich's own colours and nothing else is taken out."""
    head, *parts = text.split("\x1b[")
    return head + "".join(part.partition("m")[2] for part in parts)


class Page(HTMLParser):
    """Looks for what no page of ours has."""

    def __init__(self) -> None:
        super().__init__()
        self.odd: list[Any] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "img" or any(name.startswith("on") for name in values):
            self.odd.append((tag, attrs))
        if any(
            (value or "").strip().lower().startswith("javascript:") for value in values.values()
        ):
            self.odd.append((tag, attrs))
        if tag == "script" and "src" not in values and values.get("type") != "application/json":
            self.odd.append((tag, attrs))
