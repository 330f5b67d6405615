"""Whatever an issuer sends, reading it raises nothing but an AssertionError."""

import json
import math
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.answer import Answer
from harness.redaction import Redactor
from harness.services.issuer import answers, tokens
from harness.services.issuer.answers import IssuerAnswer, judged
from harness.services.issuer.tokens import Token, seconds
from tests.unit.services.issuer.wire import jwt

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@pytest.fixture(autouse=True, scope="module")
def _secrets_of_this_module() -> Iterator[None]:
    """What is made up here is no secret: the process's own redactor would cut it out of other tests."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (tokens, answers):
            patch.setattr(module, "redactor", Redactor())
        yield


def answered(fields: object, status: int = 200) -> IssuerAnswer:
    body = fields if isinstance(fields, bytes) else json.dumps(fields).encode()
    made = Answer("POST https://aai.test/token", status, status < 300, status in (401, 403), body)
    return judged(made)


@given(
    st.binary()
    | st.text().map(str.encode)
    | st.dictionaries(
        st.sampled_from(
            ["access_token", "error", "expires_in", "refresh_token", "active", "id_token"]
        ),
        st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text()),
    ).map(lambda fields: json.dumps(fields).encode()),
    st.sampled_from([200, 400, 500]),
)
def test_any_answer_can_be_read(body, status):
    """Nothing but an AssertionError comes of what an issuer sends."""
    answer = answered(body, status)
    assert repr(answer)
    assert isinstance(answer.lifetime, float | None)
    for read in ("token", "id_token", "refresh_token", "active"):
        try:
            getattr(answer, read)
        except AssertionError as error:
            assert "POST https://aai.test/token" in str(error)  # noqa: PT017, any other is the failure


@given(st.text() | st.builds(lambda *parts: ".".join(parts), st.text(), st.text(), st.text()))
def test_any_text_can_be_a_token(value):
    """No value makes the client crash: it is read, or an AssertionError says why not."""
    token = Token(value)
    assert str(token)
    assert isinstance(token.expiry, float | None)
    for read in ("claims", "header", "scopes"):
        try:
            getattr(token, read)
        except AssertionError as error:
            assert "opaque" in str(error)  # noqa: PT017, any other exception is the failure


@given(st.dictionaries(st.sampled_from(["exp", "scope", "iss", "aud"]), JSON))
def test_any_claims_can_be_read(claims):
    token = Token(jwt(**claims))
    assert str(token)
    assert isinstance(token.scopes, frozenset)
    assert isinstance(token.expiry, float | None)


@given(JSON)
def test_seconds_are_a_finite_number_or_none(value):
    found = seconds(value)
    assert found is None or math.isfinite(found)
