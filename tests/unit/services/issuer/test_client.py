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
        ({"device_code": None}, "with a `device_code` that is not text"),
        ({"verification_uri": ""}, "with an empty `verification_uri`"),
        ({"expires_in": "soon"}, "its `expires_in` is not a number of seconds: 'soon'"),
        ({"expires_in": -1}, "its `expires_in` is not a number of seconds: -1"),
        ({"interval": [5]}, r"its `interval` is not a number of seconds: \[5\]"),
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
    with pytest.raises(AssertionError, match="names a token_endpoint that is not a URL"):
        issuer(Wire()).client_credentials(scope="a")


@pytest.mark.parametrize("keys", [{"keys": 1}, {"keys": ["k"]}, {}, {"keys": None}])
def test_what_is_no_key_set_says_so(issuer, monkeypatch, keys):
    monkeypatch.setitem(METADATA, "jwks_uri", "https://aai.home.test/jwks")
    with pytest.raises(AssertionError, match="keys"):
        issuer(Wire((200, keys))).key_set()


class Desk(Wire):
    """Answers with tokens, and keeps by which means the client proved itself."""

    def __init__(self, **metadata: object) -> None:
        super().__init__()
        self.metadata, self.proofs, self.asked = METADATA | metadata, [], []

    def request(self, method, url, **rest):
        self.asked.append(url)
        if url.endswith("openid-configuration"):
            return self._answer(url, 200, self.metadata)
        self.sent.append(dict(rest.get("data") or {}))
        self.proofs.append(rest.get("auth"))
        return self._answer(url, 200, {"access_token": "opaque-of-desk"} | DEVICE)


def seen(home, desk, *, client_id="tools", client_secret="plain-0"):
    return Issuer(home, http=desk, client_id=client_id, client_secret=client_secret)  # type: ignore[arg-type]


def test_id_and_secret_are_encoded_before_basic(home):
    """RFC 6749, section 2.3.1: as the fields of a form are."""
    desk = Desk()
    seen(home, desk, client_id="our tools:1", client_secret="50% a+b/c==").client_credentials(
        scope="a"
    )
    assert desk.proofs == [("our+tools%3A1", "50%25+a%2Bb%2Fc%3D%3D")]
    assert "client_secret" not in desk.sent[0]


def test_where_basic_is_not_taken_the_secret_is_a_field(home):
    desk = Desk(token_endpoint_auth_methods_supported=["client_secret_post", "tls_client_auth"])
    here = seen(home, desk, client_secret="50% a+b/c==")
    here.client_credentials(scope="a")
    here.start_device()
    assert desk.proofs == [None, None]
    assert [(one["client_id"], one["client_secret"]) for one in desk.sent] == [
        ("tools", "50% a+b/c==")
    ] * 2


@pytest.mark.parametrize("given", ["resource", "audience", ["audience", "resource"]])
def test_an_audience_is_asked_for_by_what_the_issuer_knows(home, given):
    names = [given] if isinstance(given, str) else given
    there = type(home).model_validate(home.model_dump() | {"audience_parameter": given})
    desk = Desk()
    here = seen(there, desk)
    here.client_credentials(scope="a", audience="https://se.b.test")
    here.start_device(audience="https://se.b.test")
    for sent in desk.sent:
        assert {k for k, v in sent.items() if v == "https://se.b.test"} == set(names)
    url = here.authorize(audience="https://se.b.test").url
    assert all(f"&{name}=https%3A%2F%2Fse.b.test" in url for name in names)
    here.client_credentials(scope="a")
    assert not {"resource", "audience"} & desk.sent[-1].keys()


@pytest.mark.parametrize("given", ["scope", [], ["resource", "aud"]])
def test_another_parameter_is_none(home, given):
    with pytest.raises(ValueError, match="audience_parameter"):
        type(home).model_validate(home.model_dump() | {"audience_parameter": given})


@pytest.mark.parametrize("issuer_", ["https://aai.home.test/", "https://aai.home.test/oidc/"])
def test_the_slash_of_an_issuer_is_its_name_and_no_part_of_the_path(home, issuer_):
    desk = Desk()
    there = home.model_copy(update={"issuer": issuer_})
    seen(there, desk).discover()
    assert desk.asked == [f"{issuer_[:-1]}/.well-known/openid-configuration"]
    assert there.issuer == issuer_


def test_a_broken_issuer_is_told_from_the_real_one_with_a_slash(home):
    named = home.model_copy(
        update={"issuer": "https://aai.home.test/", "address": "https://broken.home.test/"}
    )
    desk = Desk(authorization_endpoint="https://broken.home.test/auth")
    assert seen(named, desk).authorization_endpoint == "https://aai.home.test/auth"


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"interval": None}, ("https://aai.home.test/device", 5)),
        ({"interval": "7"}, ("https://aai.home.test/device", 7)),
        ({"verification_uri_complete": "https://aai.home.test/d?c=U"}, ("https://aai.home.test/d?c=U", 5)),
        ({"verification_uri_complete": ["x"]}, ("https://aai.home.test/device", 5)),
    ],
)  # fmt: skip
def test_a_device_is_told_in_several_forms(issuer, changed, expected):
    device = issuer(Wire((200, DEVICE | changed))).start_device()
    assert (device.verification_uri, device.interval) == expected


def test_the_older_name_of_the_address_for_devices_is_read(issuer):
    told = {k: v for k, v in DEVICE.items() if k != "verification_uri"}
    device = issuer(
        Wire((200, told | {"verification_url": "https://aai.home.test/old"}))
    ).start_device()
    assert device.verification_uri == "https://aai.home.test/old"


@pytest.mark.parametrize("body", [{"error": None}, {"error": {"code": 400}}, {"error": 7}])
def test_an_error_that_is_no_code_is_none(issuer, body):
    answer = issuer(Wire((400, body))).client_credentials(scope="a")
    assert (answer.error, answer.denied) == ("", False)
