"""What issuers say of themselves, in all the ways in which they say it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.answer import Answer
from harness.errors import Unusable
from harness.services.issuer import metadata
from harness.services.issuer.answers import judged
from tests.unit.services.issuer.test_answers_properties import JSON


def answered(body: bytes, status: int = 200):
    return judged(Answer("GET https://aai.test/x", status, status < 300, False, body))


@pytest.mark.parametrize(
    ("issuer", "asked"),
    [
        ("https://login.x.test", "https://login.x.test"),
        ("https://login.x.test/", "https://login.x.test"),
        ("https://login.x.test/auth/realms/r/", "https://login.x.test/auth/realms/r"),
        ("https://login.x.test/oidc//", "https://login.x.test/oidc/"),
    ],
)
def test_one_slash_goes_before_the_well_known_path(issuer, asked):
    """OpenID Connect Discovery 1.0, section 4.1."""
    assert metadata.address(issuer) == f"{asked}/.well-known/openid-configuration"


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b'"x"', b"7", b"<html>Log in", b'{"issuer":']
)
def test_what_is_no_document_is_told_as_it_came(body):
    with pytest.raises(AssertionError, match="not with a discovery document but with ") as told:
        metadata.read(answered(body))
    assert repr(body.decode()) in str(told.value)


@pytest.mark.parametrize("value", [None, ""])
def test_null_and_nothing_are_no_endpoint(value):
    with pytest.raises(AssertionError, match="names no token_endpoint"):
        metadata.endpoint({"token_endpoint": value}, "token_endpoint", issuer="https://aai.test")


@pytest.mark.parametrize("value", ["ftp://x", 5, [], {}, True, "token"])
def test_what_is_no_url_is_told(value):
    with pytest.raises(AssertionError, match="that is not a URL") as told:
        metadata.endpoint({"token_endpoint": value}, "token_endpoint", issuer="https://aai.test")
    assert repr(value) in str(told.value)


def test_a_scheme_may_be_written_in_capitals():
    named = {"token_endpoint": "HTTPS://AAI.test/t"}
    assert metadata.endpoint(named, "token_endpoint", issuer="i") == "HTTPS://AAI.test/t"
    assert metadata.without_tls(named) == {}


def test_pages_for_people_and_what_is_not_there_need_no_tls():
    assert not metadata.without_tls(
        {
            "jwks_uri": "https://aai.test/keys",
            "op_policy_uri": "http://aai.test/policy",
            "op_tos_uri": None,
            "end_session_endpoint": None,
            "registration_endpoint": "",
            "service_documentation": "http://aai.test/docs",
            "mtls_endpoint_aliases": {"token_endpoint": "https://mtls.aai.test/token"},
        }
    )


@pytest.mark.parametrize(
    ("named", "told"),
    [
        ({"token_endpoint": "http://aai.test/t"}, {"token_endpoint"}),
        ({"jwks_uri": ["https://aai.test"]}, {"jwks_uri"}),
        ({"userinfo_endpoint": 7, "op_tos_uri": 7}, {"userinfo_endpoint"}),
        ({"mtls_endpoint_aliases": {"token_endpoint": "http://m.test"}}, {"mtls token_endpoint"}),
    ],
)
def test_addresses_for_programs_without_tls_are_named(named, told):
    assert metadata.without_tls(named).keys() == told


@pytest.mark.parametrize(
    ("document", "endpoint", "way"),
    [
        ({}, "token_endpoint", metadata.BASIC),
        ({"token_endpoint_auth_methods_supported": None}, "token_endpoint", metadata.BASIC),
        ({"token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"]},
         "token_endpoint", metadata.BASIC),
        ({"token_endpoint_auth_methods_supported": ["private_key_jwt", "client_secret_post"]},
         "device_authorization_endpoint", metadata.POST),
        ({"token_endpoint_auth_methods_supported": "client_secret_post"}, "token_endpoint", metadata.POST),
        ({"token_endpoint_auth_methods_supported": ["client_secret_post"],
          "introspection_endpoint_auth_methods_supported": ["client_secret_basic"]},
         "introspection_endpoint", metadata.BASIC),
    ],
)  # fmt: skip
def test_a_client_proves_itself_as_the_issuer_takes_it(document, endpoint, way):
    """RFC 8414, section 2: Basic where nothing is said."""
    assert metadata.authentication(document, endpoint) == way


def test_a_way_that_the_client_does_not_know_is_no_failure_of_the_issuer():
    methods = {"token_endpoint_auth_methods_supported": ["private_key_jwt", 5]}
    with pytest.raises(Unusable, match="authenticate only by private_key_jwt"):
        metadata.authentication(methods, "token_endpoint")


@given(
    st.binary() | JSON.map(lambda value: json.dumps(value).encode()), st.sampled_from([200, 500])
)
def test_any_body_is_a_document_or_told(body, status):
    try:
        assert isinstance(metadata.read(answered(body, status)), dict)
    except AssertionError as error:
        assert "https://aai.test/x" in str(error)  # noqa: PT017, any other is the failure


NAMES = [
    "token_endpoint",
    "jwks_uri",
    "mtls_endpoint_aliases",
    "token_endpoint_auth_methods_supported",
]


@given(st.dictionaries(st.sampled_from(NAMES), JSON))
def test_any_document_can_be_read(document):
    assert isinstance(metadata.without_tls(document), dict)
    for read in (
        lambda: metadata.endpoint(document, "token_endpoint", issuer="i"),
        lambda: metadata.authentication(document, "token_endpoint"),
    ):
        try:
            assert isinstance(read(), str)
        except (AssertionError, Unusable) as error:
            assert "token_endpoint" in str(error)  # noqa: PT017, any other is the failure
