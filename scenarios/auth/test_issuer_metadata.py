"""The home issuer's metadata and keys, as a site of the other infrastructure reads them."""

import pytest
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from harness.services.issuer import keys, metadata


@pytest.fixture
def issuer(issuers, route):
    """The home issuer, seen from the network of the resource."""
    return issuers.issuer(route.home, seen_from=route.resource.infrastructure)


@pytest.mark.requirement("AUTH-008", "AUTH-009")
@pytest.mark.killed_by("names-another-issuer", "names-another-key-set", "offers-plain-http")
def test_the_discovery_document_names_its_issuer(issuer):
    """The discovery document is at the issuer's URL, and names exactly that issuer and its keys."""
    document = metadata.read(issuer.discover())
    assert document["issuer"] == issuer.infrastructure.issuer
    assert document["jwks_uri"] == issuer.infrastructure.jwks_uri
    plain = metadata.without_tls(document)
    assert not plain, f"endpoints without TLS: {plain}"


@pytest.mark.requirement("AUTH-059")
@pytest.mark.killed_by("names-no-id-token-algorithms")
def test_the_discovery_document_names_the_algorithms_of_id_tokens(issuer):
    """The discovery document lists the algorithms of ID tokens, RS256 among them."""
    listed = metadata.read(issuer.discover())["id_token_signing_alg_values_supported"]
    assert isinstance(listed, list), f"not a list: {listed!r}"
    assert "RS256" in listed, f"RS256 is not listed: {listed}"


@pytest.mark.requirement("AUTH-007")
@pytest.mark.killed_by("publishes-a-private-key", "repeats-key-ids")
def test_the_key_set_is_public_and_well_formed(issuer):
    """The key set holds public keys only, and no two keys have the same `kid`."""
    faults = keys.faults(issuer.key_set())
    assert not faults, "; ".join(faults)


@pytest.mark.requirement("AUTH-001", "AUTH-004")
@pytest.mark.killed_by("serves-an-old-key-set", "publishes-another-key", "repeats-key-ids")
def test_the_key_set_verifies_a_members_token(issuer, member):
    """The key that a token names by `kid` is published, and verifies the signature."""
    token = member.token()
    named = keys.of_kid(issuer.key_set(), token.header.get("kid"))
    assert len(named) == 1, f"kid {token.header.get('kid')} names {len(named)} published keys"
    assert token.header["alg"] in ("RS256", "ES256")
    try:
        jwt.decode(token.value, KeySet.import_key_set({"keys": named}), [token.header["alg"]])
    except (JoseError, ValueError) as error:
        pytest.fail(f"the published key does not verify the token: {error}")
