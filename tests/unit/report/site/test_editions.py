"""Pages in several languages: what is there in each, and that no text of a template is forgotten."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from harness.report.site import editions, templating
from harness.report.site.editions import EDITIONS
from harness.report.site.pages import Pages
from harness.report.site.templating import elsewhere, environment
from tests.unit.statements import CATALOGUE, TWIN, judged, night, routes, statement

TEMPLATES = Path(templating.__file__).parent / "templates"
ENGLISH = frozenset(
    {
        "compare.html",
        "exceptions.html",
        "forward.html",
        "framework.html",
        "nights.html",
        "ola.html",
        "policy.html",
        "proof.html",
        "prose.html",
        "pruned.html",
        "requirement.html",
        "science.html",
        "use_case.html",
    }
)
"""Pages that are there in English alone. A template that is not listed here has every text marked."""
AS_THEY_ARE = frozenset(
    "statement.json matrix.csv junit.xml schema Allure curl utf-8 ms s UTC C D K".split()
)
"""Words that no language translates: names of files and tools, units."""


IN_MARKUP = frozenset("index.html nights.html en beside old own".split())
"""Classes and addresses that expressions write into markup."""


class Texts(HTMLParser):
    """Collects what a reader sees or hears of a template: its texts, and attributes that are read out."""

    READ = ("title", "aria-label", "alt", "data-is", "placeholder")

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._within: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._within.append(tag)
        self.found += [value for name, value in attrs if name in self.READ and value]

    def handle_endtag(self, tag: str) -> None:
        while self._within and self._within.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not {"script", "style", "pre", "code"} & set(self._within):
            self.found.append(data)


def unmarked(template: str) -> list[str]:
    """Return the words of a template that are in no `_(...)` and in no `trans`."""
    text = re.sub(r"\{#.*?#\}", "", template, flags=re.S)
    text = re.sub(r"\{%-?\s*trans\b.*?endtrans\s*-?%\}", "", text, flags=re.S)
    quoted = [
        word
        for expression in re.findall(r"\{\{(.*?)\}\}", text, flags=re.S)
        for word in re.findall(
            r"""(?:^|\bor|\belse|~)\s*"([^"]*)"|"([^"]*)"\s+if\b""",
            re.sub(r'_\("[^"]*"\)', "", expression.strip()),
        )
    ]
    text = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "\ufffc", text, flags=re.S)
    parser = Texts()
    parser.feed(text)
    formats = ("".join(pair) for pair in quoted)
    found = [*parser.found, *(one for one in formats if "%" not in one)]
    words = [word for one in found for word in re.findall(r"[A-Za-z][\w./-]*", one)]
    return [word for word in words if word.strip(".,") not in AS_THEY_ARE]


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ('<p>{{ _("Seen") }}</p>', []),
        ("<p>Seen</p>", ["Seen"]),
        ('<p title="seen by us">{{ x }}</p>', ["seen", "by", "us"]),
        ("{% trans n=1 %}{{ n }} night{% endtrans %} tonight", ["tonight"]),
        ('{{ "failed" if x else _("passed") }}', ["failed"]),
        ('{{ x or "absent" }}', ["absent"]),
        ("<script>let x = 1;</script>", []),
    ],
)
def test_unmarked_text_is_found(template: str, words: list[str]) -> None:
    """The control of the next test."""
    assert unmarked(template) == words


SHOWN = sorted(path.name for path in TEMPLATES.glob("*.html") if path.name not in ENGLISH)


@pytest.mark.parametrize("name", SHOWN)
def test_every_text_of_a_translated_page_is_marked(name: str) -> None:
    found = unmarked((TEMPLATES / name).read_text(encoding="utf-8"))
    assert [word for word in found if word not in IN_MARKUP] == []


@pytest.mark.parametrize("name", sorted(ENGLISH))
def test_what_is_listed_as_english_is_there(name: str) -> None:
    assert (TEMPLATES / name).exists()


def test_pages_that_most_people_open_are_there_in_every_language() -> None:
    for page in ("index.html", "matrix.html", "sites/EGI-TWIN.html", "routes/egi.EGI-TWIN.html"):
        assert editions.in_all(page)
        assert not editions.follows(page)
    for page in ("nights.html", "findings.html", "requirements/AUTH-001.html", "xindex.html"):
        assert not editions.in_all(page)
        assert not editions.follows(page)
    for page in ("cells/AUTH-001/egi.EGI-TWIN.html", "seen/x.html"):
        assert editions.follows(page)


def test_a_text_is_translated_when_its_template_is_compiled() -> None:
    made = environment("zh")
    source = made.compile('<p title="{{ _("Verdict") }}">{{ _("Matrix") }}</p>', raw=True)
    assert '<p title="结论">矩阵</p>' in source


def test_values_of_a_text_are_escaped_and_numbers_have_their_form() -> None:
    text = (
        "{% trans n=n %}The last night{% pluralize %}The last {{ n }} nights{% endtrans %}"
        "{% trans name=name %}A site of {{ name }}.{% endtrans %}"
    )
    assert environment().from_string(text).render(n=1, name="<b>") == (
        "The last nightA site of &lt;b&gt;."
    )
    assert environment("zh").from_string(text).render(n=3, name="<b>") == (
        "最近 3 晚&lt;b&gt; 的站点。"
    )


@pytest.mark.parametrize(
    ("time", "beijing", "europe", "zone"),
    [
        ("2026-01-02T01:15:00+00:00", "09:15", "02:15", "CET"),
        ("2026-07-02T01:15:00+00:00", "09:15", "03:15", "CEST"),
        ("2026-01-01T17:00:00+00:00", "01-02 01:00", "18:00", "CET"),
    ],
)
def test_a_time_is_told_as_both_infrastructures_read_it(
    time: str, beijing: str, europe: str, zone: str
) -> None:
    there = elsewhere(time)
    assert (there.beijing, there.europe, there.zone) == (beijing, europe, zone)


def test_the_words_of_cells_come_as_a_script_with_patterns_for_values() -> None:
    ((page, text),) = list(editions.words())
    assert page == "assets/words.zh.js"
    told = json.loads(text.removeprefix("testbedWords(").removesuffix(");\n"))
    assert told["texts"]["first seen"] == "首次出现"
    assert told["texts"]["deviation"] == "偏差"
    forms = {said: re.compile(form.replace("?<", "?P<")) for form, said in told["forms"]}
    steps = forms["$<n> 个步骤，用时 $<seconds> 秒"]
    found = steps.search("2 steps in 0.5 s")
    assert found
    assert found.groupdict() == {"n": "2", "seconds": "0.5"}


def test_editions_lead_to_each_other_and_to_what_is_in_english_alone(tmp_path: Path) -> None:
    seen = night(
        tmp_path,
        statement("20260101T011500Z-00aa", [CATALOGUE["AUTH-017"]], routes(TWIN), judged()),
    )
    pages = dict(Pages(seen, titles={}).few())
    assert len(EDITIONS) == 2
    front = pages["zh/index.html"]
    assert '<html lang="zh-Hans">' in front
    assert 'href="../index.html" lang="en" hreflang="en">English</a>' in front
    assert 'href="zh/index.html" lang="zh-Hans" hreflang="zh-Hans">中文</a>' in pages["index.html"]
    assert 'href="../findings.html" hreflang="en"' in front
    assert 'href="matrix.html"' in front
    of_site = pages["zh/sites/EGI-TWIN.html"]
    assert 'href="../../sites/EGI-TWIN.html" lang="en"' in of_site
    assert 'href="../../assets/style.css"' in of_site
