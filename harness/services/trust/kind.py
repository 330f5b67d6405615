"""What services of every kind have in common: a host, its certificate, and TLS before it.

It has no service types of its own: its fixtures reach those of the others.
"""

from harness.kinds import Kind, Reach

ISSUER = "egi.aai.oidc"
WEB_SERVICES = (
    "webdav",
    "org.openstack.keystone",
    "org.openstack.swift",
    "org.nordugrid.arex",
    "egi.GOCDB",
)
"""Types of services that are HTTPS from the first byte of a connection on, the issuer left out."""

KIND = Kind(
    name="trust",
    title="Trust material",
    service_types=(),
    capabilities={},
    fixtures={
        # A handshake comes before any request.
        "secure_service": Reach(WEB_SERVICES, requests=False),
        "secure_issuer": Reach((ISSUER,), requests=False),
    },
    vocabulary=(
        "harness.services.trust.handshakes:SecureEndpoint",
        "harness.services.trust.handshakes:Offer",
    ),
    plugins=("harness.services.trust.fixtures",),
)
