"""Claims as AAIs write them: one value or several, others beside them, in the names that they use."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.answer import Fields
from harness.services.issuer import claims
from harness.services.issuer.claims import (
    COMMON,
    REFEDS,
    is_for,
    malformed_groups,
    number,
    texts,
    told,
)
from harness.services.issuer.tokens import Token
from tests.unit.services.issuer.test_answers_properties import JSON
from tests.unit.services.issuer.wire import jwt

MEMBER = "urn:geant:aai.test:group:biomed:role=member#aai.test"


@pytest.mark.parametrize(
    "beside",
    [
        "urn:mace:aai.test:registry.aai.test:7:SITE-B:Operator@aai.test",
        "urn:mace:aai.test:registry.aai.test:vm_operator@biomed",
        "urn:geant:aai.test:res:storage:act:read#aai.test",
        "urn:mace:dir:entitlement:common-lib-terms",
        "https://licences.test/contract/7",
        "URN:GEANT:aai.test:group:other:sub:role=owner#aai.test",
        "urn:geant:aai.test:group:biomed",
        "urn:geant:aai.test:group:my%20group:role=member",
    ],
)
def test_other_entitlements_may_stand_beside_ours(beside):
    assert malformed_groups([MEMBER, beside]) == []


@pytest.mark.parametrize(
    "group",
    [
        "urn:geant:aai.test:group:",
        "urn:geant:aai.test:group:a b:role=member",
        "urn:geant:aai.test:group:a:role=x:role=y",
        "urn:geant:aai.test:group:a:role=",
        "urn::group:a",
        "geant:group:a",
    ],
)
def test_a_group_of_no_form_is_named(group):
    """AARC-G069, section 2."""
    assert malformed_groups([group, MEMBER]) == [group]


@pytest.mark.parametrize(
    ("value", "refeds", "common"),
    [
        ("https://refeds.org/assurance", True, False),
        ("https://refeds.org/profile/mfa", True, False),
        ("https://igtf.net/ap/authn-assurance/birch", False, True),
        ("https://aarc-project.eu/policy/authn-assurance/assam", False, True),
        ("https://aarc-community.org/policy/authn-assurance/assam", False, True),
        ("https://aai.test/LoA#Low", False, False),
    ],
)
def test_assurance_is_known_by_its_source(value, refeds, common):
    assert bool(REFEDS.fullmatch(value)) is refeds
    assert bool(COMMON.fullmatch(value)) is common


@pytest.mark.parametrize(
    ("value", "held"), [("a", ["a"]), (["a", "b"], ["a", "b"]), (["a", 7, None], ["a"]), (7, []), ([], [])]
)  # fmt: skip
def test_one_value_needs_no_list(value, held):
    assert texts(value) == held


def test_a_claim_without_text_is_told():
    assert told({"e": []}, "e") == []
    with pytest.raises(AssertionError, match=r"the token's `e` is not text, but \{'a': 1\}"):
        told({"e": {"a": 1}}, "e")
    with pytest.raises(AssertionError, match="has no `e`"):
        told(Fields({}, of="the token's claims"), "e")


@pytest.mark.parametrize("value", ["1893456000", "2030-01-01", True, None, [1], float("nan")])
def test_a_time_must_be_a_number(value):
    """RFC 7519, section 2: NumericDate."""
    assert number({"exp": 12.5}, "exp") == 12.5
    with pytest.raises(AssertionError, match="`exp` is not a number of seconds"):
        number({"exp": value}, "exp")


@pytest.mark.parametrize(
    ("aud", "opens"),
    [
        ("https://se.b.test", True),
        (["account", "https://se.b.test"], True),
        ("https://SE.b.test:443/", True),
        (claims.ANY, True),
        ("https://se.b.test.evil.test", False),
        (["https://se.b.test:8443"], False),
        (None, False),
        ([], False),
        ({"https://se.b.test": 1}, False),
    ],
)
def test_a_token_is_for_whom_it_names_however_spelt(aud, opens):
    assert is_for({"aud": aud}, "https://se.b.test") is opens
    assert Token(jwt(aud=aud)).is_for("https://se.b.test/") is opens


def test_nobody_knows_whom_an_opaque_token_is_for():
    assert Token("opaque-of-the-issuer").is_for("https://se.b.test")


@pytest.mark.parametrize(
    ("fields", "scopes"),
    [
        ({"scope": "a b"}, {"a", "b"}),
        ({"scope": ["a", "b c"]}, {"a", "b", "c"}),
        ({"scp": ["a"]}, {"a"}),
        ({"scp": "a", "scope": ""}, {"a"}),
        ({"scope": {"a": 1}}, set()),
    ],
)
def test_scopes_are_read_in_every_form(fields, scopes):
    assert Token(jwt(**fields)).scopes == scopes


@given(JSON, st.text())
def test_any_claim_can_be_read(value, audience):
    assert isinstance(is_for({"aud": value}, audience), bool)
    assert malformed_groups(texts(value)) is not None
    for read in (told, number):
        try:
            read({"c": value}, "c")
        except AssertionError as error:
            assert "`c`" in str(error)  # noqa: PT017, any other is the failure
