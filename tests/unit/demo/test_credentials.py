"""A token is shown by its claims; one that is over, or has not begun, is told for what it is."""

from __future__ import annotations

import time

import pytest

from harness.demo import credentials
from harness.translation import Speaker
from tests.unit.demo.story import token

EN = Speaker("en")


def test_claims_are_shown_and_a_subject_is_cut_short() -> None:
    shown = credentials.carried(["nothing", f"Bearer {token()}"], EN)
    assert shown is not None
    rows = dict(shown.rows)
    assert rows["issued by"] == "https://aai.egi.test"
    assert rows["for the user"] == "01234567…"
    assert rows["valid until"].endswith(" UTC")
    assert shown.good


@pytest.mark.parametrize(
    "value", [token(-1), token(nbf=int(time.time()) + 3600)], ids=["expired", "not yet valid"]
)
def test_a_token_out_of_its_time_is_no_good_one(value: str) -> None:
    shown = credentials.carried([value], EN)
    assert shown is not None
    assert not shown.good


def test_an_opaque_token_has_no_claims() -> None:
    shown = credentials.received('{"access_token": "gAAAA-opaque-0123"}', EN)
    assert shown is not None
    assert shown.rows == ()


def test_no_token_is_no_credential() -> None:
    assert credentials.carried(["a", "b"], EN) is None
    assert credentials.received("HTTP 200", EN) is None


@pytest.mark.parametrize("value", ["soon", 1e300, True, None])
def test_a_time_that_is_none_spoils_nothing(value: object) -> None:
    assert credentials.carried([token(exp=value)], EN) is not None
