"""Key sets as issuers publish them: what is unknown is passed over, what is wrong is told with the key."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from harness.services.issuer.keys import faults, of_kid
from tests.unit.services.issuer.test_answers_properties import JSON

RSA_PAIR = RSAKey.generate_key(2048, {"use": "sig", "kid": "2027-a"})
RSA = RSA_PAIR.as_dict(private=False)
EC = ECKey.generate_key("P-384", {"kid": "2027-b"}).as_dict(private=False)
ED = OKPKey.generate_key("Ed25519", {"kid": "2027-c"}).as_dict(private=False)
NO_KID = {name: value for name, value in EC.items() if name != "kid"}


@pytest.mark.parametrize(
    "others",
    [
        [],
        [EC],
        [ED],
        [{"kty": "AKP", "alg": "ML-DSA-44", "kid": "pq", "pub": "AAAA"}],
        [{"kty": "of-the-future", "kid": "f", "x": 7}],
        [{"kty": "EC", "crv": "brainpoolP256r1", "kid": "b", "x": "AA", "y": "AA"}],
        [NO_KID],
        [NO_KID, {name: value for name, value in ED.items() if name != "kid"}],
        [EC | {"use": "something-else", "x5c": ["no certificate"], "key_ops": ["verify"]}],
    ],
)
def test_other_keys_may_stand_beside_ours(others):
    """RFC 7517, section 5: types, curves and members that are not known are passed over."""
    assert faults([*others, RSA]) == []


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ([], "it holds no RSA or EC key"),
        ([ED], "it holds no RSA or EC key"),
        (
            [RSA_PAIR.as_dict(private=True)],
            "key 1 (RSA, kid '2027-a') is private: it has d, dp, dq",
        ),
        ([RSA, OctKey.generate_key(256).as_dict()], "key 2 (oct"),
        ([RSA, {"kty": "AKP", "pub": "AA", "priv": "AA"}], "key 2 (AKP) is private: it has priv"),
        ([RSA, EC | {"kid": 7}], "key 2 (EC, kid '7') has a `kid` that is not text"),
        ([RSA, EC | {"kid": "2027-a"}], "2 keys have the kid '2027-a'"),
        ([RSA | {"n": "!"}], "key 1 (RSA, kid '2027-a') cannot be read"),
        ([{"kty": "RSA", "e": "AQAB"}, RSA], "key 1 (RSA) cannot be read"),
        ([{"kty": "EC", "x": "AA", "y": "AA"}, RSA], "key 1 (EC) cannot be read"),
    ],
)
def test_what_is_wrong_is_told_with_the_key(keys, told):
    found = "; ".join(faults(keys))
    assert told in found
    assert len(found) < 1000


def test_a_token_without_a_kid_means_the_keys_without():
    assert of_kid([RSA, NO_KID, EC], "2027-a") == [RSA]
    assert of_kid([RSA, NO_KID, EC], None) == [NO_KID]
    assert of_kid([RSA | {"kid": 1}], "1") == []


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["kty", "kid", "n", "e", "crv", "x", "y", "d", "use"]),
            JSON | st.sampled_from(["RSA", "EC", "P-256", "AQAB"]),
        ),
        max_size=4,
    )
)
def test_any_key_set_is_judged(keys):
    found = faults(keys)
    assert all(isinstance(one, str) and json.dumps(one) for one in found)
    assert found or any(key.get("kty") in ("RSA", "EC") for key in keys)
