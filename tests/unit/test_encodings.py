"""What a text looks like in other writings, and where a part of it stands in the text itself."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from harness.encodings import View, encoded, unfolded

SECRETS = st.text(min_size=8, max_size=60).filter(lambda text: text == text.strip())
CONTENTS = st.binary(max_size=40)


@given(SECRETS, CONTENTS, CONTENTS)
def test_base64_is_known_wherever_the_text_begins(
    secret: str, before: bytes, behind: bytes
) -> None:
    content = before + secret.encode() + behind
    forms = set(encoded(secret))
    for whole in (base64.b64encode(content), base64.urlsafe_b64encode(content)):
        assert any(form in whole.decode() for form in forms)
        assert any(form in whole.decode().rstrip("=") for form in forms)
    assert any(form in content.hex() for form in forms)
    assert any(form in content.hex().upper() for form in forms)


@pytest.mark.parametrize(
    "write",
    [
        lambda text: text,
        lambda text: quote(text, safe=""),
        lambda text: quote(quote(text, safe=""), safe="").lower(),
        lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
        lambda text: json.dumps(text)[1:-1],
        lambda text: json.dumps(json.dumps({"a": text}))[1:-1],
        lambda text: json.dumps(text, ensure_ascii=False)[1:-1].replace("/", "\\/"),
        html.escape,
        lambda text: "".join(f"&#{ord(letter)};" for letter in text),
        lambda text: "".join(f"&#x{ord(letter):X};" for letter in text),
        lambda text: quote(json.dumps(html.escape(text)), safe=""),
    ],
)
@given(
    text=st.text(st.characters(categories=("Ll", "Nd", "Po", "So", "Zs")), min_size=1, max_size=30)
)
def test_a_place_in_a_view_is_the_place_in_the_text(write: Callable[[str], str], text: str) -> None:
    """Undone, the text is there; and what stands there in the text itself is what was written of it."""
    assume(not any(escape in text for escape in ("%", "&", "\\")))
    whole = f"<<{write(text)}>>"
    *_, view = (view for view in View(whole).layers() if text in view.text)
    at = view.text.rindex(text, 0, len(view.text) - 2)
    start, stop = view.origin(at, at + len(text))
    assert whole[:start] + whole[stop:] == f"<<{write('')}>>"


@given(
    st.lists(st.text("abc%=", max_size=9), min_size=1, max_size=9),
    st.sampled_from(["\n", "\r\n\t", "\n  "]),
)
def test_lines_are_one_line_again(lines: list[str], fold: str) -> None:
    view = View(fold.join(lines)).unfolded()
    assert view.text == unfolded(fold.join(lines)) == "".join(lines)
    if view.text:
        assert view.origin(0, len(view.text))[1] <= len(fold.join(lines))


@given(st.text(), st.data())
def test_each_part_of_a_view_has_a_place(text: str, data: st.DataObject) -> None:
    """Whatever the text is: places lie within it, and in the order of the view."""
    for layer in View(text).layers():
        for view in (layer, layer.unfolded()):
            if not view.text:
                continue
            start = data.draw(st.integers(0, len(view.text) - 1))
            stop = data.draw(st.integers(start + 1, len(view.text)))
            first, last = view.origin(start, stop)
            assert 0 <= first < last <= len(text)
