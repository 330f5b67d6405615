"""Guards how an issuer's answers are read, and that nothing of them is shown."""

import json

import pytest

from harness.answer import Answer
from harness.redaction import redactor
from harness.services.issuer.answers import IssuerAnswer, judged
from tests.unit.services.issuer.wire import Wire


@pytest.mark.parametrize(
    ("status", "error", "denied"),
    [
        (400, "invalid_grant", True),
        (400, "invalid_scope", True),
        (401, "invalid_client", True),
        (400, "invalid_request", False),
        (400, "authorization_pending", False),
        (500, "server_error", False),
    ],
)
def test_error_codes_tell_a_refusal_from_other_failures(issuer, status, error, denied):
    """RFC 6749, section 5.2: the token endpoint refuses with 400, and so does it answer nonsense."""
    answer = issuer(Wire((status, {"error": error}))).client_credentials(scope="a")

    assert (answer.ok, answer.denied, answer.error) == (False, denied, error)
    with pytest.raises(AssertionError, match=error):
        _ = answer.token


def test_what_is_issued_is_remembered_by_the_redactor(issuer):
    wire = Wire((200, {"access_token": "opaque-access-1", "refresh_token": "opaque-refresh-1"}))
    answer = issuer(wire).password("ada", "word-of-ada")

    assert {"opaque-access-1", "opaque-refresh-1", "word-of-ada"} <= redactor.known
    assert "opaque" not in repr(answer)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]"])
def test_a_body_that_is_no_object_reads_as_empty(body):
    answer = IssuerAnswer(what="GET x", status=500, ok=False, denied=False, body=body)

    assert (answer.json, answer.error) == ({}, "")


def answered(fields: object, status: int = 200) -> IssuerAnswer:
    body = fields if isinstance(fields, bytes) else json.dumps(fields).encode()
    made = Answer("POST https://aai.test/token", status, status < 300, status in (401, 403), body)
    return judged(made)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"token_type": "Bearer"}, r"without `access_token`; it has: token_type"),
        ({"access_token": ""}, "with an empty `access_token`"),
        ({"access_token": {"a": 1}}, "with a `access_token` that is not text"),
        ({"access_token": None}, "with a `access_token` that is not text"),
        (b"<html>busy</html>", "not a JSON object: '<html>busy"),
        ([1], r"not a JSON object: '\[1\]'"),
    ],
)
def test_an_answer_without_a_token_says_what_came(fields, said):
    """RFC 6749, section 5.1: `access_token` is required. That is the issuer's failure, and no crash."""
    with pytest.raises(AssertionError, match="POST https://aai.test/token answered 200 .*" + said):
        _ = answered(fields).token


def test_the_scope_that_was_granted_goes_with_the_token():
    assert answered({"access_token": "opaque-1", "scope": "a"}).token.granted == "a"
    assert answered({"access_token": "opaque-1", "scope": ["a"]}).token.granted is None
