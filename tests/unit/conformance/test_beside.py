"""Whatever stands in the lists beside an inventory: it is read, or refused in our own words."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from harness import inventory
from harness.conformance import agreement, deviations, downtimes
from harness.errors import BadInput

TWIN = Path(__file__).resolve().parents[3] / "inventories" / "twin"

Read = Callable[[Path], Any]


@pytest.fixture(scope="module", params=["agreement", "deviations", "downtimes"])
def case(request: pytest.FixtureRequest) -> tuple[str, Read]:
    testbed = inventory.load(TWIN).testbed
    readers: dict[str, tuple[str, Read]] = {
        "agreement": (agreement.FILE, lambda path: agreement.load(path, testbed)),
        "deviations": (deviations.FILE, deviations.load),
        "downtimes": (downtimes.FILE, lambda path: downtimes.load(path, testbed)),
    }
    return readers[request.param]


def test_any_bytes_and_any_piece_of_a_good_file_replaced(case: tuple[str, Read]) -> None:
    name, read = case
    good = (TWIN / name).read_bytes()

    @given(st.binary(max_size=200), st.integers(0, len(good)), st.integers(0, 60), st.booleans())
    @example(b"a: &a [*a]", 0, 0, False)
    @example(b"? [a]\n: b", 0, 0, False)
    @example(b"=: 1", 0, 0, False)
    @example(b"1: 2", 0, 0, False)
    @example(b"a: !!timestamp x", 0, 0, False)
    @example(b"a: " + b"9" * 5000, 0, 0, False)
    @example(b"a: " + b"[" * 100_000, 0, 0, False)
    @example(
        f"{name.split('.')[0].replace('-', '_')}: [[], 7, {{1: 2}}, null]".encode(), 0, 0, False
    )
    def check(piece: bytes, start: int, length: int, within: bool) -> None:
        content = good[:start] + piece + good[start + length :] if within else piece
        with tempfile.TemporaryDirectory() as room:
            path = Path(room) / name
            path.write_bytes(content)
            with suppress(BadInput):
                read(path)

    check()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (os.mkfifo, "is a pipe"),
        (lambda path: path.symlink_to("gone"), "is a link that leads nowhere (to gone)"),
        (lambda path: path.symlink_to(path.name), "is a link that leads to itself"),
        (lambda path: path.mkdir(), "is a folder"),
        (lambda path: path.write_text("a: 1", "utf-16"), "is written in UTF-16. Save it as UTF-8."),
        (
            lambda path: path.write_text("# é", "latin-1"),
            "is not written in UTF-8 (byte 0xe9 there)",
        ),
        (lambda path: path.write_text("a: " + "[" * 9999), "is nested more than 60 levels deep"),
    ],
)
def test_what_cannot_be_read_is_told_and_nobody_waits(
    case: tuple[str, Read], tmp_path: Path, make: Callable[[Path], Any], said: str
) -> None:
    name, read = case
    make(tmp_path / name)
    with pytest.raises(BadInput) as caught:
        read(tmp_path / name)
    assert str(caught.value).startswith(f"{tmp_path / name}")
    assert said in str(caught.value)
