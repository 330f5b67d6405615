"""What is compressed in Allure's page can be had again, and a page of another form stays as it is."""

from __future__ import annotations

import base64
import gzip
import json
import re

import pytest

from harness.report.packing import packed

PROGRAM = b"run(); // DATA and PROGRAM are words like others"
DATA = {"widgets/one.json": b'{"total": 1}', "data/a picture": bytes(range(256)), "empty": b""}


def encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


def page(entries: str | None = None) -> str:
    """As Allure writes it."""
    if entries is None:
        entries = ",".join(f"d({json.dumps(n)},{json.dumps(encoded(c))})" for n, c in DATA.items())
    return f"""<html><body><script   src="data:text/javascript;base64,{encoded(PROGRAM)}"></script>
    <script async>
      function d(name, value){{}}
    </script>
    <script defer>
      Promise.allSettled([{entries}])
        .then(function(){{
          window.allureReportDataReady = true;
        }})
    </script>
    <p>after</p></body></html>"""


def inflated(text: str, id_: str) -> bytes:
    found = re.search(rf'id="testbed-{id_}">([^<]*)</script>', text)
    assert found
    return gzip.decompress(base64.b64decode(found[1], validate=True))


def test_program_and_data_are_there_unchanged() -> None:
    made = packed(page())
    assert inflated(made, "program") == PROGRAM
    index, _, content = inflated(made, "data").partition(b"\n")
    found = {name: content[at : at + length] for name, at, length in json.loads(index)}
    assert found == DATA
    assert "<p>after</p></body></html>" in made
    assert encoded(PROGRAM) not in made


def test_it_is_the_same_each_time() -> None:
    """So that a page that says nothing new is not published anew."""
    assert packed(page()) == packed(page())


@pytest.mark.parametrize(
    "other",
    [
        "<html></html>",
        page('d("a","eA=="),load("b")'),
        page('d("a","eA==") + d("b","eA==")'),
        page('d("a","no base64")'),
        page('d("a","e")'),
    ],
)
def test_a_page_of_another_form_stays_as_it_is(other: str) -> None:
    assert packed(other) == other


ATTACHED, STEP, TEST, PART = ("0123456789abcdef" * 2)[1:] + "1", "a" * 32, "b" * 32, "c" * 32
UUID = "a773da93-3b30-457b-81ce-f78c9963adbf"


def entry(name: str, content: str | bytes) -> str:
    data = content.encode() if isinstance(content, str) else content
    return f"d({json.dumps(name)},{json.dumps(encoded(data))})"


def test_random_names_are_numbers_and_lead_to_the_same_things() -> None:
    """Of steps, of what was done before and after, and of attachments; the tests keep theirs, for links."""
    result = (
        f'{{"id":"{TEST}","name":"n","fullName":"f","steps":[{{"stepId":"{STEP}","steps":[{{"link":{{'
        f'"id":"{ATTACHED}","originalFileName":"{UUID}-attachment.txt"}}}}]}}],'
        f'"setup":[{{"id":"{PART}","type":"before"}}]}}'
    )
    shown = "an attachment may hold whatever looks like an id: " + ATTACHED
    entries = [entry(f"data/attachments/{ATTACHED}.txt", shown)]
    entries += [entry(f"data/test-results/{TEST}.json", result)]
    made = inflated(packed(page(",".join(entries))), "data")
    index, _, content = made.partition(b"\n")
    found = {name: content[at : at + length] for name, at, length in json.loads(index)}
    told = json.loads(found[f"data/test-results/{TEST}.json"])
    link = told["steps"][0]["steps"][0]["link"]
    assert found[f"data/attachments/{link['id']}.txt"].decode() == shown
    assert link["originalFileName"] == "attachment.txt"
    assert told["id"] == TEST
    ids = {link["id"], told["steps"][0]["stepId"], told["setup"][0]["id"]}
    assert len(ids) == 3
    assert max(map(len, ids)) == 1


def test_content_that_is_there_twice_is_kept_once() -> None:
    twice = b"seen earlier in this session " * 9
    entries = [entry(f"data/attachments/{letter * 32}.txt", twice) for letter in "ab"]
    index, _, content = inflated(packed(page(",".join(entries))), "data").partition(b"\n")
    assert content == twice
    assert [(at, length) for _, at, length in json.loads(index)] == [(0, len(twice))] * 2
