"""Whom a client trusts: what users' tools at the same machine trust, and nobody else."""

import ssl

import pytest

from harness.clients import trust
from harness.clients.http import Http
from harness.errors import BadInput, Unreachable
from tests.unit.clients.authorities import Authority
from tests.unit.serving import serving


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("trust") / "ca")


@pytest.fixture
def ask(authority):
    """Ask a server that the authority vouches for."""

    def get(ca_bundle=None, *, days=5):
        tls = authority.server("localhost", days=days)
        with serving(lambda _: (200, {}, b"fine"), tls=tls, name="localhost") as server:
            http = Http(proxy=None, ca_bundle=ca_bundle)
            try:
                return http.request("GET", f"{server.url}/x").status
            finally:
                http.close()

    return get


@pytest.mark.parametrize(
    ("variable", "place"),
    [
        ("X509_CERT_DIR", "hashed"),
        ("SSL_CERT_DIR", "hashed"),
        ("SSL_CERT_FILE", "file"),
        ("REQUESTS_CA_BUNDLE", "file"),
        ("REQUESTS_CA_BUNDLE", "hashed"),
        ("CURL_CA_BUNDLE", "file"),
    ],
)
def test_a_local_workstation_trusts_whom_its_environment_names(
    ask, authority, monkeypatch, variable, place
):
    monkeypatch.setenv(variable, str(getattr(authority, place)))
    assert ask() == 200


def test_the_authorities_of_the_grid_are_trusted_where_they_stand(ask, authority, monkeypatch):
    monkeypatch.setattr(trust, "GRID_AUTHORITIES", authority.hashed)
    assert ask() == 200


def test_another_folder_than_the_usual_one_stands_in_its_place(
    ask, authority, monkeypatch, tmp_path
):
    monkeypatch.setattr(trust, "GRID_AUTHORITIES", authority.hashed)
    monkeypatch.setenv("X509_CERT_DIR", str(tmp_path))
    with pytest.raises(Unreachable, match="unable to get local issuer certificate"):
        ask()


def test_nobody_else_is_trusted(ask):
    with pytest.raises(Unreachable, match="unable to get local issuer certificate"):
        ask()


def test_a_workstation_with_a_bundle_of_its_own_heeds_no_environment(
    ask, authority, monkeypatch, tmp_path
):
    """The twin's: what this machine trusts is none of its business."""
    monkeypatch.setenv("X509_CERT_DIR", str(authority.hashed))
    other = Authority(tmp_path / "other", "Another CA")
    with pytest.raises(Unreachable, match="CERTIFICATE_VERIFY_FAILED"):
        ask(other.file)
    assert ask(authority.file) == 200


def test_a_certificate_whose_time_is_over_is_refused(ask, authority):
    with pytest.raises(Unreachable, match="has expired"):
        ask(authority.file, days=-1)


def test_every_python_sees_what_users_tools_see(ask, authority, monkeypatch):
    """Python 3.13 is strict by default: a certificate without an authority's key identifier fails there."""
    plain = ssl.create_default_context

    def of_3_13(*args, **options):
        made = plain(*args, **options)
        made.verify_flags |= ssl.VERIFY_X509_STRICT
        return made

    monkeypatch.setattr(ssl, "create_default_context", of_3_13)
    assert ask(authority.file) == 200
    flags = trust.context(authority.file).verify_flags
    assert not flags & ssl.VERIFY_X509_STRICT
    assert flags & ssl.VERIFY_X509_PARTIAL_CHAIN


@pytest.mark.parametrize("content", [None, b"", b"no certificate", b"\x00\xff" * 9])
def test_what_is_no_authority_is_told_with_the_variable(monkeypatch, tmp_path, content):
    place = tmp_path / "ca.pem"
    if content is not None:
        place.write_bytes(content)
    monkeypatch.setenv("CURL_CA_BUNDLE", str(place))
    with pytest.raises(BadInput, match=r"^CURL_CA_BUNDLE: .*ca\.pem cannot be read"):
        trust.context(None)
