"""Difference imaging: all planted sources and no others are right; an unmatched blur is wrong."""

from __future__ import annotations

import numpy as np
import pytest

from harness.science.field import Files, field
from harness.science.fields.astronomy import fits, sky
from harness.science.pictures import MOST, picture
from tests.unit.science.fields.stored import (
    miscalculated,
    miscalculating,
    noticed,
    refuses_what_is_damaged,
    stored,
    wrong,
)

FIELD = field("astronomy")


def test_the_list_is_right() -> None:
    assert wrong(FIELD, stored(FIELD, "right")) == []
    assert len(picture(FIELD, stored(FIELD, "right"))) < MOST


def test_an_unmatched_blur_is_wrong() -> None:
    assert set(FIELD.control.wrong) <= set(wrong(FIELD, stored(FIELD, "control")))


def test_a_source_that_is_missing_and_one_that_is_false_are_found() -> None:
    files = stored(FIELD, "right")
    lines = files["new.csv"].splitlines(keepends=True)
    fewer = {**files, "new.csv": b"".join(lines[:-1])}
    assert wrong(FIELD, fewer) == ["planted sources found"]
    more = {**files, "new.csv": b"".join(lines) + b"53.10000000,-28.10000000,9000.000,300.000\n"}
    assert wrong(FIELD, more) == ["false sources"]


def test_a_source_that_is_listed_twice_is_false() -> None:
    files = stored(FIELD, "right")
    lines = files["new.csv"].splitlines(keepends=True)
    assert wrong(FIELD, {**files, "new.csv": b"".join([*lines, lines[-1]])}) == ["false sources"]


def test_a_place_with_another_digit_is_noticed() -> None:
    changed = list(miscalculated(stored(FIELD, "right"), "new.csv"))
    assert len(changed) == 4 * sky.NEW
    places = [one for number, one in enumerate(changed) if number % 4 < 2]
    assert all(noticed(FIELD, one) for one in places)


def test_a_brightness_that_is_far_off_is_noticed() -> None:
    files = stored(FIELD, "right")
    head, row, *rows = files["new.csv"].splitlines(keepends=True)
    ra, dec, flux, error = row.split(b",")
    changed = b",".join([ra, dec, b"%.3f" % (float(flux) + 6 * float(error)), error])
    found = wrong(FIELD, {**files, "new.csv": b"".join([head, changed, *rows])})
    assert found == ["largest error of a brightness"]


def test_a_node_that_miscalculates_is_noticed() -> None:
    assert noticed(FIELD, miscalculating(stored(FIELD, "right")))


def test_a_list_of_nothing_is_wrong() -> None:
    files: Files = {**stored(FIELD, "right"), "new.csv": b"ra,dec,flux,error\n"}
    assert "planted sources found" in wrong(FIELD, files)


def test_what_is_damaged_is_told() -> None:
    refuses_what_is_damaged(FIELD, "new.csv")


def test_an_image_is_a_fits_file() -> None:
    """Blocks of 2880 bytes; cards of 80, the mandatory ones first; numbers with the highest byte first."""
    made = fits.image(np.array([[1, 2], [3, -4]], dtype=np.int32), {"CTYPE1": "RA---TAN", "X": 0.5})
    assert len(made) == 2 * 2880
    cards = [made[at : at + 80].decode() for at in range(0, 640, 80)]
    assert [card[:8].strip() for card in cards] == [
        *("SIMPLE", "BITPIX", "NAXIS", "NAXIS1", "NAXIS2", "CTYPE1", "X", "END"),
    ]
    assert cards[0][10:30] == f"{'T':>20}"
    assert cards[5][10:20] == "'RA---TAN'"
    assert made[2880:2896] == b"\0\0\0\1\0\0\0\2\0\0\0\3\xff\xff\xff\xfc"


def test_a_star_lays_all_its_light_on_the_image() -> None:
    earlier, later = sky.images()
    stars, new = sky.sources()
    for image, night, light in (
        (earlier, sky.EARLIER, stars.flux.sum()),
        (later, sky.LATER, sky.DIMMED * (stars.flux.sum() + new.flux.sum())),
    ):
        assert image.sum() - night.background * image.size == pytest.approx(light, rel=0.01)
