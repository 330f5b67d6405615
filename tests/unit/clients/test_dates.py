"""Times in every form in which servers write them; what is none is none."""

import datetime as dt
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.clients.dates import moment

WHEN = dt.datetime(2027, 3, 4, 5, 6, 7, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    "text",
    [
        "Thu, 04 Mar 2027 05:06:07 GMT",
        "Thu, 4 Mar 2027 05:06:07 GMT",
        "Thursday, 04-Mar-27 05:06:07 GMT",
        "Thu Mar  4 05:06:07 2027",
        "Thu, 04 Mar 2027 07:06:07 +0200",
        "  Thu,  04 Mar 2027 05:06:07 -0000 \r\n",
        "2027-03-04T05:06:07Z",
        "2027-03-04T07:06:07+02:00",
        "2027-03-04 05:06:07",
        str(int(WHEN.timestamp())),
    ],
)
def test_a_time_is_read_in_every_form(text):
    assert moment(text) == WHEN


@pytest.mark.parametrize(
    "text",
    ["", "0", "soon", "Thu, 04 Mar 61470 05:06:07 GMT", "Thu, 31 Feb 2027 05:06:07 GMT",
     "9" * 40, "٣٣٣٣٣٣٣٣٣٣", "0001-01-01T00:00:00+14:00", "2027-03-04T25:00:00Z"],
)  # fmt: skip
def test_what_no_calendar_has_is_none(text):
    assert moment(text) is None


@given(st.text() | st.from_regex(r"(\w{3}, )?\d+ (Jan|Mar) \d+ \d+:\d+:\d+ [+-]?\d*"))
def test_any_text_is_a_time_with_a_zone_or_none(text):
    found = moment(text)
    assert found is None or found.tzinfo is dt.UTC


@given(st.datetimes(min_value=dt.datetime(1000, 1, 1), timezones=st.just(dt.UTC)))
def test_what_is_written_is_read_again(when):
    whole = when.replace(microsecond=0)
    assert moment(format_datetime(whole, usegmt=True)) == whole
    assert moment(when.isoformat()) == when
