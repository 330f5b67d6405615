"""The test certification authorities: one for each infrastructure, made for this testbed only.

Stands for the IGTF distribution: every infrastructure trusts all authorities.
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from joserfc.jwk import ECKey, RSAKey

from harness import files
from harness.errors import PreconditionError
from harness.model import Infrastructure, Testbed
from harness.provision import hosts
from harness.state import State

_LIFE = dt.timedelta(days=397)
_ONE_DAY = dt.timedelta(days=1)

PUBLISHER = "ban_list"
"""Role of a host that publishes its infrastructure's list of suspended users."""
ENDING = "ending"
"""Label of the certificate by which a gateway plays a server for which nobody has renewed it."""
_ENDING_LIFE = dt.timedelta(days=7)


def ensure(testbed: Testbed, state: State) -> None:
    """Make what is missing: authorities, host certificates, the keys of issuers and of lists of bans.

    What exists is kept, so that snapshots of hosts stay valid, and so is what a site has put there. A host
    that its site runs itself has a certificate already, and so has one with `certificate: own`.

    Raises
    ------
    PreconditionError
        where a certificate is missing and the authority has no private key to make it with.
    """
    for infrastructure in testbed.infrastructures:
        authority = Authority.ensure(infrastructure, state.pki)
        names = [host.name for host in testbed.hosts if host.infrastructure == infrastructure.name]
        for name in hosts.certified(testbed, infrastructure.name):
            authority.ensure_host(name)
        for host in testbed.mutants:
            if host.infrastructure == infrastructure.name:
                # A gateway answers in the place of every host, each time by a name below it.
                others = tuple(f"*.{name}" for name in names)
                authority.ensure_host(host.name, *others)
                if "gateway" in host.roles:
                    authority.ensure_host(f"{ENDING}.{host.name}", *others, life=_ENDING_LIFE)
        # The key of an issuer that its infrastructure runs itself is not ours to have.
        if testbed.host(testbed.issuer_service(infrastructure.name).host).roles:
            for name in signing_keys(infrastructure.name):
                _ensure_signing_key(infrastructure, state.issuer_keys, name)
        if any(
            host.infrastructure == infrastructure.name and PUBLISHER in host.roles
            for host in testbed.hosts
        ):
            _ensure_publisher_key(state.publisher_key(infrastructure.name))
    bundle = b"".join((state.pki / i.name / "ca.pem").read_bytes() for i in testbed.infrastructures)
    files.write_private(state.ca_bundle, bundle)


def signing_keys(infrastructure: str) -> tuple[str, ...]:
    """Return the names of an issuer's keys: the one that signs, and the next (published already)."""
    return infrastructure, f"{infrastructure}.next"


class Authority:
    """A certification authority whose certificate stands in a folder, and its key, where we have it.

    A real authority gives nobody its key: then every certificate must be brought.

    Raises
    ------
    PreconditionError
        where what stands there is no certificate.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            self.certificate = x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes())
        except ValueError as error:
            raise PreconditionError(
                f"{folder / 'ca.pem'}: is not a PEM certificate ({error}). Put the authority's "
                f"certificate there, or remove {folder} to get a test authority."
            ) from error

    def key_for(self, name: str) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey:
        """Return the private key, with which the certificate of a host is to be signed.

        Raises
        ------
        PreconditionError
            where it is not there, or is none of this authority.
        """
        path = self.folder / "ca.key"
        remedy = (
            f"Put {name}.pem and {name}.key into {self.folder}, signed by that authority; or, if "
            "the machine already has a certificate, set `certificate: own` for the host in the "
            "inventory."
        )
        if not path.exists():
            raise PreconditionError(
                f"{self.folder}: the authority has no private key there (ca.key), so no "
                f"certificate can be issued for {name}. {remedy}"
            )
        try:
            key = serialization.load_pem_private_key(path.read_bytes(), None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise PreconditionError(
                f"{path}: cannot be used as a key: {error}. {remedy}"
            ) from error
        if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
            raise PreconditionError(f"{path}: is neither an RSA nor an EC key. {remedy}")
        if key.public_key() != self.certificate.public_key():
            raise PreconditionError(f"{path}: does not belong to the certificate ca.pem. {remedy}")
        return key

    @classmethod
    def ensure(cls, infrastructure: Infrastructure, pki: Path) -> Authority:
        """Open the infrastructure's authority; make it where there is none."""
        folder = pki / infrastructure.name
        if not (folder / "ca.pem").exists():
            key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
            name = _name(infrastructure.title, f"{infrastructure.title} Test CA")
            certificate = (
                _builder(subject=name, issuer=name, key=key)
                .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
                .add_extension(_key_usage(signs_certificates=True), critical=True)
                .add_extension(
                    x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
                )
                .sign(key, hashes.SHA256())
            )
            files.write_private(folder / "ca.key", _pem(key))
            files.write_private(
                folder / "ca.pem", certificate.public_bytes(serialization.Encoding.PEM)
            )
        return cls(folder)

    def ensure_host(self, name: str, *others: str, life: dt.timedelta = _LIFE) -> None:
        """Make `<name>.pem` and `<name>.key` where they are missing, for `others` too.

        They name the host, never its address: that is what clients check, and addresses may change.
        """
        path = self.folder / f"{name}.pem"
        alternatives = x509.SubjectAlternativeName([x509.DNSName(n) for n in (name, *others)])
        if path.exists():
            if not (self.folder / f"{name}.key").exists():
                raise PreconditionError(
                    f"{path}: its key {name}.key is missing. Put it beside it, or remove the certificate."
                )
            return
        signing = self.key_for(name)
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        organisation = self.certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
        certificate = (
            _builder(
                subject=_name(str(organisation[0].value) if organisation else name, name),
                issuer=self.certificate.subject,
                key=key,
                life=life,
            )
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(signs_certificates=False), critical=True)
            .add_extension(
                x509.ExtendedKeyUsage(
                    [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
                ),
                critical=False,
            )
            .add_extension(alternatives, critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()),
                critical=False,
            )
            .sign(signing, hashes.SHA256())
        )
        files.write_private(self.folder / f"{name}.key", _pem(key))
        files.write_private(path, certificate.public_bytes(serialization.Encoding.PEM))


def _ensure_publisher_key(path: Path) -> None:
    """Make the key that signs a list of suspended users (PKCS#8), and `.pub` beside it."""
    if path.exists():
        return
    key = ed25519.Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    files.write_private(path.with_suffix(".pub"), public)
    files.write_private(path, _pem(key))


def _ensure_signing_key(infrastructure: Infrastructure, folder: Path, name: str) -> None:
    """Make a signing key of the issuer as `<name>.jwk.json` (private JWK) and `<name>.pem` (PKCS#8)."""
    path = folder / f"{name}.jwk.json"
    if path.exists():
        return
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
    if infrastructure.signing_alg == "RS256":
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        jwk: RSAKey | ECKey = RSAKey.import_key(_pem(key))
    else:
        key = ec.generate_private_key(ec.SECP256R1())
        jwk = ECKey.import_key(_pem(key))
    fields = jwk.as_dict(private=True) | {
        "kid": jwk.thumbprint(),
        "use": "sig",
        "alg": infrastructure.signing_alg,
    }
    files.write_private(folder / f"{name}.pem", _pem(key))
    files.write_private(path, json.dumps(fields).encode())


def _name(organisation: str, common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.DOMAIN_COMPONENT, "test"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _builder(
    *, subject: x509.Name, issuer: x509.Name, key: rsa.RSAPrivateKey, life: dt.timedelta = _LIFE
) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _ONE_DAY)
        .not_valid_after(now + life)
    )


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=not signs_certificates,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey,
) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
