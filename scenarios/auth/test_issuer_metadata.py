"""The home issuer's metadata and keys, as a site of the other infrastructure reads them."""

import pytest
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

PRIVATE_PARTS = {"d", "p", "q", "dp", "dq", "qi", "k"}


@pytest.fixture
def issuer(issuers, route):
    """The home issuer, seen from the network of the resource."""
    return issuers.issuer(route.home, seen_from=route.resource.infrastructure)


@pytest.mark.requirement("AUTH-008", "AUTH-009")
@pytest.mark.killed_by("names-another-issuer", "names-another-key-set", "offers-plain-http")
def test_the_discovery_document_names_its_issuer(issuer):
    """The document is where the issuer's name says, names that issuer to the letter, and its keys."""
    document = issuer.discover().expect_ok().json
    assert document["issuer"] == issuer.infrastructure.issuer
    assert document["jwks_uri"] == issuer.infrastructure.jwks_uri
    addresses = {k: v for k, v in document.items() if k.endswith(("_endpoint", "_uri"))}
    assert all(address.startswith("https://") for address in addresses.values()), addresses


@pytest.mark.requirement("AUTH-007")
@pytest.mark.killed_by("publishes-a-private-key", "repeats-key-ids")
def test_the_key_set_is_public_and_well_formed(issuer):
    """The key set holds public keys alone, each with a `kid` of its own."""
    keys = issuer.keys().expect_ok().json["keys"]
    kids = [key["kid"] for key in keys]
    assert keys
    assert len(set(kids)) == len(kids)
    assert all(key["kty"] in ("RSA", "EC") for key in keys)
    assert not any(PRIVATE_PARTS & key.keys() for key in keys), "a private key is published"
    KeySet.import_key_set({"keys": keys})


@pytest.mark.requirement("AUTH-001", "AUTH-004")
@pytest.mark.killed_by("serves-an-old-key-set", "publishes-another-key", "repeats-key-ids")
def test_the_key_set_verifies_a_members_token(issuer, member):
    """The key that a member's token names by `kid` is published, and verifies its signature."""
    token = member.token()
    published = issuer.keys().expect_ok().json["keys"]
    named = [key for key in published if key["kid"] == token.header["kid"]]
    assert len(named) == 1, f"kid {token.header['kid']} names {len(named)} published keys"
    assert token.header["alg"] in ("RS256", "ES256")
    try:
        jwt.decode(token.value, KeySet.import_key_set({"keys": named}), [token.header["alg"]])
    except (JoseError, ValueError) as error:
        pytest.fail(f"the published key does not verify the token: {error}")
