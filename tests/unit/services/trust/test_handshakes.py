"""What the words of `openssl s_client` mean."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from harness.errors import Unreachable, Unusable
from harness.services.trust.handshakes import Offer, SecureEndpoint, ends, path
from harness.shell import Completed

AGREED = "Connecting to 10.111.1.20\nCONNECTION ESTABLISHED\nProtocol version: TLSv1.2\n"
ALERT = (
    "error:0A00042E:SSL routines:ssl3_read_bytes:tlsv1 alert protocol version:SSL alert number 70"
)
NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)


def endpoint(stdout: str = "", stderr: str = "", code: int = 0) -> tuple[SecureEndpoint, list[str]]:
    typed: list[str] = []

    def run(command: str) -> Completed:
        typed.append(command)
        return Completed(command, code, stdout, stderr, 0.1)

    workstation: Any = SimpleNamespace(run=run, host=SimpleNamespace(name="ui.a.test"))
    return SecureEndpoint("https://cloud.a.test:5000/v3", workstation), typed


def test_a_handshake_names_the_host_and_offers_what_it_should():
    server, typed = endpoint(stderr=AGREED)
    answer = server.offer(Offer.TLS_1_1)
    assert (answer.ok, answer.denied, answer.text) == (True, False, "TLSv1.2")
    assert "-connect cloud.a.test:5000 -servername cloud.a.test" in typed[0]
    assert "-tls1_1 -cipher ALL:@SECLEVEL=0" in typed[0]


@pytest.mark.parametrize(
    "said", [ALERT, "SSL alert number 40", "unexpected eof while reading", "write:errno=104"]
)
def test_a_server_refuses_by_an_alert_or_by_closing(said):
    answer = endpoint(stderr=said, code=1)[0].offer(Offer.TLS_1_0)
    assert (answer.ok, answer.denied) == (False, True)


def test_no_connection_is_no_refusal():
    with pytest.raises(Unreachable):
        endpoint(stderr="connect:errno=111", code=1)[0].offer(Offer.TLS_1_0)


def test_what_the_client_cannot_offer_is_no_refusal():
    with pytest.raises(Unusable, match=r"ui\.a\.test cannot offer NO_ENCRYPTION"):
        endpoint(stderr="no ciphers available", code=1)[0].offer(Offer.NO_ENCRYPTION)


def certificate(subject: str, issuer: str, days: int = 90) -> x509.Certificate:
    def name(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    key = ec.generate_private_key(ec.SECP256R1())
    return (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(name(issuer))
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW - dt.timedelta(days=1))
        .not_valid_after(NOW + dt.timedelta(days=days))
        .sign(key, hashes.SHA256())
    )


def test_the_certificates_that_a_server_shows_are_read():
    shown = certificate("cloud", "ca", days=5)
    text = shown.public_bytes(serialization.Encoding.PEM).decode()
    (found,) = endpoint(stdout=f"CONNECTED\n{text}\n---\n")[0].certificates()
    assert ends(found) == NOW + dt.timedelta(days=5)
    with pytest.raises(AssertionError, match="no certificate"):
        endpoint(stdout="CONNECTED")[0].certificates()


def test_a_path_leads_up_to_the_authority():
    own, between, top = (
        certificate("host", "mid"),
        certificate("mid", "top"),
        certificate("top", "top"),
    )
    assert path([own, between], [top]) == [own, between, top]
    with pytest.raises(AssertionError, match="CN=host"):
        path([own], [top])
