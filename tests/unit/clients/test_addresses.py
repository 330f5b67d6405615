"""Two spellings of one address are one address; others stay apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.clients.addresses import comparable, origin


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("HTTPS://Door.Grid.Test/vo", "https://door.grid.test:443/vo"),
        ("http://door.grid.test:80/", "http://door.grid.test"),
        ("https://[2001:DB8::7]/x", "https://[2001:db8::7]:443/x"),
    ],
)
def test_spellings_of_one_address(one, other):
    assert comparable(one) == comparable(other)
    assert origin(one) == origin(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://door.test/a", "https://door.test/A"),
        ("https://door.test/a", "https://door.test/a/"),
        ("https://door.test/a", "https://door.test:8443/a"),
        ("https://door.test/a?x", "https://door.test/a?y"),
        ("https://door.test", "http://door.test"),
    ],
)
def test_other_addresses_stay_apart(one, other):
    assert comparable(one) != comparable(other)


@pytest.mark.parametrize("name", ["condor", "urn:x:y", "", "https://[", "https://a:port/"])
def test_what_is_no_url_stays_as_it_is(name):
    assert comparable(name) == name


@given(st.text() | st.text().map("https://{}".format))
def test_any_text_can_be_compared(text):
    assert comparable(comparable(text)) == comparable(text)
