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
    for name, length in json.loads(index):
        assert content[:length] == DATA[name]
        content = content[length:]
    assert not content
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
