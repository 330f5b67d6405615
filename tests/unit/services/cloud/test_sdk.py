"""openstacksdk goes the way of the workstation's own client, and trusts whom that trusts."""

import pytest

from harness.clients import trust
from harness.clients.http import Http
from harness.errors import Unreachable
from harness.evidence import collect
from harness.services.cloud.sdk import transport
from tests.unit.clients.authorities import Authority
from tests.unit.serving import serving


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path / "ca")


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "X509_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.mark.parametrize("by", ["bundle", "grid"])
def test_it_trusts_whom_the_client_trusts(authority, monkeypatch, by):
    monkeypatch.setattr(trust, "GRID_AUTHORITIES", authority.hashed)
    http = Http(proxy=None, ca_bundle=authority.file if by == "bundle" else None)
    tls = authority.server("localhost")
    with (
        serving(lambda _: (200, {}, b"fine"), tls=tls, name="localhost") as cloud,
        collect() as steps,
    ):
        answer = transport(http).get(f"{cloud.url}/v3")
    assert answer.text == "fine"
    assert [one.title for one in steps] == [f"GET {cloud.url}/v3 (openstacksdk)"]


def test_it_trusts_nobody_else(authority, monkeypatch, tmp_path):
    monkeypatch.setattr(trust, "GRID_AUTHORITIES", tmp_path / "none")
    http = Http(proxy=None, ca_bundle=None)
    before = len(http.context.get_ca_certs())
    tls = authority.server("localhost")
    with (
        serving(lambda _: (200, {}, b""), tls=tls, name="localhost") as cloud,
        pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        transport(http).get(f"{cloud.url}/v3")
    assert len(http.context.get_ca_certs()) == before


def test_a_local_workstation_s_proxy_is_used(monkeypatch):
    with serving(lambda _: (200, {}, b"by the proxy")) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        http = Http(proxy=None, ca_bundle=None)
        assert transport(http).get("http://cloud.invalid/v3").text == "by the proxy"


def test_another_workstation_has_its_own(monkeypatch):
    """The twin's: what this machine's environment says is none of its business."""
    with serving(lambda _: (200, {}, b"")) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        http = Http(proxy="socks5h://127.0.0.1:1", ca_bundle=None)
        with pytest.raises(Unreachable, match="SOCKS"):
            transport(http).get("http://cloud.invalid/v3")
    assert proxy.asked == []
