"""Guards how an issuer is asked: log-ins, devices, and where its endpoints are."""

import pytest

from harness.services.issuer.client import Issuer
from tests.unit.services.issuer.wire import METADATA, Wire, jwt


def test_a_device_waits_as_the_issuer_says(issuer):
    """RFC 8628, section 3.5: the interval between polls, five seconds more after `slow_down`."""
    wire = Wire(
        (200, {"device_code": "d" * 9, "user_code": "U", "verification_uri": "https://aai.home.test/device",
               "interval": 0.01, "expires_in": 30}),
        (400, {"error": "authorization_pending"}),
        (200, {"access_token": jwt(exp=0)}),
    )  # fmt: skip
    home = issuer(wire)
    device = home.start_device()

    assert home.await_device(device).ok
    assert [sent.get("device_code") for sent in wire.sent] == [None, "d" * 9, "d" * 9]


def test_a_device_that_is_told_to_slow_down_waits_five_seconds_more(issuer, monkeypatch):
    """RFC 8628, section 3.5; this and all further polls."""
    slept: list[float] = []
    monkeypatch.setattr("tenacity.nap.time.sleep", slept.append)
    wire = Wire(
        (200, {"device_code": "d" * 9, "user_code": "U", "verification_uri": "https://aai.home.test/device",
               "expires_in": 30}),
        (400, {"error": "authorization_pending"}),
        (400, {"error": "slow_down"}),
        (400, {"error": "authorization_pending"}),
        (200, {"access_token": jwt(exp=0)}),
    )  # fmt: skip
    home = issuer(wire)
    assert home.await_device(home.start_device()).ok
    assert slept == [5, 10, 10], "an issuer that names no interval means 5 s"


def test_services_send_browsers_to_the_real_issuer(home):
    broken = home.model_copy(update={"address": "https://broken.aai.home.test"})
    seen = Issuer(broken, http=Wire(), client_id="c", client_secret="s" * 9)  # type: ignore[arg-type]
    assert seen.authorization_endpoint == "https://aai.home.test/auth"


def test_a_log_in_carries_the_challenge_of_its_verifier_alone(issuer):
    authorization = issuer(Wire()).authorize(audience="https://a.test")

    assert "code_challenge_method=S256" in authorization.url
    assert authorization.verifier not in authorization.url
    assert authorization.verifier not in repr(authorization)
    assert authorization.url.startswith("https://aai.home.test/auth?response_type=code&")


@pytest.mark.parametrize(("given", "sent"), [(None, True), ("another", True), ("", False)])
def test_a_code_is_redeemed_with_a_verifier_or_without(issuer, given, sent):
    wire = Wire((200, {"access_token": "opaque"}))
    here = issuer(wire)
    authorization = here.authorize()
    here.redeem(authorization, "code", verifier=given)
    expected = (given or authorization.verifier) if sent else None
    assert wire.sent[0].get("code_verifier") == expected


def test_the_challenge_of_a_log_in_is_what_its_address_shows(issuer):
    authorization = issuer(Wire()).authorize()
    assert f"code_challenge={authorization.challenge}&" in authorization.url


DEVICE = {
    "device_code": "d" * 9,
    "user_code": "U",
    "verification_uri": "https://aai.home.test/device",
    "expires_in": 30,
}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"device_code": None}, "with a `device_code` that is no text"),
        ({"verification_uri": ""}, "with an empty `verification_uri`"),
        ({"expires_in": "soon"}, "its `expires_in` is no number of seconds: 'soon'"),
        ({"expires_in": -1}, "its `expires_in` is no number of seconds: -1"),
        ({"interval": [5]}, r"its `interval` is no number of seconds: \[5\]"),
    ],
)
def test_a_device_that_is_told_nonsense_says_what_came(issuer, changed, said):
    """RFC 8628, section 3.2."""
    with pytest.raises(AssertionError, match=said):
        issuer(Wire((200, DEVICE | changed))).start_device()


@pytest.mark.parametrize("left_out", ["device_code", "user_code", "verification_uri", "expires_in"])
def test_a_device_that_is_told_too_little_says_what_is_missing(issuer, left_out):
    told = {name: value for name, value in DEVICE.items() if name != left_out}
    with pytest.raises(AssertionError, match=f"`{left_out}`"):
        issuer(Wire((200, told))).start_device()


@pytest.mark.parametrize("address", [["https://x"], "nowhere", 7])
def test_an_endpoint_that_is_no_url_says_so(issuer, monkeypatch, address):
    monkeypatch.setitem(METADATA, "token_endpoint", address)
    with pytest.raises(AssertionError, match="names a token_endpoint that is no URL"):
        issuer(Wire()).client_credentials(scope="a")


@pytest.mark.parametrize("keys", [{"keys": 1}, {"keys": ["k"]}, {}, {"keys": None}])
def test_what_is_no_key_set_says_so(issuer, monkeypatch, keys):
    monkeypatch.setitem(METADATA, "jwks_uri", "https://aai.home.test/jwks")
    with pytest.raises(AssertionError, match="keys"):
        issuer(Wire((200, keys))).key_set()
