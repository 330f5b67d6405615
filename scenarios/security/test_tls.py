"""Every endpoint speaks TLS as it is recommended today (RFC 9325, BCP 195)."""

from __future__ import annotations

import datetime as dt

import pytest

from harness.engine.refusal import Rejected
from harness.services.trust.handshakes import Offer, SecureEndpoint, ends, path

FORESEEN = dt.timedelta(days=30)
"""Before a certificate expires, those who run the service must know, and have the time to replace it."""

OLD = pytest.mark.parametrize("offer", [Offer.TLS_1_0, Offer.TLS_1_1], ids=["TLS 1.0", "TLS 1.1"])


@OLD
@pytest.mark.requirement("SEC-017")
@pytest.mark.killed_by("speaks-old-tls")
def test_a_service_refuses_old_tls(
    secure_service: SecureEndpoint, offer: Offer, rejected: Rejected
) -> None:
    """A service negotiates TLS 1.2, and no version before it."""
    rejected(secure_service.offer, good=Offer.TLS_1_2, bad=offer)


@OLD
@pytest.mark.requirement("SEC-017")
@pytest.mark.killed_by("speaks-old-tls")
def test_an_issuer_refuses_old_tls(
    secure_issuer: SecureEndpoint, offer: Offer, rejected: Rejected
) -> None:
    """An issuer negotiates TLS 1.2, and no version before it."""
    rejected(secure_issuer.offer, good=Offer.TLS_1_2, bad=offer)


@pytest.mark.requirement("SEC-018")
@pytest.mark.killed_by("speaks-tls-in-the-clear")
def test_a_service_encrypts(secure_service: SecureEndpoint, rejected: Rejected) -> None:
    """A service negotiates no cipher suite that leaves the data in the clear."""
    rejected(secure_service.offer, good=Offer.TLS_1_2, bad=Offer.NO_ENCRYPTION)


@pytest.mark.requirement("SEC-018")
@pytest.mark.killed_by("speaks-tls-in-the-clear")
def test_an_issuer_encrypts(secure_issuer: SecureEndpoint, rejected: Rejected) -> None:
    """An issuer negotiates no cipher suite that leaves the data in the clear."""
    rejected(secure_issuer.offer, good=Offer.TLS_1_2, bad=Offer.NO_ENCRYPTION)


@pytest.mark.requirement("SEC-019")
@pytest.mark.killed_by("takes-keys-by-static-rsa")
def test_a_service_keeps_the_past_secret(
    secure_service: SecureEndpoint, rejected: Rejected
) -> None:
    """A service negotiates no cipher suite without forward secrecy (static RSA)."""
    rejected(secure_service.offer, good=Offer.TLS_1_2, bad=Offer.STATIC_RSA)


@pytest.mark.requirement("SEC-019")
@pytest.mark.killed_by("takes-keys-by-static-rsa")
def test_an_issuer_keeps_the_past_secret(secure_issuer: SecureEndpoint, rejected: Rejected) -> None:
    """An issuer negotiates no cipher suite without forward secrecy (static RSA)."""
    rejected(secure_issuer.offer, good=Offer.TLS_1_2, bad=Offer.STATIC_RSA)


@pytest.mark.requirement("SEC-020")
@pytest.mark.killed_by("shows-an-ending-certificate")
def test_a_service_s_certificate_does_not_end_soon(secure_service: SecureEndpoint) -> None:
    """The certificate of a service, and those of its authorities, are valid for 30 more days."""
    _valid_for_a_while(secure_service)


@pytest.mark.requirement("SEC-020")
@pytest.mark.killed_by("shows-an-ending-certificate")
def test_an_issuer_s_certificate_does_not_end_soon(secure_issuer: SecureEndpoint) -> None:
    """The certificate of an issuer, and those of its authorities, are valid for 30 more days."""
    _valid_for_a_while(secure_issuer)


def _valid_for_a_while(endpoint: SecureEndpoint) -> None:
    limit = dt.datetime.now(dt.UTC) + FORESEEN
    for one in path(endpoint.certificates(), endpoint.authorities()):
        assert ends(one) > limit, (
            f"{one.subject.rfc4514_string()} expires on {ends(one):%Y-%m-%d}, "
            f"in less than {FORESEEN.days} days"
        )
