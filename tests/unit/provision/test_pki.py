"""Certificates of hosts: made by the testbed's authority, or brought by a site that has a real one."""

from __future__ import annotations

import datetime as dt
import shutil
import stat
from pathlib import Path

import pytest
from cryptography import x509

from harness import inventory
from harness.errors import PreconditionError
from harness.model import Host, Testbed
from harness.provision import pki
from harness.provision.pki import Authority
from harness.state import State

MACHINES = Path(__file__).parents[3] / "inventories" / "machines"


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State("unit", root=tmp_path).make()


@pytest.fixture
def testbed() -> Testbed:
    """Of one infrastructure, so that few keys are made."""
    loaded = inventory.load(MACHINES).testbed
    return loaded.model_copy(update={"infrastructures": (loaded.infrastructure("egi"),)})


def having(testbed: Testbed, name: str, **fields: object) -> Testbed:
    def changed(host: Host) -> Host:
        return host.model_copy(update=fields) if host.name == name else host

    return testbed.model_copy(update={"hosts": tuple(map(changed, testbed.hosts))})


def test_each_host_has_a_certificate_of_its_authority(testbed: Testbed, state: State) -> None:
    pki.ensure(testbed, state)
    folder = state.pki / "egi"
    authority = x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes())
    found = x509.load_pem_x509_certificate((folder / "se.egi.example.pem").read_bytes())
    found.verify_directly_issued_by(authority)
    assert stat.S_IMODE((folder / "se.egi.example.key").stat().st_mode) == 0o600


def test_none_is_made_for_a_host_that_has_its_own_or_that_its_site_runs(
    testbed: Testbed, state: State
) -> None:
    changed = having(testbed, "se.egi.example", certificate="own")
    pki.ensure(having(changed, "aai.egi.example", roles=()), state)
    assert sorted(p.name for p in (state.pki / "egi").iterdir()) == ["ca.key", "ca.pem"]
    assert not state.issuer_keys.exists(), "the issuer is somebody else's"


def test_an_authority_without_its_key_is_told_with_the_host_that_needs_it(
    testbed: Testbed, state: State
) -> None:
    """As any real one; with every certificate there, its key is not asked for."""
    pki.ensure(testbed, state)
    (state.pki / "egi" / "ca.key").unlink()
    pki.ensure(testbed, state)
    (state.pki / "egi" / "se.egi.example.pem").unlink()
    with pytest.raises(PreconditionError) as caught:
        pki.ensure(testbed, state)
    said = str(caught.value)
    assert "no private key there (ca.key)" in said
    assert "se.egi.example" in said
    assert "`certificate: own`" in said


@pytest.mark.parametrize("content", ["", "no key", "of another"])
def test_a_key_that_is_none_of_the_authority_is_told(
    testbed: Testbed, state: State, tmp_path: Path, content: str
) -> None:
    pki.ensure(testbed, state)
    key = state.pki / "egi" / "ca.key"
    if content == "of another":
        Authority.ensure(testbed.infrastructure("egi"), tmp_path / "other")
        shutil.copy(tmp_path / "other" / "egi" / "ca.key", key)
    else:
        key.write_text(content)
    (state.pki / "egi" / "se.egi.example.pem").unlink()
    with pytest.raises(
        PreconditionError, match=r"ca\.key: (cannot be used|does not belong to the certificate)"
    ):
        pki.ensure(testbed, state)


def test_a_certificate_without_its_key_is_told(testbed: Testbed, state: State) -> None:
    pki.ensure(testbed, state)
    (state.pki / "egi" / "se.egi.example.key").unlink()
    with pytest.raises(PreconditionError, match=r"its key se\.egi\.example\.key is missing"):
        pki.ensure(testbed, state)


def test_a_certificate_can_be_made_that_ends_soon(testbed: Testbed, state: State) -> None:
    authority = Authority.ensure(testbed.infrastructure("egi"), state.pki)
    authority.ensure_host("gateway.egi.example", life=dt.timedelta(days=7))
    made = (authority.folder / "gateway.egi.example.pem").read_bytes()
    left = x509.load_pem_x509_certificate(made).not_valid_after_utc - dt.datetime.now(dt.UTC)
    assert dt.timedelta(days=6) < left <= dt.timedelta(days=7)
